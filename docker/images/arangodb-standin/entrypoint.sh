#!/bin/sh
# Starts the server as the official image does, wherever a client or a drill could tell the difference: no first start without a word
# about root's password, which is ignored later; 0.0.0.0:8529; authentication unless ARANGO_NO_AUTH says otherwise. There is no
# temporary server, since there is nothing to do on it: what is in /docker-entrypoint-initdb.d is not run.
set -eu

folder=/var/lib/arangodb3

main() {
    case ${1:-} in -*) set -- arangod "$@" ;; esac
    if [ "${1:-}" = arangod ] && ! only_asks "$@"; then
        shift
        authentication=true
        [ -z "${ARANGO_NO_AUTH:-}" ] || authentication=false
        if [ ! -f "$folder/SERVER" ] && [ "${SKIP_DATABASE_INIT:-}" != 1 ]; then
            choose_password
        fi
        # One that is given is instead of this one, as there.
        case " $*" in *" --server.endpoint"*) ;; *) set -- --server.endpoint tcp://0.0.0.0:8529 "$@" ;; esac
        set -- arangod --database.directory "$folder" \
            --standin.version "$ARANGO_VERSION" --server.authentication "$authentication" "$@"
    fi
    exec "$@"
}

# `arangod --version` needs no password.
only_asks() {
    for argument; do
        case $argument in --version | --help*) return 0 ;; esac
    done
    return 1
}

choose_password() {
    if [ -n "${ARANGO_ROOT_PASSWORD_FILE:-}" ]; then
        [ -z "${ARANGO_ROOT_PASSWORD:-}" ] || give_up "both ARANGO_ROOT_PASSWORD and ARANGO_ROOT_PASSWORD_FILE are set; they exclude each other"
        ARANGO_ROOT_PASSWORD=$(cat "$ARANGO_ROOT_PASSWORD_FILE")
    fi
    if [ -z "${ARANGO_ROOT_PASSWORD+set}${ARANGO_NO_AUTH:-}${ARANGO_RANDOM_ROOT_PASSWORD:-}" ]; then
        echo "error: database is uninitialized and password option is not specified" >&2
        give_up "set one of ARANGO_ROOT_PASSWORD, ARANGO_ROOT_PASSWORD_FILE, ARANGO_NO_AUTH and ARANGO_RANDOM_ROOT_PASSWORD"
    fi
    if [ -n "${ARANGO_RANDOM_ROOT_PASSWORD:-}" ]; then
        ARANGO_ROOT_PASSWORD=$(od -An -N 8 -t x1 /dev/urandom | tr -d ' \n')
        echo "==========================================="
        echo "GENERATED ROOT PASSWORD: $ARANGO_ROOT_PASSWORD"
        echo "==========================================="
    fi
    export ARANGODB_DEFAULT_ROOT_PASSWORD="${ARANGO_ROOT_PASSWORD:-}"
}

give_up() { echo "$*" >&2; exit 1; }

main "$@"
