# Every command of the project, one line each: they only name CMake presets and scripts of tools/.
# ARGS="..." is passed on: make run ARGS="--http-port 8443", make e2e ARGS="-k search", make test ARGS=...
PYTHON := /usr/bin/python3
ARGS ?=
JOBS := $(shell nproc)
# Tests of the binary mostly wait for it, so there is one file of them more at once than there are cores.
PYTEST := $(PYTHON) -m pytest --numprocesses $(shell expr $(JOBS) + 1) --dist loadfile
# Where Debian leaves what names the lines of a sanitizer's report.
export ASAN_SYMBOLIZER_PATH := /usr/lib/llvm-19/bin/llvm-symbolizer
export TSAN_SYMBOLIZER_PATH := /usr/lib/llvm-19/bin/llvm-symbolizer

.DEFAULT_GOAL := help
.PHONY: help setup build run test check fmt e2e stack-up stack-down test-stack bench bench-http bench-grpc bench-overload bench-crowd \
	bench-search bench-pipeline bench-cache bench-kafka bench-consume bench-sink bench-spans bench-logs bench-tracing bench-metrics \
	bench-mongo bench-backup fuzz simulate simulation-controls mutants tsan chaos certificate package clean

help: ## Lists these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Installs the Debian packages that are missing, and fetches Swagger UI
	@tools/setup.sh build test

build: setup build/release/build.ninja ## Builds what users run: build/release/productd
	@cmake --build --preset release

run: build ## Sets up, builds and starts the service with its data under ./data
	@exec build/release/productd serve $(ARGS)

test: build build/dev/build.ninja ## Runs every test: C++ under sanitizers, then the real binary from outside
	@cmake --build --preset dev
	@ctest --preset dev --parallel $(JOBS) --label-exclude stack
	@$(PYTEST) tests/tools tests/e2e $(ARGS)

e2e: build ## Runs only the tests of the real binary: make e2e ARGS="-k search"
	@$(PYTEST) tests/e2e $(ARGS)

check: setup build/tidy/build.ninja ## Checks format, clang-tidy, the arrow, sizes and data files
	@tools/setup.sh check
	@$(PYTHON) tools/check.py

fmt: setup ## Formats the code and records what has shrunk in tools/size_budget.json
	@$(PYTHON) tools/check_format.py --fix
	@$(PYTHON) tools/check_sizes.py --update

tsan: setup build/tsan/build.ninja ## Runs the tests of domain, codec, telemetry and app under ThreadSanitizer
	@cmake --build --preset tsan
	@ctest --preset tsan --parallel $(JOBS) --exclude-regex NOT_BUILT

fuzz: setup build/fuzz/build.ninja ## Fuzzes each target of tests/fuzz: make fuzz ARGS="--seconds 60"
	@$(PYTHON) tools/fuzz.py $(ARGS)

simulate: setup build/release/build.ninja ## Drives the worker through a model world: make simulate ARGS="--seeds 100000"
	@cmake --build build/release --target simulation
	@build/release/tests/simulation $(ARGS)

simulation-controls: setup ## Puts known defects back into the worker and says how soon the simulation finds each
	@$(PYTHON) tools/simulation_controls.py $(ARGS)

mutants: setup ## Breaks one line of the rules at a time and sees whether a test notices: make mutants ARGS="--sample 20 src/domain"
	@$(PYTHON) tools/mutants.py $(ARGS)

chaos: build ## Kills, starves and confuses the pipeline and lets an oracle judge it: make chaos ARGS="--short --controls"
	@cmake --build build/release --target chaos_node chaos_mutants
	@$(PYTHON) chaos/run.py $(ARGS)

stack-up: ## Starts the servers some tests need, on loopback, under build/stack
	@tools/setup.sh stack
	@$(PYTHON) tools/stack.py up

stack-down: ## Stops them
	@$(PYTHON) tools/stack.py down

test-stack: build build/dev/build.ninja ## Runs the tests that need the servers of stack-up; names what it skips
	@$(PYTHON) tools/stack.py status
	@cmake --build --preset dev
	@$(PYTHON) tools/run_stack_tests.py $(ARGS)

bench: build ## Measures requests/s, CPU a request, memory and start-up of the release build
	@tools/setup.sh bench
	@$(PYTHON) bench/bench.py $(ARGS)

bench-search: build ## Measures search over many products: make bench-search ARGS=1000000
	@cmake --build build/release --target bench_search
	@build/release/bench/bench_search $(ARGS)

bench-pipeline: build ## Measures the worker over an in-memory log and store of 0, 1 and 10 ms a bulk call
	@cmake --build build/release --target bench_pipeline
	@build/release/bench/bench_pipeline $(ARGS)

bench-cache: build ## Measures a GET through memory, Redis and the store; needs make stack-up
	@tools/setup.sh bench
	@$(PYTHON) bench/bench_cache.py $(ARGS)

bench-backup: build ## Measures a backup under writes, and a restore: make bench-backup ARGS=200000
	@$(PYTHON) bench/bench_backup.py $(ARGS)

bench-mongo: build ## Measures the MongoDB store beside the driver alone, and the pipeline into it; needs make stack-up
	@cmake --build build/release --target bench_mongo
	@at=$$(for n in 1 2 3; do echo 127.0.0.1:$$($(PYTHON) tools/stack.py port mongodb$$n); done | paste -sd,); \
	case $$at, in *:,*) echo "bench-mongo: mongodb is not running; start it with: tools/stack.py up mongodb" >&2; exit 1;; esac; \
	build/release/bench/bench_mongo --uri "mongodb://$$at/?replicaSet=rs0" $(ARGS)

