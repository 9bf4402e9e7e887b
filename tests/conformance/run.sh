#!/usr/bin/env bash
# The official conformance suite against what ships and against its fixtures on the same transport stack.
#
#     tests/conformance/run.sh BINARY SERVER DIR
#
# BINARY is snipara-orchestrator, SERVER the test program conformance_server, DIR a folder for the pinned npm packages,
# which are installed when they are absent. Prints one line a scenario; ends with 1 when one failed. A scenario that is
# known to fail stands in EXPECTED below with its reason and is counted apart.
set -uo pipefail

[ $# = 3 ] || { echo "usage: $0 BINARY SERVER DIR" >&2; exit 2; }
for program in "$1" "$2"; do
    [ -x "$program" ] || { echo "$program is no program: build it first" >&2; exit 2; }
done
binary="$(realpath "$1")" server="$(realpath "$2")"
mkdir -p "$3" && directory="$(realpath "$3")" || exit 2

suite=0.2.0-alpha.12
node_version=22.23.3

# Against the product: what any server must answer. `-` leaves the version to the suite, as extensions ask.
PRODUCT=(
    2025-11-25:server-initialize 2025-11-25:server-session-lifecycle 2025-11-25:ping 2025-11-25:tools-list
    2025-11-25:resources-list 2025-11-25:prompts-list 2025-11-25:resources-subscribe 2025-11-25:resources-unsubscribe
    2025-11-25:logging-set-level 2025-11-25:server-sse-multiple-streams 2025-11-25:dns-rebinding-protection
    2025-11-25:completion-complete
    2026-07-28:tools-list 2026-07-28:resources-list 2026-07-28:prompts-list 2026-07-28:sep-2164-resource-not-found
    2026-07-28:caching 2026-07-28:http-header-validation 2026-07-28:http-custom-header-server-validation
    2026-07-28:server-sse-multiple-streams 2026-07-28:dns-rebinding-protection
    2026-07-28:input-required-result-unsupported-methods 2026-07-28:completion-complete
    2026-07-28:server-stateless
    -:sep-2640-skills-directory -:sep-2640-skills-enumeration -:sep-2640-skills-manifest
)
# Against the product with --stateless: the same without what needs a session or a stream beside the request's.
STATELESS=(
    2025-11-25:server-initialize 2025-11-25:ping 2025-11-25:tools-list 2025-11-25:resources-list
    2025-11-25:prompts-list 2025-11-25:dns-rebinding-protection 2025-11-25:completion-complete
    2026-07-28:tools-list 2026-07-28:resources-list 2026-07-28:prompts-list 2026-07-28:sep-2164-resource-not-found
    2026-07-28:caching 2026-07-28:http-header-validation 2026-07-28:http-custom-header-server-validation
    2026-07-28:dns-rebinding-protection 2026-07-28:input-required-result-unsupported-methods
    2026-07-28:completion-complete 2026-07-28:server-stateless
)
# Checks of the product that need the suite's own tools; against SERVER, which has them, they must pass. Any other
# failure of the scenario counts, and so does one of these that passes.
NEEDS_FIXTURES='server:
  - server-stateless:sep-2575-server-rejects-undeclared-capability
  - server-stateless:sep-2575-missing-capability-http-400
  - server-stateless:sep-2575-http-server-no-independent-requests-on-stream
  - server-stateless:sep-2575-server-no-log-without-loglevel
'
# Against the fixtures: everything that a version asks for, with the extensions that it runs beside (Tasks).
REQUIREMENTS=(2025-11-25 2026-07-28)
# VERSION:SCENARIO of the fixtures that are known to fail, each with its reason.
declare -A EXPECTED=(
)

scratch="$(mktemp -d)"
started=()
finish() {
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null
        wait "$process" 2>/dev/null
    done
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

cli="$directory/node_modules/@modelcontextprotocol/conformance/dist/index.js"
node="$directory/node_modules/node/bin/node"
if ! [ -x "$node" ] || ! [ -f "$cli" ]; then
    [ -f "$directory/package.json" ] || printf '{"private": true}\n' >"$directory/package.json"
    if ! (cd "$directory" && timeout 300 npm install --no-audit --no-fund --save-exact \
        "node@$node_version" "@modelcontextprotocol/conformance@$suite") >"$scratch/npm" 2>&1; then
        tail -n 20 "$scratch/npm" >&2
        echo "the suite could not be installed into $directory" >&2
        exit 2
    fi
fi

passed=0 failed=0 expected=0
# Counts one scenario: NAME, how it ended, and a log that is shown when it failed.
count() {
    local reason="${EXPECTED[$1]:-}"
    case "$2:$reason" in
    passed:) passed=$((passed + 1)) && echo "ok       $1" ;;
    passed:*) failed=$((failed + 1)) && echo "FAILED   $1: it passes, strike it from EXPECTED" ;;
    *:) failed=$((failed + 1)) && echo "FAILED   $1" && [ -f "$3" ] && sed 's/^/         /' "$3" ;;
    *) expected=$((expected + 1)) && echo "expected $1: $reason" ;;
    esac
}

