-- A backend runs this script first when Redis is available again. No backend forms a match for a moment, so that each can bring in what it
-- did meanwhile. The script also finds out whether Redis has kept its data or has come back empty.
-- ARGV: the epoch that this backend knew (or empty), a new epoch, pause, how long the slowest backend may take to bring in what it has
-- (both in milliseconds)
-- Returns {epoch, 1 if Redis has lost the data that this backend knew, else 0}.
local known = ARGV[1]
local epoch = redis.call('GET', q .. ':epoch')
if not epoch then
  epoch = ARGV[2]
  redis.call('SET', q .. ':epoch', epoch)
end
if known ~= '' and redis.call('PTTL', q .. ':pause') < tonumber(ARGV[3]) then
  redis.call('SET', q .. ':pause', '1', 'PX', ARGV[3])
end
if known ~= '' then redis.call('SET', q .. ':returning', '1', 'PX', ARGV[4]) end
wake()
if known ~= '' and known ~= epoch then return { epoch, 1 } end
return { epoch, 0 }
