-- Records the end of a match that Redis does not know, or knows only as claimed: it was formed and ended in a backend's memory, or Redis
-- has lost it, or lost its assignment. Notifies its players, except those with newer state in Redis. Who has waited here since before the
-- match was formed waits no more: that match came of this wait. A page of matches may begin after it, as after the last one.
-- ARGV: match, how long the end is remembered (seconds), players, microseconds since it was formed
-- Returns buried, or known when the match is live or has ended here.
local match, formed = ARGV[1], sent_at() - math.max(0, tonumber(ARGV[4]))
touch()
local known = read(match_key(match), 'state')[1]
if known and known ~= 'claimed' then return 'known' end
local told = {}
for _, player in ipairs(cjson.decode(ARGV[3])) do
  local place, other = settle(player)
  if (place == 'claimed' and other == match) or ((place == 'waiting' or place == 'claimed') and last_asked(player) < formed) then
    withdraw(player)
    place = 'ended'
  end
  if not place or place == 'ended' then
    redis.call('HSET', player_key(player), 'state', 'ended', 'match', match, 'since', whole(formed))
    redis.call('EXPIRE', player_key(player), ARGV[2])
    told[#told + 1] = player
  end
end
if known then give_back(match) end -- A player whose leave is lost, too.
redis.call('HSET', match_key(match), 'state', 'ended', 'players', ARGV[3], 'assigned', whole(now()))
redis.call('EXPIRE', match_key(match), ARGV[2])
publish('ended', match, told, '', 0)
return 'buried'
