-- Returns players' states. While backends bring in what they did without Redis, a player who is unknown here may be waiting in a backend's
-- memory, and counts as waiting.
-- ARGV: exact, or anything else if an unknown player counts as waiting in that time; then the players
-- Returns {state, match, host, port, players, admission, seats} of each; {false, error} where that failed.
local returning = ARGV[1] ~= 'exact' and redis.call('EXISTS', q .. ':returning') == 1

local function find(player)
  local answer = describe(settle(player))
  if not answer[1] and returning then return { 'waiting' } end
  return answer
end

local answers = {}
for i = 2, #ARGV do
  local ok, answer = pcall(find, ARGV[i])
  answers[#answers + 1] = ok and answer or { false, describe_error(answer) }
end
return answers
