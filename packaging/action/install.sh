#!/usr/bin/env bash
# Puts the program on the PATH of the steps that follow: one that is there, or a release's, checked against SHA256SUMS.
set -euo pipefail

folder="$RUNNER_TEMP/snipara-orchestrator"
mkdir -p "$folder"

if [ -n "${INPUT_PROGRAM:-}" ]; then
    "$INPUT_PROGRAM" --version
    printf 'SNIPARA_ORCHESTRATOR=%s\n' "$INPUT_PROGRAM" >>"$GITHUB_ENV"
    exit 0
fi

version="${INPUT_VERSION:-}"
version="${version#v}"
[ -n "$version" ] ||
    version="$(sed -n 's/^version = "\(.*\)"$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../../Cargo.toml" | head -n 1)"
case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) target=x86_64-unknown-linux-musl ending=tar.gz ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ending=tar.gz ;;
    macOS-X64) target=x86_64-apple-darwin ending=tar.gz ;;
    macOS-ARM64) target=aarch64-apple-darwin ending=tar.gz ;;
    Windows-X64) target=x86_64-pc-windows-msvc ending=zip ;;
    *)
        echo "::error::no release for $RUNNER_OS $RUNNER_ARCH; there are: Linux and macOS on X64 and ARM64, Windows on X64" >&2
        exit 3
        ;;
esac
base="snipara-orchestrator-$version-$target"
cd "$folder"
gh release download "v$version" --repo Snipara/snipara-orchestrator --clobber \
    --pattern "$base.$ending" --pattern SHA256SUMS
sums=(sha256sum)
command -v sha256sum >/dev/null || sums=(shasum -a 256)
line="$(grep -F "  $base.$ending" SHA256SUMS)" || { echo "::error::SHA256SUMS does not name $base.$ending" >&2; exit 3; }
"${sums[@]}" --check <<<"$line"
if [ "$ending" = zip ]; then
    unzip -qo "$base.zip"
else
    tar -xzf "$base.tar.gz"
fi
printf '%s\n' "$folder/$base" >>"$GITHUB_PATH"
printf 'SNIPARA_ORCHESTRATOR=%s\n' "$folder/$base/snipara-orchestrator" >>"$GITHUB_ENV"
