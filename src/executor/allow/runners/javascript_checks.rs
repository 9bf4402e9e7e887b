//! Linters, type checks and builds of JavaScript.

use super::{Runner, row, runner};

const TSC: &[&str] = &[
    "--noEmit[={bool}] --pretty[={bool}] --skipLibCheck[={bool}] --strict[={bool}] --incremental[={bool}] --diagnostics --extendedDiagnostics --listFiles --listFilesOnly --noErrorTruncation --watch=false --allowJs --checkJs --esModuleInterop --emitDeclarationOnly --noUnusedLocals --noUnusedParameters --noImplicitAny --force -f --verbose -v --dry -d --noCheck --jsx=preserve|react|react-jsx|react-native",
    "-p,--project={folder:tsconfig.json}|tsconfig.json|tsconfig.*.json|**/tsconfig.json|**/tsconfig.*.json --target,-t={word} --module,-m=commonjs|esnext|es2015|es2020|es2022|node16|nodenext|preserve --moduleResolution=node|node10|node16|nodenext|bundler",
];

const ESLINT: &[&str] = &[
    "--max-warnings={num} --quiet --cache --cache-strategy=metadata|content --fix --fix-dry-run --fix-type={words} --no-inline-config --report-unused-disable-directives --report-unused-disable-directives-severity=off|warn|error --no-error-on-unmatched-pattern",
    "--ext={exts} --ignore-pattern={path} --no-ignore --color --no-color --debug --stats --no-warn-ignored --pass-on-no-patterns --exit-on-fatal-error --concurrency=auto|off|{num} -f,--format=stylish|json|html|compact|unix|junit|checkstyle|json-with-metadata|tap -o,--output-file={report}",
    "-c,--config=eslint.config.js|eslint.config.mjs|eslint.config.cjs|eslint.config.ts|.eslintrc|.eslintrc.js|.eslintrc.cjs|.eslintrc.json|.eslintrc.yml|.eslintrc.yaml",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner(
        "tsc vue-tsc tsgo",
        &[],
        &[
            row(
                "-b|--build",
                TSC,
                "{folder:tsconfig.json}|tsconfig.json|tsconfig.*.json|**/tsconfig.json|**/tsconfig.*.json",
            ),
            row("", TSC, "**.ts|**.tsx|**.mts|**.cts"),
        ],
    ),
    runner(
        "svelte-check",
        &[],
        &[row(
            "",
            &[
                "--fail-on-warnings --threshold=error|warning --output=human|human-verbose|machine|machine-verbose --tsconfig=tsconfig.json|./tsconfig.json --no-tsconfig --ignore={paths} --compiler-warnings={text}",
            ],
            "",
        )],
    ),
    runner("eslint eslint_d", &[], &[row("", ESLINT, "{path}")]),
    runner(
        "prettier",
        &[],
        &[row(
            "",
            &[
                "-c --check -l --list-different -w --write --loglevel,--log-level=silent|error|warn|log|debug --no-error-on-unmatched-pattern --ignore-unknown -u --no-config --no-editorconfig --cache --cache-strategy=metadata|content --color --no-color --single-quote --tab-width={num} --print-width={num} --ignore-path=.prettierignore|.gitignore|.eslintignore",
            ],
            "{path}",
        )],
    ),
    runner(
        "biome",
        &[],
        &[row(
            "check|lint|format|ci",
            &[
                "--write --fix --staged --changed --since={ref} --max-diagnostics={num}|none --diagnostic-level=info|warn|error --error-on-warnings --no-errors-on-unmatched --colors=off|force --verbose --reporter=summary|json|github|junit|gitlab --only={words} --skip={words} --formatter-enabled={bool} --linter-enabled={bool} --files-ignore-unknown={bool}",
            ],
            "{path}",
        )],
    ),
    runner(
        "oxlint",
        &[],
        &[row(
            "",
            &[
                "--deny-warnings --quiet --fix --max-warnings={num} -D,--deny={word} -W,--warn={word} -A,--allow={word} --type-aware --format,-f=default|json|unix|checkstyle|github|stylish",
            ],
            "{path}",
        )],
    ),
    runner(
        "stylelint",
        &[],
        &[row(
            "",
            &[
                "--max-warnings,--mw={num} --quiet -q --fix --cache --color --no-color --allow-empty-input --formatter,-f=compact|json|string|tap|unix|verbose|github --report-needless-disables --rd",
            ],
            "{path}",
        )],
    ),
    runner(
        "standard xo ts-standard semistandard",
        &[],
        &[row("", &["--fix --verbose --quiet --env=node|browser|jest|mocha"], "{path}")],
    ),
    runner(
        "tslint",
        &[],
        &[row(
            "",
            &["-p,--project=tsconfig.json|tsconfig.*.json --fix -q -t,--format=stylish|json|prose|verbose"],
            "{path}",
        )],
    ),
    runner(
        "knip",
        &[],
        &[row(
            "",
            &[
                "--production --strict --include={words} --exclude={words} --no-progress --max-issues={num} --dependencies --exports --files --reporter=symbols|compact|json|markdown",
            ],
            "",
        )],
    ),
    runner(
        "madge",
        &[],
        &[row("", &["--circular -c --extensions={words} --no-color --no-spinner --warning"], "{path}")],
    ),
    runner(
        "markdownlint markdownlint-cli2",
        &[],
        &[row("", &["--fix -f --ignore,-i={path} --dot --quiet -q"], "{path}")],
    ),
    runner(
        "cspell",
        &[],
        &[
            row("lint", &["--no-progress --no-summary --quiet --dot --gitignore --no-must-find-files"], "{path}"),
            row("", &["--no-progress --no-summary --quiet --dot --gitignore --no-must-find-files"], "{file}"),
        ],
    ),
    runner("commitlint", &[], &[row("", &["--from,-f={ref} --to,-t={ref} --verbose -V --last -l"], "")]),
    runner(
        "spectral",
        &[],
        &[row(
            "lint",
            &[
                "--fail-severity,-F=error|warn|info|hint --display-only-failures -D --quiet -q --format,-f=json|stylish|junit|html|text|teamcity|pretty",
            ],
            "{path}",
        )],
    ),
    runner(
        "redocly",
        &[],
        &[row(
            "lint",
            &["--format=stylish|json|codeframe|checkstyle|github-actions --max-problems={num} --skip-rule={word}"],
            "{path}",
        )],
    ),
    runner(
        "prisma",
        &[],
        &[
            row("validate", &["--schema={path}"], ""),
            row("format", &["--schema={path} --check"], ""),
            row("migrate status", &["--schema={path}"], ""),
        ],
    ),
    runner(
        "next",
        &[],
        &[
            row("lint", &["--quiet --strict --max-warnings={num} --no-cache --dir,-d={path} --file={path}"], ""),
            row("build", &["--no-lint --debug -d --turbo --turbopack --no-mangling"], ""),
            row("typegen", &[], ""),
        ],
    ),
    runner(
        "vite",
        &[],
        &[row(
            "build",
            &[
                "--mode,-m=test|development|production --minify[={bool}] --sourcemap[={bool}] --logLevel,-l=info|warn|error|silent --emptyOutDir",
            ],
            "",
        )],
    ),
    runner(
        "astro svelte-kit nuxi nuxt",
        &[],
        &[
            row(
                "check|sync|typecheck|prepare",
                &["--noSync --minimumSeverity=error|warning|hint --minimumFailingSeverity=error|warning|hint"],
                "",
            ),
            row("build", &["--silent --verbose"], ""),
        ],
    ),
    runner(
        "ng",
        &[],
        &[
            row(
                "test",
                &[
                    "--watch=false --no-watch --browsers=ChromeHeadless|ChromeHeadlessCI|FirefoxHeadless --code-coverage --codeCoverage --no-progress --progress=false --source-map=false --include={path} --karma-config=karma.conf.js",
                ],
                "{name}",
            ),
            row("lint", &["--quiet --max-warnings={num} --fix"], "{name}"),
            row(
                "build",
                &[
                    "--configuration,-c=production|development|staging|ci|test --prod --aot --progress=false --no-progress --source-map[={bool}]",
                ],
                "{name}",
            ),
            row("e2e", &[], "{name}"),
        ],
    ),
    runner(
        "react-scripts craco",
        &[],
        &[
            row(
                "test",
                &[
                    "--watchAll=false --watch=false --ci --coverage --runInBand --passWithNoTests --env=jsdom|node -t,--testNamePattern={text} --verbose --silent",
                ],
                "{path}",
            ),
            row("build", &[], ""),
        ],
    ),
    runner(
        "vue-cli-service",
        &[],
        &[
            row("lint", &["--no-fix --max-warnings={num} --max-errors={num}"], "{path}"),
            row("test:unit", &["--ci --coverage --runInBand"], "{path}"),
            row("build", &["--mode=test|production|development --no-clean"], ""),
        ],
    ),
    runner(
        "ember",
        &[],
        &[
            row(
                "test",
                &["--filter,-f={text} --module,-m={text} --reporter,-r=tap|dot|xunit --silent --test-port=0"],
                "",
            ),
            row("build", &["--environment,-e=test|production|development -prod"], ""),
        ],
    ),
    runner(
        "hardhat",
        &[],
        &[
            row("test", &["--no-compile --parallel --bail --grep={text}"], "{path}"),
            row("compile", &["--force --quiet"], ""),
            row("check", &[], ""),
        ],
    ),
    runner(
        "forge",
        &[],
        &[
            row(
                "test",
                &[
                    "-v -vv -vvv -vvvv -vvvvv --match-test,--mt={text} --match-contract,--mc={text} --match-path,--mp={path} --no-match-test={text} --gas-report --fail-fast --json --offline -j,--threads={num} --fuzz-runs={num} --fuzz-seed={word} --summary",
                ],
                "",
            ),
            row("build", &["--sizes --force --offline"], ""),
            row("fmt", &["--check"], "{path}"),
            row("coverage", &["--report=summary|lcov"], ""),
        ],
    ),
    runner(
        "webpack tsup rollup",
        &[],
        &[row("", &["--mode=production|development|none -c --silent --minify --dts --clean --no-stats"], "")],
    ),
    runner(
        "elm-test elm-test-rs",
        &[],
        &[row("", &["--fuzz={num} --seed={num} --report=console|json|junit --workers={num}"], "{file}|tests")],
    ),
];
