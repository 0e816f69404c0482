#!/usr/bin/env bash
# Installs Debian packages, as root, without the servers that they would start or leave enabled.
# No file that is there already is changed; what is put in place for the time being goes again.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
dropin=/etc/postgresql-common/createcluster.d/stillup-setup.conf
log=$(mktemp)
mine=("$log")
export DEBIAN_FRONTEND=noninteractive

end() { rm -f "${mine[@]}"; }
trap end EXIT
trap 'exit 1' INT TERM

# put FILE MODE: a file of ours with what stands on the input, unless there is one.
put() {
    [ ! -e "$1" ] || return 0
    mkdir -p "$(dirname "$1")"
    mine+=("$1")
    cat >"$1"
    chmod "$2" "$1"
}
# What apt says is of interest when it fails, and only then.
apt() { apt-get -qq -y "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }
install() { apt install --no-install-recommends --no-upgrade "$@"; }
clusters() { compgen -G "/etc/postgresql/*/*" || true; }

echo "==> Reading the package lists"
apt update
# Debian starts a server when it installs one. For now: no.
put "$policy" 755 <<<$'#!/bin/sh\nexit 101'

nginx_before=$(command -v nginx || true)
prometheus_before=$(command -v prometheus || true)
clusters_before=$(clusters)
for package in "$@"; do
    if [ "$package" = postgresql ]; then
        echo "==> Installing the Postgres programs; no database is made and no server is started"
        install postgresql-common
        put "$dropin" 644 <<<'create_main_cluster = false'
    else
        echo "==> Installing $package"
    fi
    install "$package"
done

if [ -z "$nginx_before" ] && command -v nginx >/dev/null; then
    echo "==> nginx is for the tests only: it will not start with the machine"
    update-rc.d nginx disable >/dev/null 2>&1 || true
    if [ -d /run/systemd/system ]; then systemctl stop nginx; fi
fi
if [ -z "$prometheus_before" ] && command -v prometheus >/dev/null; then
    echo "==> Of Prometheus the tests use promtool only: it will not start with the machine"
    update-rc.d prometheus disable >/dev/null 2>&1 || true
    if [ -d /run/systemd/system ]; then systemctl disable --now prometheus >/dev/null 2>&1 || true; fi
fi
if [ "$(clusters)" != "$clusters_before" ]; then
    echo "Debian made a Postgres cluster of its own all the same; see pg_lsclusters." >&2
    exit 1
fi
