//! Elixir, Erlang, Gleam, Haskell, OCaml and others with one runner each.

use super::{Runner, row, runner, wraps};

const MIX_TEST: &[&str] = &[
    "--trace --cover --stale --failed --warnings-as-errors --color --no-color --force --no-compile --no-deps-check --no-start --raise --all-warnings --no-archives-check --preload-modules",
    "--slowest={num} --slowest-modules={num} --seed={num} --max-failures={num} --only={tag} --exclude={tag} --include={tag} --partitions={num} --timeout={num} --max-cases={num} --repeat-until-failure={num} --export-coverage={word}",
];

const CABAL: &[&str] = &[
    "--enable-tests --enable-coverage --enable-benchmarks --disable-tests --offline --keep-going --dry-run -j[={num}] -v0 -v1 -v2 -O0 -O1 --test-show-details=always|direct|failures|streaming|never|filter",
];

const HASKELL: &str = "{name}|:*|*:test|*:lib|*:test:*|*:exe:*|test:*|lib:*|exe:*|all|all:tests";

pub(super) const RUNNERS: &[Runner] = &[
    runner(
        "mix",
        &[],
        &[
            row("test", MIX_TEST, "{line}"),
            row(
                "coveralls|coveralls.html|coveralls.json|coveralls.detail|coveralls.lcov|coveralls.cobertura",
                MIX_TEST,
                "{line}",
            ),
            row("format", &["--check-formatted --check-equivalent --dry-run --dot-formatter=.formatter.exs"], "{path}"),
            row("compile", &["--warnings-as-errors --force --all-warnings --no-deps-check --no-optional-deps"], ""),
            row(
                "credo",
                &[
                    "--strict -a --all --all-priorities --format=flycheck|json|oneline|sarif --min-priority={word} --checks,--only={words} --ignore,--ignore-checks={words}",
                ],
                "suggest|list|diff|lib|test|lib/**|test/**",
            ),
            row(
                "dialyzer",
                &["--format=short|raw|dialyxir|github|ignore_file --halt-exit-status --quiet --list-unused-filters"],
                "",
            ),
            row(
                "xref graph|unreachable|deprecated",
                &[
                    "--label=compile|compile-connected|runtime --format=stats|cycles|pretty --fail-above={num} --only-nodes",
                ],
                "",
            ),
            row("deps.unlock --check-unused", &[], ""),
            row(
                "sobelow|doctor|docs|lint|check|ci|quality",
                &["--exit[=low|medium|high] --config --skip --compact --private --strict"],
                "",
            ),
            row("ecto.migrations|phx.routes", &[], ""),
        ],
    ),
    runner(
        "rebar3",
        &[],
        &[
            row(
                "eunit|ct|proper|cover|dialyzer|xref|compile|lint|hank|check",
                &[
                    "-v --verbose -c --cover[={bool}] --module,--modules,-m={words} --suite,--suites={words} --case={words} --group={words} --app={words} --dir={path} --readable={word} -n,--numtests={num}",
                ],
                "",
            ),
            row("fmt", &["--check -c"], ""),
            row(
                "as test eunit|ct|proper|cover|dialyzer|xref|compile",
                &["-v --verbose -c --cover[={bool}] --module={words} --suite={words}"],
                "",
            ),
        ],
    ),
    runner(
        "gleam",
        &[],
        &[
            row("test|check|build", &["--target,-t=erlang|javascript --warnings-as-errors --no-print-progress"], ""),
            row("format", &["--check"], "{path}"),
        ],
    ),
    runner("elvis", &[], &[row("rock", &["-V"], "{path}")]),
    runner(
        "stack",
        &[
            "--no-terminal --silent --color=auto|always|never --no-install-ghc --system-ghc --verbosity=silent|error|warn|info|debug -j,--jobs={num}",
        ],
        &[row(
            "test|build|bench",
            &[
                "--fast --pedantic --coverage --no-run-tests --no-run-benchmarks --test --bench --keep-going --no-keep-going --only-locals --dry-run --haddock --no-haddock-deps --no-rerun-tests --force-dirty --test-suite-timeout={num}",
            ],
            "{stack}",
        )],
    ),
    runner("cabal", &[], &[row("test|build|check|v2-test|v2-build|new-test|bench|haddock", CABAL, HASKELL)]),
    runner(
        "hlint",
        &[],
        &[row("", &["--json -g --git --no-summary -j={num} --color=auto|always|never --ignore,-i={text}"], "{path}")],
    ),
    runner(
        "ormolu fourmolu",
        &[],
        &[row("", &["--mode,-m=check|inplace -c --check-idempotence --no-cabal --quiet"], "{path}")],
    ),
    runner(
        "dune",
        &[],
        &[row(
            "build|test|runtest",
            &[
                "--force -f --no-buffer --display=short|quiet|progress|verbose --profile=dev|release -j={num} --error-reporting=deterministic|early|twice",
            ],
            "@fmt|@check|@runtest|@test|@lint|@all|@default|@doc|{path}",
        )],
    ),
    runner("opam", &[], &[wraps("exec --", &[], "dune"), row("lint", &[], "{path}")]),
    runner("ocamlformat", &[], &[row("--check", &[], "**.ml|**.mli")]),
    runner(
        "spago pulp",
        &[],
        &[row("test|build", &["-p={name} --offline -q -v --pedantic-packages --pure --strict"], "")],
    ),
    runner("elm", &[], &[row("make", &["--optimize --debug --output=/dev/null"], "**.elm")]),
    runner(
        "elm-format elm-review",
        &[],
        &[row("", &["--validate --report=json --no-details --offline"], "{file}|src")],
    ),
    runner("nimble", &[], &[row("test|check|build", &["-y -d --silent --verbose --offline"], "")]),
    runner(
        "crystal",
        &[],
        &[
            row(
                "spec",
                &[
                    "-v --verbose --error-trace --fail-fast --no-color --order=random|default|defined|{num} --tag={tag} -e,--example={text} -p --progress --stats -s --warnings=all|none --error-on-warnings --junit_output={report}",
                ],
                "{line}",
            ),
            row("tool format", &["--check"], "{path}"),
        ],
    ),
    runner("shards", &[], &[row("check|build", &["--local --frozen --production --no-color --quiet -q"], "")]),
    runner(
        "ameba",
        &[],
        &[row(
            "",
            &[
                "--all -f,--format=progress|dot|flycheck|silent|disabled|json --fail-level=convention|warning|error --only={names} --except={names} --no-color",
            ],
            "{path}",
        )],
    ),
    runner(
        "julia",
        &[
            "--project[=.] --color=yes|no --check-bounds=yes|auto --startup-file=no -t={num}|auto --depwarn=yes|no|error",
        ],
        &[row("test/runtests.jl", &[], "{word}")],
    ),
    runner("Rscript", &[], &[row("tests/testthat.R|tests/testthat/*.R", &[], "")]),
    runner(
        "v",
        &[],
        &[row("test", &["-stats"], "{path}"), row("vet", &[], "{path}"), row("fmt -verify", &[], "{path}")],
    ),
    runner("odin", &[], &[row("test|check", &["-file -vet -strict-style"], "{path}")]),
    runner("R", &[], &[row("CMD check|build", &["--no-manual --no-build-vignettes --no-vignettes"], "{path}")]),
    runner(
        "busted",
        &[],
        &[row(
            "",
            &[
                "-v --verbose -o,--output=TAP|junit|plainTerminal|utfTerminal|json|gtest -t,--tags={tag} --exclude-tags={tag} --filter={text} --filter-out={text} -p,--pattern={text} --shuffle --seed={num} -r,--run={word} --no-keep-going -k -s --defer-print",
            ],
            "{path}",
        )],
    ),
    runner(
        "luacheck selene stylua",
        &[],
        &[row(
            "",
            &["-q -qq --quiet --check --no-color --std={word} --ignore={word} --codes --color=always|auto|never"],
            "{file}|src|tests|lua|spec",
        )],
    ),
    runner("fpm", &[], &[row("test|build", &["--profile=debug|release --target={word}"], "{word}")]),
];
