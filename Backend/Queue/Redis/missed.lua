-- Returns those of the matches that are not live, for a backend that may have missed what was published.
-- ARGV: matches
local over = {}
for _, match in ipairs(ARGV) do
  if redis.call('HGET', match_key(match), 'state') ~= 'live' then over[#over + 1] = match end
end
return over
