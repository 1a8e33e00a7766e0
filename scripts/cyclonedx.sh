#!/usr/bin/env bash
# Fetches the JSON schema of CycloneDX as its makers' Python library holds it, and prints the folder.
#   scripts/cyclonedx.sh CACHE_FOLDER
# Uses the pip of the environment `holidays` (scripts/python.sh). A second call fetches nothing.
set -euo pipefail
cache=${1:?usage: cyclonedx.sh CACHE_FOLDER}
version=11.12.0
checksum=0e807521a921a5c3cb8ce1153f8a61d29eedfe76a46aac2796b7c6b573391a54
folder=$cache/cyclonedx-$version

if [[ ! -d $folder ]]; then
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  # Only its files are wanted, so nothing is installed.
  "$cache/holidays/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$work" "cyclonedx-python-lib==$version" >&2
  wheel=$(echo "$work"/*.whl)
  echo "$checksum  $wheel" | sha256sum --check --quiet - >&2
  python3 -m zipfile --extract "$wheel" "$work/wheel"
  mv "$work/wheel/cyclonedx/schema/_res" "$folder"
fi
echo "$folder"
