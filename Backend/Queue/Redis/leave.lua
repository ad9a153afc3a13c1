-- Takes a player out of the queue, or out of a claimed match, which goes on without the player. The player's hash then says when the player
-- left, so that no backend brings back an earlier join because it did not hear of the leave (enqueue.lua, withdraw.lua). It is kept for ten
-- minutes, or as long as the end of the player's last match.
-- ARGV: player, how long ago the player left (microseconds); then a join that came later stays
-- Returns left, none (the player is unknown, or the last match is over), or the id of the live match that the player is in.
local player, age = ARGV[1], math.max(0, tonumber(ARGV[2]))
local left_at = sent_at() - age
touch()
local place, match = settle(player)
if place == 'matched' then return match end
if age > 0 and last_asked(player) > left_at then return 'none' end
if place == 'ended' then
  redis.call('HSET', player_key(player), 'left', whole(left_at))
  return 'none'
end
withdraw(player)
redis.call('DEL', player_key(player))
if not place then
  -- Anybody may leave in the name of a player whom nobody knows: only so many are kept.
  local marks = redis.call('INCR', q .. ':marks')
  if marks == 1 then redis.call('EXPIRE', q .. ':marks', 600) end
  if marks > 100000 then return 'none' end
end
redis.call('HSET', player_key(player), 'state', 'left', 'left', whole(left_at))
redis.call('EXPIRE', player_key(player), 600)
if not place then return 'none' end
publish('left', '', { player }, '', 0)
return 'left'
