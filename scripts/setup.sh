#!/usr/bin/env bash
# Installs what is missing for `run`, `demo-nodes`, `lint`, `test` or `bench`, and says so. What is there already
# stays as it is; with nothing missing this does nothing and is quick.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:?usage: scripts/setup.sh run|demo-nodes|lint|test|bench}
export PATH="$PATH:/usr/sbin:/sbin"
missing=()

have() { command -v "$1" >/dev/null 2>&1; }
# need PROGRAM PACKAGE: the Debian package that brings a program, if the program is not there.
need() { have "$1" || missing+=("$2"); }
have_postgres() {
    local found=(/usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb)
    have initdb || [ -x "${found[0]}" ] || [ -x "${found[1]}" ]
}

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if ! have cargo; then
    echo "stillup needs Rust $wanted or later, and there is no cargo here. Install it from https://rustup.rs." >&2
    exit 1
fi
# Without a toolchain rustup says itself what to do.
found=$(cargo --version)
if ! printf '%s\n' "$wanted" "${found#cargo }" | sort --check=quiet --version-sort; then
    echo "stillup needs Rust $wanted or later, and this is $found. Update it with: rustup update" \
        "(a cargo from Debian is too old: install Rust from https://rustup.rs)." >&2
    exit 1
fi
need cc gcc
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
[ -s /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls ] || missing+=(ca-certificates)
have_postgres || missing+=(postgresql)
if [ "$purpose" != run ]; then
    need psql postgresql-client
fi
if [ "$purpose" = demo-nodes ]; then
    need python3 python3
elif [ "$purpose" != run ]; then
    need curl curl
fi
if [ "$purpose" = test ]; then
    need chromium chromium
    need chromedriver chromium-driver
    # Other people's programs read what we serve, and check our pages: scripts/friends.sh, pages.sh.
    need node nodejs
    need npm npm
    need promtool prometheus
    # A pooler between us and Postgres.
    need pgbouncer pgbouncer
fi
if [ "$purpose" = test ] || [ "$purpose" = bench ]; then need nginx nginx-light; fi
if [ "$purpose" = bench ]; then
    need wrk wrk
    # Keys with RSA for the chains that nginx shows.
    need openssl openssl
fi
if [ "$purpose" = lint ] || [ "$purpose" = test ]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
fi

if [ "${#missing[@]}" -gt 0 ]; then
    echo "==> Missing here: ${missing[*]}"
    if ! have apt-get; then
        echo "Only Debian and Ubuntu are known here; install what these packages bring, then try again." >&2
        exit 1
    elif [ "$(id -u)" = 0 ]; then
        scripts/apt-install.sh "${missing[@]}"
    elif have sudo && echo "==> Installing them with sudo (it may ask for your password)" && sudo true; then
        sudo scripts/apt-install.sh "${missing[@]}"
    else
        echo "Installing ${missing[*]} takes root. Ask root to run, once:" >&2
        echo "    $PWD/scripts/apt-install.sh ${missing[*]}" >&2
        exit 1
    fi
fi

if [ "$purpose" = lint ] || [ "$purpose" = test ]; then scripts/tools.sh "$purpose"; fi
if [ "$purpose" = test ]; then
    scripts/friends.sh
    scripts/pages.sh
fi
