-- Takes over claims whose lease has expired, forms every possible match, and forgets players who have been silent for too long.
-- ARGV: lease (microseconds), maximum tries, then ids for new matches
-- Returns {microseconds until more work is due, or -1, claim, claim, ...}.
local lease, most_tries = tonumber(ARGV[1]), tonumber(ARGV[2])
local at = now()
local taken = {}
touch()

for _, match in ipairs(redis.call('ZRANGEBYSCORE', claims, '-inf', whole(at), 'LIMIT', 0, 32)) do
  local m = read(match_key(match), 'state', 'created')
  if m[1] ~= 'claimed' or not m[2] then
    redis.call('ZREM', claims, match)
  elseif redis.call('HINCRBY', match_key(match), 'tries', 1) > most_tries then
    give_back(match)
  else
    redis.call('HSET', match_key(match), 'owner', owner)
    redis.call('ZADD', claims, whole(at + lease), match)
    taken[#taken + 1] = claim_of(match, at)
  end
end

forget_silent(at)
for i = 3, #ARGV do
  if not form(ARGV[i], lease, at) then break end
  taken[#taken + 1] = claim_of(ARGV[i], at)
end

local due = next_due(at)
local first = redis.call('ZRANGE', claims, 0, 0, 'WITHSCORES')
if first[1] and first[1] ~= NUL then
  local expiry = math.max(0, tonumber(first[2]) - at)
  if due < 0 or expiry < due then due = expiry end
end

local answer = { whole(due) }
for _, claim in ipairs(taken) do answer[#answer + 1] = claim end
return answer
