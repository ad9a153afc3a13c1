-- A player gives up waiting, also while the match is claimed: such a match goes on without this player.
-- ARGV: player
-- Answers left, none (not known, or the last match is over) or the id of the live match that the player is in.
local player = ARGV[1]
local p = redis.call('HMGET', player_key(player), 'state', 'match')
if p[1] == 'matched' then return p[2] end
if p[1] == 'waiting' then
  redis.call('ZREM', waiting, player)
elseif p[1] == 'claimed' then
  local staying, traces = {}, {}
  local old = redis.call('HMGET', match_key(p[2]), 'players', 'traces')
  local old_traces = cjson.decode(old[2] or '[]')
  for i, other in ipairs(cjson.decode(old[1] or '[]')) do
    if other ~= player then
      staying[#staying + 1] = other
      traces[#traces + 1] = old_traces[i] or ''
    end
  end
  if #staying == 0 then
    redis.call('DEL', match_key(p[2]))
    redis.call('ZREM', claims, p[2])
  else
    redis.call('HSET', match_key(p[2]), 'players', encode(staying), 'traces', encode(traces))
  end
else
  return 'none'
end
redis.call('DEL', player_key(player))
publish('left', '', { player }, '', 0)
return 'left'
