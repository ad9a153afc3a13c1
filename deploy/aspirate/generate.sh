#!/usr/bin/env bash
# Writes deploy/base again from the AppHost's graph and the templates here. It needs the tool: dotnet tool install --global aspirate --version 9.1.0 --allow-roll-forward
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../AppHost"
say() { printf '\n> %s\n' "$*"; "$@"; }

command -v aspirate >/dev/null || {
  echo "aspirate is not on the PATH. Install it with: dotnet tool install --global aspirate --version 9.1.0 --allow-roll-forward" >&2
  exit 1
}

# What is committed has the graph's defaults, whoever runs this. Aspirate resolves the projects' paths against the folder that it runs in, so the manifest has to be here.
unset SESSION_SIZE MIN_PARTIAL_SESSION_SIZE FLUSH_WAIT_SECONDS
say dotnet run -- --publisher manifest --output-path "$PWD/manifest.json"

# It goes over what is there, without deleting resources that are gone.
rm -rf ../deploy/base

# Passwords stay out of what is written: the values are references to variables that the templates take from the Secret "passwords".
# shellcheck disable=SC2016
say aspirate generate --non-interactive --disable-state --disable-secrets --skip-build --include-dashboard false \
  --aspire-manifest manifest.json --output-path ../deploy/base --output-format kustomize --image-pull-policy IfNotPresent \
  --parameter 'redis-password=$(SECRET_REDIS_PASSWORD)' --parameter 'postgres-password=$(SECRET_POSTGRES_PASSWORD)'
rm manifest.json ../deploy/base/game-server/service.yaml
