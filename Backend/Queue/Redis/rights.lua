-- Finds out which commands of the queue the backends' user may not run, and runs none of them. It stands alone, because the code that the
-- other scripts share runs commands itself.
-- KEYS[1]  the queue's prefix
-- ARGV[3]  the channel of changes
-- Returns the names of these commands; nil from a Redis that cannot tell (before version 7.0).
if not redis.acl_check_cmd then return nil end
local q = KEYS[1]
local hash, set, text, stream, channel = q .. ':state', q .. ':waiting', q .. ':pause', q .. ':outbox', ARGV[3]
local commands = {
  { 'TIME' }, { 'DEL', text }, { 'EXISTS', text }, { 'EXPIRE', text, '1' }, { 'PTTL', text },
  { 'GET', text }, { 'SET', text, '' }, { 'INCR', text },
  { 'HGET', hash, '' }, { 'HMGET', hash, '' }, { 'HKEYS', hash },
  { 'HSET', hash, '', '' }, { 'HDEL', hash, '' }, { 'HINCRBY', hash, '', '1' },
  { 'ZADD', set, '1', '' }, { 'ZREM', set, '' }, { 'ZCARD', set }, { 'ZCOUNT', set, '1', '1' }, { 'ZRANK', set, '' }, { 'ZSCORE', set, '' },
  { 'ZRANGE', set, '0', '0' }, { 'ZRANGEBYSCORE', set, '1', '1' },
  { 'XADD', stream, '*', '', '' }, { 'XDEL', stream, '0-1' }, { 'XRANGE', stream, '-', '+' },
  { 'PUBLISH', channel, '' }, { 'SUBSCRIBE', channel },
}
if channel ~= q .. ':changes' then commands[#commands + 1] = { 'SELECT', '0' } end -- Another database than 0.
local forbidden = {}
for _, command in ipairs(commands) do
  if not redis.acl_check_cmd(unpack(command)) then forbidden[#forbidden + 1] = command[1] end
end
return forbidden
