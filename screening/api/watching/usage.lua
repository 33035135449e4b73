-- What this host has answered a partner on a day, and what all have. Stands behind `marks.lua` and
-- `hashes.lua`.
--
-- KEYS: what each host has answered a partner on a day; whether it is throttled; the sums of the first;
-- what it is suspected of...
-- ARGV: this host; its counts, "questions:selectors:matches"; since when it throttles, "" where it does
-- not; lives in ms, of counts and of a throttle; since when it is suspected of each, and for how many ms...

-- First: people are to hear of it whatever becomes of counts.
if ARGV[3] ~= '' then mark(KEYS[2], ARGV[3], ARGV[5]) end
for at = 4, #KEYS do
  mark(KEYS[at], ARGV[2 * at - 2], ARGV[2 * at - 1])
end

local sums = {0, 0, 0}
local function add(counts)
  local these = {string.match(counts, '^(%d+):(%d+):(%d+)$')}
  for of, number in ipairs(these) do
    sums[of] = bounded(sums[of] + tonumber(number))
  end
end

local told = hash(KEYS[1])
keep_in(KEYS[1], ARGV[1], ARGV[2], ARGV[4])
add(ARGV[2])
for at = 1, #told, 2 do
  if told[at] ~= ARGV[1] then add(told[at + 1]) end
end
redis.call('SET', KEYS[3], string.format('%.0f:%.0f:%.0f', unpack(sums)), 'PX', ARGV[4])
return { sums[1], sums[2], sums[3], redis.call('EXISTS', KEYS[2]) }