# Starts a server in a home and a repository of its own and sets `url`.
start() {
    local name="$1" log="$scratch/$1.log"
    shift
    mkdir -p "$scratch/$name/home" "$scratch/$name/repository"
    (cd "$scratch/$name/repository" && git init -q . &&
        exec env -i PATH="$PATH" HOME="$scratch/$name/home" timeout 900 "$@") >"$log" 2>&1 &
    started+=($!)
    for _ in $(seq 100); do
        url="$(grep -o 'http://[^ ;]*/mcp' "$log" | head -n 1)"
        [ -n "$url" ] && return 0
        kill -0 "${started[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    cat "$log" >&2
    echo "$1 does not listen" >&2
    exit 1
}

# Prints what went wrong: failed checks and the errors below them.
complaints() { grep -E 'FAILURE|WARNING|Error:|rror|imed out' "$1" | cut -c 1-400 | head -n 20; }

# Runs one scenario against the server at `url`: what it is called here, and VERSION:SCENARIO.
one() {
    local version="${2%%:*}" name="${2#*:}" log="$scratch/one.log" words=()
    [ "$version" = - ] || words+=(--spec-version "$version")
    [ "$name" != server-stateless ] || words+=(--expected-failures "$scratch/needs_fixtures.yml")
    # A scenario that the suite skips ends with 0 and has no results.
    if NO_COLOR=1 timeout 90 "$node" "$cli" server --url "$url" --scenario "$name" "${words[@]}" >"$log" 2>&1 &&
        grep -qE 'Passed: [1-9]' "$log"; then
        count "$1:$2" passed
    else
        complaints "$log" >"$scratch/complaints"
        count "$1:$2" failed "$scratch/complaints"
    fi
}

# Runs all that a version asks for; what the suite does not score counts here, too.
all_of() {
    local version="$1" results="$scratch/results-$1" log="$scratch/$1.log" name state
    NO_COLOR=1 timeout 400 "$node" "$cli" server --url "$url" --requirements "$version" -o "$results" >"$log" 2>&1
    local code=$?
    "$node" - "$results" >"$scratch/states" <<'SCRIPT'
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const root = process.argv[2];
for (const folder of readdirSync(root).sort()) {
    const checks = JSON.parse(readFileSync(`${root}/${folder}/checks.json`));
    const name = folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
    const bad = checks.filter((check) => check.status === 'FAILURE' || check.status === 'WARNING');
    const lines = bad.map((check) => `${check.status} ${check.id}: ${check.errorMessage ?? ''}`.slice(0, 400));
    writeFileSync(`${root}/${folder}/complaints`, lines.join('\n') + '\n');
    const has = (status) => checks.some((check) => check.status === status);
    const state = has('FAILURE') ? 'failed' : has('SUCCESS') ? 'passed' : 'skipped';
    console.log(`${name} ${state} ${root}/${folder}/complaints`);
}
SCRIPT
    local seen=0
    while read -r name state complaint; do
        seen=$((seen + 1))
        if [ "$state" = skipped ]; then
            echo "skipped  fixtures:$version:$name: the suite itself leaves it out"
        else
            count "fixtures:$version:$name" "$state" "$complaint"
        fi
    done <"$scratch/states"
    # The suite has the last word on what it scores: a scenario without results is no pass.
    if [ "$code" != 0 ] || [ "$seen" -lt 30 ]; then
        tail -n 30 "$log" >"$scratch/complaints"
        count "fixtures:$version:whole" failed "$scratch/complaints"
    else
        count "fixtures:$version:whole" passed
    fi
}

printf '%s' "$NEEDS_FIXTURES" >"$scratch/needs_fixtures.yml"
start product "$binary" serve --no-token --bind 127.0.0.1:0 --toolsets all
for scenario in "${PRODUCT[@]}"; do one product "$scenario"; done
start stateless "$binary" serve --no-token --stateless --bind 127.0.0.1:0 --toolsets all
for scenario in "${STATELESS[@]}"; do one stateless "$scenario"; done
start fixtures "$server" --bind 127.0.0.1:0
for version in "${REQUIREMENTS[@]}"; do all_of "$version"; done

[ "$expected" = 0 ] || echo "$expected expected failures"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
