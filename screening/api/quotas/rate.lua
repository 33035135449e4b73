-- A rate by GCRA, kept under KEYS[1], by the clock of this server: each script of leases begins so.

local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])

local function keep_rate(owed_until)
  local life_ms = math.ceil((owed_until - now_us) / 1000) + 1000
  redis.call('SET', KEYS[1], string.format('%.0f', owed_until), 'PX', life_ms)
end

-- Returns how long to wait, in us, and how many selectors are granted: all that are wanted, or none.
local function lease_rate(rate)
  -- Of what somebody else has put there, no more than tells it; an error where that is no string.
  local stored = redis.pcall('GETRANGE', KEYS[1], 0, 16)
  local digits = type(stored) == 'string' and string.match(stored, '^%d+$')
  local empty_at = math.max(tonumber(digits or '0'), now_us)
  -- A clock that went back must not shut anybody out for longer than the most that is ever owed.
  if empty_at > now_us + rate.most_us then
    empty_at = now_us + rate.most_us
    keep_rate(empty_at)  -- else it would be as far ahead of every later request
  end
  local wait_us = empty_at - now_us - rate.burst_us
  if rate.want == 0 then return 0, 0 end
  if wait_us > 0 then return math.ceil(wait_us), 0 end
  keep_rate(empty_at + rate.want * rate.interval_us)
  return 0, rate.want
end
