-- Prepended to every other script in this folder.
-- KEYS[1]  the queue's prefix, {q:<name>}: every key of a queue starts with it, so all are in one hash slot.
--   :waiting   sorted set, player -> time of joining (microseconds; strictly increasing, so there are no ties)
--   :player:P  hash: state (waiting, claimed, matched, ended), since, match, trace
--   :match:M   hash: state (claimed, live, ended), players, traces, created, tries, owner, server, host, port, assigned, ended
--   :claims    sorted set, match -> lease deadline (microseconds)
--   :live      sorted set, match -> time of assignment
--   :outbox    stream of records for Postgres
--   :epoch     set by the first backend; a different value means that Redis has lost its data
--   :returning exists while backends bring in what they did while Redis was unavailable
--   :pause     exists while no match may be formed; :failures counts the matches in a row that got no server
--   :changes   channel
-- The scripts read only Redis's own clock, so backends with skewed clocks agree.
local q = KEYS[1]
local waiting, claims, live, outbox, changes = q .. ':waiting', q .. ':claims', q .. ':live', q .. ':outbox', q .. ':changes'

local function whole(n) return string.format('%.0f', n) end

local function now()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end

local function player_key(player) return q .. ':player:' .. player end
local function match_key(match) return q .. ':match:' .. match end

-- cjson encodes an empty Lua table as {}.
local function encode(list)
  if #list == 0 then return '[]' end
  return cjson.encode(list)
end

local function publish(kind, match, players, host, port)
  redis.call('PUBLISH', changes, '{"kind":' .. cjson.encode(kind) .. ',"match":' .. cjson.encode(match) .. ',"players":' .. encode(players)
    .. ',"host":' .. cjson.encode(host) .. ',"port":' .. whole(port) .. '}')
end

local function wake() redis.call('PUBLISH', changes, '{"kind":"wake"}') end

-- {state, match, host, port, players}; state is false for an unknown player.
local function describe(player)
  local p = redis.call('HMGET', player_key(player), 'state', 'match')
  if p[1] == 'matched' or p[1] == 'ended' then
    local m = redis.call('HMGET', match_key(p[2]), 'host', 'port', 'players')
    return { p[1], p[2], m[1] or '', m[2] or '0', m[3] or '[]' }
  end
  return { p[1] }
end

-- {match, created, tries, players, traces}
local function claim_of(match)
  local m = redis.call('HMGET', match_key(match), 'created', 'tries', 'players', 'traces')
  return { match, m[1], m[2], m[3], m[4] }
end

-- Forms one match with the given id if the rules allow it. In the same step, takes its players out of the queue and puts the
-- match under a lease. rules = {size, min, flush}. Returns whether it formed a match.
local function form(match, owner, rules, lease, at)
  local count = redis.call('ZCARD', waiting)
  if count == 0 or redis.call('EXISTS', q .. ':pause') == 1 then return false end
  if count < rules.size then
    if count < rules.min then return false end
    local oldest = redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')
    if at - tonumber(oldest[2]) < rules.flush then return false end
  end

  local players = redis.call('ZRANGE', waiting, 0, rules.size - 1)
  redis.call('ZREMRANGEBYRANK', waiting, 0, rules.size - 1)
  local traces = {}
  for i, player in ipairs(players) do
    redis.call('HSET', player_key(player), 'state', 'claimed', 'match', match)
    traces[i] = redis.call('HGET', player_key(player), 'trace') or ''
  end
  redis.call('HSET', match_key(match), 'state', 'claimed', 'players', encode(players), 'traces', encode(traces),
    'created', whole(at), 'tries', 1, 'owner', owner)
  redis.call('ZADD', claims, whole(at + lease), match)
  return true
end

-- Returns a claimed match's players to their places in the queue, with their original times of joining.
local function give_back(match)
  local players = cjson.decode(redis.call('HGET', match_key(match), 'players') or '[]')
  for _, player in ipairs(players) do
    local p = redis.call('HMGET', player_key(player), 'state', 'match', 'since')
    if p[1] == 'claimed' and p[2] == match then
      redis.call('ZADD', waiting, p[3], player)
      redis.call('HSET', player_key(player), 'state', 'waiting')
      redis.call('HDEL', player_key(player), 'match')
    end
  end
  redis.call('DEL', match_key(match))
  redis.call('ZREM', claims, match)
  wake()
end

-- Takes a player out of the queue or out of a claimed match. The match goes on without the player, or is deleted when no player is left.
local function withdraw(player)
  local p = redis.call('HMGET', player_key(player), 'state', 'match')
  if p[1] == 'waiting' then
    redis.call('ZREM', waiting, player)
    return
  end
  local staying, traces = {}, {}
  local old = redis.call('HMGET', match_key(p[2]), 'players', 'traces')
  local old_traces = cjson.decode(old[2] or '[]')
  for i, other in ipairs(cjson.decode(old[1] or '[]')) do
    if other ~= player then
      staying[#staying + 1] = other
      traces[#traces + 1] = old_traces[i] or ''
    end
  end
  if #staying == 0 then
    redis.call('DEL', match_key(p[2]))
    redis.call('ZREM', claims, p[2])
  else
    redis.call('HSET', match_key(p[2]), 'players', encode(staying), 'traces', encode(traces))
  end
end

-- Returns the microseconds until a match may form, because of a flush or the end of a pause; -1 when only a join can change anything.
local function next_flush(rules, at)
  local count = redis.call('ZCARD', waiting)
  if count == 0 or (count < rules.min and count < rules.size) then return -1 end
  local pause = redis.call('PTTL', q .. ':pause')
  if pause > 0 then return pause * 1000 end
  if count >= rules.size then return 0 end
  local oldest = redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')
  return math.max(0, tonumber(oldest[2]) + rules.flush - at)
end

-- Returns the milliseconds for which new players are refused after three matches in a row got no server; 0 when nobody is refused.
local function refusal()
  if tonumber(redis.call('GET', q .. ':failures') or '0') < 3 then return 0 end
  return math.max(0, redis.call('PTTL', q .. ':pause'))
end

local function record(match, ended)
  local m = redis.call('HMGET', match_key(match), 'players', 'backend', 'server', 'created')
  redis.call('XADD', outbox, '*', 'match', match, 'players', m[1], 'backend', m[2], 'server', m[3], 'created', m[4], 'ended', ended)
end
