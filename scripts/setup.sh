#!/usr/bin/env bash
# Installs what tests, lints and benchmarks need and the machine lacks. Idempotent.
#   scripts/setup.sh CACHE_FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$1
mkdir -p "$cache"

# command → Debian package
declare -A packages=([tshark]=tshark [ndpiReader]=libndpi-bin [cc]=gcc [c++]=g++ [npm]=npm [jq]=jq [python3]=python3
  [containerd]=containerd [runc]=runc [nft]=nftables [ip]=iproute2 [setpriv]=util-linux [nsenter]=util-linux [curl]=curl
  [openssl]=openssl [ping]=iputils-ping [tcpdump]=tcpdump)
# `time` is a builtin of bash; the program is another.
missing=()
[[ -x /usr/bin/time ]] || missing+=(time)
# Plugins of pod networks are no commands.
[[ -x /usr/lib/cni/bridge ]] || missing+=(containernetworking-plugins)
# Debian's python3 comes without what `python3 -m venv` installs.
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
for command in "${!packages[@]}"; do
  command -v "$command" >/dev/null || missing+=("${packages[$command]}")
done
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "setup: please install these Debian packages, then run make again: ${missing[*]}" >&2
    exit 2
  fi
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

deny_version=0.20.2
if ! "$cache/tools/bin/cargo-deny" --version 2>/dev/null | grep -qF "$deny_version"; then
  echo "setup: building cargo-deny $deny_version (once, a few minutes)"
  # Unoptimised: it runs for two seconds, and its build would take longer than all else.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_TARGET_DIR="$cache/target-tools" \
    cargo install --quiet --locked cargo-deny --version "$deny_version" --root "$cache/tools"
  rm -rf "$cache/target-tools"
fi

examples/locations/fetch-real.sh "$cache/mmdb" >/dev/null
scripts/check-holidays.sh --install "$cache"
scripts/prometheus.sh "$cache"
