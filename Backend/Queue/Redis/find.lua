-- Returns a player's state. While backends bring in what they did without Redis, a player who is unknown here may be waiting in a backend's
-- memory, and counts as waiting.
-- ARGV: player, then anything for the plain truth also in that time. Returns {state, match, host, port, players}.
local answer = describe(settle(ARGV[1]))
if not answer[1] and not ARGV[2] and redis.call('EXISTS', q .. ':returning') == 1 then return { 'waiting' } end
return answer
