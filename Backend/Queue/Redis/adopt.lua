-- Adds a live match that Redis does not know: it was formed in a backend's memory, or Redis has lost it.
-- First withdraws those of its players who are waiting or claimed here. A player who is in another live match stays in that match.
-- ARGV: match, owner, backend's name, server, host, port, created (microseconds), time to live (seconds), players
-- Returns adopted, or known when there is nothing to do.
local match, ttl = ARGV[1], ARGV[8]
if redis.call('EXISTS', match_key(match)) == 1 then return 'known' end
local players = {}
for _, player in ipairs(cjson.decode(ARGV[9])) do
  local state = redis.call('HGET', player_key(player), 'state')
  if state ~= 'matched' then
    if state == 'waiting' or state == 'claimed' then withdraw(player) end
    redis.call('DEL', player_key(player))
    redis.call('HSET', player_key(player), 'state', 'matched', 'match', match)
    redis.call('EXPIRE', player_key(player), ttl)
    players[#players + 1] = player
  end
end
redis.call('HSET', match_key(match), 'state', 'live', 'players', encode(players), 'traces', '[]', 'created', ARGV[7], 'tries', 1,
  'owner', ARGV[2], 'backend', ARGV[3], 'server', ARGV[4], 'host', ARGV[5], 'port', ARGV[6], 'assigned', whole(now()))
redis.call('EXPIRE', match_key(match), ttl)
redis.call('ZADD', live, whole(now()), match)
record(match, '')
publish('matched', match, players, ARGV[5], tonumber(ARGV[6]))
return 'adopted'
