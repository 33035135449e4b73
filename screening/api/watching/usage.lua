-- KEYS: what each host has answered a partner on a day; whether it is throttled; the sums of the first;
-- what it is suspected of...
-- ARGV: this host; its counts, "questions:selectors:matches"; since when it throttles, "" where it does
-- not; lives in ms, of counts and of a throttle; since when it is suspected of each, and for how many ms...
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])

-- The first moment stays, whoever tells of it again; a mark of another type binds as well.
if ARGV[3] ~= '' and not redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[5]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
for at = 4, #KEYS do
  redis.call('SET', KEYS[at], ARGV[2 * at - 2], 'NX', 'PX', ARGV[2 * at - 1])
end

local questions, selectors, matches = 0, 0, 0
for _, one in ipairs(redis.call('HVALS', KEYS[1])) do
  local q, s, m = string.match(one, '^(%d+):(%d+):(%d+)$')
  if q then
    questions, selectors, matches = questions + q, selectors + s, matches + m
  end
end
local sums = string.format('%.0f:%.0f:%.0f', questions, selectors, matches)
redis.call('SET', KEYS[3], sums, 'PX', ARGV[4])
return { questions, selectors, matches, redis.call('EXISTS', KEYS[2]) }
