# Regenerate, check and measure. CONTRIBUTING.md says when to run what.

GO       ?= go
UPCONV   := $(GO) run ./cmd/upconv
PREBUILT := -f 'specs/*.yaml' -o generated
TIME     ?= 10s
OUT      ?= upconv-demo

LAYERS   ?= 500
OPS      ?= 350
SEEDS    ?= 2 3 4
PARTS    ?= verify layers fuzz

.PHONY: help test generate check bench demo fuzz verify-long ci

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

test: ## all tests
	$(GO) test ./...

generate: ## rewrite generated/ from specs/*.yaml, our own assembly, and what README.md and VERIFICATION.md quote
	$(GO) generate ./internal/peak ./runtime/move ./runtime/finish ./asm/sim/probe/native
	$(UPCONV) generate $(PREBUILT)
	$(GO) test ./tests -run 'TestReadmeCommands|TestVerificationFigures' -update

check: ## fail when generated/ is not what specs/*.yaml says
	$(UPCONV) generate --check $(PREBUILT)

bench: ## time the kernels beside this machine's peak; ROWS="T2 T13" picks rows
	$(UPCONV) bench $(ROWS)

demo: ## enlarge a picture; OUT names the folder
	$(UPCONV) demo --out $(OUT)

fuzz: ## run every fuzz target for TIME
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(TIME) $$package; \
		done; \
	done

verify-long: ## long sweeps, in PARTS: upconv verify and every fuzz target for TIME, LAYERS and OPS random layers for each of SEEDS; writes docs/verify-long
	PARTS='$(PARTS)' TIME='$(TIME)' LAYERS='$(LAYERS)' OPS='$(OPS)' SEEDS='$(SEEDS)' .ci/verify-long

ci: ## what a change must hold, as .ci/run does it
	.ci/run
