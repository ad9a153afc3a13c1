-- Records signs of life. Puts a waiting player back into the queue if the set that held the player was lost.
-- ARGV: players
-- Returns those of the players who neither wait nor are claimed.
touch()
local at, gone = now(), {}
for _, player in ipairs(ARGV) do
  local place = settle(player)
  if place == 'waiting' or place == 'claimed' then
    redis.call('ZADD', heard, whole(at), player)
  else
    gone[#gone + 1] = player
  end
  if place == 'waiting' and not redis.call('ZSCORE', waiting, player) then
    wait_at(player, redis.call('HGET', player_key(player), 'place') or whole(at))
    wake()
  end
end
return gone
