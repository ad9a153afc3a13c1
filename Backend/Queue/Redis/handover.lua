-- A backend that stops lets go of its claims: another one takes them over at once, and it costs the match no try.
-- ARGV: owner, matches; with none of them, the backend says that it is gone
-- Promises: what was let go of is nobody's, so the one who had it can neither renew nor assign it any more.
local owner = ARGV[1]
if #ARGV == 1 then redis.call('DEL', q .. ':backend:' .. owner) end
local at = whole(now())
for i = 2, #ARGV do
  local m = redis.call('HMGET', match_key(ARGV[i]), 'state', 'owner')
  if m[1] == 'claimed' and m[2] == owner then
    redis.call('HINCRBY', match_key(ARGV[i]), 'tries', -1)
    redis.call('HSET', match_key(ARGV[i]), 'owner', '')
    redis.call('ZADD', claims, at, ARGV[i])
  end
end
wake()
return 'ok'
