#!/usr/bin/env bash
# Creates what no repository may contain: the passwords of Redis and Postgres, the key pair of backends and game servers, the key pair of
# match tickets, and the operators' key.
#   usage: deploy/secrets.sh NAMESPACE
# Keeps what exists and adds what is missing, so it can be run again, also for an older version's objects. Needs kubectl and openssl.
set -euo pipefail
namespace=${1:?usage: deploy/secrets.sh NAMESPACE}
kube() { kubectl --namespace "$namespace" "$@"; }
there() { kube get "$1" "$2" >/dev/null 2>&1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077

# Letters and digits only, since Redis's configuration file takes no others as they are.
password() { openssl rand -hex 24 | tr -d '\n'; }

kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace"

if there secret passwords; then
  echo "secret/passwords exists"
else
  kube create secret generic passwords
fi
for key in redis redis-gamestack postgres postgres-gamestack; do
  value=$(kube get secret passwords --output "jsonpath={.data.$key}")
  if [ -z "$value" ]; then
    printf '{"stringData":{"%s":"%s"}}' "$key" "$(password)" > "$work/patch"
    kube patch secret passwords --patch-file "$work/patch" >/dev/null
    echo "secret/passwords has the new key $key"
  fi
done

# The public key is derived from the private key, so that a lost ConfigMap can be created again.
if there secret game-server-control; then
  echo "secret/game-server-control exists"
  kube get secret game-server-control --output 'jsonpath={.data.private-key}' | base64 --decode > "$work/private-key"
else
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/private-key"
  kube create secret generic game-server-control --from-file="$work/private-key"
fi

if there configmap game-server-control; then
  echo "configmap/game-server-control exists"
else
  openssl pkey -in "$work/private-key" -pubout -outform DER | openssl base64 -A > "$work/public-key"
  kube create configmap game-server-control --from-file="$work/public-key"
fi

# Backends sign match tickets with the private key; proxies check them with the public key.
if there secret match-tickets; then
  echo "secret/match-tickets exists"
  kube get secret match-tickets --output 'jsonpath={.data.private-key}' | base64 --decode > "$work/private-key"
else
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/private-key"
  kube create secret generic match-tickets --from-file="$work/private-key"
fi

if there configmap match-tickets; then
  echo "configmap/match-tickets exists"
else
  openssl pkey -in "$work/private-key" -pubout -out "$work/public-key"
  kube create configmap match-tickets --from-file="$work/public-key"
fi

# What operators show to the backends.
if there secret operators; then
  echo "secret/operators exists"
else
  password > "$work/key"
  kube create secret generic operators --from-file="$work/key"
fi
