#!/usr/bin/env bash
# The main job on real input: recorded traffic of real clients, judged against the example
# agreement. Needs Rust and a C compiler; nothing is sent anywhere.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v cc >/dev/null || { echo "demo: a C compiler is missing (Debian: apt-get install gcc)" >&2; exit 2; }
echo "Building landfall (the first time 4 minutes of processor time: 2 on two cores) ..."
cargo build --quiet --locked --profile demo -p landfall --no-default-features
echo
echo "landfall watch --register examples/crm-processor --locations examples/locations \\"
echo "    --workloads examples/traffic/workloads.yaml --pcap examples/traffic/captures/*"
echo
"$CARGO_TARGET_DIR/demo/landfall" watch --register examples/crm-processor --locations examples/locations \
  --workloads examples/traffic/workloads.yaml --pcap examples/traffic/captures/*
cat <<'END'

WHERE    attested by the register · corroborated by published ranges · CONFLICT: evidence says worse, the worse counts
DATA     seen in this traffic · held: seen at this workload before · assumed: what the register says · none known
PAYLOAD  inspected · plaintext not read: in the clear, no reader for it · encrypted · not recognised (docs/inspection.md)
WHY      reason (obligation and line of the agreement), or the bases that carry it; add `-o json` for articles and sentences
END
