.PHONY: run test build bench exactly-once walks lint web clean
SHELL := /usr/bin/env bash
export CGO_ENABLED ?= 0
LDFLAGS := -s -w -X main.builtFrom=$(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)

run: build ## Build everything and start the demonstration on http://127.0.0.1:8080
	./rigistry demo

build: web ## The program, with the web in it
	go build -trimpath -ldflags '$(LDFLAGS)' -o rigistry .

web: web/dist/app/index.html ## The console and the field app
web/dist/app/index.html: $(shell find web/console web/field web/verify web/locales web/*.json web/*.ts web/scripts -type f -not -path '*/node_modules/*' 2>/dev/null)
	.ci/web

test: ## All that CI runs; installs what it needs from Debian's packages where it may
	.ci/test

bench: ## Benchmarks, with what they are compared to in the same run; WORLDS=dir scores detection on recorded worlds
	.ci/bench

READINGS ?= 43200000
exactly-once: ## READINGS readings (43,200,000) over a bad link of which both ends are killed, each exactly once
	go test ./services/metering -run '^TestOnce_' -count=1 -timeout 12h -v -readings $(READINGS)

WALKS ?= 100000
walks: ## WALKS random sequences of commands (100,000) on each database that is there
	go test ./services/licensing -run '^TestWalk_' -count=1 -timeout 12h -parallel 6 -v -walks $(WALKS)

lint: ## go vet, gofmt and, where installed, golangci-lint
	go vet ./... && test -z "$$(gofmt -l *.go api models services migrations web)" && { command -v golangci-lint >/dev/null && golangci-lint run || true; }

clean:
	rm -rf rigistry data web/dist/app web/dist/field
