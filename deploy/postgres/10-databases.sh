#!/bin/sh
# Runs once, when the volume is empty: two users, and the databases that each owns.
# The registry's user cannot read Temporal's databases, nor the other way round.
set -eu

: "${REGISTRY_DB_PASSWORD:?the registry user needs a password}"
: "${TEMPORAL_DB_PASSWORD:?the Temporal user needs a password}"

# psql reads the passwords itself, so that they are on no command line.
psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet \
  --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv registry_password REGISTRY_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD
CREATE ROLE registry LOGIN PASSWORD :'registry_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE registry OWNER registry;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT, TEMPORARY ON DATABASE registry, temporal, temporal_visibility FROM PUBLIC;
SQL
