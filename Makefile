# The only entry. `make demo` shows the main job, `make test` sets up and runs all tests.

SHELL := /bin/bash
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/landfall
export CARGO_TARGET_DIR ?= $(CACHE)/target
# What runs in a cluster, and the command line beside it.
PROGRAMS := --workspace --bins
DENY := $(CACHE)/tools/bin/cargo-deny

.PHONY: help setup demo build test bench lint fmt doc deny mutants fuzz fuzz-build traffic

help: ## This list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## Installs what tests and lints need (Debian packages as root)
	@scripts/setup.sh $(CACHE)

demo: ## Judges the recorded example traffic against the example register
	@scripts/demo.sh

build: setup ## The release binary
	cargo build --release --locked -p landfall --features kafka

# The target triple, version and registry of images; the address of the source for their labels.
IMAGE_TARGET ?= x86_64-unknown-linux-gnu
IMAGE_VERSION ?= $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
IMAGE_REGISTRY ?= localhost
IMAGE_SOURCE ?=
# Debian's folder of static libraries. OpenSSL becomes part of the agent, which then needs none of its libraries in the image;
# pkg-config would refuse a static library from a folder of the system.
OPENSSL := /usr/lib/$(subst -unknown,,$(IMAGE_TARGET))
IMAGES := $(CARGO_TARGET_DIR)/images

.PHONY: image
image: setup ## Images of agent and operator, without a container engine (docs/images.md)
	OPENSSL_LIB_DIR=$(OPENSSL) OPENSSL_INCLUDE_DIR=/usr/include \
	  cargo build --release --locked --target $(IMAGE_TARGET) -p landfall-agent --features kafka
	cargo build --release --locked --target $(IMAGE_TARGET) -p landfall-multicall
	cargo run --quiet --locked -p landfall-image -- --target $(IMAGE_TARGET) --release $(IMAGE_VERSION) \
	  --agent-features kafka --agent-libraries $(OPENSSL)/libssl.a,$(OPENSSL)/libcrypto.a \
	  --programs $(CARGO_TARGET_DIR)/$(IMAGE_TARGET)/release --output $(IMAGES) --registry $(IMAGE_REGISTRY) \
	  $(if $(IMAGE_SOURCE),--source $(IMAGE_SOURCE)) --revision $$(git describe --always --abbrev=40 --dirty --exclude='*') --created $$(git log -1 --format=%cI)

test: setup testenv ## All tests
	cargo build --locked $(PROGRAMS)
	LANDFALL_REAL_COUNTRY_MMDB=$$(examples/locations/fetch-real.sh $(CACHE)/mmdb) \
	  LANDFALL_HOLIDAYS_PYTHON=$(CACHE)/holidays/bin/python LANDFALL_DUCKDB_PYTHON=$(CACHE)/duckdb/bin/python LANDFALL_CYCLONEDX=$$(scripts/cyclonedx.sh $(CACHE)) \
	  LANDFALL_KAFKA=$$(scripts/kafka.sh $(CACHE)) LANDFALL_REQUIRE_SETUP=1 \
	  cargo test --workspace --all-targets --locked
	cargo test --workspace --doc --locked

.PHONY: cases
cases: ## The judged cases of tests/cases as a table
	@cargo run --quiet --locked -p landfall-tests --example cases

.PHONY: testenv
testenv: setup ## Builds etcd and Kubernetes for the test cluster, fetches Kafka (once, 15 minutes)
	@scripts/testenv.sh $(CACHE) >/dev/null
	@scripts/kafka.sh $(CACHE) >/dev/null

.PHONY: e2e
e2e: setup testenv ## Stories on a real cluster (root)
	cargo build --locked $(PROGRAMS)
	LANDFALL_TESTENV=$$(scripts/testenv.sh $(CACHE)) LANDFALL_KAFKA=$$(scripts/kafka.sh $(CACHE)) LANDFALL_REQUIRE_SETUP=1 \
	  cargo test --locked -p landfall-tests --test e2e -- --include-ignored --nocapture --test-threads=1

.PHONY: demo-cluster
demo-cluster: setup testenv ## Operator and agents in a two-node cluster, with traffic (root)
	cargo build --locked $(PROGRAMS)
	@LANDFALL_TESTENV=$$(scripts/testenv.sh $(CACHE)) cargo run --quiet --locked -p landfall-tests --example demo_cluster

.PHONY: demo-kafka
demo-kafka: setup testenv ## Two Kafka clusters with a mirror, a sink and readers on two networks, judged (root)
	cargo build --locked $(PROGRAMS)
	@LANDFALL_KAFKA=$$(scripts/kafka.sh $(CACHE)) cargo run --quiet --locked -p landfall-tests --example demo_kafka

bench: setup ## Speed beside tshark and ndpiReader, of the law and the detectors, in one run
	@scripts/bench.sh $(CACHE)

