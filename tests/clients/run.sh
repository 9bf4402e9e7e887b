#!/usr/bin/env bash
# Lets every client drive a whole task against BINARY, with the packages that install.sh put into FOLDER.
#     tests/clients/run.sh BINARY FOLDER [stdio,http,sse]
# Runs all of them even when one fails; the exit code is 1 then. Nothing leaves loopback.
set -uo pipefail

[ "$#" -ge 2 ] || { echo "usage: $0 BINARY FOLDER [TRANSPORTS]" >&2; exit 2; }
binary="$1" folder="$2" transports="${3:-stdio,http,sse}"
here="$(dirname "${BASH_SOURCE[0]}")"
failed=()

run() {
    local name="$1"
    shift
    "$@" || failed+=("$name")
}

# Codex speaks no legacy SSE.
agents="$(tr ',' '\n' <<<"$transports" | grep -v '^sse$' | paste -sd, -)"

run python_mcp "$folder/python/bin/python" "$here/python_mcp.py" "$binary" "$transports"
run fastmcp "$folder/python/bin/python" "$here/fastmcp_client.py" "$binary" "$transports"
run npm_sdk python3 "$here/npm_sdk.py" "$binary" "$folder" "$transports"
run inspector python3 "$here/inspector.py" "$binary" "$folder" "$transports"
run packaging python3 "$here/packaging.py" "$binary" "$folder"
run installed python3 "$here/installed.py" "$binary" "$folder"
run claude_code python3 "$here/claude_code.py" "$binary" "$folder" "$transports"
[ -z "$agents" ] || run codex python3 "$here/codex.py" "$binary" "$folder" "$agents"
run snipara_python python3 "$here/snipara_python.py" "$binary" "$folder"

if [ "${#failed[@]}" -gt 0 ]; then
    echo "clients that failed: ${failed[*]}" >&2
    exit 1
fi
echo "every client passed"
