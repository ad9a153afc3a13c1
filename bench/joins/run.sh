#!/usr/bin/env bash
# Joins per second with 32 connections, through the proxy and at the backend, beside the maximum of each for calls without work.
# Needs wrk, and a Redis (on the PATH, or unpacked by an earlier `dotnet run --project AppHost`). Usage: bench/joins/run.sh [seconds]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-10}
redis_port=21379 backend=http://127.0.0.1:21380 proxy=http://127.0.0.1:21381
PATH="$PATH:$PWD/artifacts/tools/redis/usr/bin"

dotnet build Backend -c Release -v quiet -nologo
dotnet build Proxy -c Release -v quiet -nologo

data=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$data"' EXIT
libraries="LD_LIBRARY_PATH=$PWD/artifacts/tools/redis/usr/lib/$(uname -m)-linux-gnu"
env "$libraries" redis-server --port "$redis_port" --dir "$data" --save '' >/dev/null &
until env "$libraries" redis-cli -p "$redis_port" ping >/dev/null 2>&1; do sleep 0.1; done

(cd Backend && ConnectionStrings__redis="127.0.0.1:$redis_port" ASPNETCORE_URLS=$backend GameServers__Standby=1 \
  Players__Authentication=None \
  GameServers__Program="$PWD/../artifacts/game-server/GameServer" exec bin/Release/net10.0/Backend >/dev/null) &
(cd Proxy && services__backend__http__0=$backend ASPNETCORE_URLS=$proxy exec bin/Release/net10.0/Proxy >/dev/null) &
until curl -sf "$proxy/health" >/dev/null; do sleep 0.2; done

# Joins are measured, not matches: while the queue is paused, every player waits.
env "$libraries" redis-cli -p "$redis_port" set '{q:default}:pause' 1 EX 3600 >/dev/null

# Some of these calls are answered with an error on purpose; they count as answers.
measure() {
  printf '%-36s' "$1"
  shift
  wrk -t 2 -c 32 -d "${seconds}s" --latency "$@" |
    awk '
      / 50%/ { p50 = $2 }
      / 99%/ { p99 = $2 }
      /Requests\/sec/ { printf "%8.0f/s   p50 %s, p99 %s", $2, p50, p99 }
      /errors:/ { printf ", %s errors", $4 }
      END { print "" }'
}

wrk -t 2 -c 32 -d 5s -s bench/joins/joins.lua "$proxy/api/match/join" >/dev/null   # warm-up
measure "joins through the proxy" -s bench/joins/joins.lua "$proxy/api/match/join"
measure "joins at the backend" -s bench/joins/joins.lua "$backend/match/join"
measure "proxy and backend, without work" "$proxy/api/match/status?player_id="
measure "backend, without work" "$backend/match/status?player_id="
measure "proxy alone, without work" "$proxy/nothing"
