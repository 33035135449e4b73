-- What a host knows to be held, told again: all of it, whatever lies there.
--
-- KEYS: the holds. ARGV: 1 how long each lives, in ms.

for _, hold in ipairs(KEYS) do redis.call('SET', hold, '1', 'PX', ARGV[1]) end
return #KEYS
