#!/usr/bin/env bash
# Build the image, bring the Compose stack up with the bundled site beside it, see every article at the stream and every
# target up in Prometheus, kill a container on the way, and take it all down. Needs a Docker engine with Compose.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! docker info >/dev/null 2>&1 || ! docker compose version >/dev/null 2>&1; then
  echo "containers: skipped, since no Docker engine with Compose answers"
  exit 0
fi

export COMPOSE_PROJECT_NAME=copydesk-try
export COPYDESK_BASE=${COPYDESK_BASE:-python:3.11-slim-bookworm}
export COPYDESK_PROMETHEUS_PORT=${COPYDESK_PROMETHEUS_PORT:-19090}
compose() { docker compose -f deploy/compose.yaml -f deploy/compose.demo.yaml "$@"; }
say() { printf 'containers: %s\n' "$*"; }

# Where no registry is reached, Debian's packages on the base image stand in for the images of Redis and Prometheus.
stand_in() { # VARIABLE IMAGE PACKAGES ENTRYPOINT
  if docker image inspect "$2" >/dev/null 2>&1 || docker pull --quiet "$2" >/dev/null 2>&1; then return; fi
  say "$2 cannot be pulled: a stand-in from Debian's $3"
  docker build --quiet --tag "copydesk-stand-in-$3" - <<EOF >/dev/null
FROM $COPYDESK_BASE
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $3 && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /data /prometheus && chmod 777 /data /prometheus
WORKDIR /data
ENTRYPOINT $4
EOF
  export "$1=copydesk-stand-in-$3"
}
stand_in COPYDESK_REDIS_IMAGE redis:7.4-bookworm redis-server '[]'
stand_in COPYDESK_PROMETHEUS_IMAGE prom/prometheus:v3.5.0 prometheus '["prometheus"]'

down() {
  status=$?
  if [ $status -ne 0 ]; then compose ps --all; compose logs --tail 30; fi
  compose down --volumes --timeout 30 >/dev/null 2>&1 || true
  exit $status
}
trap down EXIT

# Repeat a command until it succeeds; fail after so many seconds.
until_ok() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then say "gave up waiting for $what"; return 1; fi
    read -rt 0.5 <> <(:) || true
  done
}

say "building"
docker build --quiet --build-arg BASE="$COPYDESK_BASE" --file deploy/Dockerfile --tag copydesk:local . >/dev/null
say "image size: $(docker image inspect --format '{{.Size}}' copydesk:local | awk '{printf "%.0f MB", $1 / 1e6}'), of which the base $(docker image inspect --format '{{.Size}}' "$COPYDESK_BASE" | awk '{printf "%.0f MB", $1 / 1e6}')"
compose up --wait --wait-timeout 120 --quiet-pull --no-build 2>&1 | tail -n 20
say "up: $(compose ps --format '{{.Service}}={{.Health}}' | tr '\n' ' ')"

desk() { compose exec -T fetcher copydesk "$@"; }
entries() { for stream in documents copies rejected; do desk tail "$stream"; done; }
enough() { [ "$(entries | wc -l)" -ge "$items" ]; }
items=$(compose exec -T site python -c 'from copydesk_services.demo.expected import expected_items; print(len(expected_items()))')
sources=$(compose exec -T site python -c 'from copydesk_services.demo.site import SITE; print(*SITE.sources(8000))')
# shellcheck disable=SC2086 -- one word a source
desk sources add $sources 2>/dev/null
docker kill --signal KILL "$(compose ps --quiet extractor)" >/dev/null
compose up --detach --no-build extractor >/dev/null 2>&1
say "added $(wc -w <<<"$sources") sources, and killed the extractor's container"
until_ok 120 "$items entries at the streams" enough
entries | compose exec -T site python -m copydesk_services.demo.expected
say "$items of $items items came out, each as it should"

user=$(compose exec -T fetcher id -u)
[ "$user" != 0 ] || { say "the user is root"; exit 1; }
if compose exec -T fetcher touch /opt/x 2>/dev/null; then say "the root file system can be written"; exit 1; fi
say "user $user, root file system read-only"

targets() { curl -sf "http://127.0.0.1:$COPYDESK_PROMETHEUS_PORT/api/v1/query" --data-urlencode "query=sum(up{job=\"copydesk\"})"; }
all_up() { targets | grep -q '"4"\]'; }
until_ok 60 "four targets up in Prometheus" all_up
say "Prometheus: $(targets | grep -o '"value":\[[^]]*\]') targets up"
say "all is well"
