-- Queues players, one after the other. If a join completes a match, the same step forms the match and gives its claim to the caller.
-- ARGV: lease (microseconds), failures until players are refused, then for each join: player, trace, match id to use
-- Returns for each join {player as in describe(), claim or false}; a player who waits is waiting or claimed. If the player was refused, a
-- third value is the milliseconds after which to try again: so many matches in a row got no server that another player would only wait in
-- vain. A join that failed, alone, returns {error}.
-- Promises: a player who is waiting, claimed or matched keeps that state; no player is ever in the queue and in a match at the same time.
local lease, most_failures = tonumber(ARGV[1]), tonumber(ARGV[2])
local at, asked = now(), whole(sent_at())
local first = math.max(at, (tonumber(s[3]) or 0) + 1)
touch('place', whole(first + (#ARGV - 2) / 3 - 1))

local function join(player, trace, match, given)
  local place, current = settle(player)
  if place == 'matched' then return { describe(place, current), false } end
  if place ~= 'waiting' and place ~= 'claimed' then
    local pause = refusal(most_failures)
    if pause > 0 then return { describe(place, current), false, pause } end
    redis.call('DEL', player_key(player))
    redis.call('HSET', player_key(player), 'state', 'waiting', 'place', given, 'since', asked, 'trace', trace)
    redis.call('ZADD', waiting, given, player)
  else
    redis.call('HSET', player_key(player), 'asked', asked)
  end
  redis.call('ZADD', heard, whole(at), player)
  if place == 'claimed' then return { { place }, false } end
  if form(match, lease, at) then return { { 'waiting' }, claim_of(match, at) } end

  -- The oldest player's flush now has a due time. Other backends must know that time in case this one dies.
  if rules and count_waiting() == rules.min then wake() end
  return { { 'waiting' }, false }
end

local answers = {}
for i = 3, #ARGV, 3 do
  local ok, answer = pcall(join, ARGV[i], ARGV[i + 1], ARGV[i + 2], whole(first + (i - 3) / 3))
  answers[#answers + 1] = ok and answer or { describe_error(answer) }
end
return answers
