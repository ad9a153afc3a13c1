#!/usr/bin/env bash
# Builds the images, loads them into the kind cluster "gamestack" and deploys the stack; returns when all of it is ready. Run it again after a change.
# Wants docker, kind, kubectl, openssl and the .NET SDK; on Linux also a C toolchain, for the native game server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
say() { printf '\n> %s\n' "$*"; "$@"; }
kubectl() { command kubectl --context kind-gamestack "$@"; }
aspirate() { dotnet aspirate "$@" --non-interactive --disable-state; }

# NativeAOT links with the machine's own tools, so that only Linux makes a native program for Linux.
[ "$(uname -s)" = Linux ] || export NativeGameServer=false
case $(uname -m) in
  arm64 | aarch64) runtime=linux-arm64 ;;
  *) runtime=linux-x64 ;;
esac

# The images of the graph, with the tag that AppHost/aspirate.json says. The load tester is no part of what is deployed, so Aspirate does not know it.
say dotnet tool restore
(cd AppHost && say aspirate build)
say dotnet publish LoadTester --configuration Release --runtime "$runtime" --no-self-contained -t:PublishContainer -p:ContainerImageTag=local
say kind load docker-image --name gamestack backend:local proxy:local game-server:local load-tester:local

# secrets.sh and Aspirate talk to whatever the current context is: Aspirate's --kube-context only names it.
say command kubectl config use-context kind-gamestack
say deploy/secrets.sh gamestack
say aspirate apply --disable-secrets --kube-context kind-gamestack --input-path deploy/overlays/kind

# Aspirate says "successfully applied" and ends with 0 even where kubectl has failed. Then there is still a difference to apply.
say kubectl diff --server-side --kustomize deploy/overlays/kind

# The tag stays "local", so pods of an earlier image are told to go. A match in play is not the Deployment's any more and stays.
# Not `aspirate apply --rolling-restart`: it would restart what is in the namespace "default".
say kubectl --namespace gamestack rollout restart deployment/backend deployment/proxy deployment/game-server
for workload in statefulset/redis statefulset/postgres deployment/backend deployment/proxy deployment/game-server; do
  say kubectl --namespace gamestack rollout status "$workload" --timeout 300s
done
printf '\nThe proxy is at http://localhost:8080. A load test in the cluster: deploy/load-test.sh kind 60\n'
