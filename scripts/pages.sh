#!/usr/bin/env bash
# Installs what the browser test checks pages with into .tools/pages, once.
set -euo pipefail
cd "$(dirname "$0")/.."

list=scripts/pages/package-lock.json
there=.tools/pages
if [ -e "$there/done" ] && cmp -s "$list" "$there/done"; then exit 0; fi
echo "==> Installing axe-core and html-validate into $there"
mkdir -p "$there"
cp scripts/pages/package.json "$list" "$there/"
npm ci --prefix "$there" --ignore-scripts --no-audit --no-fund --silent
cp "$list" "$there/done"
