# What a developer does here, and what CI does too. `make` alone lists it.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# A build is reproducible: its version, commit and date are those of the commit, and nothing of the machine gets in.
VERSION ?= $(patsubst v%,%,$(shell git describe --tags --always --dirty 2>/dev/null || echo dev))
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)
EPOCH    = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))
DATE    ?= $(if $(EPOCH),$(shell date -u -d @$(EPOCH) +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r $(EPOCH) +%Y-%m-%dT%H:%M:%SZ))
LDFLAGS  = -s -w -X main.version=$(VERSION) $(if $(COMMIT),-X main.commit=$(COMMIT)) $(if $(DATE),-X main.date=$(DATE))

# What make test hands to go test: make test TESTFLAGS='-run TestPods -v' PACKAGES=./collector/kube
TESTFLAGS ?=
# Those that take longest begin first: nothing else is left to fill the time beside them.
PACKAGES  ?= ./collector/internal/programtest ./collector/kube ./...
# Heaps of tests, and of what they start in place of a cluster, are small: to collect their garbage at every other
# megabyte is two fifths of the work of some. The program itself runs with an environment of its own, as shipped.
GOGC      ?= 400
FUZZTIME  ?= 30s
FUZZ      ?=

# Tests start a real control plane. One that is already there is used, else it is built (minutes, once).
CLUSTER = $(if $(KUBEBUILDER_ASSETS),,.ci/build cluster etcd kube-apiserver)

# They start a real PostgreSQL, too, the system's: it is installed where it is not there.
POSTGRES = .ci/postgres

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/stocktake
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/stocktake .

.PHONY: test
test: ## run all tests against a real API server, building it first if it is not there, and name the slowest
	$(CLUSTER)
	$(POSTGRES)
	GOGC=$(GOGC) go test -json -timeout 40m -p 3 $(TESTFLAGS) $(PACKAGES) | go run ./collector/internal/testlog $(filter -v,$(TESTFLAGS))
	@echo 'test: everything passed'

# An API server of the past, in the place of the newest, and what runs against it.
OLD          = $(CURDIR)/.ci/bin/old
CLUSTER_OLD  = .ci/build cluster etcd && BUILD_DIR=$(OLD) .ci/build cluster-old kube-apiserver && ln -sfn ../etcd $(OLD)/etcd
OLD_PACKAGES = ./collector/kube ./collector/internal/kubetest ./collector/internal/programtest

.PHONY: test-old
test-old: ## run the tests of reading and of the built program against Kubernetes 1.28, building it if it is not there
	$(CLUSTER_OLD)
	$(POSTGRES)
	KUBEBUILDER_ASSETS=$(OLD) go test -json -timeout 40m $(TESTFLAGS) $(OLD_PACKAGES) | go run ./collector/internal/testlog $(filter -v,$(TESTFLAGS))
	@echo 'test-old: everything passed'

.PHONY: race
race: ## run all tests with the race detector (needs a C compiler)
	$(CLUSTER)
	$(POSTGRES)
	CGO_ENABLED=1 go test -race -timeout 30m $(TESTFLAGS) $(PACKAGES)
	@echo 'race: everything passed'

# What make soak runs; make soak SOAK=Churn runs a part of it.
SOAK ?= Matrix|Odd|EverySetting|Killed|Churn|ClockThat

.PHONY: soak
soak: ## run the long part of the fault matrix: runs killed, a cluster that churns, a clock that steps (10 minutes)
	$(CLUSTER)
	$(POSTGRES)
	STOCKTAKE_SOAK=1 go test -v -count=1 -timeout 60m -run '$(SOAK)' ./collector/internal/programtest | grep --line-buffered -vE '^ *(=== |--- PASS: TestFaultMatrix/)'

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s), or those that FUZZ matches
	.ci/fuzz $(FUZZTIME) '$(FUZZ)'

.PHONY: cover
cover: ## run all tests and print the coverage of each package
	$(CLUSTER)
	$(POSTGRES)
	.ci/cover $(PACKAGES)

# How many pods, in how many rounds, a file for all measurements, and another build to compare with:
# make bench PODS=50000,200000 ROUNDS=5 JSON=figures.json
# SERVER=old takes Kubernetes 1.28, REPLAY=500000 replays the pages of the last race as those of so many pods.
PODS   ?= 50000
ROUNDS ?= 7
JSON   ?=
BEFORE ?=
SERVER ?= new
REPLAY ?= 0

# The control plane of the benchmark, and where it is.
BENCH_CLUSTER_new = $(CLUSTER)
BENCH_CLUSTER_old = $(CLUSTER_OLD)
BENCH_ASSETS_new  = $(KUBEBUILDER_ASSETS)
BENCH_ASSETS_old  = $(OLD)

