#!/bin/sh
# Run once by the database's image, as its superuser: the site's own role, which is none, and PostGIS, which only a superuser may add.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat "$COHAB_PASSWORD_FILE"`
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE ROLE cohab LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
ALTER DATABASE cohab OWNER TO cohab;
SQL
