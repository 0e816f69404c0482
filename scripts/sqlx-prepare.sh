#!/bin/sh
# Renews .sqlx, the committed answers of Postgres about every query, against a throwaway cluster
# with the migrations of this tree. tests/store/queries.rs holds them against Postgres.
set -eu
cd "$(dirname "$0")/.."

PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | tail -n 1)"
work=$(mktemp -d "${TMPDIR:-/tmp}/stillup-sqlx.XXXXXX")
as=
if [ "$(id -u)" = 0 ]; then
    user=$(id -un postgres 2>/dev/null || echo nobody)
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$work"
fi
run() { (cd / && exec $as "$@"); }
end() {
    run pg_ctl -D "$work/db" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

run initdb -D "$work/db" --username=stillup --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
run pg_ctl -D "$work/db" -w -l "$work/log" \
    -o "-c listen_addresses= -c fsync=off -k '$work'" start >/dev/null
for migration in migrations/*.sql; do
    psql -q -v ON_ERROR_STOP=1 -h "$work" -U stillup -d postgres -f "$migration"
done

mkdir "$work/sqlx"
[ "$as" = "" ] || chown "$(id -u)" "$work/sqlx"
# The macros must run again: cargo does not know that what they read has changed.
touch src/lib.rs
socket=$(printf %s "$work" | sed 's,/,%2F,g')
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$work/sqlx" \
    DATABASE_URL="postgres://stillup@$socket/postgres?sslmode=disable" \
    cargo check --quiet --lib

mkdir -p .sqlx
rm -f .sqlx/*.json
cp "$work"/sqlx/*.json .sqlx/
chmod 644 .sqlx/*.json
echo "scripts/sqlx-prepare.sh: $(ls .sqlx | wc -l) queries in .sqlx"
