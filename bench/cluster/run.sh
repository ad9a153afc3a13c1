#!/usr/bin/env bash
# Measures the time from join to match on kubectl's current cluster, with the test overlay and the load tester inside: with pods on
# standby, with none, with twice as many matches at once as the pool has pods, and with a stream of matches. A match has one player
# here, so that a player waits only for a server. Needs the four images in the cluster, tagged local (docs/deploy.md, "Tests on a
# cluster").
#   usage: bench/cluster/run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
namespace=gamestack-test
kube() { kubectl --namespace "$namespace" "$@"; }

pool() {
  kube scale deployment/game-server --replicas="$1" > /dev/null
  kube wait --for=delete pod --selector app=game-server,pool=claimed --timeout=180s > /dev/null
  kube rollout status deployment/game-server --timeout=180s > /dev/null
  [ "$1" -gt 0 ] || kube wait --for=delete pod --selector app=game-server --timeout=180s > /dev/null
}

run() { # TITLE POOL CLIENTS SPAWN_RATE
  pool "$2"
  echo "== $1: pool of $2, $3 matches, $4 a second (0: all at once)"
  deploy/load-test.sh test "$3" 3 "$4" | grep -E '^ +(matches|elapsed|phase|join|match|connect|join to connected)|^matched'
}

deploy/secrets.sh "$namespace" > /dev/null
kubectl apply --kustomize deploy/overlays/test > /dev/null
for workload in statefulset/redis statefulset/postgres deployment/backend deployment/proxy deployment/game-server; do
  kube rollout status "$workload" --timeout=180s > /dev/null
done

kube set env deployment/backend SESSION_SIZE=1 MIN_PARTIAL_SESSION_SIZE=1 > /dev/null
kube rollout status deployment/backend --timeout=180s > /dev/null

run "warming up" 10 20 0
run "one at a time, on standby" 10 100 1
run "one at a time, none on standby" 0 30 1
run "20 at once, on standby" 20 20 0
run "20 at once, none on standby" 0 20 0
run "twice the pool at once" 10 20 0
run "a stream" 16 120 2
run "a stream" 16 180 3
