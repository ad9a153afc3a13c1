#!/usr/bin/env bash
# Builds the images, loads them into the kind cluster "gamestack" and deploys the stack; returns when the whole stack is ready. Run it again
# after a change.
# Needs docker, kind, kubectl, openssl and the .NET SDK; on Linux also a C toolchain, for the native game server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
say() { printf '\n> %s\n' "$*"; "$@"; }
kubectl() { command kubectl --context kind-gamestack "$@"; }
aspirate() { dotnet aspirate "$@" --non-interactive --disable-state; }

# NativeAOT links with the machine's own tools, so only a Linux machine can build a native program for Linux.
[ "$(uname -s)" = Linux ] || export NativeGameServer=false
case $(uname -m) in
  arm64 | aarch64) runtime=linux-arm64 ;;
  *) runtime=linux-x64 ;;
esac

# The images of the graph, with the tag from AppHost/aspirate.json. The load tester is not part of the deployment, so Aspirate does not know
# it.
say dotnet tool restore
(cd AppHost && say aspirate build)
say dotnet publish LoadTester --configuration Release --runtime "$runtime" --no-self-contained \
  -t:PublishContainer -p:ContainerImageTag=local
say kind load docker-image --name gamestack backend:local proxy:local game-server:local load-tester:local

# secrets.sh and Aspirate use the current context; Aspirate's --kube-context does not switch to the context that it names.
say command kubectl config use-context kind-gamestack
say deploy/secrets.sh gamestack
say aspirate apply --disable-secrets --kube-context kind-gamestack --input-path deploy/overlays/kind

# Aspirate reports "successfully applied" and exits with 0 even if kubectl failed. In that case kubectl diff shows a difference and fails.
say kubectl diff --server-side --kustomize deploy/overlays/kind

# The tag is always "local", so restart the Deployments to replace pods of an earlier image. Pods of matches in play no longer belong to a
# Deployment and stay.
# Not `aspirate apply --rolling-restart`: it would restart the Deployments in the namespace "default".
say kubectl --namespace gamestack rollout restart deployment/backend deployment/proxy deployment/game-server
for workload in statefulset/redis statefulset/postgres deployment/backend deployment/proxy deployment/game-server; do
  say kubectl --namespace gamestack rollout status "$workload" --timeout 300s
done
printf '\nThe proxy is at http://localhost:8080. A load test in the cluster: deploy/load-test.sh kind 60\n'
