-- One lease of a partner's rate and budgets: all of it, or nothing, by the clock of this server.
--
-- KEYS: 1 rate, 2 hold, 3 and 4 leases of selectors and of matches, 5 and 6 what each partner has
-- used of either, 7 room for what is given, 8 sketch of today's selectors, 9... sketches of matches,
-- today's first.
-- ARGV: 1 terms in JSON (`deployment.py`, `_Terms`), 2 and 3 sketches of today's selectors and matches
-- as the host has them.
-- Returns {wait in us, rate, selectors, used, used by all, matches, used, used by all, held}, or {-1}
-- where the host's day is not this clock's.

local terms = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now_ms = math.floor(now_us / 1000)
if math.abs(now_ms / terms.day_ms - terms.day - 0.5) > 0.5 + terms.tolerance_ms / terms.day_ms then
  return {-1}
end

local function lease_rate(rate)
  local empty_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or 0, now_us)
  -- A clock that went back must not shut anybody out for longer than the most that is ever owed.
  empty_at = math.min(empty_at, now_us + rate.most_us)
  local wait_us = empty_at - now_us - rate.burst_us
  if rate.want == 0 then return 0, 0 end
  if wait_us > 0 then return math.ceil(wait_us), 0 end
  local owed_until = empty_at + rate.want * rate.interval_us
  local life_ms = math.ceil((owed_until - now_us) / 1000) + 1000
  redis.call('SET', KEYS[1], string.format('%.0f', owed_until), 'PX', life_ms)
  return 0, rate.want
end

local function count(sketch, given, life_ms)
  redis.call('SET', KEYS[7], given, 'PX', 60000)
  if redis.pcall('PFMERGE', sketch, KEYS[7]).err then  -- somebody has put something else there
    redis.call('SET', sketch, given)
  end
  redis.call('PEXPIRE', sketch, life_ms)
end

local function lease(budget, leases, used)
  local others = 0
  local held = redis.call('HGETALL', leases)
  for at = 1, #held, 2 do
    local number, ends = string.match(held[at + 1], '^(%d+):(%d+)$')
    if not number or tonumber(ends) <= now_ms then
      redis.call('HDEL', leases, held[at])
    elseif held[at] ~= terms.lessee then
      others = others + tonumber(number)
    end
  end
  local free = budget.selectors - used - others - budget.unspent
  local granted = math.max(0, math.min(budget.want, free))
  if used < budget.selectors then granted = math.max(granted, budget.least - budget.unspent) end
  local mine = string.format('%.0f:%.0f', budget.unspent + granted, now_ms + terms.life_ms)
  redis.call('HSET', leases, terms.lessee, mine)
  redis.call('PEXPIRE', leases, 2 * terms.life_ms)
  return granted
end

local function used_by_all(partners, used, life_ms)
  redis.call('HSET', partners, terms.partner, used)
  redis.call('PEXPIRE', partners, life_ms)
  local all = 0
  for _, one in ipairs(redis.call('HVALS', partners)) do all = all + (tonumber(one) or 0) end
  return all
end

local wait_us, rate = lease_rate(terms.rate)

count(KEYS[8], ARGV[2], 2 * terms.day_ms)
local asked = redis.call('PFCOUNT', KEYS[8])
local selectors = lease(terms.seen, KEYS[3], asked)

count(KEYS[9], ARGV[3], (#KEYS - 7) * terms.day_ms)
local matched = redis.call('PFCOUNT', unpack(KEYS, 9))
if terms.held or matched >= terms.matched.selectors then
  redis.call('SET', KEYS[2], '1', 'PX', (#KEYS - 7) * terms.day_ms)
end
local is_held = redis.call('EXISTS', KEYS[2])
local matches = lease(terms.matched, KEYS[4], matched)

return {
  wait_us, rate,
  selectors, asked, used_by_all(KEYS[5], asked, 2 * terms.day_ms),
  matches, matched, used_by_all(KEYS[6], matched, 2 * terms.day_ms),
  is_held,
}
