#!/usr/bin/env bash
# Runs each fuzz target for some seconds (60 when not given). Needs rustup and, once, the network:
# a nightly compiler and cargo-fuzz are installed when they are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds="${1:-60}"
rustup toolchain list | grep -q ^nightly || rustup toolchain install nightly --profile minimal
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
for target in $(cargo +nightly fuzz list --fuzz-dir tests/fuzz); do
    echo "== $target, $seconds s"
    cargo +nightly fuzz run --fuzz-dir tests/fuzz "$target" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048
done
