#!/usr/bin/env bash
# Installs other people's programs that read what we serve, for the tests, into .tools/friends, once:
# feedparser, jsonschema, standardwebhooks, aiosmtpd and apprise (Python), statuspage.io and badge-maker
# (Node).
set -euo pipefail
cd "$(dirname "$0")/.."

from=tests/friends
to=.tools/friends
stamp=$(cat "$from/requirements.txt" "$from/package-lock.json" | cksum)

if [ -e "$to/stamp" ] && [ "$(cat "$to/stamp")" = "$stamp" ]; then exit 0; fi
echo "==> Installing other people's readers of feeds, badges, messages and status pages into $to"
rm -rf "$to"
mkdir -p "$to"
python3 -m venv "$to/venv"
"$to/venv/bin/python" -m pip --quiet --disable-pip-version-check install --require-hashes \
    -r "$from/requirements.txt"
cp "$from/package.json" "$from/package-lock.json" "$to/"
npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --silent
echo "$stamp" >"$to/stamp"
