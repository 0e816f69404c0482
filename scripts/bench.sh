#!/usr/bin/env bash
# The benchmarks, all or those of the themes that are named. They start their own Postgres and nginx, and end them.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PATH:/usr/sbin:/sbin"
exec cargo bench --locked --features jemalloc --bench cost -- "$@"
