#!/bin/sh
# Makes Temporal's schema, or brings it to this version. Run twice, it changes nothing.
# The databases themselves are made by deploy/postgres/10-databases.sh.
set -eu

: "${POSTGRES_HOST:?the host of Postgres}"
: "${SQL_PASSWORD:?the password of the Temporal user}"
SCHEMAS=${TEMPORAL_SCHEMAS:-/etc/temporal/schema/postgresql/v12}

tool() { # database, command …
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --endpoint "$POSTGRES_HOST" \
    --port "${POSTGRES_PORT:-5432}" --user "${SQL_USER:-temporal}" --database "$database" "$@"
}

for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  # Version tables; a database that has a version keeps it.
  tool "$database" setup-schema --version 0.0
  tool "$database" update-schema --schema-dir "$SCHEMAS/${pair##*:}/versioned"
done
echo "Temporal's schema is up to date."
