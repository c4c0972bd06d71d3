# Every verb works on a fresh clone. make alone lists them.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c

GO       ?= go
FUZZTIME ?= 10s
KILLS    ?= 10000

# rapid writes failing input beside the test, where a tree may be read-only;
# the line it prints is enough to run the failure again.
export RAPID_NOFAILFILE = true

.DEFAULT_GOAL := help
.PHONY: help demo test race bench first exact everywhere soak lint fuzz cover build arm64 nocgo clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## see a race between two processes, and its cure (ARGS=... to it)
	@CGO_ENABLED=0 $(GO) run ./cmd/shmrace demo counter $(ARGS) # the first build is all one waits for

test: ## all tests (ARGS=... to go test)
	$(GO) test $(ARGS) ./...

race: ## a short pass under the race detector, which needs cgo and gcc
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v $$($(GO) env CC) >/dev/null; then \
		set -x; $(GO) test -race -short ./...; \
	else \
		echo "make race: skipped, the race detector needs cgo and a C compiler"; \
	fi

bench: ## what is fast and what it is compared with, as a table
	@{ $(GO) version; uname -r; nproc; \
	   $(GO) test -run '^$$' -bench . ./shmlab ./inject && \
	   $(GO) test -run '^$$' -bench Detector ./property/race && \
	   $(GO) test -run '^$$' -bench . -benchtime 9x ./sync; } | awk -f house/table.awk

first: ## how many schedules it takes to find known bugs, as a table
	@$(GO) test -count 1 -v -run SchedulesToFirstBug ./inject -table | sed -n 's/^ *|/|/p'

exact: ## 10,000 programs: every search reaches what all schedules do
	$(GO) test -count 1 -timeout 1h -run 'Against|Shards|Always|Classes' ./inject -rapid.checks=10000

everywhere: ## a kill and a signal at every place of every lab, on both hosts
	$(GO) test -count 1 -timeout 4h -v -run VerdictsOnBothHosts ./property -everywhere | grep -v '^=== '

soak: ## KILLS, 10,000, of processes that hold, wait for or release locks
	SHMRACE_SOAK=$(KILLS) $(GO) test -count 1 -v -timeout 30m -run 'Soak|Parked' ./sync

lint: ## gofmt, go vet and staticcheck find nothing
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

fuzz: ## each fuzz test for FUZZTIME, 10s
	@$(GO) test -list '^Fuzz' ./... | awk '/^Fuzz/ { name[++n] = $$1 } $$1 == "FAIL" { exit 1 } \
		$$1 == "ok" { for (i = 1; i <= n; i++) print name[i], $$2; n = 0 }' | \
	while read -r name package; do \
		echo "$$package $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
	done

cover: ## which lines the tests reach: bin/cover.out
	@mkdir -p bin
	$(GO) test -short -coverpkg ./... -coverprofile bin/cover.out ./...
	@$(GO) tool cover -func bin/cover.out | tail -1

build: ## the command, as bin/shmrace
	$(GO) build -o bin/shmrace ./cmd/shmrace

arm64: ## what builds and vets for arm64
	GOARCH=arm64 $(GO) build ./...
	GOARCH=arm64 $(GO) vet ./...

nocgo: ## what builds without cgo
	CGO_ENABLED=0 $(GO) build ./...

clean: ## remove what the other verbs made
	rm -rf bin
