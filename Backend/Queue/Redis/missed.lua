-- Returns those of the matches that have ended or are not known, for a backend that may have missed what was published. A match that is
-- still claimed is being assigned.
-- ARGV: matches
local over = {}
for _, match in ipairs(ARGV) do
  local place = read(match_key(match), 'state')[1]
  if place ~= 'live' and place ~= 'claimed' then over[#over + 1] = match end
end
return over
