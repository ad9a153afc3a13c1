-- Returns every live match: {match, server, host, port, owner, whether that backend is alive, microseconds since the assignment}.
local at, answer = now(), {}
for _, match in ipairs(redis.call('ZRANGE', live, 0, -1)) do
  local m = redis.call('HMGET', match_key(match), 'server', 'host', 'port', 'owner', 'assigned')
  if m[1] then
    answer[#answer + 1] = { match, m[1], m[2], m[3], m[4], redis.call('EXISTS', q .. ':backend:' .. m[4]), whole(at - tonumber(m[5])) }
  else
    redis.call('ZREM', live, match)
  end
end
return answer
