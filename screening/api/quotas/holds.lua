-- What a host knows to be held, told again: the first moment stays, whatever else lies there holds, too.
--
-- KEYS: the holds. ARGV: 1 how long each lives, in ms.

local now_s = redis.call('TIME')[1]
for _, hold in ipairs(KEYS) do
  if not redis.call('SET', hold, now_s, 'NX', 'PX', ARGV[1]) then
    redis.call('PEXPIRE', hold, ARGV[1])
  end
end
return #KEYS
