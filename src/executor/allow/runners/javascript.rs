//! Package managers, workspaces and their task runners.

use super::{Rest, Row, Runner, Then, row, runner, wraps};

/// What scripts may be passed: options that mean the same harmless thing in every usual runner, and paths.
pub(super) const PASSED_ON: &[&str] = &[
    "--watch=false --watchAll=false --no-watch --ci --run --coverage --no-coverage --runInBand --run-in-band --silent",
    "--verbose -v --bail --passWithNoTests --forceExit --detectOpenHandles --quiet -q --no-color --color --headless",
    "-t,--testNamePattern,--test-name-pattern={text} --testPathPattern,--testPathPatterns={text} --grep={text}",
    "--maxWorkers,--max-workers={num} --max-warnings={num} --workers={num} --retries={num} --check --list-different",
    "--reporter=dot|spec|verbose|default|json|list|line|junit|tap|min|basic --project=* --noEmit --pretty",
    "--browsers=ChromeHeadless --single-run --findRelatedTests --testTimeout,--test-timeout,--timeout={num} --shard={shard}",
];

/// npm reads options after the script's name for itself (`npm help config`).
const NPM: &[&str] = &[
    "--silent -s --if-present --workspaces -ws --ignore-scripts --include-workspace-root -iwr --no-color --quiet -q",
    "-w,--workspace={name} --prefix,-C={folder:package.json} --loglevel=silent|error|warn|notice|http|info|verbose",
    "--foreground-scripts --no-audit --no-fund --no-update-notifier --verbose",
];

const PNPM: &[&str] = &[
    "-r --recursive -w --workspace-root --parallel --stream --sequential --aggregate-output --no-bail --bail --if-present",
    "-F,--filter,--filter-prod={filter} -C,--dir={folder:package.json} --workspace-concurrency={num} --silent -s",
    "--reporter=default|append-only|ndjson|silent --fail-if-no-match --no-sort --sort --color --no-color --offline",
    "--resume-from={name} --report-summary --include-workspace-root --loglevel=debug|info|warn|error|silent",
];

const YARN: &[&str] =
    &["--cwd={folder:package.json} --silent -s --offline --frozen-lockfile --non-interactive --verbose --no-progress"];

/// What package managers start from `node_modules/.bin` when no script has its name; nothing is fetched for it.
const TOOLS: &str = "jest vitest mocha ava playwright cypress eslint prettier tsc vue-tsc svelte-check biome stylelint oxlint nx turbo lerna ng next vite c8 nyc tap knip cucumber-js prisma";

const FOREACH: &[&str] = &[
    "-A --all -p --parallel -t --topological --topological-dev -v --verbose -i --interlaced -W --worktree -R --recursive -Apt -pt -At -pv -ptv -Apv",
    "--include={name} --exclude={name} --from={name} --since[={ref}] -j,--jobs={num}|unlimited",
];

const BUN_TEST: &[&str] = &[
    "--coverage --bail[={num}] --timeout={num} -t,--test-name-pattern={text} --rerun-each={num} --only --todo --randomize --seed={num}",
    "--coverage-reporter=text|lcov --coverage-dir={report} --reporter=junit|dots --reporter-outfile={report} --pass-with-no-tests --concurrent --max-concurrency={num} --dots --only-failures",
];

const NX: &[&str] = &[
    "-t,--target,--targets={scripts} -p,--projects,--project={names} --exclude={names} --all --parallel[={num}]",
    "--skip-nx-cache --skipNxCache --skipRemoteCache --nxBail --nx-bail --nxIgnoreCycles --verbose --base={ref} --head={ref}",
    "--affected --configuration,-c=ci|test|development|production --no-cloud --noCloud --ci --coverage --codeCoverage --code-coverage --watch=false",
    "--output-style,--outputStyle=static|stream|dynamic|compact|dynamic-legacy --quiet --silent --passWithNoTests",
    "--maxWarnings,--max-warnings={num} --testFile={path} --testNamePattern={text} --runInBand --uncommitted --untracked --prod --production",
];

