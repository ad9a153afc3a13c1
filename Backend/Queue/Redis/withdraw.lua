-- Takes players out of the queue who are in a claimed match in a backend's memory, or have just left that memory.
-- ARGV: for how long unknown players count as waiting (milliseconds; 0: not at all), then the players
-- Returns those of the players who are in a live match, and stay there.
touch()
if ARGV[1] ~= '0' then redis.call('SET', q .. ':returning', '1', 'PX', ARGV[1]) end
local matched, gone = {}, {}
for i = 2, #ARGV do
  local player = ARGV[i]
  local place = settle(player)
  if place == 'matched' then
    matched[#matched + 1] = player
  elseif place == 'waiting' or place == 'claimed' then
    withdraw(player)
    redis.call('DEL', player_key(player))
    gone[#gone + 1] = player
  end
end
if #gone > 0 then publish('left', '', gone, '', 0) end
return matched
