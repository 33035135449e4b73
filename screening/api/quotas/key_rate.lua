-- One lease of the rate of an API key; stands behind `rate.lua`.
--
-- KEYS: 1 rate. ARGV: 1 terms in JSON (`deployment.py`, `_RateTerms`).
-- Returns {wait in us, rate}.

return {lease_rate(cjson.decode(ARGV[1]))}
