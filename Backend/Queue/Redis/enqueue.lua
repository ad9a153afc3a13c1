-- Queues a player who has been waiting elsewhere, without forming a match.
-- A player who is already waiting, claimed or matched here keeps that state.
-- ARGV: player, trace, since (microseconds)
local player, since = ARGV[1], tonumber(ARGV[3])
local state = redis.call('HGET', player_key(player), 'state')
if state == 'waiting' and since < tonumber(redis.call('HGET', player_key(player), 'since')) then
  redis.call('HSET', player_key(player), 'since', whole(since))
  redis.call('ZADD', waiting, whole(since), player)
elseif not state or state == 'ended' then
  redis.call('DEL', player_key(player))
  redis.call('HSET', player_key(player), 'state', 'waiting', 'since', whole(since), 'trace', ARGV[2])
  redis.call('ZADD', waiting, whole(since), player)
end
wake()
return 'ok'
