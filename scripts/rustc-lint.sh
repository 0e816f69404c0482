#!/usr/bin/env bash
# Stands in for rustc where our own crates are built (RUSTC_WORKSPACE_WRAPPER), so that lints and tests
# share one build: clippy compiles, then rustdoc reads each library and the program with the same
# arguments. Every warning of either is an error.
set -euo pipefail

rustc=$1
shift
clippy-driver "$rustc" "$@" -D warnings

case " $* " in
*" --test "* | *" build_script_build "* | *" --print="*) exit ;;
*" --crate-type lib "* | *" src/main.rs "*) ;;
*) exit ;;
esac
arguments=(--out-dir "${CARGO_TARGET_DIR:-$(dirname "$0")/../target}/doc")
while [ $# -gt 0 ]; do
    case $1 in
    --emit=* | --json=*) ;;
    --out-dir) shift ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
exec rustdoc "${arguments[@]}" --document-private-items -D warnings
