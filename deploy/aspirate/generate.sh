#!/usr/bin/env bash
# Writes deploy/base again from the AppHost's graph and the templates here, and leaves it alone when anything goes wrong.
# Wants the .NET SDK; `dotnet tool restore` brings Aspirate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../AppHost"
say() { printf '\n> %s\n' "$*"; "$@"; }

# On the same file system as the base, so that it can take its place at once.
new=$(mktemp -d ../deploy/base.XXXXXX)
trap 'rm -rf "$new" manifest.json' EXIT

# What is committed has the graph's defaults, whoever runs this.
unset SESSION_SIZE MIN_PARTIAL_SESSION_SIZE FLUSH_WAIT_SECONDS

# Aspirate resolves the projects' paths against the folder that it runs in, so the manifest has to be here.
say dotnet tool restore
say dotnet run -- --publisher manifest --output-path "$PWD/manifest.json"

# Passwords stay out of what is written: the values are references to variables that the templates take from the Secret "passwords".
# shellcheck disable=SC2016
say dotnet aspirate generate --non-interactive --disable-state --disable-secrets --skip-build --include-dashboard false \
  --aspire-manifest manifest.json --output-path "$new" --output-format kustomize --image-pull-policy IfNotPresent \
  --parameter 'redis-password=$(SECRET_REDIS_PASSWORD)' --parameter 'postgres-password=$(SECRET_POSTGRES_PASSWORD)'

# Aspirate may end with 0 after a failure: what it wrote last tells.
for file in kustomization.yaml backend/deployment.yaml proxy/deployment.yaml game-server/deployment.yaml; do
  [ -s "$new/$file" ] || {
    echo "Aspirate wrote no $file; deploy/base stays as it was." >&2
    exit 1
  }
done

# A game server has no Service.
rm -f "$new/game-server/service.yaml"

# mktemp's folder is closed to everybody else.
chmod 755 "$new"
rm -rf ../deploy/base
mv "$new" ../deploy/base
