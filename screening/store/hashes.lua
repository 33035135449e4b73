-- Hashes in which others may have put anything, and counts in them (`scripts.py`).

local MOST_BYTES = 2097152  -- a field for each of 16,000 partners, whose records `partners` may hold
local MOST = 1e15  -- of anything counted: what a reply and a double hold exactly

local function bounded(number)
  if not number or number ~= number then return 0 end  -- no number, or none that equals itself
  return math.max(0, math.min(number, MOST))
end

-- Returns {field, value...}. What is no hash, or more than hosts ever write, is gone after that: to
-- read a million fields each time would keep Redis from all others.
local function hash(name)
  local bytes = redis.pcall('MEMORY', 'USAGE', name, 'SAMPLES', 0)
  if type(bytes) ~= 'number' or bytes <= MOST_BYTES then
    local all = redis.pcall('HGETALL', name)
    if not all.err then return all end
  end
  redis.call('PEXPIRE', name, 0)
  return {}
end

local function keep_in(name, field, value, life_ms)
  redis.call('HSET', name, field, value)
  redis.call('PEXPIRE', name, life_ms)
end
