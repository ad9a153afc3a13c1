-- The oldest entries of the outbox, for one backend at a time: the others are answered nothing while its turn lasts.
-- Two that write the same entry do no harm; this only spares the work.
-- ARGV: owner, how many, turn (milliseconds)
local turn = q .. ':outbox:turn'
local writer = redis.call('GET', turn)
if writer and writer ~= ARGV[1] then return {} end
local entries = redis.call('XRANGE', outbox, '-', '+', 'COUNT', ARGV[2])
if #entries == 0 then
  redis.call('DEL', turn)
else
  redis.call('SET', turn, ARGV[1], 'PX', ARGV[3])
end
return entries
