#!/usr/bin/env bash
# Builds (build) or runs (run) the fuzz targets of fuzz/fuzz_targets with libFuzzer.
#   scripts/fuzz.sh build|run CACHE_FOLDER
# The instrumentation is LLVM's own, switched on by -C flags, so that the pinned stable toolchain
# serves; it is what cargo-fuzz passes.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
mode=$1 cache=$2
export CARGO_TARGET_DIR=$cache/target-fuzz
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1 -Cdebug-assertions"
if [[ $mode == build ]]; then
  # Compiling shows that the targets fit the code; linking is for runs.
  unset RUSTFLAGS
  exec cargo check --quiet --locked --bins
fi
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --quiet --locked --release --bins --target "$host"
for target in fuzz_targets/*.rs; do
  name=$(basename "$target" .rs)
  echo "== $name, ${FUZZ_SECONDS:-60} s"
  mkdir -p "corpus/$name" artifacts
  log=$(mktemp)
  status=0
  "$CARGO_TARGET_DIR/$host/release/$name" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=4096 -rss_limit_mb=2048 \
    -verbosity=0 -print_final_stats=1 -artifact_prefix="artifacts/$name-" "corpus/$name" >"$log" 2>&1 || status=$?
  grep -E "number_of_executed_units|ERROR|panicked|SUMMARY|Test unit" "$log" || true
  rm -f "$log"
  [[ $status == 0 ]] || { echo "fuzz: $name failed, input in fuzz/artifacts" >&2; exit 1; }
done
