# Two commands on a fresh machine: make demo, make test. They need Rust, Python and a C compiler.
.PHONY: demo test check drill

# The real program with made-up data; prints the address to open. Options: make demo OPTIONS="--port 0"
demo:
	cargo build --locked
	@exec target/debug/pipss demo $(OPTIONS)

# Everything that is checked before a change lands.
test:
	./tests/peers/setup
	cargo test --locked --workspace

# The quick part: layout, warnings, and that the domain stands by itself.
check:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo check --locked -p pipss-domain

# The longer drills; they take a while and are not part of the test.
drill:
	DRILL=1 cargo test --locked --release --workspace -- --include-ignored
