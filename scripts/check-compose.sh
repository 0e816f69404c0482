#!/usr/bin/env bash
# Checks docker-compose.yml: by docker compose where it is installed, else by its published schema.
set -euo pipefail
cd "$(dirname "$0")/.."

if docker compose version >/dev/null 2>&1; then
    exec docker compose --file docker-compose.yml config --quiet
fi
exec .tools/venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
