-- Records a backend's heartbeat and extends the leases that it still holds.
-- ARGV: owner, lease (microseconds), heartbeat (milliseconds), matches
-- Returns the matches whose claims this owner has lost.
local owner, lease = ARGV[1], tonumber(ARGV[2])
redis.call('SET', q .. ':backend:' .. owner, '1', 'PX', ARGV[3])
local deadline, lost = whole(now() + lease), {}
for i = 4, #ARGV do
  local m = redis.call('HMGET', match_key(ARGV[i]), 'state', 'owner')
  if m[1] == 'claimed' and m[2] == owner then
    redis.call('ZADD', claims, deadline, ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
