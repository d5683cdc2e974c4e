#!/bin/sh
# Runs once, when the database directory is empty: the office's database and its three roles.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
    --set owner="$EOFFICE_OWNER_PASSWORD" \
    --set app="$EOFFICE_APP_PASSWORD" \
    --set worker="$EOFFICE_WORKER_PASSWORD" <<'SQL'
create role eoffice_owner login password :'owner';
create role eoffice_app login nobypassrls password :'app';
create role eoffice_worker login bypassrls password :'worker';
create database eoffice owner eoffice_owner encoding 'UTF8' template template0
  locale_provider builtin builtin_locale 'C.UTF-8' locale 'C.UTF-8';
\connect eoffice
create extension unaccent;
create extension pg_trgm;
revoke all on schema public from public;
grant all on schema public to eoffice_owner;
grant usage on schema public to eoffice_app, eoffice_worker;
SQL
