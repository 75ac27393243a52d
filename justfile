# Every check, cheapest first.
all: fmt lint doc deps test fuzz

fmt:
    cargo fmt --all --check

lint:
    cargo clippy --workspace --all-targets -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

deps:
    .ci/supply-chain

test:
    tests/run

fuzz:
    tests/fuzz/run
