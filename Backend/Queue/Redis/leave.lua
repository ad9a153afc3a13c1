-- Takes a player out of the queue, or out of a claimed match, which goes on without the player.
-- ARGV: player
-- Returns left, none (the player is unknown, or the last match is over), or the id of the live match that the player is in.
local player = ARGV[1]
local p = redis.call('HMGET', player_key(player), 'state', 'match')
if p[1] == 'matched' then return p[2] end
if p[1] ~= 'waiting' and p[1] ~= 'claimed' then return 'none' end
withdraw(player)
redis.call('DEL', player_key(player))
publish('left', '', { player }, '', 0)
return 'left'
