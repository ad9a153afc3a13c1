-- Queues a player who has been waiting elsewhere, without forming a match.
-- A player who is already waiting, claimed or matched here keeps that state, but a waiting player keeps the longer of the two waits. A player
-- whose match has ended stays so if that match came of this very join.
-- ARGV: player, trace, how long the player has waited (microseconds)
local player, at = ARGV[1], now()
local since = at - math.max(0, tonumber(ARGV[3]))
touch()
local place = settle(player)
if place == 'claimed' or place == 'matched' then return 'known' end

-- The two times come over a network: they are the same join if they differ by less than a second.
local known = redis.call('HMGET', player_key(player), 'since', 'place')
if place == 'ended' and tonumber(known[1] or '0') > since - 1000000 then return 'known' end
if place == 'waiting' and known[1] and known[2] and tonumber(known[1]) < since + 1000000 then
  redis.call('ZADD', waiting, known[2], player)
else
  redis.call('DEL', player_key(player))
  redis.call('HSET', player_key(player), 'state', 'waiting', 'place', whole(since), 'since', whole(since), 'trace', ARGV[2])
  redis.call('ZADD', waiting, whole(since), player)
end
redis.call('ZADD', heard, whole(at), player)
wake()
return 'ok'
