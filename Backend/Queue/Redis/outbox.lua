-- Returns the oldest entries of the outbox to one backend at a time; the other backends get nothing while its turn lasts.
-- Two backends that write the same entry do no harm; the turns only save work. So every backend gets the entries of a Redis that is too
-- full to note whose turn it is: there is room again when they are removed.
-- ARGV: maximum number of entries, length of a turn (milliseconds)
-- Returns {how many records were dropped since a backend last asked, entries}.
local turn = q .. ':outbox:turn'
local writer = redis.call('GET', turn)
if writer and writer ~= owner then return { 0, {} } end
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
