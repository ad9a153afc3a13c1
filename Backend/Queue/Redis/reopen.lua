-- The first thing a backend does when Redis is back: nobody forms a match for a moment, so that every backend can bring
-- in what it did meanwhile; and it is found out whether this is the Redis we knew, or one that came back empty.
-- ARGV: the epoch this backend knew (or empty), a new one, pause, how long the slowest backend may take to bring in what it has (milliseconds)
-- Answers {epoch, 1 when what this backend knew of is gone}.
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
