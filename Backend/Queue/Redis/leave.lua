-- Takes a player out of the queue, or out of a claimed match, which goes on without the player. The player's hash then says when the player
-- left, so that no backend brings back an earlier join because it did not hear of the leave (enqueue.lua). It is kept for twice as long as
-- a player may be silent: a join is brought back only if the backend has heard of its player in half that time.
-- ARGV: player
-- Returns left, none (the player is unknown, or the last match is over), or the id of the live match that the player is in.
local player = ARGV[1]
touch()
local place, match = settle(player)
if place == 'matched' then return match end
if place == 'ended' then return 'none' end
withdraw(player)
redis.call('DEL', player_key(player))
if rules then
  redis.call('HSET', player_key(player), 'state', 'left', 'left', whole(now()))
  redis.call('EXPIRE', player_key(player), math.ceil(2 * rules.silent / 1000000))
end
if not place then return 'none' end
publish('left', '', { player }, '', 0)
return 'left'
