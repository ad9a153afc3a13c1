-- Prepended to every other script in this folder but rights.lua.
-- KEYS[1]  the queue's prefix, {q:<name>}: every key of a queue starts with it, so all are in one hash slot.
--   :state     hash. epoch: a new one is set when data may have been lost; writes:B rises with every writing script of backend B, seen:B is
--              its last heartbeat; place: the last place given out; size, min, flush, silent: the rules that hold; rules_of: the backend
--              whose rules they are;
--              beat: the last heartbeat of any backend; floor: before it nobody counts as silent; dropped: records that were dropped
--              from the outbox since a backend last asked
--   :waiting   sorted set, player -> place (strictly increasing, about microseconds; not a time: clocks may be set back)
--   :heard     sorted set, player -> when last heard of, for players who wait or are claimed
--   :player:P  hash: state (waiting, claimed, matched, ended, left), place, since, asked, match, trace, left. asked: when the player last
--              joined again. A player who has left is unknown: left, the time, counts only when joins are brought back (also if the
--              player's last match has ended)
--   :marks     how many unknown players have left in the last ten minutes
--   :match:M   hash: state (claimed, live, ended), players, traces, created, tries, owner, server, host, port, admission, seats,
--              assigned, ended. admission: what tickets for the server say, which no script looks into. seats: see seated()
--   :claims    sorted set, match -> lease deadline
--   :live      sorted set, match -> time of assignment
--   :outbox    stream of records for Postgres, 100,000 at most: Redis must not fill up while Postgres is unavailable
--   :backends  sorted set, backend -> when first heard of; :backend:B, while it lives: its rules, and 1 if it keeps records, else 0
--   :returning exists while backends bring in what they did while Redis was unavailable
--   :pause     exists while no match may be formed; :failures counts the matches in a row that got no server
-- ARGV[1]  the epoch that the calling backend knows, or empty. Under another epoch a script does nothing and fails with EPOCH.
-- ARGV[2]  the calling backend
-- ARGV[3]  the channel of changes
-- ARGV[4]  when the backend sent the call, by the clock of this Redis as far as the backend knows it, else empty
-- ARGV[5]  how long the backend waits for the answer at most (microseconds). A script that runs later, since Redis hung, does nothing and
--          fails with LATE and the time: nobody waits for it any more.
-- (Each script describes the other arguments, which it finds from ARGV[1] on.)
-- Times are microseconds of Redis's own clock, so backends with skewed clocks agree. That clock may be changed: a time in the future
-- counts as now.
-- Any key may be missing. A missing hash costs its player or its match. A key of another type counts as missing: it is deleted, a hash when
-- it is read, another key by the next heartbeat. Each sorted set holds the member NUL (score inf): where it is
-- missing, the set was lost, which a heartbeat finds out.
local q = KEYS[1]
local state, waiting, heard = q .. ':state', q .. ':waiting', q .. ':heard'
local claims, live, outbox = q .. ':claims', q .. ':live', q .. ':outbox'
local NUL = '\0'

local epoch, owner, changes = table.remove(ARGV, 1), table.remove(ARGV, 1), table.remove(ARGV, 1)
local sent, patience = tonumber(table.remove(ARGV, 1)), tonumber(table.remove(ARGV, 1))

local function whole(n) return string.format('%.0f', n) end

local clock = redis.call('TIME')
clock = clock[1] * 1000000 + clock[2]
if sent and clock - sent > patience then return redis.error_reply('LATE ' .. whole(clock)) end

-- The time in this script, and when its caller sent it.
local function now() return clock end
local function sent_at() return math.min(sent or clock, clock) end

-- Fields of a hash.
local function read(key, ...)
  local values = redis.pcall('HMGET', key, ...)
  if not values.err then return values end
  if not values.err:find('WRONGTYPE', 1, true) then error(values, 0) end
  redis.call('DEL', key)
  return {}
end

local s = read(state, 'epoch', 'writes:' .. owner, 'place', 'size', 'min', 'flush', 'silent', 'floor', 'beat', 'rules_of')
if epoch ~= '' and epoch ~= s[1] then return redis.error_reply('EPOCH Redis has other data than this backend knows.') end
local rules = s[4] and { size = tonumber(s[4]), min = tonumber(s[5]), flush = tonumber(s[6]), silent = tonumber(s[7]) }
local floor = tonumber(s[8] or '0')

local function player_key(player) return q .. ':player:' .. player end
local function match_key(match) return q .. ':match:' .. match end

-- Every writing script calls this first, with further fields of the state to set. A Redis that refuses writes refuses here, before
-- anything has changed.
local writes = whole((tonumber(s[2]) or 0) + 1)
local function touch(...) redis.call('HSET', state, 'writes:' .. owner, writes, ...) end

-- The texts in a list. One that cannot be read has none.
local function decode(list)
  local ok, entries = pcall(cjson.decode, list or '[]')
  local texts = {}
  for _, entry in ipairs(ok and type(entries) == 'table' and entries or {}) do
    if type(entry) == 'string' then texts[#texts + 1] = entry end
  end
  return texts
end

-- cjson encodes an empty Lua table as {}.
local function encode(list)
  if #list == 0 then return '[]' end
  return cjson.encode(list)
end

local function publish(kind, match, players, host, port, admission, seats)
  redis.call('PUBLISH', changes, '{"kind":' .. cjson.encode(kind) .. ',"match":' .. cjson.encode(match) .. ',"players":' .. encode(players)
    .. ',"host":' .. cjson.encode(host) .. ',"port":' .. whole(port) .. ',"admission":' .. cjson.encode(admission or '')
    .. ',"seats":' .. cjson.encode(seats or '') .. '}')
end

-- What pcall has caught, as text. A missing right is no fault of one entry, so it fails the whole script.
local function describe_error(e)
  local text = type(e) == 'table' and e.err or tostring(e)
  if text:find("user executing the script can't", 1, true) or text:find('ACL failure', 1, true) then error(e, 0) end
  return text
end

local function wake() redis.call('PUBLISH', changes, '{"kind":"wake"}') end

-- Puts a player into the queue, or back to the place that the player had.
local function wait_at(player, place)
  redis.call('HSET', player_key(player), 'state', 'waiting', 'place', place)
  redis.call('HDEL', player_key(player), 'match')
  redis.call('ZADD', waiting, place, player)
end

-- Returns a player's state and match; the state is false for an unknown player. Puts right what a lost key has left: a player of a claim
-- that is lost waits again, a claim that is in no set may be taken over once its owner no longer counts as alive, and a match that is lost
-- has ended.
local function settle(player)
  local p = read(player_key(player), 'state', 'match', 'place')
  if p[1] == 'left' then return false end
  if p[1] ~= 'claimed' and p[1] ~= 'matched' then return p[1], p[2] end
  local kept = p[2] and read(match_key(p[2]), 'state', 'owner')
  if kept and kept[1] then
    if p[1] == 'claimed' and kept[1] == 'claimed' and not redis.call('ZSCORE', claims, p[2]) then
      local left = redis.call('PTTL', q .. ':backend:' .. (kept[2] or ''))
      redis.call('ZADD', claims, whole(now() + math.max(0, left) * 1000), p[2])
      wake()
    end
    return p[1], p[2]
  end
  if p[1] == 'claimed' then
    wait_at(player, p[3] or whole(now()))
    redis.call('ZADD', heard, 'NX', whole(now()), player)
    wake()
    return 'waiting'
  end
  redis.call('HSET', player_key(player), 'state', 'ended')
  return 'ended', p[2]
end

-- Whether a settled player, who is not in a queue or a match here, has left since a backend was last asked to let the player join.
local function has_left(player, place, asked)
  if place and place ~= 'ended' then return false end
  local left_at = tonumber(redis.call('HGET', player_key(player), 'left') or '0')
  return left_at >= asked and left_at <= now()
end

-- When the player was last let into the queue, or asked for that while waiting.
local function last_asked(player)
  local p = redis.call('HMGET', player_key(player), 'since', 'asked')
  return math.max(tonumber(p[1] or '0'), tonumber(p[2] or '0'))
end

-- {state, match, host, port, players, admission, seats} of a settled player; state is false for an unknown one.
local function describe(place, match)
  if not match or (place ~= 'matched' and place ~= 'ended') then return { place } end
  local m = read(match_key(match), 'host', 'port', 'players', 'admission', 'seats')
  return { place, match, m[1] or '', m[2] or '0', m[3] or '[]', m[4] or '', m[5] or '' }
end

-- {match, microseconds since it was formed, tries, players, traces}
local function claim_of(match, at)
  local m = read(match_key(match), 'created', 'tries', 'players', 'traces')
  return { match, whole(math.max(0, at - (tonumber(m[1]) or at))), m[2], m[3], m[4] }
end

-- Takes a player out of the queue or out of a claimed match. The match goes on without the player, or is deleted when no player is left.
local function withdraw(player)
  redis.call('ZREM', waiting, player)
  redis.call('ZREM', heard, player)
  local p = read(player_key(player), 'state', 'match')
  if p[1] ~= 'claimed' or not p[2] then return end
  local staying, traces = {}, {}
  local old = read(match_key(p[2]), 'players', 'traces')
  if not old[1] then return end
  local old_traces = decode(old[2])
  for i, other in ipairs(decode(old[1])) do
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

-- Before this time nobody counts as silent. After a jump of the clock, that is now, until a heartbeat has seen the new time.
local function silence_from(at)
  local beat = tonumber(s[9] or '0')
  if at - beat > 3000000 or beat > at + 1000000 then return at end
  return floor
end

-- Forgets the players who wait and have been silent for too long, so that matches have only players who were heard of lately. While many
-- are silent at once, it forgets some of them and returns true: no match may be formed yet.
local function forget_silent(at)
  if not rules or at - silence_from(at) < rules.silent then return false end
  local silent = redis.call('ZRANGEBYSCORE', heard, '-inf', '(' .. whole(at - rules.silent), 'LIMIT', 0, 128)
  local gone = {}
  for _, player in ipairs(silent) do
    local place = read(player_key(player), 'state')[1]
    if place == 'waiting' or place == 'claimed' then
      withdraw(player)
      redis.call('DEL', player_key(player))
      gone[#gone + 1] = player
    else
      redis.call('ZREM', heard, player)
    end
  end
  if #gone > 0 then publish('left', '', gone, '', 0) end
  return #silent == 128
end

-- The number of waiting players.
local function count_waiting() return math.max(0, redis.call('ZCARD', waiting) - 1) end

-- How long the player at the head of the queue has waited, in microseconds. Removes players without a hash from the head.
local function longest_wait(at)
  while true do
    local first = redis.call('ZRANGE', waiting, 0, 0)[1]
    if not first or first == NUL then return 0 end
    local p = read(player_key(first), 'state', 'since')
    if p[1] == 'waiting' then
      local since = tonumber(p[2] or '') or at
      if since > at then redis.call('HSET', player_key(first), 'since', whole(at)) end
      return math.max(0, at - since)
    end
    redis.call('ZREM', waiting, first)
  end
end

-- Whether the rules allow a match of those who wait.
local function may_form(at)
  local waited = longest_wait(at)
  local count = count_waiting()
  return count >= rules.size or (count > 0 and count >= rules.min and waited >= rules.flush)
end

-- The first players of the queue, as many as a match takes; nil after it has removed one without a hash.
local function first_players()
  local players = redis.call('ZRANGE', waiting, 0, math.min(rules.size, count_waiting()) - 1)
  for _, player in ipairs(players) do
    if read(player_key(player), 'state')[1] ~= 'waiting' then
      redis.call('ZREM', waiting, player)
      return nil
    end
  end
  return players
end

-- The players of the next match; nil while the rules allow no match.
local function next_players(at)
  while may_form(at) do
    local players = first_players()
    if players then return players end
  end
end

-- Forms one match with the given id if the rules allow it. In the same step, takes its players out of the queue and puts the
-- match under a lease. Returns whether it formed a match.
local function form(match, lease, at)
  if not rules or count_waiting() < math.min(rules.size, rules.min) or redis.call('EXISTS', q .. ':pause') == 1 then return false end
  if not may_form(at) or forget_silent(at) then return false end
  local players = next_players(at)
  if not players then return false end

  local traces = {}
  for i, player in ipairs(players) do
    redis.call('ZREM', waiting, player)
    redis.call('HSET', player_key(player), 'state', 'claimed', 'match', match)
    traces[i] = redis.call('HGET', player_key(player), 'trace') or ''
  end
  redis.call('HSET', match_key(match), 'state', 'claimed', 'players', encode(players), 'traces', encode(traces),
    'created', whole(at), 'tries', 1, 'owner', owner)
  redis.call('ZADD', claims, whole(at + lease), match)
  return true
end

-- Returns a claimed match's players to their places in the queue.
local function give_back(match)
  for _, player in ipairs(decode(read(match_key(match), 'players')[1])) do
    local p = read(player_key(player), 'state', 'match', 'place')
    if p[1] == 'claimed' and p[2] == match and p[3] then wait_at(player, p[3]) end
  end
  redis.call('DEL', match_key(match))
  redis.call('ZREM', claims, match)
  wake()
end

-- Returns the microseconds until a match may form or a player counts as silent; -1 when only a join can change anything.
local function next_due(at)
  local waited = longest_wait(at)
  local count = count_waiting()
  if count == 0 or not rules then return -1 end
  local first = redis.call('ZRANGE', heard, 0, 0, 'WITHSCORES')
  local due = -1
  if first[1] and first[1] ~= NUL then due = math.max(0, math.max(tonumber(first[2]), silence_from(at)) + rules.silent - at) end
  if count < rules.min and count < rules.size then return due end
  local match = count >= rules.size and 0 or math.max(0, rules.flush - waited)
  local pause = redis.call('PTTL', q .. ':pause')
  if pause > 0 then match = math.max(match, pause * 1000) end
  if due < 0 or match < due then return match end
  return due
end

-- Deletes a key of another type than the command's.
local function check_type(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err and answer.err:find('WRONGTYPE', 1, true) then redis.call('DEL', (select(2, ...))) end
end

-- Whether no set of the queue is missing.
local function is_complete()
  for _, set in ipairs({ waiting, heard, claims, live, q .. ':backends' }) do check_type('ZCARD', set) end
  for _, text in ipairs({ ':pause', ':returning', ':failures', ':marks', ':outbox:turn' }) do check_type('GET', q .. text) end
  check_type('XRANGE', outbox, '-', '+', 'COUNT', 1)
  for _, set in ipairs({ waiting, heard, claims, live }) do
    if not redis.call('ZSCORE', set, NUL) then return false end
  end
  return redis.call('EXISTS', outbox) == 1
end

-- Returns the milliseconds for which new players are refused after so many matches in a row got no server; 0 when nobody is refused.
local function refusal(most_failures)
  if tonumber(redis.call('GET', q .. ':failures') or '0') < most_failures then return 0 end
  return math.max(0, redis.call('PTTL', q .. ':pause'))
end

local function oldest_record()
  local oldest = redis.call('XRANGE', outbox, '-', '+', 'COUNT', 1)[1]
  return oldest and oldest[1]
end

-- Adds a match's record to the outbox. A full outbox drops its oldest record, which is counted.
local function record(match, ended, ended_by)
  local m = read(match_key(match), 'players', 'backend', 'server', 'created')
  local oldest = oldest_record()
  redis.call('XADD', outbox, 'MAXLEN', 100000, '*', 'match', match, 'players', m[1], 'backend', m[2], 'server', m[3],
    'created', m[4], 'ended', ended, 'ended_by', ended_by or '')
  if oldest and oldest_record() ~= oldest then redis.call('HINCRBY', state, 'dropped', 1) end
end

-- The seats that players have at a server that was told these players, in the order of the players; '' when those are all of them, and
-- their seats are their places in the list.
local function seated(told, known, players)
  if #players == #told then return known end
  local seats, seat_of = {}, {}
  for seat in string.gmatch(known, '%d+') do seats[#seats + 1] = seat end
  for i, player in ipairs(told) do seat_of[player] = seats[i] or whole(i - 1) end
  for i, player in ipairs(players) do seats[i] = seat_of[player] end
  return table.concat(seats, ',', 1, #players)
end

-- Makes a match live on a server, and its players matched.
local function go_live(match, players, ttl, at)
  for _, player in ipairs(players) do
    redis.call('HSET', player_key(player), 'state', 'matched', 'match', match)
    redis.call('EXPIRE', player_key(player), ttl)
    redis.call('ZREM', waiting, player)
    redis.call('ZREM', heard, player)
  end
  redis.call('EXPIRE', match_key(match), ttl)
  redis.call('ZREM', claims, match)
  redis.call('ZADD', live, whole(at), match)
  record(match, '')
end
