-- Returns {1 while backends bring in what they did without Redis, else 0, live match, ...}; a live match is {match, server}. The matches
-- come in the order of their assignment. Drops the matches whose hash is lost.
-- ARGV: the match after which to begin (or empty), the most matches
-- Returns nil if that match is not known any more. It may have ended since the last page: its hash remembers its place for a while.
local after, most = ARGV[1], tonumber(ARGV[2])
local rank = 0
if after ~= '' then
  rank = redis.call('ZRANK', live, after)
  if rank then
    rank = rank + 1
  else
    local assigned = read(match_key(after), 'assigned')[1]
    if not assigned then return nil end
    rank = redis.call('ZCOUNT', live, '-inf', '(' .. assigned)
  end
end

local answer = { redis.call('EXISTS', q .. ':returning') }
while #answer <= most do
  local matches = redis.call('ZRANGE', live, rank, rank + most - #answer)
  if #matches == 0 then break end
  for _, match in ipairs(matches) do
    local server = read(match_key(match), 'server')[1]
    if server then
      answer[#answer + 1] = { match, server }
    elseif match ~= NUL then
      rank = rank - redis.call('ZREM', live, match)
    end
  end
  rank = rank + #matches
end
return answer
