-- Assigns a claimed match to a server that answers, notifies its players, and adds the record to the outbox.
-- ARGV: match, owner, backend's name, server, host, port, time to live (seconds)
-- Returns assigned, or lost when this owner does not hold the claim (any more).
-- Promises: if the same owner repeats the call for the same server, it returns assigned and changes nothing.
local match, owner, ttl = ARGV[1], ARGV[2], ARGV[7]
local m = redis.call('HMGET', match_key(match), 'state', 'owner', 'players', 'server')
if m[1] == 'live' and m[2] == owner and m[4] == ARGV[4] then return 'assigned' end
if m[1] ~= 'claimed' or m[2] ~= owner then return 'lost' end

local players = cjson.decode(m[3])
redis.call('HSET', match_key(match), 'state', 'live', 'backend', ARGV[3], 'server', ARGV[4], 'host', ARGV[5], 'port', ARGV[6],
  'assigned', whole(now()))
redis.call('EXPIRE', match_key(match), ttl)
for _, player in ipairs(players) do
  redis.call('HSET', player_key(player), 'state', 'matched')
  redis.call('EXPIRE', player_key(player), ttl)
end
redis.call('ZREM', claims, match)
redis.call('ZADD', live, whole(now()), match)
redis.call('DEL', q .. ':failures')
record(match, '')
publish('matched', match, players, ARGV[5], tonumber(ARGV[6]))
return 'assigned'
