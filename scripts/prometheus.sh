#!/usr/bin/env bash
# Puts promtool, prometheus, alertmanager and amtool of Debian's packages into CACHE_FOLDER/tools/bin. The packages are
# unpacked, not installed: that needs no root, and starts no service.
#   scripts/prometheus.sh CACHE_FOLDER
set -euo pipefail
tools=$(realpath -m "${1:?usage: prometheus.sh CACHE_FOLDER}")/tools
packages=(prometheus prometheus-alertmanager)
programs=(promtool prometheus alertmanager amtool)

for program in "${programs[@]}"; do
  "$tools/bin/$program" --version >/dev/null 2>&1 || missing=1
done
[[ -n ${missing-} ]] || exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "setup: please put ${programs[*]} into $tools/bin, then run make again" >&2
  exit 2
fi

echo "setup: unpacking ${packages[*]}"
mkdir -p "$tools/bin"
unpacked=$(mktemp -d "$tools/prometheus.XXXXXX")
trap 'rm -rf "$unpacked"' EXIT
cd "$unpacked"
if ! apt-get download -qq "${packages[@]}" 2>log; then
  # The list of packages is missing or old.
  if [[ $(id -u) != 0 ]] || ! apt-get update -qq || ! apt-get download -qq "${packages[@]}" 2>log; then
    cat log >&2
    echo "setup: please run apt-get update, then run make again" >&2
    exit 2
  fi
fi
for package in *.deb; do
  dpkg-deb --extract "$package" .
  rm "$package"
done
rm log
chmod 755 .

# Debian's Alertmanager opens its templates by this path, and does not start without.
templates=/usr/share/prometheus/alertmanager/default.tmpl
mkdir -p usr/share/zoneinfo
cat >alertmanager <<WRAPPER
#!/bin/sh
# Runs Alertmanager where it finds its templates: in a mount namespace of its own, which nobody else sees.
unpacked=$tools/prometheus
[ ! -e $templates ] || exec "\$unpacked/usr/bin/prometheus-alertmanager" "\$@"
[ "\$(id -u)" = 0 ] && user= || user=--map-root-user
exec unshare --mount \$user sh -ec '
  unpacked=\$1
  shift
  [ ! -d /usr/share/zoneinfo ] || mount --rbind /usr/share/zoneinfo "\$unpacked/usr/share/zoneinfo"
  mount --rbind "\$unpacked/usr/share" /usr/share
  exec "\$unpacked/usr/bin/prometheus-alertmanager" "\$@"' sh "\$unpacked" "\$@"
WRAPPER
chmod 755 alertmanager

# Complete before it is in its place.
rm -rf "$tools/prometheus"
mv "$unpacked" "$tools/prometheus"
ln -sfn ../prometheus/usr/bin/{promtool,prometheus,amtool} ../prometheus/alertmanager "$tools/bin/"
