#!/usr/bin/env bash
# Runs a task with what the action was given, writes the step's summary, and ends with the program's exit code.
set -euo pipefail

here="$(dirname "${BASH_SOURCE[0]}")"
report="$RUNNER_TEMP/snipara-orchestrator-report.json"
words=(run --json)
[ -z "${INPUT_PROD_URL:-}" ] || words+=(--prod-url "$INPUT_PROD_URL")

# One word a line: nothing that was given is split by a shell.
add() {
    local flag="$1" line
    while IFS= read -r line; do
        line="${line%$'\r'}"
        [ -z "$line" ] || words+=("$flag$line")
    done <<<"$2"
}
add --endpoint= "${INPUT_ENDPOINTS:-}"
add --suite= "${INPUT_SUITES:-}"
add --test= "${INPUT_TESTS:-}"
add "" "${INPUT_ARGUMENTS:-}"

code=0
"${SNIPARA_ORCHESTRATOR:-snipara-orchestrator}" "${words[@]}" -- "$INPUT_TITLE" >"$report" || code=$?
python="$(command -v python3 || command -v python)"
"$python" "$here/summary.py" "$report" "$code" >>"$GITHUB_STEP_SUMMARY"
"$python" "$here/summary.py" --outputs "$report" "$code" >>"$GITHUB_OUTPUT"
exit "$code"
