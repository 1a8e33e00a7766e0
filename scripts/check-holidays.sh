#!/usr/bin/env bash
# Holds the table of public holidays against the PyPI package `holidays`, 2000-2050, and prints the
# differences: a day that only one of both has.
#   scripts/check-holidays.sh CACHE_FOLDER
#   scripts/check-holidays.sh --install CACHE_FOLDER    only installs the pinned package
set -euo pipefail
cd "$(dirname "$0")/.."
install_only=
[[ ${1-} != --install ]] || { install_only=1; shift; }
cache=${1:?usage: check-holidays.sh [--install] CACHE_FOLDER}
environment=$cache/holidays
requirements=scripts/holidays-requirements.txt

if ! cmp -s "$requirements" "$environment/requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
    --only-binary :all: --require-hashes -r "$requirements"
  # Last, so that what was interrupted starts anew.
  cp "$requirements" "$environment/requirements.txt"
fi
[[ -z $install_only ]] || exit 0
LANDFALL_HOLIDAYS_PYTHON=$environment/bin/python LANDFALL_REQUIRE_SETUP=1 \
  cargo test --quiet --locked -p landfall-transfer-law --test holidays -- --nocapture
