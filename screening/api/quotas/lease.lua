-- One lease of a partner's rate and budgets: all of it, or nothing, by the clock of this server.
--
-- KEYS: 1 rate, 2 hold, 3 and 4 leases of selectors and of matches, 5 and 6 what each partner has
-- used of either, 7 room for what is given, 8 what this one has used of both, 9 sketch of today's
-- selectors, 10 sketch of the matches of all earlier days, 11... sketches of matches by day, today's first.
-- ARGV: 1 terms in JSON (`deployment.py`, `_Terms`), 2 to 4 sketches as the host has them: of today's
-- selectors, of today's matches, and of the matches of all earlier days, empty where there are none.
-- Returns {wait in us, rate, selectors, used, used by all, matches, used, used by all, held}, or {-1}
-- where the host's day is not this clock's. Stands behind `rate.lua`, `marks.lua` and `hashes.lua`.

local terms = cjson.decode(ARGV[1])
local now_ms = math.floor(now_us / 1000)
if math.abs(now_ms / terms.day_ms - terms.day - 0.5) > 0.5 + terms.tolerance_ms / terms.day_ms then
  return {-1}
end
local window_ms = (#KEYS - 10) * terms.day_ms

local function merge(sketch, given, life_ms)
  redis.call('SET', KEYS[7], given, 'PX', 60000)
  if redis.pcall('PFMERGE', sketch, KEYS[7]).err then  -- somebody has put something else there
    redis.call('SET', sketch, given)
  end
  redis.call('PEXPIRE', sketch, life_ms)
end

local function count(sketches, given)
  local used = redis.pcall('PFCOUNT', unpack(sketches))
  if type(used) ~= 'number' then
    for _, one in ipairs(sketches) do
      -- Not counted by itself: a count may stand in what is none, and nothing behind it is looked at.
      if redis.pcall('PFMERGE', KEYS[7], one).err then
        redis.call('SET', one, given, 'PX', window_ms)  -- which the others count already
      end
    end
    used = redis.call('PFCOUNT', unpack(sketches))
  end
  -- Of a sketch that nobody of ours has written the count may be more than a number holds.
  return used < 0 and MOST or bounded(used)
end

local function lease(budget, leases, used)
  local others = 0
  local held = hash(leases)
  for at = 1, #held, 2 do
    local number, ends = string.match(held[at + 1], '^(%d+):(%d+)$')
    local left_ms = number and tonumber(ends) - now_ms
    -- One that ends later than any of ours is not ours, or of a clock that has gone back since.
    if not left_ms or left_ms <= 0 or left_ms > terms.life_ms + terms.tolerance_ms then
      redis.call('HDEL', leases, held[at])
    elseif held[at] ~= terms.lessee then
      others = others + tonumber(number)
    end
  end
  local free = budget.selectors - used - others - budget.unspent
  local granted = math.max(0, math.min(budget.want, free))
  if used < budget.selectors then granted = math.max(granted, budget.least - budget.unspent) end
  local mine = string.format('%.0f:%.0f', budget.unspent + granted, now_ms + terms.life_ms)
  keep_in(leases, terms.lessee, mine, 2 * terms.life_ms)
  return granted
end

local function used_by_all(partners, used, life_ms)
  local others = hash(partners)
  keep_in(partners, terms.partner, used, life_ms)
  local all = used
  for at = 1, #others, 2 do
    if others[at] ~= terms.partner then all = all + bounded(tonumber(others[at + 1])) end
  end
  return bounded(all)
end

local wait_us, rate = lease_rate(terms.rate)

merge(KEYS[9], ARGV[2], 2 * terms.day_ms)
local asked = count({KEYS[9]}, ARGV[2])
local selectors = lease(terms.seen, KEYS[3], asked)

-- Each time, for what Redis has forgotten of a day that is over is told to it by no other way.
if ARGV[4] ~= '' then merge(KEYS[10], ARGV[4], 2 * terms.day_ms) end
merge(KEYS[11], ARGV[3], window_ms)
local matched = count({unpack(KEYS, 10)}, ARGV[3])
redis.call('SET', KEYS[8], string.format('%.0f:%.0f', asked, matched), 'PX', 2 * terms.day_ms)
if terms.held or matched >= terms.matched.selectors then mark(KEYS[2], time[1], window_ms) end
local is_held = redis.call('EXISTS', KEYS[2])
local matches = lease(terms.matched, KEYS[4], matched)

return {
  wait_us, rate,
  selectors, asked, used_by_all(KEYS[5], asked, 2 * terms.day_ms),
  matches, matched, used_by_all(KEYS[6], matched, 2 * terms.day_ms),
  is_held,
}
