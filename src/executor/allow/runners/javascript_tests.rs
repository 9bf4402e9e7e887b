//! Test runners of JavaScript.

use super::javascript::{FILES, PASSED_ON};
use super::{Rest, Runner, row, runner, wraps};

const JEST: &[&str] = &[
    "--ci --runInBand -i --coverage --collectCoverage --no-coverage --verbose --silent --bail[={num}] -b --passWithNoTests --forceExit",
    "--detectOpenHandles --onlyChanged -o --onlyFailures -f --no-cache --clearMocks --resetMocks --restoreMocks --logHeapUsage",
    "--watch=false --watchAll=false --watchman=false --no-watchman --colors --no-color --color --useStderr --noStackTrace --expand -e --errorOnDeprecated",
    "--findRelatedTests --runTestsByPath --listTests --json --notify=false --detectLeaks --randomize --showSeed",
    "-t,--testNamePattern={text} --testPathPattern,--testPathPatterns={text} --testPathIgnorePatterns={text} -w,--maxWorkers={num}",
    "--maxConcurrency={num} --testTimeout={num} --changedSince={ref} --shard={shard} --seed={num} --selectProjects={word}",
    "--env,--testEnvironment=node|jsdom --coverageReporters+=text|text-summary|lcov|json|html|clover|cobertura|json-summary|lcovonly",
    "--reporters+=default|summary|github-actions|verbose --coverageDirectory={report} --outputFile={report} --coverageProvider=v8|babel",
    "--collectCoverageFrom={path} --workerThreads --waitForUnhandledRejections --openHandlesTimeout={num}",
    "-c,--config=jest.config.js|jest.config.ts|jest.config.mjs|jest.config.cjs|jest.config.json|jest.*.config.js|jest.*.config.ts",
];

const VITEST: &[&str] = &[
    "--run --coverage[={bool}] --coverage.enabled[={bool}] --no-coverage --watch=false --no-watch --silent[={bool}] --passWithNoTests",
    "--bail={num} -t,--testNamePattern={text} --testTimeout,--test-timeout={num} --hookTimeout={num} --retry={num} --shard={shard} --changed[={ref}] --globals[={bool}]",
    "--reporter=default|verbose|dot|json|junit|basic|tap|tap-flat|hanging-process|github-actions|html --project={word} --no-color --color --allowOnly[={bool}]",
    "--environment=node|jsdom|happy-dom|edge-runtime --pool=threads|forks|vmThreads|vmForks --maxWorkers,--max-workers={num} --minWorkers={num} --maxConcurrency={num} --no-file-parallelism --fileParallelism=false --isolate[={bool}] --no-isolate",
    "--coverage.provider=v8|istanbul --coverage.reporter=text|json|html|lcov|text-summary|json-summary|cobertura|clover --coverage.reportsDirectory={report} --outputFile={report} --outputFile.json={report} --outputFile.junit={report}",
    "--coverage.include={path} --coverage.exclude={path} --exclude={path} --typecheck --typecheck.enabled --typecheck.only --logHeapUsage --sequence.shuffle[={bool}] --sequence.seed={num} --dom --mode=test --expandSnapshotDiff --disableConsoleIntercept --hideSkippedTests --no-cache",
    "-c,--config=vitest.config.ts|vitest.config.js|vitest.config.mts|vitest.config.mjs|vite.config.ts|vite.config.js|vite.config.mts|vitest.*.config.ts|vitest.*.config.js|vitest.*.config.mts",
];

const PLAYWRIGHT: &[&str] = &[
    "-g,--grep={tag} --grep-invert,-gv={tag} --project={word} --workers,-j={num} --retries={num} --max-failures={num} -x --forbid-only --fully-parallel --pass-with-no-tests --quiet --list --shard={shard} --repeat-each={num} --timeout={num} --global-timeout={num}",
    "--reporter=list|line|dot|json|junit|github|html|null|list,html|line,html|dot,html|list,json|list,junit|blob --trace=on|off|on-first-retry|retain-on-failure|on-all-retries --last-failed --only-changed[={ref}] --no-deps --browser=chromium|firefox|webkit|all --ignore-snapshots --output={report}",
    "-c,--config=playwright.config.ts|playwright.config.js|playwright.config.mts|playwright.*.config.ts|playwright.*.config.js",
];

const MOCHA: &[&str] = &[
    "--exit -b --bail -R,--reporter=dot|spec|json|list|min|tap|nyan|xunit|progress -g,--grep={text} -f,--fgrep={text} -i --invert -t,--timeout={num} -s,--slow={num} --retries={num}",
    "--recursive -p --parallel -j,--jobs={num} --forbid-only --forbid-pending --check-leaks -c --color --no-color --full-trace --dry-run --ignore,--exclude={path} --extension={words} --sort -S -u,--ui=bdd|tdd|qunit|exports",
];

const NODE_TEST: &[&str] = &[
    "--test-name-pattern={text} --test-skip-pattern={text} --test-concurrency={num} --test-timeout={num} --test-only --experimental-test-coverage --experimental-test-module-mocks --test-force-exit --test-shard={shard}",
    "--test-reporter=spec|tap|dot|junit|lcov --test-reporter-destination=stdout|stderr|{report} --experimental-strip-types --no-warnings --enable-source-maps --trace-warnings --test-isolation=none|process --test-coverage-include={path} --test-coverage-exclude={path} --test-coverage-lines={num} --test-coverage-branches={num} --test-coverage-functions={num}",
    "--import=tsx|tsx/esm -r,--require=ts-node/register|tsx/cjs --loader=tsx|ts-node/esm --experimental-vm-modules --trace-uncaught --unhandled-rejections=strict|throw|warn",
];

