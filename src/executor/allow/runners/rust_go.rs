//! Rust and Go.

use super::{Rest, Runner, Style, row, runner};

const CARGO: &[&str] = &[
    "--workspace --all --all-targets --all-features --no-default-features --lib --bins --tests --examples --benches --doc --release -r --locked --frozen --offline -q --quiet -v -vv --verbose --no-run --no-fail-fast --keep-going --future-incompat-report --ignore-rust-version --timings",
    "--features,-F={text} -p,--package={name} --exclude={name} --test={word} --bin={word} --example={word} --bench={word} -j,--jobs={num} --profile={word} --message-format=short|json|human --color=auto|always|never --manifest-path=Cargo.toml|**/Cargo.toml --target=*-*-*|*-*-*-*",
];

const LIBTEST: &[&str] = &[
    "--nocapture --no-capture --ignored --include-ignored --exact --show-output -q --quiet --list --report-time --shuffle --test --bench --test-threads={num} --skip={text} --format=pretty|terse|json --color=auto|always|never --shuffle-seed={num}",
];

const LINTS: &[&str] = &[
    "-D,--deny={lint} -W,--warn={lint} -A,--allow={lint} -F,--forbid={lint} -Dwarnings -Dclippy::all -Dclippy::pedantic -Wclippy::all -Wclippy::pedantic",
];

const NEXTEST: &[&str] = &[
    "-E,--filter-expr,--filterset={text} -P={word} --run-ignored=default|only|all|ignored-only --retries={num} --test-threads={num}|num-cpus --fail-fast --max-fail={num} --no-capture --nocapture --status-level=none|fail|retry|slow|leak|pass|skip|all --final-status-level=none|fail|flaky|slow|skip|pass|all --failure-output=immediate|final|never|immediate-final --success-output=immediate|final|never|immediate-final --partition={text} --no-tests=pass|warn|fail|auto --hide-progress-bar --show-progress=auto|none|bar|counter --build-jobs={num}",
];

const GO: &[&str] = &[
    "-v -x -n -a -race -msan -asan -trimpath -json -tags={words} -p={num} -mod=readonly|vendor -buildvcs=true|false|auto",
];

const GO_TEST: &[&str] = &[
    "-short -failfast -cover -benchmem -fullpath -count={num} -run={text} -skip={text} -bench={text} -fuzz={text} -list={text} -timeout={num} -parallel={num} -cpu={words} -covermode=set|count|atomic -coverpkg={package} -coverprofile={report} -shuffle=on|off|{num} -benchtime={num} -fuzztime={num} -vet=off|all",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner("cargo", CARGO, &[
        row("test|t", &[], "{text}").rest(Rest::Options(LIBTEST, "{text}")),
        row("check|c|build|b", &[], ""),
        row("bench", &[], "{text}").rest(Rest::Options(LIBTEST, "{text}")),
        row("clippy", &["--no-deps --fix --allow-dirty --allow-staged"], "").rest(Rest::Options(LINTS, "")),
        row("fmt", &["--check"], "").rest(Rest::Options(&["--check -l --color=auto|always|never -v"], "")),
        row("doc", &["--no-deps --document-private-items"], ""),
        row("nextest run|r|list", NEXTEST, "{text}").rest(Rest::Options(LIBTEST, "{text}")),
        row("llvm-cov", &["--html --lcov --json --text --summary-only --output-path={report} --output-dir={report} --fail-under-lines={num} --ignore-filename-regex={text} --no-report"], "nextest|test|report"),
        row("tarpaulin", &["--out,-o=Xml|Html|Lcov|Json|Stdout --output-dir={report} --skip-clean --ignore-tests --engine=llvm|ptrace|auto --fail-under={num} --exclude-files={path} -t,--timeout={num}"], ""),
        row("hack test|check|clippy|build", &["--feature-powerset --each-feature --no-dev-deps --depth={num} --skip,--exclude-features={words}"], ""),
        row("machete|sort", &["--check -c --workspace -w --with-metadata"], ""),
        row("xtask|make {script}", &[], ""),
    ]),
    runner("rustfmt", &[], &[row("--check", &["--edition={num} -l -q -v"], "**.rs")]),
    runner("go", GO, &[
        row("test", GO_TEST, "{package}"),
        row("vet|build", &[], "{package}"),
        row("fmt", &[], "{package}"),
        row("mod verify", &[], ""),
        row("mod tidy -diff", &[], ""),
        row("tool cover", &["-func={report}"], ""),
    ])
    .style(Style::OneDash),
    runner("gotestsum", &["--format,-f=dots|dots-v2|pkgname|pkgname-and-test-fails|testname|testdox|standard-quiet|standard-verbose|github-actions --junitfile={report} --jsonfile={report} --no-color --rerun-fails[={num}] --rerun-fails-max-failures={num} --packages={package} --max-fails={num} --hide-summary={words}"], &[
        row("", &[], "{package}").rest(Rest::Options(GO_ALL, "{package}")),
    ]),
    runner("ginkgo", &["-r -v -vv -p -race -cover -randomize-all -keep-going -trace -fail-on-pending -nodes={num} -procs={num} -focus={text} -skip={text} -label-filter={text} -timeout={num} -flake-attempts={num} -seed={num} -tags={words} -succinct"], &[
        row("run", &[], "{package}"),
        row("", &[], "{package}"),
    ])
    .style(Style::OneDash),
    runner("gofmt goimports gofumpt", &[], &[row("", &["-l -d -s -e -w -extra"], "{path}")]).style(Style::OneDash),
    runner("golangci-lint", &["-v --verbose --color=auto|always|never"], &[
        row("run", &["--fix --fast --timeout={num} --new --new-from-rev={ref} --new-from-merge-base={ref} --out-format=colored-line-number|line-number|json|tab|checkstyle|github-actions|junit-xml|sarif --enable,-E={words} --disable,-D={words} --enable-all --disable-all --enable-only={words} --tests[={bool}] --build-tags={words} --max-issues-per-linter={num} --max-same-issues={num} --allow-parallel-runners --concurrency,-j={num} --show-stats -c,--config=.golangci.yml|.golangci.yaml|.golangci.toml|.golangci.json --modules-download-mode=readonly|vendor"], "{package}|{path}"),
        row("fmt", &["--diff -d"], "{path}"),
        row("config verify", &[], ""),
    ]),
    runner("staticcheck revive errcheck gosec ineffassign nilaway", &[], &[row("", &["-tests -checks={words} -tags={words} -quiet -set_exit_status -blank -exclude-generated -f=text|json|stylish -go={num}"], "{package}")]).style(Style::OneDash),
    runner("mage", &[], &[row("{script}", &["-v"], "{script}")]).style(Style::OneDash),
];

const GO_ALL: &[&str] = &[
    "-v -race -short -failfast -cover -tags={words} -p={num} -count={num} -run={text} -skip={text} -timeout={num} -parallel={num} -covermode=set|count|atomic -coverpkg={package} -coverprofile={report} -shuffle=on|off|{num}",
];
