-- Returns what stands about matches: {1 while backends bring in what they did without Redis, else 0, the era, claimed matches, live
-- matches, the backends that were heard of in the last 3 s}. A live match is {match, server, host, port, owner, whether that backend is
-- alive, microseconds since the assignment}; a match that was assigned before the clock was set back is very old. The era is a text that
-- changes with the epoch and with the backends that live.
-- ARGV: matches
local at, claimed, answer = now(), {}, {}
local era, alive, lately = { s[1] or '' }, {}, {}
for _, backend in ipairs(redis.call('ZRANGE', q .. ':backends', 0, -1)) do
  alive[backend] = redis.call('EXISTS', q .. ':backend:' .. backend)
  if alive[backend] == 1 then
    era[#era + 1] = backend
    local seen = redis.call('HGET', state, 'seen:' .. backend)
    if seen and at - tonumber(seen) < 3000000 then lately[#lately + 1] = backend end
  end
end

for _, match in ipairs(ARGV) do
  local m = read(match_key(match), 'state', 'server', 'host', 'port', 'owner', 'assigned')
  if m[1] == 'claimed' then
    claimed[#claimed + 1] = match
  elseif m[1] == 'live' and m[2] and m[5] and m[6] then
    alive[m[5]] = alive[m[5]] or redis.call('EXISTS', q .. ':backend:' .. m[5])
    local assigned = tonumber(m[6])
    local age = assigned > at + 1000000 and at or math.max(0, at - assigned)
    answer[#answer + 1] = { match, m[2], m[3], m[4], m[5], alive[m[5]], whole(age) }
  end
end
return { redis.call('EXISTS', q .. ':returning'), table.concat(era, ' '), claimed, answer, lately }
