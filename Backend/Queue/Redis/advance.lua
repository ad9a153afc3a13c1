-- Takes over claims whose lease has expired, and forms every possible match.
-- ARGV: owner, size, min, flush, lease (microseconds), maximum tries, then ids for new matches
-- Returns {microseconds until more work is due, or -1, claim, claim, ...}.
local owner = ARGV[1]
local rules = { size = tonumber(ARGV[2]), min = tonumber(ARGV[3]), flush = tonumber(ARGV[4]) }
local lease, most_tries = tonumber(ARGV[5]), tonumber(ARGV[6])
local at = now()
local taken = {}

for _, match in ipairs(redis.call('ZRANGEBYSCORE', claims, '-inf', whole(at), 'LIMIT', 0, 32)) do
  local state = redis.call('HGET', match_key(match), 'state')
  if state ~= 'claimed' then
    redis.call('ZREM', claims, match)
  elseif redis.call('HINCRBY', match_key(match), 'tries', 1) > most_tries then
    give_back(match)
  else
    redis.call('HSET', match_key(match), 'owner', owner)
    redis.call('ZADD', claims, whole(at + lease), match)
    taken[#taken + 1] = claim_of(match)
  end
end

for i = 7, #ARGV do
  if not form(ARGV[i], owner, rules, lease, at) then break end
  taken[#taken + 1] = claim_of(ARGV[i])
end

local due = next_flush(rules, at)
local first = redis.call('ZRANGE', claims, 0, 0, 'WITHSCORES')
if first[2] then
  local expiry = math.max(0, tonumber(first[2]) - at)
  if due < 0 or expiry < due then due = expiry end
end

local answer = { whole(due) }
for _, claim in ipairs(taken) do answer[#answer + 1] = claim end
return answer
