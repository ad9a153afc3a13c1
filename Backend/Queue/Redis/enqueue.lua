-- Queues players who have been waiting elsewhere, without forming a match, and in the order of their waits.
-- A player who is already waiting, claimed or matched here stays so. A player who waits here too keeps the longer of the two waits.
-- A player whose match came of this very join and has ended does not wait again. Neither does one who has left since, of which the calling
-- backend did not hear: that is published again.
-- ARGV: player, trace, how long ago the player joined, and last asked to join (microseconds), and so on for each player
local at = now()
local left = {}
touch()

local function enqueue(player, trace, since, asked)
  local place = settle(player)
  if place == 'claimed' or place == 'matched' then return end

  -- The two times come over a network: they are the same join if they differ by less than a second.
  local known = read(player_key(player), 'since', 'place')
  if has_left(player, place, asked) then
    left[#left + 1] = player
    return
  end
  if place == 'ended' and tonumber(known[1] or '0') > since - 1000000 then return end
  asked = math.max(asked, last_asked(player))
  if place == 'waiting' and known[1] and known[2] and tonumber(known[1]) < since + 1000000 then
    redis.call('ZADD', waiting, known[2], player)
    redis.call('HSET', player_key(player), 'asked', whole(asked))
  else
    redis.call('DEL', player_key(player))
    redis.call('HSET', player_key(player), 'state', 'waiting', 'place', whole(since), 'since', whole(since), 'asked', whole(asked),
      'trace', trace)
    redis.call('ZADD', waiting, whole(since), player)
  end
  redis.call('ZADD', heard, whole(at), player)
end

local last = 0
for i = 1, #ARGV, 4 do
  last = math.max(last + 1, sent_at() - math.max(0, tonumber(ARGV[i + 2])))
  enqueue(ARGV[i], ARGV[i + 1], last, sent_at() - math.max(0, tonumber(ARGV[i + 3])))
end
if #left > 0 then publish('left', '', left, '', 0) end
wake()
return 'ok'
