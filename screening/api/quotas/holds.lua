-- What a host knows to be held, told again. Stands behind `marks.lua`.
--
-- KEYS: the holds. ARGV: 1 how long each lives, in ms.

local now_s = redis.call('TIME')[1]
for _, hold in ipairs(KEYS) do
  mark(hold, now_s, ARGV[1])
end
return #KEYS
