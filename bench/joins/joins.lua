-- wrk: each request is the first join of another player.
local thread = 0
function setup(t)
  thread = thread + 1
  t:set("name", thread)
end

local n = 0
function request()
  n = n + 1
  local body = string.format('{"player_id": "wrk-%d-%d-%d"}', os.time(), name, n)
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body)
end
