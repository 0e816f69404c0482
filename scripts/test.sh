#!/usr/bin/env bash
# All tests. The tests start their own Postgres, nginx and browser, and end them.
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian keeps nginx where an ordinary user's PATH does not look.
export PATH="$PATH:/usr/sbin:/sbin"
echo "==> Testing"
# What scripts/lint.sh has built.
export RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/rustc-lint.sh"
exec cargo test --workspace --locked
