#!/usr/bin/env bash
# Regenerates deploy/base from the AppHost's graph and the templates in this folder; if anything fails, deploy/base stays unchanged.
# Needs the .NET SDK; `dotnet tool restore` installs Aspirate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../AppHost"
say() { printf '\n> %s\n' "$*"; "$@"; }

# On the same file system as the old base, so that a rename can replace it.
new=$(mktemp -d ../deploy/base.XXXXXX)
trap 'rm -rf "$new" "$new.old" manifest.json' EXIT

# The committed base has the graph's defaults, regardless of the caller's environment.
unset SESSION_SIZE MIN_PARTIAL_SESSION_SIZE FLUSH_WAIT_SECONDS

# Aspirate resolves project paths against its working folder, so the manifest has to be in this folder.
say dotnet tool restore
say dotnet run -- --publisher manifest --output-path "$PWD/manifest.json"

# The output contains no passwords: the values refer to variables that the templates take from the Secret "passwords".
# shellcheck disable=SC2016
say dotnet aspirate generate --non-interactive --disable-state --disable-secrets --skip-build --include-dashboard false \
  --aspire-manifest manifest.json --output-path "$new" --output-format kustomize --image-pull-policy IfNotPresent \
  --parameter 'redis-password=$(SECRET_REDIS_PASSWORD)' --parameter 'postgres-password=$(SECRET_POSTGRES_PASSWORD)'

# Aspirate may exit with 0 after a failure, so check for the files that it writes last.
for file in kustomization.yaml backend/deployment.yaml proxy/deployment.yaml game-server/deployment.yaml; do
  [ -s "$new/$file" ] || {
    echo "Aspirate did not write $file; deploy/base is unchanged." >&2
    exit 1
  }
done

# A game server has no Service.
rm -f "$new/game-server/service.yaml"

# mktemp creates a folder that only its owner can enter.
chmod 755 "$new"
mv ../deploy/base "$new.old"
mv "$new" ../deploy/base || mv "$new.old" ../deploy/base
