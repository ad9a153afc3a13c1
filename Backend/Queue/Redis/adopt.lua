-- Adds a live match that Redis does not know, or knows only as claimed: it was formed in a backend's memory, or Redis has lost data.
-- First withdraws those of its players who are waiting or claimed here. A player who is in another live match stays in that match.
-- ARGV: match, backend's name, server, host, port, microseconds since it was formed, time to live (seconds), players, admission,
--   their seats; see seated()
-- Returns adopted, or known when the match is live or has ended here.
local match, ttl = ARGV[1], ARGV[7]
local at = now()
touch()
local known = read(match_key(match), 'state')[1]
if known == 'live' and not redis.call('ZSCORE', live, match) then
  redis.call('ZADD', live, whole(at), match)
  redis.call('HSET', match_key(match), 'assigned', whole(at))
  record(match, '')
end
if known == 'live' or known == 'ended' then return 'known' end

local players, told = {}, cjson.decode(ARGV[8])
for _, player in ipairs(told) do
  local place, other = settle(player)
  if place ~= 'matched' then
    if other ~= match then withdraw(player) end
    redis.call('DEL', player_key(player))
    players[#players + 1] = player
  end
end
if known then give_back(match) end -- A player whose leave is lost, as the assignment is.
local seats = seated(told, ARGV[10], players)
redis.call('HSET', match_key(match), 'state', 'live', 'players', encode(players), 'traces', '[]', 'created',
  whole(sent_at() - math.max(0, tonumber(ARGV[6]))), 'tries', 1, 'owner', owner, 'backend', ARGV[2], 'server', ARGV[3], 'host', ARGV[4],
  'port', ARGV[5], 'admission', ARGV[9], 'seats', seats, 'assigned', whole(at))
go_live(match, players, ttl, at)
publish('matched', match, players, ARGV[4], tonumber(ARGV[5]), ARGV[9], seats)
return 'adopted'
