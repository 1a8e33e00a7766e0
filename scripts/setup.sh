#!/usr/bin/env bash
# Installs what tests, lints and benchmarks need and the machine lacks. Idempotent.
#   scripts/setup.sh CACHE_FOLDER [record|draw]
# What it installs stands in scripts/programs.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$1
mkdir -p "$cache"

# The packages of which a program is missing: the table has a row a package. With `record` the programs that record
# the example traffic count too, with `draw` those that draw the dashboards.
missing_packages() {
  while read -r when package programs; do
    [[ ,$when, == *,setup,* || ,$when, == *,"${1:-setup}",* ]] || continue
    for program in $programs; do
      command -v "$program" >/dev/null || { echo "$package"; break; }
    done
  done < <(sed '/^#/d; /^$/d' scripts/programs.txt)
  # `time` is a builtin of bash; the program is another.
  [[ -x /usr/bin/time ]] || echo time
  # Plugins of pod networks are no commands.
  [[ -x /usr/lib/cni/bridge ]] || echo containernetworking-plugins
  # What the operator's image trusts; no program, either.
  [[ -d /usr/share/ca-certificates/mozilla ]] || echo ca-certificates
  # Headers of OpenSSL, with the archive that librdkafka is linked with.
  [[ -f /usr/include/openssl/ssl.h ]] || echo libssl-dev
  # Debian's python3 comes without what `python3 -m venv` installs.
  python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

mapfile -t missing < <(missing_packages "${2-}")
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "setup: please install these Debian packages, then run make again: ${missing[*]}" >&2
    exit 2
  fi
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # A package can be there and its program not: such a one is put back.
  apt-get install -y -qq --no-install-recommends --reinstall "${missing[@]}" >/dev/null
  mapfile -t missing < <(missing_packages "${2-}")
  if ((${#missing[@]})); then
    echo "setup: still without a program of these Debian packages, see scripts/programs.txt: ${missing[*]}" >&2
    exit 2
  fi
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
scripts/python.sh "$cache" holidays >/dev/null
scripts/python.sh "$cache" duckdb >/dev/null
scripts/cyclonedx.sh "$cache" >/dev/null
scripts/prometheus.sh "$cache"
