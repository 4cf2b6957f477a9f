#!/bin/sh
# Makes gridcase's namespace and its search attributes, or brings them in step.
# Run twice, it changes nothing. TEMPORAL_ADDRESS is read by the `temporal` command itself.
set -eu

: "${TEMPORAL_ADDRESS:?host:port of Temporal}"
: "${TEMPORAL_NAMESPACE:?the namespace of the cases}"
RETENTION=720h # 30 days: longer than the 15 days after closing in which a case lives on
ATTEMPTS=${ATTEMPTS:-30}
PAUSE=${PAUSE:-2}
HOPELESS=64 # the exit code of what waiting does not mend
# As in workflows/attributes.py.
ATTRIBUTES='
CaseStage Keyword
CaseDepartments KeywordList
CaseGrid Keyword
CaseClass Keyword
CasePriority Keyword
CaseEscalation Int
CaseSource Keyword
'

patiently() { # what, command …: a new cluster and a new namespace need a while to be known
  what=$1
  shift
  attempt=1
  until said=$("$@" 2>&1); do
    [ $? -ne "$HOPELESS" ] || { echo "$said" >&2 && exit 1; }
    if [ "$attempt" -ge "$ATTEMPTS" ]; then
      echo "$what: still failing after $ATTEMPTS attempts: $said" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep "$PAUSE"
  done
}

namespace() {
  if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
  else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
  fi
}

attribute() { # name, type
  known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE") || return 1
  found=$(echo "$known" | awk -v name="$1" '$1 == name { print $2 }')
  if [ -n "$found" ] && [ "$found" != "$2" ]; then
    echo "Search attribute $1 is $found, not $2, and a type cannot be changed:" \
      "give the new one another name." >&2
    exit "$HOPELESS"
  fi
  [ -n "$found" ] || temporal operator search-attribute create \
    --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}

patiently "Temporal's health" temporal operator cluster health
patiently "Namespace $TEMPORAL_NAMESPACE" namespace
echo "$ATTRIBUTES" | while read -r name kind; do
  [ -z "$name" ] || patiently "Search attribute $name" attribute "$name" "$kind"
done
echo "Namespace $TEMPORAL_NAMESPACE is ready."
