# Two commands on a fresh machine: make demo, make test. They need Rust, a C compiler, Python and npm.
.PHONY: demo test check drill assets page-times bench

# The official NHS templates, styles and scripts, which pages are made of.
assets:
	@./web/assets.sh

# The real program with made-up data; prints the address to open. Options: make demo OPTIONS="--port 0"
demo: assets
	@began=$$(date +%s); cargo build --locked && \
	echo "built in $$(($$(date +%s) - began)) s" && \
	exec target/debug/pipss demo $(OPTIONS)

# Everything that is checked before a change lands: layout, no warnings, every test. Clippy looks on while the
# tests are compiled, which spares compiling everything a second time only to be looked at.
test: assets
	@cargo fmt --all --check && ./tests/peers/setup && \
	CLIPPY_ARGS=--deny=warnings RUSTC_WORKSPACE_WRAPPER=clippy-driver ./tests/all

# Layout and warnings only.
check: assets
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings

# How long each page takes, beside the answer it is drawn from.
page-times: assets
	cargo test --locked --release --test page_times -- --ignored --nocapture

# The log, the views and HTTP beside what others would pick: rewrites docs/performance.md and its plots.
# For trying: BENCH_SECONDS=1 make bench OPTIONS="log --without umadb"
bench:
	@./bench/run $(OPTIONS)
	@./bench/app/run

# The same promises tried longer: more kills, more power cuts, more damage. Takes over an hour.
drill:
	PIPSS_KILLS=1000 cargo test --locked --release --test kill -- --nocapture
	cargo test --locked --release --lib demo -- --ignored
	PIPSS_FLIPS=5000 cargo test --locked --release --package pipss-store --test flips -- --nocapture
	PIPSS_STORIES=2000 cargo test --locked --release --package pipss-store --test contract -- --nocapture
	PIPSS_EVENTS=1000000 PIPSS_KILLS=200 cargo test --locked --release --package pipss-store --test rebuild -- --nocapture
	PIPSS_FUZZ=2000000 cargo test --locked --release --package pipss-store --lib fuzz -- --nocapture
	PIPSS_FUZZ=200000 cargo test --locked --release --package pipss-store --test fuzz_import -- --nocapture
	PIPSS_CUTS=1000 cargo test --locked --release --package pipss-store --test power -- --nocapture
	PIPSS_TAMPERINGS=100 PIPSS_FACTS=300000 cargo test --locked --release --package pipss-store --test evidence -- --nocapture
	PIPSS_BACKUPS=40 cargo test --locked --release --package pipss-store --test backup_load -- --nocapture
	PIPSS_FLIPS=1000 PIPSS_FUZZ=20000 cargo test --locked --release --package pipss-store --test export -- --nocapture
	PIPSS_FAULTS=all cargo test --locked --release --package pipss-store --test faults -- --nocapture
	cargo test --locked --release --test full_disk --test starts -- --nocapture
	PIPSS_FUZZ=1000000 cargo test --locked --release --test fuzz -- --include-ignored --nocapture
	cargo install --locked --quiet --root .tools cargo-deny@0.20.2
	.tools/bin/cargo-deny check
