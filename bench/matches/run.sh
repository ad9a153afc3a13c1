#!/usr/bin/env bash
# The way from a join to a match, and what waits on it: see bench/README.md.
# Usage: bench/matches/run.sh [--only standby,burst,rates,streams,start] [--root <another checkout, built in Release>]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dotnet build bench/matches -c Release -v quiet -nologo
for program in Backend Proxy; do
  dotnet publish "$program" -c Release -r linux-x64 --no-self-contained -o "artifacts/bench/$program" -v quiet -nologo
done
ulimit -n "$(ulimit -Hn)"
exec bench/matches/bin/Release/net10.0/MatchesBench "$@"
