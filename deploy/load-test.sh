#!/usr/bin/env bash
# Runs the load tester as a Job in kubectl's current cluster and follows its log. Fails if the Job fails.
#   usage: deploy/load-test.sh OVERLAY [CLIENTS [MATCH_DURATION [SPAWN_RATE]]]      OVERLAY: kind, production or test
set -euo pipefail
overlay=$(dirname "${BASH_SOURCE[0]}")/overlays/${1:?usage: deploy/load-test.sh OVERLAY [CLIENTS [MATCH_DURATION [SPAWN_RATE]]]}
namespace=$(sed -n 's/^namespace: //p' "$overlay/load-test/kustomization.yaml")
kube() { kubectl --namespace "$namespace" "$@"; }
container() { kube get pod --selector job-name=load-tester --output "jsonpath={.items[*].status.containerStatuses[0].state.$1}"; }

echo "> ${2:-60} simulated players in $namespace, matches of ${3:-10} s"
kube delete job load-tester --ignore-not-found --cascade=foreground
kube create configmap load-tester --dry-run=client --output yaml \
  --from-literal=CLIENTS="${2:-60}" --from-literal=MATCH_DURATION="${3:-10}" --from-literal=SPAWN_RATE="${4:-0}" | kube apply --filename -
kubectl apply --kustomize "$overlay/load-test"

# Wait for the container to start: before that, it has no log to follow. It may already have ended.
for ((second = 0; ; second++)); do
  [ -z "$(container running)$(container terminated)" ] || break
  if [ "$second" -eq 120 ]; then
    kube describe job,pod --selector app=load-tester
    echo "The load tester did not start within two minutes." >&2
    exit 1
  fi
  sleep 1
done
kube logs --follow job/load-tester || true

while true; do
  ended=$(kube get job load-tester --output 'jsonpath={.status.succeeded} {.status.failed}')
  [ "$ended" = " " ] || break
  sleep 1
done
[ "$ended" = "1 " ]
