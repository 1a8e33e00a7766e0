#!/usr/bin/env bash
# Makes a Python environment of pinned packages, and prints its interpreter. A second call changes nothing.
#   scripts/python.sh CACHE_FOLDER NAME        packages: scripts/NAME-requirements.txt
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${1:?usage: python.sh CACHE_FOLDER NAME}
name=${2:?usage: python.sh CACHE_FOLDER NAME}
environment=$cache/$name
requirements=scripts/$name-requirements.txt

if ! cmp -s "$requirements" "$environment/requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
    --only-binary :all: --require-hashes -r "$requirements" >&2
  # Last, so that what was interrupted starts anew.
  cp "$requirements" "$environment/requirements.txt"
fi
echo "$environment/bin/python"
