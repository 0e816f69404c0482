#!/usr/bin/env bash
# How accurate the judge is: worlds with a known truth on virtual time. No sockets, no database.
set -euo pipefail
cd "$(dirname "$0")/.."

exec cargo run --release --locked --quiet --example accuracy -- "$@"
