-- What a host knows to be held, told again. Stands behind `marks.lua`.
--
-- KEYS: the holds. ARGV: 1 how long each lives, in ms, 2... since when the host knows of each.

for at, hold in ipairs(KEYS) do
  mark(hold, ARGV[at + 1], ARGV[1])
end
return #KEYS
