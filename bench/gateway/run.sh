#!/usr/bin/env bash
# Compares the gateway with a direct connection, HAProxy and nginx in TCP mode, on this machine: see bench/README.md.
# Needs HAProxy and nginx with its stream module: apt-get install haproxy nginx-light libnginx-mod-stream
# Usage: bench/gateway/run.sh [--seconds 10] [--connections 2000] [--only gateway,haproxy]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dotnet build bench/gateway -c Release -v quiet -nologo
ulimit -n "$(ulimit -Hn)"
exec bench/gateway/bin/Release/net10.0/GatewayBench "$@"
