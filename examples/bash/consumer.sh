#!/usr/bin/env bash
# Print what comes out, with redis-cli alone. Usage: consumer.sh [GROUP]
set -euo pipefail

group=${1:-example}
me=$HOSTNAME-$$
stream=copydesk:documents
idle=${IDLE_MS:-60000} # whoever gave no sign for so long is taken for dead
url=${COPYDESK_REDIS_URL:-redis://127.0.0.1:6379}
case $url in
  unix://*) at=(-s "${url#unix://}") ;;
  *) at=(-u "$url") ;;
esac

redis() { redis-cli "${at[@]}" --raw "$@"; }

handle() { # schema id revision document
  case $1 in
    copydesk.document/1) echo "document $2 $3" ;; # the whole is the JSON in $4
    copydesk.retraction/1) echo "retraction $2 $3" ;;
    copydesk.gap/1) echo "entries were dropped: $4" >&2 ;;
  esac # what is of no schema that is known here is passed over
}

# An entry as redis-cli prints it: its id, then a field and a value a line.
entry() {
  local entry field value schema='' id='' revision='' document=''
  read -r entry || return 0
  [[ $entry =~ ^[0-9]+-[0-9]+$ ]] || return 0
  while IFS= read -r field && IFS= read -r value; do
    case $field in
      schema | id | revision | document) printf -v "$field" '%s' "$value" ;;
    esac
  done
  handle "$schema" "$id" "$revision" "$document"
  redis XACK "$stream" "$group" "$entry" >/dev/null
}

stopping=
trap 'stopping=1' TERM INT
block=$((idle / 2 < 2000 ? idle / 2 : 2000))
look_again=0
until [[ $(redis XGROUP CREATE "$stream" "$group" 0 MKSTREAM 2>&1) =~ ^(OK|BUSYGROUP) ]]; do sleep 1; done
while [[ -z $stopping ]]; do
  answer=
  now=${EPOCHREALTIME//[.,]/}
  if ((now >= look_again)); then
    # What a consumer left behind that died comes first, and alone: the cursor in the first line is passed over.
    answer=$(redis XAUTOCLAIM "$stream" "$group" "$me" "$idle" 0-0 COUNT 1 | tail -n +2) || { sleep 1; continue; }
    [[ $answer =~ ^[0-9]+-[0-9]+ ]] || { answer='' look_again=$((now + idle * 500)); }
  fi
  if [[ -z $answer ]]; then
    answer=$(redis XREADGROUP GROUP "$group" "$me" COUNT 1 BLOCK "$block" STREAMS "$stream" '>' | tail -n +2) || { sleep 1; continue; }
  fi
  [[ -z $answer ]] || entry <<<"$answer"
done
