# What can be done here; `make help` lists it. CI runs the same words.
.DEFAULT_GOAL := help
.PHONY: help run demo test check fmt lint doc deny bench bench-replay mutants replay simulate fixtures-lint \
	replay-live api-check compat ci

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and serve the demo on 127.0.0.1:8080
	cargo run --release -- serve

demo: ## build and show a lively world on 127.0.0.1:8080
	cargo run --release -- demo

test: ## every test; nothing but Rust is needed
	cargo test

check: ## does it compile?
	cargo check --all-targets

fmt: ## put the sources into shape
	cargo fmt

lint: ## shape and lints, warnings refused
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

doc: ## the documentation, warnings refused
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

deny: ## advisories and licences of what we depend on
	@if command -v cargo-deny >/dev/null; then cargo deny --config .deny.toml check; \
	else echo "cargo-deny is not installed, so nothing was checked: cargo install cargo-deny"; fi

bench: ## how fast it is
	cargo bench

bench-replay: ## how fast fixtures replay and whole calls play
	cargo bench --bench figures -- replay

mutants: ## deliberate mistakes, each of which a fixture has to notice
	@.ci/mutants/run

replay: ## play the fixtures in-process
	cargo run -- replay

simulate: ## play whole calls, and random ones
	cargo run -- simulate
	cargo run -- simulate --random 5000

fixtures-lint: ## nothing in the fixtures may be somebody's
	cargo run -- fixtures lint

replay-live: ## play the fixtures against a server, over HTTP
	cargo build
	@.ci/live "$${CARGO_TARGET_DIR:-target}/debug/hookswitch"

api-check: ## ask the API everything that its description allows, and more; needs Python 3
	cargo build
	@.ci/api-check "$${CARGO_TARGET_DIR:-target}/debug/hookswitch"

compat: ## let providers' own clients talk to a server; needs Python 3, and npm for the other way round
	cargo build
	@.ci/compat "$${CARGO_TARGET_DIR:-target}/debug/hookswitch"
	@.ci/rest-check

ci: lint doc test replay simulate fixtures-lint replay-live ## everything that CI runs
