//! Python: interpreters, test runners, environments.

use super::{Rest, Runner, Style, row, runner, wraps};

pub(super) const PYTEST: &[&str] = &[
    "-v -q -x -s -l --verbose --quiet --exitfirst --lf --last-failed --ff --failed-first --nf --new-first --sw --stepwise --sw-skip --stepwise-skip --no-header --no-summary",
    "--strict --strict-markers --strict-config --runxfail --showlocals --full-trace --co --collect-only --cache-clear --disable-warnings --disable-pytest-warnings --continue-on-collection-errors --doctest-modules --doctest-continue-on-failure",
    "--setup-show --setup-only --setup-plan --markers --fixtures --no-cov --no-cov-on-fail --cov-branch --cov-append --forked --runslow --run-slow --slow --integration --e2e --benchmark-skip --benchmark-disable --benchmark-only --create-db --reuse-db --nomigrations --no-migrations --self-contained-html --testmon --mypy --ruff --flake8 --no-success-flaky-report -ra -rA -rs -rx -rX -rf -rfE -rE -rP -rp -rN -rxXs -rfEX -rsx",
    "-k={text} -m={text} -n,--numprocesses={num}|auto|logical -nauto --maxprocesses={num} --maxfail={num} --durations={num} --durations-min={num} --verbosity={num} --tb=auto|long|short|line|native|no --color=yes|no|auto --code-highlight=yes|no -r={word}",
    "--cov[={measured}] --cov-report=term|term-missing|xml|html|json|lcov|annotate|term:skip-covered|term-missing:skip-covered|html:{report}|xml:{report}|json:{report}|lcov:{report} --cov-fail-under={num} --cov-context=test --junitxml,--junit-xml={report} --junit-prefix={word} --html={report} --report-log={report} --json-report --json-report-file={report}",
    "--timeout={num} --timeout-method=thread|signal --reruns={num} --reruns-delay={num} --count={num} --dist=load|loadscope|loadfile|loadgroup|worksteal|no|each --import-mode=prepend|append|importlib --asyncio-mode=auto|strict --capture=no|sys|fd|tee-sys --show-capture=no|stdout|stderr|log|all",
    "-p=no:* -o,--override-ini=log_cli=true|log_cli=false|junit_family=xunit1|junit_family=xunit2|junit_family=legacy -Werror -W=ignore|error|default|always|once|module|error::*Warning|ignore::*Warning|default::*Warning --ignore={path} --ignore-glob={path} --deselect={node} --log-cli-level={word} --log-level={word} --log-cli=true|false --randomly-seed={num}|last|default --random-order --random-order-seed={num} --last-failed-no-failures=all|none --browser=chromium|firefox|webkit --splits={num} --group={num} --shard-id={num} --num-shards={num} --hypothesis-seed={num} --hypothesis-show-statistics",
];

const UNITTEST: &[&str] = &[
    "-v --verbose -q --quiet -f --failfast -b --buffer --locals -k={text} --durations={num} -s,--start-directory={dir} -p,--pattern={text} -t,--top-level-directory={path}",
];

/// What unittest imports, and where it looks for tests when it is given no names.
const TESTS: &str = "{module}|{source}";
const FOUND: &str = "{dir}|{glob}";

/// What Django tests: a folder comes before a module of that name.
const LABELS: &str = "{module}|{dir}";

const COVERAGE: &[&str] =
    &["--source={measured} --branch --parallel-mode -p -a --append --include={paths} --omit={paths} --timid"];

pub(super) const MANAGE: &[&str] = &[
    "--parallel[={num}|auto] --keepdb -k={text} --failfast --noinput --no-input --tag={word} --exclude-tag={word} --reverse --shuffle[={num}] --timing --verbosity,-v={num} --buffer -b --debug-mode --no-color --force-color --traceback --deploy --fail-level=CRITICAL|ERROR|WARNING|INFO|DEBUG --dry-run --check --pattern,-p={text} --durations={num} --locale={word}",
];

/// Modules that are programs of the table, too.
const MODULES: &str = "pytest mypy ruff black isort flake8 pylint pyright tox nox coverage bandit vulture pydocstyle pycodestyle pyflakes nose2 behave robot green hatch pre_commit basedpyright interrogate twine mkdocs trial";

