-- Queues a player. If that completes a match, the same step forms the match and gives its claim to the caller.
-- ARGV: player, trace, match id to use, owner, size, min, flush, lease (microseconds)
-- Returns {player as in describe(), claim or false}. If the player was refused, a third value is the milliseconds after which to try again:
-- so many matches in a row got no server that another player would only wait in vain.
-- Promises: a player who is waiting, claimed or matched keeps that state; no player is ever in the queue and in a match at the same time.
local player, trace, match, owner = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local rules = { size = tonumber(ARGV[5]), min = tonumber(ARGV[6]), flush = tonumber(ARGV[7]) }
local lease = tonumber(ARGV[8])
local at = now()

local state = redis.call('HGET', player_key(player), 'state')
if state == 'matched' or state == 'claimed' then
  return { describe(player), false }
end

if state ~= 'waiting' then
  local pause = refusal()
  if pause > 0 then return { describe(player), false, pause } end
  local since = math.max(at, tonumber(redis.call('GET', q .. ':clock') or '0') + 1)
  redis.call('SET', q .. ':clock', whole(since))
  redis.call('DEL', player_key(player))
  redis.call('HSET', player_key(player), 'state', 'waiting', 'since', whole(since), 'trace', trace)
  redis.call('ZADD', waiting, whole(since), player)
end

local claim = false
if form(match, owner, rules, lease, at) then claim = claim_of(match) end

-- The oldest player's flush now has a due time. Other backends must know that time in case this one dies.
if redis.call('ZCARD', waiting) == rules.min then wake() end
return { describe(player), claim }
