#!/usr/bin/env bash
# Builds the images, loads them into the kind cluster "gamestack" and deploys the stack; returns when all of it is ready. Run it again after a change.
# Wants docker, kind, kubectl, openssl and the .NET SDK; on Linux also a C toolchain, for the native game server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
say() { printf '\n> %s\n' "$*"; "$@"; }
kubectl() { command kubectl --context kind-gamestack "$@"; }

case $(uname -m) in
  arm64 | aarch64) runtime=linux-arm64 ;;
  *) runtime=linux-x64 ;;
esac

# NativeAOT links with the machine's own tools, so that only Linux makes a native program for Linux.
native=false
[ "$(uname -s)" != Linux ] || native=true

for project in Backend Proxy LoadTester; do
  say dotnet publish "$project" --configuration Release --runtime "$runtime" --no-self-contained -t:PublishContainer
done
if [ "$native" = true ]; then
  say dotnet publish GameServer --configuration Release --runtime "$runtime" -t:PublishContainer
else
  say dotnet publish GameServer --configuration Release --runtime "$runtime" --no-self-contained -p:NativeGameServer=false -t:PublishContainer
fi
say kind load docker-image --name gamestack backend:local proxy:local game-server:local load-tester:local

# secrets.sh talks to whatever the current context is.
say command kubectl config use-context kind-gamestack
say deploy/secrets.sh gamestack
say kubectl apply --kustomize deploy/overlays/kind

# The tag stays "local", so pods of an earlier image are told to go. A match in play is not the Deployment's any more and stays.
say kubectl --namespace gamestack rollout restart deployment/backend deployment/proxy deployment/game-server
for workload in statefulset/redis statefulset/postgres deployment/backend deployment/proxy deployment/game-server; do
  say kubectl --namespace gamestack rollout status "$workload" --timeout 300s
done
printf '\nThe proxy is at http://localhost:8080. A load test in the cluster: deploy/load-test.sh kind 60\n'
