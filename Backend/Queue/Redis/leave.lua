-- Takes a player out of the queue, or out of a claimed match, which goes on without the player.
-- ARGV: player
-- Returns left, none (the player is unknown, or the last match is over), or the id of the live match that the player is in.
local player = ARGV[1]
touch()
local place, match = settle(player)
if place == 'matched' then return match end
if place ~= 'waiting' and place ~= 'claimed' then return 'none' end
withdraw(player)
redis.call('DEL', player_key(player))
publish('left', '', { player }, '', 0)
return 'left'
