# The commands of the house. What each does in detail is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run demo demo-nodes drills build test lint fmt bench accuracy sqlx

help: ## Show this list
	@echo "stillup: is that site up right now?"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## Install what is missing, build, and serve on 127.0.0.1:8080
	@exec scripts/run.sh

demo: ## Play the outage of 28 February 2017 again, on 127.0.0.1:8080
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory --silent build
	@exec target/release/stillup replay outages/2017-02-28-aws-s3.toml --stay

demo-nodes: ## Play it again with two nodes, the first one in the cloud that fails; takes two minutes
	@scripts/setup.sh demo-nodes
	@$(MAKE) --no-print-directory --silent build
	@exec python3 scripts/demo-nodes.py target/release/stillup

drills: ## Kill, freeze and cut off nodes of the release program; takes half an hour
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory --silent build
	@DRILLED_PROGRAM=$(CURDIR)/target/release/stillup cargo test --locked --test program -- \
		--ignored --test-threads 1 --nocapture nodes:: agents::

build: ## Build the release program
	cargo build --release --locked --features jemalloc --bin stillup

test: ## Install what the tests need, then lint and test everything
	@scripts/setup.sh test
	@scripts/lint.sh
	@scripts/test.sh

lint: ## Formatting, clippy, rustdoc, dependencies, compose file
	@scripts/setup.sh lint
	@scripts/lint.sh

fmt: ## Format the code
	cargo fmt --all

bench: ## Measure the cost of a check, against nginx on loopback
	@scripts/setup.sh bench
	@scripts/bench.sh

accuracy: ## Hold the judge against worlds with a known truth
	@exec scripts/accuracy.sh

sqlx: ## Renew .sqlx after a change of a query or a migration
	@scripts/setup.sh run
	@scripts/sqlx-prepare.sh