const TURBO: &[&str] = &[
    "--filter,-F={filter} --affected --force[={bool}] --no-cache --concurrency={num} --continue[=never|dependencies-successful|always]",
    "--output-logs=full|hash-only|new-only|errors-only|none --log-order=auto|stream|grouped --log-prefix=auto|none|task",
    "--ui=stream --only --parallel --no-color --color --env-mode=strict|loose --framework-inference --no-daemon",
    "--dry[=json|text] --dry-run[=json|text] --cache=local:r|local:rw --verbosity={num} -v --no-update-notifier",
];

/// Files and usual folders, and no bare words: the script could be a runner of tasks, to which they are tasks.
pub(super) const FILES: &str = "{file}|src|test|tests|spec|e2e";

const fn passed_on(words: &'static str) -> Row {
    row(words, PASSED_ON, FILES).rest(Rest::Options(PASSED_ON, FILES))
}

pub(super) const RUNNERS: &[Runner] = &[
    runner("npm", NPM, &[
        row("test|t|tst", &[], "").rest(Rest::Options(PASSED_ON, FILES)),
        row("run|run-script {script}", &[], "").rest(Rest::Options(PASSED_ON, FILES)),
    ])
    .with_shell(),
    runner("pnpm", &[], &[passed_on("test|t|tst"), passed_on("run|run-script {script}"), passed_on("{direct}"), wraps("", &[], TOOLS)])
        .before(PNPM)
        .with_shell(),
    runner("yarn", &[], &[
        passed_on("test|t"),
        passed_on("run {script}"),
        passed_on("workspace {name} {direct}"),
        passed_on("workspace {name} run {script}"),
        passed_on("workspaces run {script}"),
        passed_on("{direct}"),
        wraps("", &[], TOOLS),
    ])
    .before(YARN)
    .with_shell(),
    runner("yarn", &[], &[passed_on("workspaces foreach run {script}")]).before(FOREACH).with_shell(),
    runner("bun", &[], &[passed_on("run {script}"), passed_on("lint|typecheck"), wraps("", &[], TOOLS)])
        .before(&["--silent --filter,-F={filter} --cwd={folder:package.json}"])
        .with_shell(),
    runner("bun", &[], &[
        row("test", BUN_TEST, "{path}"),
        row("build", &["--outdir={report} --target=browser|bun|node --minify --sourcemap[=none|linked|inline|external] --splitting --format=esm|cjs|iife --packages=external"], "{file}"),
    ]),
    runner("npx", &[], &[
        row("--no-install|--no", &[], "").then(Then::Command("")),
        row("", &["--offline --quiet -q"], "").then(Then::OwnBinary),
    ]),
    runner("bunx", &[], &[row("--no-install", &[], "").then(Then::OwnBinary), row("", &[], "").then(Then::OwnBinary)]),
    runner("nx", &[], &[
        row("run-many", NX, "{script}"),
        row("affected", NX, "{script}"),
        row("affected:test|affected:lint|affected:build|affected:e2e", NX, ""),
        row("run {target}", NX, ""),
        row("test|lint|build|e2e|typecheck|type-check|check|check-types|component-test|format:check|vite:test|unit", NX, "{name}"),
        row("format:check", NX, "{file}"),
    ]),
    runner("turbo", &[], &[
        row("run {script}", TURBO, "{script}").rest(Rest::Options(PASSED_ON, FILES)),
        row("{script}", TURBO, "{script}").rest(Rest::Options(PASSED_ON, FILES)),
    ])
    .with_shell(),
    runner("lerna", &[], &[
        row("run {script}", &["--scope={name} --ignore={name} --since={ref} --concurrency={num} --parallel --stream --no-bail --no-sort --include-dependencies --skip-nx-cache --no-prefix --loglevel=silent|error|warn|info|verbose"], ""),
    ])
    .with_shell(),
    runner("gulp grunt lage", &[], &[row("{script}", &["--silent --no-color --color -S --no-cache --verbose"], "{script}")]),
    runner("rush", &[], &[
        row("build|rebuild|test|lint|check", &["-t,--to={name} -o,--only={name} -f,--from={name} -p,--parallelism={num} -v,--verbose"], ""),
    ]),
    runner("moon", &[], &[
        row("run|check|ci", &["--all --affected --force -u --updateCache --concurrency={num} --quiet"], "{task}"),
        row("{task}", &["--affected --force"], "{task}"),
    ]),
];
