-- Where a player stands. While backends bring in what they did without Redis, a player whom nobody knows here may wait in one of their
-- memories, and counts as waiting.
-- ARGV: player. Answers {state, match, host, port, players}.
local answer = describe(ARGV[1])
if not answer[1] and redis.call('EXISTS', q .. ':returning') == 1 then return { 'waiting' } end
return answer