.PHONY: bench
bench: build ## race the program against other clients: PODS=50000 ROUNDS=7
	$(if $(filter new old,$(SERVER)),,$(error SERVER=$(SERVER): want new or old))
	$(BENCH_CLUSTER_$(SERVER))
	KUBEBUILDER_ASSETS='$(BENCH_ASSETS_$(SERVER))' go run ./collector/internal/bench \
		-pods '$(PODS)' -rounds '$(ROUNDS)' -json '$(JSON)' -before '$(BEFORE)' -replay '$(REPLAY)'

# What the race for all objects takes where nothing is said; PODS=20000,200000 shows that memory does not grow.
bench-objects: PODS   = 20000
bench-objects: ROUNDS = 5

.PHONY: bench-objects
bench-objects: build ## race it for all objects, against kubectl too: PODS=20000 ROUNDS=5
	$(CLUSTER)
	.ci/build kubectl kubectl
	KUBEBUILDER_ASSETS='$(KUBEBUILDER_ASSETS)' go run ./collector/internal/bench -kubectl "$${BUILD_DIR:-.ci/bin}/kubectl" \
		-pods '$(PODS)' -rounds '$(ROUNDS)' -json '$(JSON)' -before '$(BEFORE)'

.PHONY: demo
demo: build ## see it run: a real API server, some forty pods, a receiver
	$(CLUSTER)
	go build -o bin/demo ./collector/internal/demo
	bin/demo

.PHONY: try
try: build ## the same for you: a shell in which stocktake reaches the demo's cluster and receiver
	$(CLUSTER)
	go build -o bin/demo ./collector/internal/demo
	bin/demo bash --norc

.PHONY: picture
picture: build ## record the terminal picture of the README (needs termtosvg)
	$(CLUSTER)
	go build -o bin/demo ./collector/internal/demo
	.ci/picture

.PHONY: lint
lint: ## run the linters of .golangci.yml
	.ci/build tools golangci-lint
	.ci/bin/golangci-lint run ./...

.PHONY: generate
generate: ## write golden files and generated pages anew
	.ci/generate

.PHONY: verify
verify: ## check that generated files, formatting and go.mod are up to date
	.ci/verify

.PHONY: clean
clean: ## remove what was built, except the programs that tests need
	rm -rf bin

.PHONY: shell-test
shell-test: build ## type into bash, zsh and fish, and check the manual, installing what is not there
	$(CLUSTER)
	.ci/shell-test $(TESTFLAGS)

.PHONY: browser-test
browser-test: build ## look at the HTML page in Chromium, installing it if it is not there
	.ci/browser-test $(TESTFLAGS)

.PHONY: e2e
e2e: ## run image and chart on a real node: Linux, root
	.ci/e2e

# The image and the chart. A tag and a repository other than these: make image IMAGE=registry.example.com/stocktake:1.2.3
IMAGE     ?= localhost/stocktake:$(VERSION)
PLATFORM  ?=
GO_IMAGE  ?=
GOFIPS140 ?= off

.PHONY: image
image: ## build the image IMAGE with docker or buildah; PLATFORM=linux/arm64, GOFIPS140=latest
	VERSION='$(VERSION)' COMMIT='$(COMMIT)' DATE='$(DATE)' SOURCE_DATE_EPOCH='$(EPOCH)' GO_IMAGE='$(GO_IMAGE)' GOFIPS140='$(GOFIPS140)' \
		.ci/image/build $(IMAGE) $(PLATFORM)

.PHONY: image-test
image-test: ## look into IMAGE and start it
	.ci/image/test $(IMAGE) '$(VERSION)' $(lastword $(subst /, ,$(PLATFORM)))

.PHONY: sbom
sbom: build ## write bin/sbom.cdx.json, the modules in the program
	go run ./collector/internal/sbom bin/stocktake '$(VERSION)' > bin/sbom.cdx.json

.PHONY: vulns
vulns: build ## look for known vulnerabilities in what the program calls
	.ci/build tools govulncheck
	.ci/bin/govulncheck -mode=binary bin/stocktake

.PHONY: licenses
licenses: ## check the licenses of the modules in the program
	.ci/licenses/check

.PHONY: chart-lint
chart-lint: ## run helm lint --strict for the oldest and the newest Kubernetes
	go test -count=1 -run 'TestLint|TestEvery' ./collector/internal/chart

.PHONY: chart-test
chart-test: ## render, validate, install and run the chart on a real API server
	$(CLUSTER)
	go test -count=1 ./collector/internal/chart

.PHONY: chart-docs
chart-docs: ## write the chart's README table, schema and golden files anew
	UPDATE_GOLDEN=1 go test -count=1 -run 'UpToDate|Golden' ./collector/internal/chart
