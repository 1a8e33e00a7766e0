#!/usr/bin/env bash
# Records the captures of this folder: real clients against local servers in network namespaces that have
# no way out. Needs root. Usage: record.sh [CASE…], for example `record.sh 18-unregistered-plaintext`;
# without an argument all cases are recorded.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
captures=$here/captures

# shellcheck source=capture/network.sh
. "$here/capture/network.sh"
# shellcheck source=capture/tap.sh
. "$here/capture/tap.sh"
# shellcheck source=capture/cases.sh
. "$here/capture/cases.sh"

fail() {
    echo "record.sh: $*" >&2
    exit 1
}

install_missing() {
    "$here/../../scripts/setup.sh" "${XDG_CACHE_HOME:-$HOME/.cache}/landfall" record >&2
    # Encrypted Client Hello on the server's side came with Go 1.24.
    go version | grep -Eq 'go1\.(2[4-9]|[3-9][0-9])' || fail "needs Go 1.24 or newer, found: $(go version)"
}

# A throw-away authority and a certificate for each host; they live as long as the run.
make_certificates() {
    local certs=$1 host
    mkdir -p "$certs"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Throw-away CA" \
        -keyout "$certs/ca.key" -out "$certs/ca.pem" 2>/dev/null
    for host in $(grep -v '^#' "$here/names/zone.txt" | awk '$2 == "A" { print $1 }
            $2 == "CNAME" { print $1 }' | sort -u) ech.example.net; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$host" \
            -keyout "$certs/$host.key" -out "$certs/$host.csr" 2>/dev/null
        openssl x509 -req -in "$certs/$host.csr" -CA "$certs/ca.pem" -CAkey "$certs/ca.key" -days 2 \
            -extfile <(echo "subjectAltName=DNS:$host") -out "$certs/$host.pem" 2>/dev/null
    done
}

# The clients see the throw-away authority and nothing of the caller's environment, no proxy above all.
run() {
    local workload=$1
    shift
    ip netns exec "$(ns "$workload")" env -i PATH="$PATH" HOME="$work" LC_ALL=C.UTF-8 RES_OPTIONS="${resolver:-}" \
        SSL_CERT_FILE="$work/certs/ca.pem" CURL_CA_BUNDLE="$work/certs/ca.pem" \
        NODE_EXTRA_CA_CERTS="$work/certs/ca.pem" "$@" >>"$work/clients.log" 2>&1 ||
        fail "$current: client failed: $* ($(tail -n 3 "$work/clients.log"))"
}

# Waits until a background process has written "ready" (or what is given) to its log.
await() {
    local log=$1 word=${2:-ready} left=100
    until grep -Eq "$word" "$log" 2>/dev/null; do
        ((left--)) || fail "no \"$word\" in $(basename "$log"): $(cat "$log")"
        sleep 0.1
    done
}

start() {
    local log=$1 namespace=$2
    shift 2
    ip netns exec "$namespace" "$@" >"$log" 2>&1 &
    started+=($!)
}

clean_up() {
    local status=$? process
    trap - EXIT
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true
    done
    take_down_network
    rm -rf "$work"
    exit "$status"
}

main() {
    [[ $(id -u) == 0 ]] || fail "needs root, for network namespaces and packet capture"
    install_missing
    work=$(mktemp -d "${TMPDIR:-/tmp}/landfall-traffic.XXXXXX")
    started=()
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    make_certificates "$work/certs"
    (cd "$here" && GOTOOLCHAIN=local go build -o "$work/server" ./server)
    (cd "$here" && GOTOOLCHAIN=local go build -o "$work/goclient" ./clients/goclient)
    set_up_network

    start "$work/server.log" "$(ns servers)" "$work/server" -certs "$work/certs" -ech "$work/ech"
    await "$work/server.log"
    start "$work/dns.log" "$(ns servers)" python3 "$here/names/dns.py" \
        --address 192.0.2.53 --zone "$here/names/zone.txt" --ech "$work/ech"
    await "$work/dns.log"
    start "$work/intake.log" "$(ns intake)" "$work/server" -inbound 192.0.2.16:8080

    mkdir -p "$captures"
    local chosen=("$@")
    ((${#chosen[@]})) || mapfile -t chosen < <(all_cases)
    for current in "${chosen[@]}"; do
        declare -F "case-$current" >/dev/null || fail "no such case: $current"
        "case-$current"
    done
    "$here/capture/check.py"
}

main "$@"
