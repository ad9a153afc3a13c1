-- A backend runs this script before it uses Redis, and again after Redis was unavailable or has lost data. No backend forms a match for a
-- moment, so that each can bring in what it did meanwhile. The script also finds out whether data is missing; then the epoch changes, and
-- every other backend comes here too.
-- ARGV: the epoch that this backend knew (or empty), a new epoch, 1 if this backend has seen that data is missing, pause, how long the
-- slowest backend may take to bring in what it has (both in milliseconds), how many writes of this backend Redis had at least, 1 if there
-- was no outage, or one too brief for a backend to match in memory: then there is nothing to bring in, unless data is missing
-- Returns {epoch, 1 if Redis has lost data that this backend knew, else 0, the count of this backend's writes}.
local known = ARGV[1]
local current = s[1]
local complete = is_complete()
local lost = ARGV[3] == '1' or tonumber(s[2] or '0') < tonumber(ARGV[6])
if not current or not complete or (lost and current == known) then
  current = ARGV[2]
end
touch('epoch', current)

-- A claim may be of a match that is live: its assignment is lost. Its backend has the time to bring it back before another one takes it.
if current ~= s[1] then
  local until_then = now() + ARGV[5] * 1000
  for _, match in ipairs(redis.call('ZRANGEBYSCORE', claims, '-inf', '(' .. whole(until_then))) do
    redis.call('ZADD', claims, whole(until_then), match)
  end
end
for _, set in ipairs({ waiting, heard, claims, live }) do redis.call('ZADD', set, 'inf', NUL) end
if redis.call('EXISTS', outbox) == 0 then redis.call('XDEL', outbox, redis.call('XADD', outbox, '*', 'new', '')) end

if ARGV[7] == '0' or (s[1] and s[1] ~= current) or (known ~= '' and known ~= current) then
  if redis.call('PTTL', q .. ':pause') < tonumber(ARGV[4]) then redis.call('SET', q .. ':pause', '1', 'PX', ARGV[4]) end
  redis.call('SET', q .. ':returning', '1', 'PX', ARGV[5])
end
wake()
return { current, (known ~= '' and known ~= current) and 1 or 0, writes }
