#!/usr/bin/env bash
# Joins and status calls with 32 connections: through our proxy, with and without HTTP/2 to the backend, through nginx and HAProxy before
# the same backend, and straight at the backend.
# The ways alternate, five rounds after a warm-up of 10 s each; printed are medians, and the processor time of all programs a call.
# Needs: apt-get install wrk nginx-light haproxy; and a Redis (on the PATH, or unpacked by an earlier `dotnet run --project AppHost`).
# Usage: bench/joins/run.sh [seconds of a measurement]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-5}
rounds=5
redis_port=21379 backend=127.0.0.1:21380 proxy=127.0.0.1:21381 nginx=127.0.0.1:21382 haproxy=127.0.0.1:21383
short_port=21384 http1=127.0.0.1:21385
PATH="$PATH:$PWD/artifacts/tools/redis/usr/bin:/usr/sbin"

dotnet build GameServer -c Release -v quiet -nologo
dotnet build Backend -c Release -v quiet -nologo
dotnet build Proxy -c Release -v quiet -nologo

data=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$data"' EXIT
libraries="LD_LIBRARY_PATH=$PWD/artifacts/tools/redis/usr/lib/$(uname -m)-linux-gnu"

env "$libraries" redis-server --port "$redis_port" --dir "$data" --save '' >/dev/null &
redis_pid=$!
until env "$libraries" redis-cli -p "$redis_port" ping >/dev/null 2>&1; do sleep 0.1; done

(cd Backend && ConnectionStrings__redis="127.0.0.1:$redis_port" GameServers__Standby=1 \
  ASPNETCORE_URLS="http://$backend;http://127.0.0.1:$short_port" ShortCalls__Port=$short_port Players__Authentication=None \
  GameServers__Program="$PWD/../artifacts/game-server/GameServer" exec bin/Release/net10.0/Backend >/dev/null) &
backend_pid=$!
start_proxy() { # ADDRESS VARIABLE…
  local address=$1
  shift
  (cd Proxy && exec env "$@" services__backend__http__0=http://$backend ASPNETCORE_URLS="http://$address" \
    bin/Release/net10.0/Proxy >/dev/null) &
}
start_proxy $proxy services__backend__short__0="http://127.0.0.1:$short_port" Gateway__Port=21386
proxy_pid=$!
start_proxy $http1 Gateway__Port=21387
http1_pid=$!

cat >"$data/nginx.conf" <<CONF
daemon off;
worker_processes auto;
pid $data/nginx.pid;
error_log $data/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $data/nginx-body;
  proxy_temp_path $data/nginx-proxy;
  keepalive_requests 1000000000;
  upstream backend { server $backend; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen $nginx;
    location /api/ { proxy_pass http://backend/; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
CONF
nginx -p "$data" -c "$data/nginx.conf" &
nginx_pid=$!

cat >"$data/haproxy.cfg" <<CONF
global
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend players
  bind $haproxy
  http-request replace-path /api(/.*) \\1
  default_backend backends
backend backends
  http-reuse always
  server backend $backend
CONF
haproxy -db -f "$data/haproxy.cfg" &
haproxy_pid=$!

for address in $proxy $http1; do until curl -sf "http://$address/health" >/dev/null; do sleep 0.2; done; done

# Joins are measured, not matches: while the queue is paused, every player waits.
env "$libraries" redis-cli -p "$redis_port" set '{q:default}:pause' 1 EX 36000 >/dev/null
curl -sf "http://$proxy/api/match/join" --json '{"player_id": "waiting"}' >/dev/null

# Processor time of these processes and their children so far, in ticks of 10 ms.
ticks() {
  local pid
  for pid in "$@"; do
    cat "/proc/$pid/stat"
    { pgrep -P "$pid" || true; } | while read -r child; do cat "/proc/$child/stat"; done
  done | awk '{ sub(/.*\) /, ""); sum += $12 + $13 } END { print sum + 0 }'
}

# One line a measurement: call, way, calls a second, p50 and p99 in ms, microseconds a call of what is in front, the backend and Redis.
measure() {
  local call=$1 way=$2 front=$3 url=$4
  shift 4
  local before=("$(ticks $front)" "$(ticks $backend_pid)" "$(ticks $redis_pid)")
  wrk -t 2 -c 32 -d "${seconds}s" --latency "$@" "$url" >"$data/wrk"
  local after=("$(ticks $front)" "$(ticks $backend_pid)" "$(ticks $redis_pid)")
  awk -v key="$call|$way" -v front=$((after[0] - before[0])) -v back=$((after[1] - before[1])) -v redis=$((after[2] - before[2])) '
    function ms(t) { return t ~ /us$/ ? t / 1000 : t ~ /ms$/ ? t + 0 : t * 1000 }
    / 50%/ { p50 = ms($2) }
    / 99%/ { p99 = ms($2) }
    / requests in / { calls = $1 + 0 }
    /Requests\/sec/ { rate = $2 }
    /Non-2xx/ { failed = $NF + 0 }
    END { printf "%s|%d|%.2f|%.2f|%d|%d|%d|%d\n", key, rate, p50, p99, front*1e4/calls, back*1e4/calls, redis*1e4/calls, failed }
  ' "$data/wrk" >>"$data/results"
}

all_ways() {
  measure join proxy "$proxy_pid" "http://$proxy/api/match/join" -s bench/joins/joins.lua
  measure join proxy-http1 "$http1_pid" "http://$http1/api/match/join" -s bench/joins/joins.lua
  measure join nginx "$nginx_pid" "http://$nginx/api/match/join" -s bench/joins/joins.lua
  measure join haproxy "$haproxy_pid" "http://$haproxy/api/match/join" -s bench/joins/joins.lua
  measure join direct "" "http://$backend/match/join" -s bench/joins/joins.lua
  measure status proxy "$proxy_pid" "http://$proxy/api/match/status?player_id=waiting"
  measure status proxy-http1 "$http1_pid" "http://$http1/api/match/status?player_id=waiting"
  measure status nginx "$nginx_pid" "http://$nginx/api/match/status?player_id=waiting"
  measure status haproxy "$haproxy_pid" "http://$haproxy/api/match/status?player_id=waiting"
  measure status direct "" "http://$backend/match/status?player_id=waiting"
}

measured=$seconds
seconds=10
all_ways
rm "$data/results"
seconds=$measured
for _ in $(seq "$rounds"); do all_ways; done

median() { grep "^$1|" "$data/results" | cut -d '|' -f "$2" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }
echo '| call | way | calls/s | p50 ms | p99 ms | µs a call: in front | backend | Redis | failed |'
echo '|---|---|---|---|---|---|---|---|---|'
for key in {join,status}'|'{proxy,proxy-http1,nginx,haproxy,direct}; do
  line="| ${key/|/ | } |"
  for column in 3 4 5 6 7 8 9; do line+=" $(median "$key" "$column") |"; done
  echo "$line"
done
