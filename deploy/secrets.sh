#!/usr/bin/env bash
# Creates what no repository may contain: the passwords of Redis and Postgres, the key pair of backends and game servers, the key pair of
# match tickets, and the operators' key.
#   usage: deploy/secrets.sh NAMESPACE
# Keeps what exists and adds what is missing, so it can be run again, also for an older version's objects. Of what exists, it replaces only
# a public key that belongs to no private key here. Needs kubectl and openssl.
set -euo pipefail
namespace=${1:?usage: deploy/secrets.sh NAMESPACE}
kube() { kubectl --namespace "$namespace" "$@"; }
there() { kube get "$1" "$2" >/dev/null 2>&1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077

# Letters and digits only, since Redis's configuration file takes no others as they are.
password() { openssl rand -hex 24 | tr -d '\n'; }

# The public half of the private key on standard input, as one line of base64.
public_half() { openssl pkey -pubout -outform DER | openssl base64 -A; }

# Publishes the public half of the private key in $work in a ConfigMap, unless the ConfigMap has it already. With a key of another pair,
# proxies would refuse every ticket, and game servers every backend. While a key is replaced, the Secret and the ConfigMap may have several
# keys; one pair is enough.
#   usage: publish NAME COMMAND…, where the command turns the private key into what the ConfigMap has
publish() {
  local name=$1 published keys key half
  shift
  if there configmap "$name"; then
    published=$(kube get configmap "$name" --output 'jsonpath={.data.public-key}' | tr -d '[:space:]')
    keys=$(kube get secret "$name" --output 'go-template={{range .data}}{{.}} {{end}}')
    for key in $keys; do
      half=$(base64 --decode <<< "$key" | public_half 2>/dev/null) || continue
      if [[ $published == *"$half"* ]]; then
        echo "configmap/$name exists"
        return
      fi
    done
  fi

  "$@" < "$work/private-key" > "$work/public-key"
  if there configmap "$name"; then
    kube delete configmap "$name"
    echo "configmap/$name had no key of secret/$name: restart the pods that read it"
  fi
  kube create configmap "$name" --from-file="$work/public-key"
}

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

if there secret game-server-control; then
  echo "secret/game-server-control exists"
  kube get secret game-server-control --output 'jsonpath={.data.private-key}' | base64 --decode > "$work/private-key"
else
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/private-key"
  kube create secret generic game-server-control --from-file="$work/private-key"
fi

publish game-server-control public_half

# Backends sign match tickets with the private key; proxies check them with the public key.
if there secret match-tickets; then
  echo "secret/match-tickets exists"
  kube get secret match-tickets --output 'jsonpath={.data.private-key}' | base64 --decode > "$work/private-key"
else
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/private-key"
  kube create secret generic match-tickets --from-file="$work/private-key"
fi

publish match-tickets openssl pkey -pubout

# What operators show to the backends.
if there secret operators; then
  echo "secret/operators exists"
else
  password > "$work/key"
  kube create secret generic operators --from-file="$work/key"
fi
