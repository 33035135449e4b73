-- Marks of partners, which bind by being there, whatever lies under their names (`scripts.py`).

-- Returns the moment that is told under a name (Unix seconds), nil where none is, and whether what is
-- there, or is not, is empty.
local function find_moment(name)
  local there = redis.pcall('GETRANGE', name, 0, 11)  -- an error where it is of another type
  local digits = type(there) == 'string' and string.match(there, '^%d+$')
  return digits and tonumber(digits) or nil, there == ''
end

-- The earliest moment that was told stays, as does the longest life, whoever tells of it again.
-- `since`: Unix seconds, in digits.
local function mark(name, since, life_ms)
  local there, is_empty = find_moment(name)
  -- An empty one reads as none, and would say no moment for ever.
  if is_empty or (there and there > tonumber(since)) then
    redis.call('SET', name, since, 'KEEPTTL')
  end
  redis.call('PEXPIRE', name, life_ms, 'NX')
  redis.call('PEXPIRE', name, life_ms, 'GT')
end
