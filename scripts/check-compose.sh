#!/usr/bin/env bash
# Checks the compose files: by docker compose where it is installed, else by their published schema.
set -euo pipefail
cd "$(dirname "$0")/.."

files=(docker-compose.yml deploy/agent-compose.yml deploy/three-nodes/compose.yml)
if docker compose version >/dev/null 2>&1; then
    # The agent's has no default for the address of its node.
    export STILLUP_CORE=https://up.example
    for file in "${files[@]}"; do
        docker compose --file "$file" config --quiet
    done
    exit
fi
exec .tools/venv/bin/check-jsonschema --builtin-schema vendor.compose-spec "${files[@]}"
