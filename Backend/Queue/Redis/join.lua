-- A player joins; if that completes a match, it is formed and claimed by the caller in the same step.
-- ARGV: player, trace, match id to use, owner, size, min, flush, lease (microseconds)
-- Answers {player as describe() has it, claim or false}, and a third, the milliseconds after which to try again, when the player was not
-- queued: so many matches in a row got no server that another player would only wait in vain.
-- Promises: who waits, is claimed or is matched keeps that; nobody is ever in waiting and in a match at once.
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

-- From here on the oldest player's flush has a time, which other backends must know should this one die.
if redis.call('ZCARD', waiting) == rules.min then wake() end
return { describe(player), claim }
