-- Records that a try got no server. The claim stays with its owner up to the maximum number of tries. Then the players go back to the head
-- of the queue, and no backend forms a match for a while. Each pause is longer than the last, until a match is assigned.
-- ARGV: match, maximum tries, lease (microseconds), first pause, longest pause (milliseconds)
-- Returns the number of the next try, or 0 when the players went back or the claim was lost.
local match = ARGV[1]
touch()
local m = read(match_key(match), 'state', 'owner')
if m[1] ~= 'claimed' or m[2] ~= owner then return 0 end

local tries = redis.call('HINCRBY', match_key(match), 'tries', 1)
if tries <= tonumber(ARGV[2]) then
  redis.call('ZADD', claims, whole(now() + tonumber(ARGV[3])), match)
  return tries
end

local failures = redis.call('INCR', q .. ':failures')
redis.call('EXPIRE', q .. ':failures', 300)
local pause = math.min(tonumber(ARGV[5]), tonumber(ARGV[4]) * 2 ^ math.min(failures - 1, 20))
redis.call('SET', q .. ':pause', '1', 'PX', whole(pause))
give_back(match)
return 0
