#!/usr/bin/env bash
# Runs the micro-benchmarks with BenchmarkDotNet: see bench/README.md.
# Usage: bench/BDN/run.sh [--filter '*Ticket*']
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec dotnet run --project bench/BDN -c Release -- "$@"
