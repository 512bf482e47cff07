# Careloop. Type make to see what there is.
.DEFAULT_GOAL := help
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
export GOFLAGS := -buildvcs=false $(GOFLAGS)

.PHONY: help setup run test lint build bench fit eval demo-real

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make sure of PostgreSQL with pgvector (nothing to do where DATABASE_URL is set)
	@scripts/setup-postgres

run: setup build ## start Careloop with the demo shop, and print its address
	@CARELOOP_LOG_FORMAT=$${CARELOOP_LOG_FORMAT:-text} CARELOOP_LOG_LEVEL=$${CARELOOP_LOG_LEVEL:-warn} bin/careloop serve --demo $(ARGS)

test: ## set up what is needed and run every test (lint, Go with -race, browser)
	@scripts/test

lint: ## check the Go code (gofmt, vet, staticcheck)
	@scripts/lint

build: ## build bin/careloop
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/careloop ./cmd/careloop

demo-real: setup build ## answer real questions: make demo-real DATA=DIR (see scripts/demo-real)
	@scripts/demo-real "$(DATA)" $(COUNT)

bench: setup build ## measure what is promised beside a baseline, and print one table (docs/bench.md)
	@go build -o bin/bench ./internal/bench
	@bin/bench --careloop bin/careloop $(ARGS)

fit: setup ## fit the search's order and confidence anew and write them into the code: make fit DATA=DIR
	CARELOOP_FIT=1 CARELOOP_EVALDATA="$(abspath $(DATA))" go test -count=1 -timeout 2h -v -run TestFitOrder ./retrieval
	CARELOOP_FIT=1 CARELOOP_EVALDATA="$(abspath $(DATA))" go test -count=1 -timeout 2h -v -run TestFitConfidence ./retrieval

eval: setup build ## measure the search on every set in a folder: make eval DATA=DIR [OUT=FILE]
	@bin/careloop eval all "$(DATA)" --out "$(OUT)" $(ARGS)
