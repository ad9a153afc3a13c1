-- Queues a player. If that completes a match, the same step forms the match and gives its claim to the caller.
-- ARGV: player, trace, match id to use, lease (microseconds), failures until players are refused
-- Returns {player as in describe(), claim or false}; a player who waits is waiting or claimed. If the player was refused, a third value
-- is the milliseconds after which to try again: so many matches in a row got no server that another player would only wait in vain.
-- Promises: a player who is waiting, claimed or matched keeps that state; no player is ever in the queue and in a match at the same time.
local player, trace, match, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local at = now()

local place, current = settle(player)
if place == 'matched' or place == 'claimed' then
  touch()
  if place == 'claimed' then redis.call('ZADD', heard, whole(at), player) end
  return { describe(place, current), false }
end

if place == 'waiting' then
  touch()
else
  local pause = refusal(tonumber(ARGV[5]))
  if pause > 0 then
    touch()
    return { describe(place, current), false, pause }
  end
  local given = whole(math.max(at, (tonumber(s[3]) or 0) + 1))
  touch('place', given)
  if place then redis.call('DEL', player_key(player)) end
  redis.call('HSET', player_key(player), 'state', 'waiting', 'place', given, 'since', whole(at), 'trace', trace)
  redis.call('ZADD', waiting, given, player)
end
redis.call('ZADD', heard, whole(at), player)

if form(match, lease, at) then return { { 'waiting' }, claim_of(match, at) } end

-- The oldest player's flush now has a due time. Other backends must know that time in case this one dies.
if rules and count_waiting() == rules.min then wake() end
return { { 'waiting' }, false }
