#!/usr/bin/env bash
# `landfall flows` beside tshark and ndpiReader on one capture of at least 100 MB, then the law and the detectors, in one run.
# Prints wall seconds, packets per second and megabytes per second of each; docs/performance.md
# says how to read them.
#   scripts/bench.sh CACHE_FOLDER [MEGABYTES]
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$1 megabytes=${2:-120}
capture=$cache/bench/traffic-$megabytes.pcap
cargo build --quiet --release --locked -p landfall
mkdir -p "$cache/bench"
if [[ ! -s $capture ]]; then
  cargo run --quiet --release --locked -p landfall-tests --example multiply_capture -- "$capture.tmp" "$megabytes" examples/traffic/captures/*
  mv "$capture.tmp" "$capture"
fi
landfall=$CARGO_TARGET_DIR/release/landfall
packets=$("$landfall" flows --pcap "$capture" -o json 2>&1 >/dev/null | sed -n 's/^\([0-9]*\) frames.*/\1/p')
size=$(stat -c %s "$capture")
echo "capture: $((size / 1000000)) MB, $packets frames; $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1)"

# Each three times in turn, the best counts: the others are the machine's noise.
declare -A best memory
timed() { # name command…: /usr/bin/time writes to a file, the command's own stderr is dropped
  local name=$1; shift
  local log; log=$(mktemp)
  /usr/bin/time -o "$log" -f '%e %M' "$@" >/dev/null 2>&1
  local seconds kilobytes
  read -r seconds kilobytes <"$log"; rm -f "$log"
  if [[ -z ${best[$name]:-} ]] || awk -v a="$seconds" -v b="${best[$name]}" 'BEGIN { exit !(a < b) }'; then
    best[$name]=$seconds
  fi
  memory[$name]=$kilobytes
}
for _ in 1 2 3; do
  timed landfall "$landfall" flows --pcap "$capture" -o json
  timed ndpiReader ndpiReader -i "$capture" -q
done
timed tshark tshark -n -r "$capture" -T fields -e frame.time_epoch -e ip.src -e ip.dst -e tls.handshake.extensions_server_name -e http.host -e dns.qry.name
printf '%-12s %9s %14s %8s %10s\n' program seconds packets/s MB/s memory/MB
for name in landfall ndpiReader tshark; do
  awk -v n="$name" -v s="${best[$name]}" -v p="$packets" -v b="$size" -v m="${memory[$name]}" \
    'BEGIN { printf "%-12s %9.2f %14.0f %8.0f %10.0f\n", n, s, p / s, b / s / 1e6, m / 1024 }'
done
awk -v l="${best[landfall]}" -v n="${best[ndpiReader]}" -v t="${best[tshark]}" \
  'BEGIN { printf "landfall is %.2f times as fast as ndpiReader, %.1f times as fast as tshark\n", n / l, t / l }'

# The law: no peer, but limits.
cargo run --quiet --release --locked -p landfall-register --example bench_law

# The detectors: dense text, and texts made to slow them down.
cargo run --quiet --release --locked -p landfall-detect --example speed
