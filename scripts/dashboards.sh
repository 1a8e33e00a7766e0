#!/usr/bin/env bash
# Draws dashboards/*.json into docs/images with the recording in dashboards/recording: a real Prometheus holds it, and
# Grafana's published UI components draw in Chromium. All traffic stays on loopback.
#   scripts/dashboards.sh CACHE_FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$(realpath -m "${1:?usage: dashboards.sh CACHE_FOLDER}")
place=$cache/dashboards
out=$PWD/docs/images
scripts/setup.sh "$cache" draw
mkdir -p "$place" "$out"

# The packages: 600 MB, installed anew only when their versions change. Nothing in them runs at installation.
if ! cmp -s dashboards/render/package-lock.json "$place/package-lock.json"; then
  echo "dashboards: installing Grafana's UI components (once, a minute)"
  cp dashboards/render/package.json dashboards/render/package-lock.json "$place/"
  # Without the lock file the next run begins anew.
  (cd "$place" && npm ci --ignore-scripts --no-audit --no-fund --silent) || { rm "$place/package-lock.json"; exit 1; }
fi
rm -rf "$place/src" "$place/dist"
cp -r dashboards/render/{src,page.html,build.mjs,serve.mjs,draw.mjs} "$place/"

work=$(mktemp -d)
prometheus=
trap '[[ -z $prometheus ]] || kill "$prometheus"; rm -rf "$work"' EXIT
zstd -dq dashboards/recording/metrics.zst -o "$work/recording"
read -r from to < <(awk '!/^#/ { if (!from || $NF < from) from = $NF; if ($NF > to) to = $NF } END { print from, to }' "$work/recording")
tools=$cache/tools/bin
"$tools/promtool" tsdb create-blocks-from openmetrics "$work/recording" "$work/data" >/dev/null
echo 'scrape_configs: []' >"$work/prometheus.yaml"
port=$(python3 -c 'import socket; free = socket.create_server(("127.0.0.1", 0)); print(free.getsockname()[1])')
"$tools/prometheus" --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/data" --storage.tsdb.retention.time=100y \
  --web.listen-address="127.0.0.1:$port" --query.lookback-delta=1m --log.level=error &
prometheus=$!
for _ in $(seq 100); do
  curl -fs "http://127.0.0.1:$port/-/ready" >/dev/null && break
  sleep 0.1
done

boards=$PWD/dashboards
cd "$place"
node build.mjs
node draw.mjs "$boards" "http://127.0.0.1:$port" "$from" "$to" "$out"
