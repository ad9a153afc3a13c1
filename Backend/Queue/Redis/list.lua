-- Returns {1 while backends bring in what they did without Redis, else 0, claimed matches, live matches}. A live match is
-- {match, server, host, port, owner, whether that backend is alive, microseconds since the assignment}.
local at, answer = now(), {}
local claimed = redis.call('ZRANGE', claims, 0, -1)
if claimed[#claimed] == NUL then claimed[#claimed] = nil end
for _, match in ipairs(redis.call('ZRANGE', live, 0, -1)) do
  local m = redis.call('HMGET', match_key(match), 'server', 'host', 'port', 'owner', 'assigned')
  if m[1] and m[5] then
    answer[#answer + 1] =
      { match, m[1], m[2], m[3], m[4], redis.call('EXISTS', q .. ':backend:' .. m[4]), whole(math.max(0, at - tonumber(m[5]))) }
  elseif match ~= NUL then
    redis.call('ZREM', live, match)
  end
end
return { redis.call('EXISTS', q .. ':returning'), claimed, answer }
