#!/usr/bin/env bash
# make run: installs what is missing, builds, and becomes the program, so that Ctrl-C reaches it.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
echo "==> Building stillup (the first time takes some minutes)"
make --no-print-directory --silent build
echo "==> Starting stillup, on http://127.0.0.1:8080/ unless told otherwise (Ctrl-C ends it)"
exec target/release/stillup serve
