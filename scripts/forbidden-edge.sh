#!/usr/bin/env bash
# Shows that `cargo deny` keeps the rooms apart: with a forbidden edge (the agent seeing the law)
# the check must fail, and name the edge.
#   scripts/forbidden-edge.sh CARGO_DENY
set -euo pipefail
cd "$(dirname "$0")/.."
deny=$1
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z -- '*Cargo.toml' Cargo.lock deny.toml ':!fuzz' | xargs -0 cp --parents -t "$copy"
# Cargo wants the files of the targets to be there, not to hold anything.
git ls-files -z -- '*/src/lib.rs' '*/src/main.rs' 'tests/*.rs' | (cd "$copy" && xargs -0 -n1 sh -c 'mkdir -p "$(dirname "$1")"; : > "$1"' _)
sed -i 's/^\[dependencies\]$/&\nlandfall-transfer-law.workspace = true/' "$copy/agent/Cargo.toml"
if (cd "$copy" && "$deny" --offline --all-features check bans) >"$copy/out" 2>&1; then
  echo "forbidden-edge: landfall-agent → landfall-transfer-law was not refused" >&2
  exit 1
fi
grep -q "landfall-transfer-law" "$copy/out" || { cat "$copy/out" >&2; exit 1; }
echo "forbidden edge landfall-agent → landfall-transfer-law is refused"
