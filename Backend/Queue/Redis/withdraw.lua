-- Takes players out of the queue who are in a claimed match in a backend's memory, or have just left that memory.
-- ARGV: for how long unknown players count as waiting (milliseconds; 0: not at all), then each player, and how long ago the player last
-- asked to join (microseconds)
-- Returns those of the players who are in a live match, and stay there, or who have left since. The calling backend did not hear of that,
-- so it is published again.
touch()
if ARGV[1] ~= '0' then redis.call('SET', q .. ':returning', '1', 'PX', ARGV[1]) end
local elsewhere, gone = {}, {}
for i = 2, #ARGV, 2 do
  local player = ARGV[i]
  local place = settle(player)
  if place == 'matched' then
    elsewhere[#elsewhere + 1] = player
  elseif place == 'waiting' or place == 'claimed' then
    withdraw(player)
    redis.call('DEL', player_key(player))
    gone[#gone + 1] = player
  elseif has_left(player, place, sent_at() - math.max(0, tonumber(ARGV[i + 1]))) then
    elsewhere[#elsewhere + 1] = player
    gone[#gone + 1] = player
  end
end
if #gone > 0 then publish('left', '', gone, '', 0) end
return elsewhere