const DENO: &[&str] = &[
    "-A --allow-all --allow-read[={paths}] --allow-write[={paths}] --allow-env[={words}] --allow-net=127.0.0.1|localhost --no-check --check --frozen[={bool}] --cached-only --no-remote --no-npm --no-lock --no-prompt -q --quiet --unstable",
    "--parallel --fail-fast[={num}] --filter={text} --coverage[={report}] --doc --ignore={paths} --permit-no-files --no-run --shuffle[={num}] --trace-leaks --reporter=pretty|dot|tap|junit --junit-path={report} --clean",
];

/// Programs that measure what another one covers.
const COVERED: &str = "jest vitest mocha node ava tap jasmine npm pnpm yarn tsc";

pub(super) const RUNNERS: &[Runner] = &[
    runner("jest", &[], &[row("", JEST, "{path}").rest(Rest::Positionals)]),
    runner("vitest", VITEST, &[
row("run|related|typecheck|bench|list", &[], "{path}"), row("", &[], "{file}")]),
    runner("playwright", PLAYWRIGHT, &[row("test", &[], "{line}")]),
    runner("mocha", &[], &[row("", MOCHA, "{file}|test|tests|spec")]),
    runner("ava", &[], &[row("", &["--verbose -v --fail-fast --tap -t --match,-m={text} --serial -s --concurrency,-c={num} --timeout,-T={num} --no-cache --color --no-color"], "{file}")]),
    runner("tap", &[], &[row("", &["--no-coverage --disable-coverage --allow-incomplete-coverage -j,--jobs={num} -b --bail --timeout,-t={num} -R,--reporter=base|tap|terse|min|dot|silent|junit|json|list --no-color --color"], "{file}")]),
    runner("tape", &[], &[row("", &["--no-only"], "{path}")]),
    runner("jasmine", &[], &[row("", &["--random[={bool}] --seed={num} --filter={text} --fail-fast --parallel=auto|{num} --color --no-color --verbose"], "{file}")]),
    runner("uvu", &[], &[row("", &["-b --bail -q --quiet -c --color -i,--ignore={text}"], "{path}|{text}")]),
    runner("karma", &["--no-auto-watch --browsers=ChromeHeadless|FirefoxHeadless|ChromeHeadlessCI --log-level=debug|info|warn|error|disable --no-colors --fail-on-empty-test-suite"], &[row("start --single-run", &[], ""), row("start karma.conf.js|karma.*.conf.js|karma.conf.ts|karma.conf.cjs --single-run", &[], "")]),
    runner("cypress", &[], &[row("run", &["--headless --browser,-b=chrome|electron|firefox|edge|chromium --spec,-s={paths} --component --e2e --quiet,-q -q --tag,-t={words} --reporter,-r=spec|dot|json|min|list|junit"], "")]),
    runner("cucumber-js", &[], &[row("", &["--tags,-t={tag} --parallel={num} --dry-run --fail-fast --retry={num} --strict --name={text} --format,-f=progress|progress-bar|summary|usage --profile,-p={word}"], "{line}")]),
    runner("web-test-runner wtr", &[], &[row("", &["--coverage --node-resolve --files={path} --concurrency={num} --playwright --puppeteer --static-logging"], "{file}")]),
    runner("node", NODE_TEST, &[row("--test", &[], "{path}")]),
    runner("node", &[], &[
        row("--run {script}", &[], "").rest(Rest::Options(PASSED_ON, FILES)),
        row("ace test", &["--files={path} --tests={text} --tags={tag} --failed --timeout={num}"], "{word}"),
    ])
    .with_shell(),
    runner("node", &["--experimental-vm-modules --no-warnings --trace-warnings"], &[row(
        "node_modules/.bin/jest|node_modules/jest/bin/jest.js",
        JEST,
        "{path}",
    )]),
    runner("tsx", &[], &[row("--test", NODE_TEST, "{path}")]),
    runner("c8", &[], &[wraps("", &["--check-coverage --all -a --100 --lines={num} --functions={num} --branches={num} --statements={num} -r,--reporter=text|lcov|html|json|text-summary|cobertura|none --include,-n={path} --exclude,-x={path} --reports-dir,--report-dir,-o={report} --src={path} --clean --skip-full"], COVERED)]),
    runner("nyc", &[], &[wraps("", &["--check-coverage --all -a --lines={num} --functions={num} --branches={num} --statements={num} --reporter,-r=text|lcov|html|json|text-summary|cobertura --include,-n={path} --exclude,-x={path} --report-dir={report} --silent -s --clean"], COVERED)]),
    runner("deno", &[], &[
        row("test", DENO, "{path}"),
        row("check", DENO, "{path}"),
        row("lint", &["--json --compact -q --quiet --ignore={paths} --rules-tags={words} --rules-include={words} --rules-exclude={words} --fix"], "{path}"),
        row("fmt", &["--check -q --quiet --ignore={paths} --fail-fast"], "{path}"),
        row("task {script}", &["--quiet -q"], "{path}"),
    ])
    .with_shell(),
];
