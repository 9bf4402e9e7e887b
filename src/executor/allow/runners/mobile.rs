//! Dart, Flutter and what builds for telephones.

use super::{Runner, row, runner, wraps};

const TEST: &[&str] = &[
    "--coverage={report} --chain-stack-traces --no-color --color --fail-fast --run-skipped --no-retry --ignore-timeouts --no-chain-stack-traces",
    "-r,--reporter=compact|expanded|json|github|failures-only|silent -n,--name={text} -N,--plain-name={text} -t,--tags={text} -x,--exclude-tags={text} -j,--concurrency={num} --timeout={num}|none -p,--platform=vm|chrome|firefox|node --total-shards={num} --shard-index={num} --test-randomize-ordering-seed={num}|random -P,--preset={word}",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner(
        "dart",
        &["--disable-analytics --no-analytics -v --verbose"],
        &[
            row("test", TEST, "{path}"),
            row("run test", TEST, "{path}"),
            row("run build_runner build|test", &["--delete-conflicting-outputs -d"], ""),
            row("analyze", &["--fatal-infos --fatal-warnings"], "{path}"),
            row(
                "format",
                &[
                    "--set-exit-if-changed -o,--output=none|show|json|write -l,--line-length,--page-width={num} --show=none|changed|all --summary=none|line|profile",
                ],
                "{path}",
            ),
        ],
    ),
    runner(
        "flutter",
        &["--no-version-check --suppress-analytics --no-color --color -v --verbose --no-pub --pub"],
        &[
            row(
                "test",
                &[
                    "--coverage --coverage-path={report} --branch-coverage --machine --no-test-assets --fail-fast --run-skipped --track-widget-creation --no-track-widget-creation",
                    "-r,--reporter=compact|expanded|json|github|failures-only|silent --name={text} --plain-name={text} -t,--tags={text} -x,--exclude-tags={text} -j,--concurrency={num} --timeout={num}|none --total-shards={num} --shard-index={num} --test-randomize-ordering-seed={num}|random --platform=tester|chrome",
                ],
                "{path}",
            ),
            row(
                "analyze",
                &[
                    "--fatal-infos --no-fatal-infos --fatal-warnings --no-fatal-warnings --no-preamble --no-congratulate --current-package --no-current-package",
                ],
                "{path}",
            ),
            row(
                "build apk|appbundle|web|ios|linux|macos|windows|bundle",
                &[
                    "--debug --release --profile --no-codesign --no-tree-shake-icons --config-only --simulator --flavor={word} --target-platform={words} --split-per-abi",
                ],
                "",
            ),
        ],
    ),
    runner("fvm", &[], &[wraps("", &[], "flutter dart")]),
    runner(
        "very_good",
        &[],
        &[row(
            "test",
            &[
                "--coverage --min-coverage={num} --no-optimization --optimization -r --recursive --test-randomize-ordering-seed={num}|random -j,--concurrency={num}",
            ],
            "{path}",
        )],
    ),
    runner(
        "melos",
        &[],
        &[
            row("run {script}", &["--no-select"], ""),
            row(
                "analyze|format",
                &["--fatal-infos --fatal-warnings --set-exit-if-changed -c,--concurrency={num} --output=none"],
                "",
            ),
        ],
    ),
    runner("fastlane", &[], &[row("{script}", &[], ""), row("ios|android|mac {script}", &[], "")]),
    runner("tuist", &[], &[row("test|build", &["--no-selective-testing --clean"], "{word}")]),
];
