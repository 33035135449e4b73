-- KEYS: what each host has answered a partner on a day; whether it is throttled
-- ARGV: this host; its counts, "questions:selectors:matches"; "1" where it throttles; lives in ms
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if ARGV[3] == '1' then redis.call('SET', KEYS[2], '1', 'PX', ARGV[5]) end

local questions, selectors, matches = 0, 0, 0
for _, one in ipairs(redis.call('HVALS', KEYS[1])) do
  local q, s, m = string.match(one, '^(%d+):(%d+):(%d+)$')
  if q then
    questions, selectors, matches = questions + q, selectors + s, matches + m
  end
end
return { questions, selectors, matches, redis.call('EXISTS', KEYS[2]) }
