-- One lease of the rate of an API key, by the clock of this server: as the partner's in `lease.lua`.
--
-- KEYS: 1 rate. ARGV: 1 selectors wanted, 2 interval, 3 burst and 4 the most ever owed, in us.
-- Returns how long to wait, in us; 0 where what is wanted is granted.

local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local want, interval_us = tonumber(ARGV[1]), tonumber(ARGV[2])
local burst_us, most_us = tonumber(ARGV[3]), tonumber(ARGV[4])

local function keep(owed_until)
  local life_ms = math.ceil((owed_until - now_us) / 1000) + 1000
  redis.call('SET', KEYS[1], string.format('%.0f', owed_until), 'PX', life_ms)
end

local stored = redis.pcall('GET', KEYS[1])  -- an error where somebody has put something else there
local digits = type(stored) == 'string' and string.match(stored, '^%d+$')
local empty_at = math.max(tonumber(digits or '0'), now_us)
-- A clock that went back must not shut anybody out for longer than the most that is ever owed.
if empty_at > now_us + most_us then
  empty_at = now_us + most_us
  keep(empty_at)  -- else it would be as far ahead of every later request
end
local wait_us = empty_at - now_us - burst_us
if wait_us > 0 then return math.ceil(wait_us) end
keep(empty_at + want * interval_us)
return 0
