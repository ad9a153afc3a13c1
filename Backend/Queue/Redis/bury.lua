-- Records the end of a match that Redis does not know: it was formed and ended in a backend's memory, or Redis has lost it.
-- Notifies its players, except those with newer state in Redis. A page of matches may begin after it, as after the last one.
-- ARGV: match, how long the end is remembered (seconds), players
touch()
if redis.call('EXISTS', match_key(ARGV[1])) == 1 then return 'known' end
local told = {}
for _, player in ipairs(cjson.decode(ARGV[3])) do
  local place = settle(player)
  if not place or place == 'ended' then
    redis.call('HSET', player_key(player), 'state', 'ended', 'match', ARGV[1])
    redis.call('EXPIRE', player_key(player), ARGV[2])
    told[#told + 1] = player
  end
end
redis.call('HSET', match_key(ARGV[1]), 'state', 'ended', 'players', ARGV[3], 'assigned', whole(now()))
redis.call('EXPIRE', match_key(ARGV[1]), ARGV[2])
publish('ended', ARGV[1], told, '', 0)
return 'buried'
