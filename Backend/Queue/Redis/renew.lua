-- A backend's heartbeat: extends the leases that it still holds, and finds out whether the queue is whole and whose rules hold.
-- ARGV: lease (microseconds), heartbeat (milliseconds), the backend's rules (size, min, flush, silent; times in microseconds), the longest
-- pause (milliseconds), 1 if the backend keeps records, 0 if it discards them, then matches
-- Returns {matches whose claims this owner has lost, the count of this backend's writes, 1 if no set is missing, else 0,
-- the rules that hold: size, min, flush, silent, the backend whose rules they are, the time}.
-- Promises: the rules are those of the backend that has lived longest, so that a change takes effect when the older backends have gone.
local lease = tonumber(ARGV[1])
local at, complete = now(), is_complete()
touch('beat', whole(at), 'seen:' .. owner, whole(at))

redis.call('SET', q .. ':backend:' .. owner, table.concat({ ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[8] }, ' '), 'PX', ARGV[2])
if not redis.call('ZSCORE', q .. ':backends', owner) then
  local newest = redis.call('ZRANGE', q .. ':backends', -1, -1, 'WITHSCORES')[2]
  redis.call('ZADD', q .. ':backends', whole(math.max(at, tonumber(newest or '0') + 1)), owner)
  -- A new backend clears up after those that have been gone for a day.
  for _, field in ipairs(redis.call('HKEYS', state)) do
    local gone = string.match(field, '^seen:(.*)')
    if gone and at - tonumber(redis.call('HGET', state, field)) > 86400000000 then
      redis.call('HDEL', state, field, 'writes:' .. gone)
      redis.call('ZREM', q .. ':backends', gone)
    end
  end
end
local oldest, text
for _, backend in ipairs(redis.call('ZRANGE', q .. ':backends', 0, -1)) do
  check_type('GET', q .. ':backend:' .. backend)
  text = redis.call('GET', q .. ':backend:' .. backend)
  if text then
    oldest = backend
    break
  end
  redis.call('ZREM', q .. ':backends', backend)
end
local size, min, flush, silent = string.match(text, '(%S+) (%S+) (%S+) (%S+)')
if oldest ~= s[10] or size ~= s[4] or min ~= s[5] or flush ~= s[6] or silent ~= s[7] then
  redis.call('HSET', state, 'size', size, 'min', min, 'flush', flush, 'silent', silent, 'rules_of', oldest)
  wake()
end

-- Nobody could be heard of while no backend reached Redis: silence counts from now.
local last = tonumber(s[9] or '0')
if at - last > 3000000 or last > at + 1000000 then redis.call('HSET', state, 'floor', whole(at)) end

-- After the clock was set back, keys would expire too late. None of these is ever set for longer.
local function shorten(key, most)
  if redis.call('PTTL', key) > most then redis.call('EXPIRE', key, math.ceil(most / 1000)) end
end
if last > at + 1000000 then
  shorten(q .. ':pause', tonumber(ARGV[7]))
  shorten(q .. ':returning', tonumber(ARGV[7]))
  shorten(q .. ':outbox:turn', lease / 1000)
  for _, backend in ipairs(redis.call('ZRANGE', q .. ':backends', 0, -1)) do
    shorten(q .. ':backend:' .. backend, tonumber(ARGV[2]))
  end
end

local deadline, lost = whole(at + lease), {}
for i = 9, #ARGV do
  local m = read(match_key(ARGV[i]), 'state', 'owner')
  if m[1] == 'claimed' and m[2] == owner then
    redis.call('ZADD', claims, deadline, ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end

-- After the clock was set back, what lies in the future counts as now.
local function clamp(set, most)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', set, '(' .. whole(most), '(inf', 'LIMIT', 0, 256)) do
    redis.call('ZADD', set, whole(most), member)
  end
end
clamp(heard, at)
clamp(claims, at + math.max(2 * lease, 10000000)) -- A return gives them 10 s.

return { lost, writes, complete and 1 or 0, size, min, flush, silent, oldest, whole(at) }