.PHONY: bench-kafka
bench-kafka: setup testenv ## Messages inspected beside a plain consumer, and an inventory of 10,000 partitions
	cargo build --release --locked -p landfall --features kafka
	@LANDFALL_KAFKA=$$(scripts/kafka.sh $(CACHE)) cargo run --quiet --release --locked -p landfall-tests --example bench_kafka

.PHONY: bench-operator
bench-operator: testenv ## A thousand agents deliver to one operator for ten minutes, then two thousand
	cargo build --release --locked -p landfall-operator -p landfall
	for agents in 1000 2000; do LANDFALL_TESTENV=$$(scripts/testenv.sh $(CACHE)) \
	  cargo run --quiet --release --locked -p landfall-tests --example bench_ingest -- $$agents 600; done

.PHONY: bench-transfers
bench-transfers: testenv ## 5,000 Transfers after a change of the law
	cargo build --release --locked -p landfall-operator -p landfall
	LANDFALL_TESTENV=$$(scripts/testenv.sh $(CACHE)) \
	  cargo run --quiet --release --locked -p landfall-tests --example bench_transfers

.PHONY: bench-agent
bench-agent: ## An agent beside 10,000 new connections a second for a minute (root)
	cargo build --release --locked -p landfall-agent
	cargo run --quiet --release --locked -p landfall-tests --example bench_agent

lint: fmt-check deny programs ## Format, clippy, docs, edges between rooms, fuzz targets compile
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	@$(MAKE) --no-print-directory fuzz-build

.PHONY: programs
programs: setup
	@scripts/check-programs.py

.PHONY: fmt-check
fmt-check:
	cargo fmt --all --check

fmt: ## Formats the code
	cargo fmt --all

.PHONY: crds
crds: ## Writes the CRD manifests anew from the types
	LANDFALL_UPDATE=1 cargo test --quiet --locked -p landfall-api --lib --test reference

.PHONY: charts
charts: ## Writes what the charts hold of the rest anew: definitions, rules, dashboards, instruments, READMEs
	LANDFALL_UPDATE=1 cargo test --quiet --locked -p landfall-tests --test integration -- chart::copies chart::readme

.PHONY: freeze-charts
freeze-charts: testenv ## Freezes the charts as the previous revision that `make e2e` upgrades from; after a release
	rm -f tests/cluster/releases/*.tgz
	for chart in landfall landfall-crds landfall-legal-data; do \
	  $$(scripts/testenv.sh $(CACHE))/bin/helm package charts/$$chart --destination tests/cluster/releases || exit; done

.PHONY: helm
helm: setup testenv ## Lints the charts, renders them with Helm 4 and 3, and asks a real API server
	cargo build --locked $(PROGRAMS)
	LANDFALL_TESTENV=$$(scripts/testenv.sh $(CACHE)) LANDFALL_REQUIRE_SETUP=1 \
	  cargo test --locked -p landfall-tests --test integration -- chart::

.PHONY: rules
rules: ## Writes the PrometheusRule anew from rules/landfall.rules.yaml
	LANDFALL_UPDATE=1 cargo test --quiet --locked -p landfall-tests --test integration rules::the_manifest

.PHONY: dashboards
dashboards: ## Draws the dashboards into docs/images (600 MB of npm packages, once), then checks rules and queries
	@scripts/dashboards.sh $(CACHE)
	cargo test --quiet --locked -p landfall-tests --test integration dashboards

.PHONY: dashboards-record
dashboards-record: setup testenv ## Records anew what the dashboards are drawn from, in a cluster (12 minutes, root)
	cargo build --locked $(PROGRAMS)
	LANDFALL_TESTENV=$$(scripts/testenv.sh $(CACHE)) LANDFALL_KAFKA=$$(scripts/kafka.sh $(CACHE)) \
	  cargo run --quiet --locked -p landfall-tests --example record_metrics -- dashboards/recording/metrics.zst

doc: ## Builds the documentation of the crates
	cargo doc --workspace --no-deps --open

deny: setup ## Licences, sources, and the edges between rooms
	$(DENY) check -A unused-wrapper -A license-not-encountered bans licenses sources
	@scripts/forbidden-edge.sh $(DENY)

mutants: ## Breaks the law in every small way and looks which tests notice (40 minutes)
	cargo install cargo-mutants --quiet --locked --version 27.1.0 --root $(CACHE)/tools
	env -u CARGO_TARGET_DIR $(CACHE)/tools/bin/cargo-mutants mutants -p landfall-transfer-law -o $(CACHE) \
	  $(foreach part,judge bases hop reach places territory categories moment interval development clock,-f 'crates/transfer-law/src/$(part).rs' -f 'crates/transfer-law/src/$(part)/**') \
	  -- --lib

fuzz: ## Runs each fuzz target for 60 s (FUZZ_SECONDS=60)
	@scripts/fuzz.sh run $(CACHE)

fuzz-build:
	@scripts/fuzz.sh build $(CACHE)

traffic: ## Records examples/traffic anew with real clients (root)
	examples/traffic/record.sh
