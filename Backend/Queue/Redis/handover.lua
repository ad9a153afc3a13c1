-- Releases the claims of a stopping backend. Another backend takes them over at once, and the handover does not count as a try.
-- ARGV: matches; without matches, the backend announces that it is gone
-- Promises: a released claim has no owner, so its former owner can no longer renew or assign it.
touch()
if #ARGV == 0 then
  redis.call('DEL', q .. ':backend:' .. owner)
  redis.call('ZREM', q .. ':backends', owner)
end
local at = whole(now())
for i = 1, #ARGV do
  local m = read(match_key(ARGV[i]), 'state', 'owner')
  if m[1] == 'claimed' and m[2] == owner then
    redis.call('HINCRBY', match_key(ARGV[i]), 'tries', -1)
    redis.call('HSET', match_key(ARGV[i]), 'owner', '')
    redis.call('ZADD', claims, at, ARGV[i])
  end
end
wake()
return 'ok'