bench-kafka: build ## Measures a POST acknowledged by Kafka and applied; needs make stack-up
	@tools/setup.sh bench
	@cmake --build build/release --target bench_bare_write
	@$(PYTHON) bench/bench_kafka.py $(ARGS)

bench-consume: build ## Measures what the worker reads from Kafka into a store that keeps nothing; needs make stack-up
	@cmake --build build/release --target bench_kafka_consume
	@port=$$($(PYTHON) tools/stack.py port kafka1); \
	test -n "$$port" || { echo "bench-consume: kafka1 is not running; start it with: tools/stack.py up kafka" >&2; exit 1; }; \
	build/release/bench/bench_kafka_consume --brokers 127.0.0.1:$$port $(ARGS)

bench-sink: build ## Measures Kafka into MongoDB beside MongoDB's own sink connector and libmongoc; needs make stack-up
	@cmake --build build/release --target bench_mongo_ingest
	@$(PYTHON) bench/bench_kafka_sink.py $(ARGS)

bench-http: build ## Measures a cached GET over HTTP/1.1 and HTTP/2 beside nginx serving the same bytes from a file
	@tools/setup.sh bench
	@cmake --build build/release --target bench_load
	@$(PYTHON) bench/bench_http.py $(ARGS)

bench-overload: build ## Measures four times the load that saturates, with Limits.answer_time and without
	@cmake --build build/release --target bench_load
	@$(PYTHON) bench/bench_overload.py $(ARGS)

bench-crowd: build ## Measures a cached GET beside 10,000 idle connections and 1,000 slow clients, and their memory
	@cmake --build build/release --target bench_load bench_crowd
	@$(PYTHON) bench/bench_crowd.py $(ARGS)

bench-grpc: build ## Measures GetByID over gRPC beside an empty handler of gRPC's own library
	@tools/setup.sh bench
	@cmake --build build/release --target bench_grpc_empty
	@$(PYTHON) bench/bench_grpc.py $(ARGS)

bench-tracing: build ## Measures requests with tracing off, 1 % and everything sampled, by turns in one run
	@tools/setup.sh bench
	@$(PYTHON) bench/bench_tracing.py $(ARGS)

bench-spans: build ## Measures what a span costs, beside opentelemetry-cpp where that is installed
	@cmake --build build/release --target bench_spans
	@build/release/bench/bench_spans $(ARGS)

bench-logs: build ## Measures what a line of the log costs, alone and in a request of REST and gRPC
	@tools/setup.sh bench
	@cmake --build build/release --target bench_log_lines
	@build/release/bench/bench_log_lines
	@$(PYTHON) bench/bench_logs.py $(ARGS)

bench-metrics: build ## Measures an observation beside prometheus-cpp's histogram, and a scrape in each format
	@cmake --build build/release --target bench_metrics
	@build/release/bench/bench_metrics $(ARGS)

certificate: ## Makes ssl/server.crt and ssl/server.pem for localhost and more: make certificate ARGS="products.example 192.0.2.7"
	@tools/certificate.sh $(ARGS)

package: setup ## Makes the Debian package under build/package; tools/package_life.py lets it live in a fresh Debian
	@tools/setup.sh package
	@$(PYTHON) tools/make_package.py $(ARGS)

clean: ## Removes what was built; data/ and ssl/ stay
	@rm -rf build

# Configures a preset once; after that ninja itself notices changes of the CMake files.
build/%/build.ninja: CMakePresets.json | setup
	@cmake --preset $* >/dev/null && touch $@

# SMALL=1 is the smaller stack: one broker, one mongod as a replica set of one, one instance of productd.
export STACK_SMALL := $(SMALL)
FIRST = build/stack$(if $(SMALL),-small)/productd-1/productd.yaml

.PHONY: run-stack stack-status topics mongo api-docs image try-image try-dockerfile kubernetes

run-stack: build stack-up ## Runs two instances of productd on the servers of stack-up; SMALL=1: one, on one of each
	@$(PYTHON) tools/run_stack.py

stack-status: ## Shows what is up, where, and how much memory it has
	@$(PYTHON) tools/stack.py status

topics: build ## Makes the topics in Kafka: of run-stack, or make topics ARGS="--config FILE"
	@build/release/productd topics create $(or $(ARGS),--config $(FIRST))

mongo: ## Makes the service's user in your MongoDB: make mongo ARGS="mongodb://admin@host/" asks for admin's password
	@$(PYTHON) tools/mongo_user.py $(ARGS)

api-docs: setup ## Writes the pages of the API's description: build/api-docs/swagger
	@$(PYTHON) tools/api_docs.py build/api-docs

image: ## Builds the container image productd:0.1.0; needs a container engine
	@docker build -t productd:0.1.0 .

try-image: build ## Runs the image's files in a bare chroot; needs root and no container engine
	@$(PYTHON) tools/try_image.py

try-dockerfile: ## Does all the Dockerfile says, in a root made by debootstrap; needs root, and minutes
	@$(PYTHON) tools/try_dockerfile.py $(ARGS)

kubernetes: ## Shows what an overlay makes: make kubernetes ARGS=distributed
	@$(PYTHON) tools/kubernetes.py $(or $(ARGS),embedded)
