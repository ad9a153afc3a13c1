-- Takes a player out of the queue, or out of a claimed match, which goes on without the player. The player's hash then says when the player
-- left, so that no backend brings back an earlier join because it did not hear of the leave (enqueue.lua, withdraw.lua). It is kept for ten
-- minutes, or as long as the end of the player's last match.
-- ARGV: player
-- Returns left, none (the player is unknown, or the last match is over), or the id of the live match that the player is in.
local player = ARGV[1]
touch()
local place, match = settle(player)
if place == 'matched' then return match end
if place == 'ended' then
  redis.call('HSET', player_key(player), 'left', whole(now()))
  return 'none'
end
withdraw(player)
redis.call('DEL', player_key(player))
redis.call('HSET', player_key(player), 'state', 'left', 'left', whole(now()))
redis.call('EXPIRE', player_key(player), 600)
if not place then return 'none' end
publish('left', '', { player }, '', 0)
return 'left'
