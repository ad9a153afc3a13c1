-- Returns the oldest entries of the outbox to one backend at a time; the other backends get nothing while its turn lasts.
-- Two backends that write the same entry do no harm; the turns only save work. So every backend gets the entries of a Redis that is too
-- full to note whose turn it is: there is room again when they are removed.
-- ARGV: maximum number of entries, length of a turn (milliseconds), 1 if the backend keeps records, 0 if it discards them
-- Returns {how many records were dropped since a backend last asked, entries}.
-- Promises: a backend that discards records gets none while a backend that keeps them may live.
local turn = q .. ':outbox:turn'
local writer = redis.call('GET', turn)
if writer and writer ~= owner then return { 0, {} } end

-- While no heartbeat comes through, and just after, nobody can tell which backends live. An older version does not say what it does.
local function may_be_kept()
  if now() - tonumber(s[9] or '0') > 3000000 or redis.call('EXISTS', q .. ':returning') == 1 then return true end
  for _, backend in ipairs(redis.call('ZRANGE', q .. ':backends', 0, -1)) do
    local text = redis.call('GET', q .. ':backend:' .. backend)
    if text and not string.find(text, ' 0$') then return true end
  end
  return false
end
if ARGV[3] == '0' and may_be_kept() then return { 0, {} } end

local dropped = redis.call('HGET', state, 'dropped')
if dropped then redis.call('HDEL', state, 'dropped') end
local entries = redis.call('XRANGE', outbox, '-', '+', 'COUNT', ARGV[1])
if #entries == 0 then
  redis.call('DEL', turn)
else
  local noted = redis.pcall('SET', turn, owner, 'PX', ARGV[2])
  if noted.err and not string.find(noted.err, 'OOM ', 1, true) then return noted end
end
return { tonumber(dropped or '0'), entries }
