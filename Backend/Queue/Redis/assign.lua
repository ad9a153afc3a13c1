-- Assigns a claimed match to a server that answers, notifies its players, and adds the record to the outbox.
-- ARGV: match, backend's name, server, host, port, time to live (seconds), admission, the players that the server was told
-- Returns assigned, or lost when this owner does not hold the claim (any more).
-- Promises: if the same owner repeats the call for the same server, it returns assigned and changes nothing. A player who has joined again
-- since the claim (the hash was lost) stays there.
local match = ARGV[1]
local at = now()
touch()
local m = read(match_key(match), 'state', 'owner', 'players', 'server')
if m[1] == 'live' and m[2] == owner and m[4] == ARGV[3] then return 'assigned' end
if m[1] ~= 'claimed' or m[2] ~= owner or not m[3] then return 'lost' end

local players = {}
for _, player in ipairs(decode(m[3])) do
  local p = read(player_key(player), 'state', 'match')
  if not p[1] or p[2] == match then players[#players + 1] = player end
end
local seats = seated(cjson.decode(ARGV[8]), '', players)
redis.call('HSET', match_key(match), 'state', 'live', 'players', encode(players), 'backend', ARGV[2], 'server', ARGV[3], 'host', ARGV[4],
  'port', ARGV[5], 'admission', ARGV[7], 'seats', seats, 'assigned', whole(at))
go_live(match, players, ARGV[6], at)
redis.call('DEL', q .. ':failures')
publish('matched', match, players, ARGV[4], tonumber(ARGV[5]), ARGV[7], seats)
return 'assigned'