const UV: &[&str] = &[
    "--offline --frozen --locked --no-sync --all-extras --all-groups --dev --no-dev --only-dev --isolated --active --no-progress -q --quiet -v --verbose --all-packages --exact --no-editable",
    "--extra={word} --group={word} --no-group={word} --only-group={word} --package={name} --project,--directory={folder:pyproject.toml} -p,--python={num} --color=auto|always|never --resolution=highest|lowest|lowest-direct",
];

const TOX: &[&str] = &[
    "-e={tests} -f={tests} -p,--parallel[={num}|auto|all] -o --parallel-live --parallel-no-spinner -q -v -vv -vvv -qq --quiet --verbose -r --recreate --skip-pkg-install --notest -n -s=true|false --skip-missing-interpreters[={bool}] --no-recreate-pkg --colored=yes|no --result-json={report} -a -l --listenvs --listenvs-all --skip-env={text} --fail-fast --develop -m={tests}",
];

const HATCH: &[&str] = &["-q --quiet -v --verbose --no-color --color --no-interactive -e,--env={word}"];

pub(super) const RUNNERS: &[Runner] = &[
    runner("python python3 python3.* pypy3", &[], &[
        row("-m unittest discover", UNITTEST, FOUND),
        row("-m unittest", UNITTEST, TESTS),
        row("-m build", &["-w --wheel -s --sdist -n --no-isolation -x --skip-dependency-check -v --verbose"], "."),
        row("-m compileall", &["-q -qq -f -j={num}"], "{path}"),
        row("-m py_compile", &[], "**.py"),
        row("-m doctest", &["-v -f"], "{source}|**.md|**.rst|**.txt"),
        row("-m django test", MANAGE, LABELS),
        row("-m django check", MANAGE, "{dotted}"),
        wraps("-m", &[], MODULES),
        row("manage.py|**/manage.py test", MANAGE, LABELS),
        row("manage.py|**/manage.py check", MANAGE, "{dotted}"),
        row("manage.py|**/manage.py makemigrations|migrate --check", MANAGE, "{word}"),
        row("manage.py|**/manage.py makemigrations --dry-run --check", MANAGE, "{word}"),
        row("setup.py test|check|build|build_ext", &["--inplace -q --strict -m -s"], ""),
        row("-m pip check", &[], ""),
    ])
    .before(&["-B -u -I -b -bb -X=dev -W=error|ignore|default|always|once -3 -Wd -Werror -Wall"]),
    runner("manage.py django-admin", &[], &[
        row("test", MANAGE, LABELS),
        row("check", MANAGE, "{dotted}"),
        row("makemigrations|migrate --check", MANAGE, "{word}"),
        row("makemigrations --dry-run --check", MANAGE, "{word}"),
    ])
    .wrapped("manage.py"),
    runner("pytest py.test", PYTEST, &[row("", &[], "{node}").rest(Rest::Positionals)]).style(Style::Clusters),
    runner("nose2 green trial", &[], &[row("", &["-v -vv -q --verbose --quiet --fail-fast -F -f --with-coverage -j={num}"], "{module}|{source}|{tree}")]),
    runner("coverage", COVERAGE, &[
        row("run -m unittest discover", UNITTEST, FOUND),
        row("run -m unittest", UNITTEST, TESTS),
        wraps("run -m", &[], "pytest nose2 behave"),
        row("run manage.py|**/manage.py test", MANAGE, LABELS),
        row("report|html|xml|json|lcov", &["-m --show-missing --skip-covered --skip-empty --fail-under={num} -i --ignore-errors --precision={num} --format=text|markdown|total --sort={word} -q -o={report} -d,--directory={report}"], ""),
        row("combine|erase", &["--keep -q --append -a"], ""),
    ]),
    runner("behave", &[], &[row("", &["--tags,-t={tag} --no-capture --stop --dry-run -d --no-color --name,-n={text} -f,--format=plain|pretty|progress|progress2|progress3|json|steps --no-skipped -k --summary --junit --stage={word} -q --quiet"], "{line}")]),
    runner("robot pabot", &[], &[row("", &["--include,-i={word} --exclude,-e={word} --test,-t={text} --suite,-s={text} --dryrun --outputdir,-d={report} --loglevel,-L={word} --exitonfailure --processes={num}"], "{path}")]),
    runner("tox", TOX, &[
        row("run|r|run-parallel|p|run-p", &[], "auto|all").rest(Rest::Options(PYTEST, "{node}")),
        row("list|l", &[], ""),
        row("", &[], "auto|all").rest(Rest::Options(PYTEST, "{node}")),
    ]),
    runner("nox", &[], &[row(
        "",
        &["-s,-rs,-Rs,--session,--sessions={tests} -e={tests} -t,--tags={tests} -k,--keywords={tests} -p,--python,--pythons={num} -r --reuse-existing-virtualenvs -R -N --no-reuse-existing-virtualenvs --stop-on-first-error -x --no-stop-on-first-error --error-on-missing-interpreters --error-on-external-run --no-install --non-interactive --nocolor --forcecolor -v --verbose --report={report} -l --list"],
        "{tests}",
    )
    .rest(Rest::Options(PYTEST, "{node}"))]),
    runner("uv", UV, &[
        wraps("run -m", &[], MODULES).sets(&[("UV_OFFLINE", "1")]),
        row("run -m unittest discover", UNITTEST, FOUND).sets(&[("UV_OFFLINE", "1")]),
        row("run -m unittest", UNITTEST, TESTS).sets(&[("UV_OFFLINE", "1")]),
        wraps("run", &[], "").sets(&[("UV_OFFLINE", "1")]),
        row("build", &["--wheel --sdist --all-packages --no-build-isolation --no-sources"], "").sets(&[("UV_OFFLINE", "1")]),
        row("lock --check|--locked", &[], "").sets(&[("UV_OFFLINE", "1")]),
        row("pip check", &[], "").sets(&[("UV_OFFLINE", "1")]),
    ]),
    runner("poetry", &["-q --quiet -v -vv --no-interaction -n --no-ansi --ansi -C,--directory={folder:pyproject.toml} -P,--project={folder:pyproject.toml}"], &[
        wraps("run", &[], ""),
        row("check", &["--lock --strict"], ""),
        row("build", &["-f,--format=wheel|sdist"], ""),
    ]),
    runner("pdm", &[], &[wraps("run", &["-s"], ""), row("run {script}", &[], "{path}"), row("test|lint|build", &["--no-sdist --no-wheel"], "")]).with_shell(),
    runner("pipenv", &[], &[wraps("run", &[], ""), row("run {script}", &[], "{path}")]).with_shell(),
    runner("rye", &[], &[row("test|lint", &["-a --all -v --verbose -q --quiet -p,--package={name}"], "{path}").rest(Rest::Options(PYTEST, "{node}")), row("fmt", &["--check -a --all"], "{path}"), row("run {script}", &[], "{path}"), wraps("run", &[], ""), row("build", &["--wheel --sdist -a --all --clean"], "")]),
    runner("pixi", &[], &[row("run {script}", &["-e,--environment={word} --frozen --locked"], "{path}"), wraps("run", &["-e,--environment={word} --frozen --locked"], "")]).with_shell(),
    runner("hatch", HATCH, &[
        row("test", PYTEST_IN_HATCH, "{node}").rest(Rest::Options(PYTEST, "{node}")),
        row("run {script}|{hatch}", &[], "{node}"),
        wraps("run", &[], ""),
        row("fmt", &["--check -l --linter -f --formatter"], "{path}"),
        row("build", &["-t,--target=wheel|sdist -c --clean"], ""),
    ]),
    runner("invoke inv", &[], &[row("{script}", &["-e --echo --no-dedupe -d"], "{script}")]),
    runner("poe poethepoet", &["-q -v --quiet --verbose"], &[row("{script}", &[], "{path}")]).with_shell(),
];

const PYTEST_IN_HATCH: &[&str] = &[
    "-a --all -c --cover --cover-quiet -p --parallel -r --randomize --retries={num} -py,--python={num} -q -x -v -vv -s -k={text} -m={text} --doctest-modules --show -i,--include={word}",
];
