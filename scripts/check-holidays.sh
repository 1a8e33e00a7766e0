#!/usr/bin/env bash
# Holds the table of public holidays against the PyPI package `holidays`, 2000-2050, and prints the
# differences: a day that only one of both has.
#   scripts/check-holidays.sh CACHE_FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(scripts/python.sh "${1:?usage: check-holidays.sh CACHE_FOLDER}" holidays)
LANDFALL_HOLIDAYS_PYTHON=$python LANDFALL_REQUIRE_SETUP=1 \
  cargo test --quiet --locked -p landfall-transfer-law --test holidays -- --nocapture
