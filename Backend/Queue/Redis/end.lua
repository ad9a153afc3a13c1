-- Ends a live match, notifies its players, and adds the record to the outbox.
-- ARGV: match, how long the end is remembered (seconds), what ends it, then the server, host and port that the match must have (omitted:
-- any)
-- Returns ended, already (the match had ended), claimed (it has no server yet), other (it is on another server), unknown, or
-- returning (unknown in Redis, but may be live in a backend's memory).
local match, ttl, by = ARGV[1], ARGV[2], ARGV[3]
touch()
local m = read(match_key(match), 'state', 'players', 'server', 'host', 'port')
if not m[1] then return redis.call('EXISTS', q .. ':returning') == 1 and 'returning' or 'unknown' end
if m[1] == 'ended' then return 'already' end
if m[1] == 'claimed' then return 'claimed' end
if ARGV[4] and (ARGV[4] ~= m[3] or ARGV[5] ~= m[4] or ARGV[6] ~= m[5]) then return 'other' end

local ended, players = whole(now()), decode(m[2])
redis.call('HSET', match_key(match), 'state', 'ended', 'ended', ended)
redis.call('EXPIRE', match_key(match), ttl)
redis.call('ZREM', live, match)
for _, player in ipairs(players) do
  if read(player_key(player), 'match')[1] == match then
    redis.call('HSET', player_key(player), 'state', 'ended')
    redis.call('EXPIRE', player_key(player), ttl)
  end
end
record(match, ended, by)
publish('ended', match, players, '', 0)
return 'ended'
