-- Returns the oldest entries of the outbox to one backend at a time; the other backends get nothing while its turn lasts.
-- Two backends that write the same entry do no harm; the turns only save work.
-- ARGV: maximum number of entries, length of a turn (milliseconds)
local turn = q .. ':outbox:turn'
local writer = redis.call('GET', turn)
if writer and writer ~= owner then return {} end
local entries = redis.call('XRANGE', outbox, '-', '+', 'COUNT', ARGV[1])
if #entries == 0 then
  redis.call('DEL', turn)
else
  redis.call('SET', turn, owner, 'PX', ARGV[2])
end
return entries
