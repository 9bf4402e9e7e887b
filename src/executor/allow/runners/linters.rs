//! Test runners of shells and Perl, and linters of documents and infrastructure.

use super::{Runner, Style, row, runner};

pub(super) const RUNNERS: &[Runner] = &[
    runner("bats", &[], &[row("", &[
        "-r --recursive -t --tap -p --pretty --timing -T -x --trace --print-output-on-failure --show-output-of-passing-tests --verbose-run --no-parallelize-across-files --no-parallelize-within-files -c --count --abort",
        "-F,--formatter=pretty|tap|tap13|junit|cat --report-formatter=tap|tap13|junit -o,--output={report} -j,--jobs={num} -f,--filter={text} --filter-tags={text} --filter-status=failed|missed",
    ], "{path}")])
    .wrapped("test/bats/bin/bats test/libs/bats/bin/bats tests/bats/bin/bats bats/bin/bats"),
    runner("shellspec", &[], &[row("", &["-f,--format=progress|documentation|tap|junit|failures|null -j,--jobs={num} --fail-fast[={num}] -q --quick --random=none|specfiles|examples --tag={tag} -e,--example={text} --color --no-color --no-kcov -w --warning-as-failure -n --dry-run"], "{line}")]),
    runner("prove prove6", &[], &[row("", &["-l -r -v -b -q -Q -f -s -w --lib --recurse --verbose --blib --quiet --shuffle --reverse --failures --comments --directives --timer --merge --color --nocolor --normalize --trap -j,--jobs={num} --count --nocount -Ilib -It/lib --state={words}"], "{path}")]).style(Style::Clusters),
    runner("dzil minil", &[], &[row("test", &["-v --verbose --all --release --author -j,--jobs={num}"], "")]),
    runner("perlcritic", &[], &[row("", &["--gentle --stern --harsh --cruel --brutal -1 -2 -3 -4 -5 --quiet --statistics --color --nocolor"], "{path}")]),
    runner("shellcheck", &[], &[row("", &["-S,--severity=error|warning|info|style -e,--exclude={words} -i,--include={words} -s,--shell=sh|bash|dash|ksh|busybox -f,--format=tty|gcc|json|json1|checkstyle|diff|quiet -o,--enable={words} -C,--color[=auto|always|never] --norc --wiki-link-count={num}"], "{path}")]),
    runner("shfmt", &[], &[row("", &["-d --diff -l --list -w --write -s --simplify -ci --case-indent -bn --binary-next-line -sr --space-redirects -i,--indent={num} -ln,--language-dialect=bash|posix|mksh|bats|auto"], "{path}")]),
    runner("yamllint", &[], &[row("", &["-s --strict --no-warnings -f,--format=parsable|standard|colored|github|auto -c,--config-file=.yamllint|.yamllint.yaml|.yamllint.yml"], "{path}")]),
    runner("hadolint", &[], &[row("", &["-f,--format=tty|json|checkstyle|codeclimate|gitlab_codeclimate|sonarqube|sarif --ignore={word} -t,--failure-threshold=error|warning|info|style|ignore|none --no-color -V --strict-labels --config,-c=.hadolint.yaml|.hadolint.yml"], "{path}")]),
    runner("actionlint", &[], &[row("", &["-color -no-color -verbose -oneline"], "{path}")]).style(Style::OneDash),
    runner("terraform tofu", &["-chdir={folder:main.tf,versions.tf,providers.tf}"], &[
        row("validate", &["-json -no-color"], ""),
        row("fmt", &["-check -recursive -diff -list={bool} -write={bool} -no-color"], "{path}"),
    ])
    .style(Style::OneDash),
    runner("tflint", &[], &[row("", &["--recursive --format,-f=default|json|checkstyle|junit|compact|sarif --minimum-failure-severity=error|warning|notice --no-color --color --config=.tflint.hcl --only={word} --enable-rule={word} --disable-rule={word}"], "")]),
    runner("helm", &[], &[row("lint", &["--strict --with-subcharts --quiet"], "{path}"), row("unittest", &["--color --strict --with-subchart[={bool}]"], "{path}")]),
    runner("ansible-lint", &[], &[row("", &["--offline --strict -q -v --nocolor --profile=min|basic|moderate|safety|shared|production -x,--skip-list={words} -w,--warn-list={words} -f,--format=brief|full|md|json|codeclimate|quiet|pep8|sarif"], "{path}")]),
    runner("cfn-lint", &[], &[row("", &["-i,--ignore-checks={words} -r,--regions={words} -f,--format=quiet|parseable|json|junit|pretty|sarif -t,--template={path}"], "{path}")]),
    runner("buf", &[], &[row("lint|build", &["--error-format=text|json|msvs|junit|github-actions|gitlab-code-quality"], ""), row("format", &["-d --diff --exit-code -w"], "")]),
    runner("protolint", &[], &[row("lint", &["-fix -v"], "{path}")]),
    runner("buildifier", &[], &[row("", &["-mode=check|diff|fix -lint=warn|off|fix -r -v"], "{path}")]).style(Style::OneDash),
    runner("typos", &[], &[row("", &["--format=brief|long|json --hidden --diff --no-ignore --color=auto|always|never"], "{path}")]),
    runner("taplo", &[], &[row("fmt|format", &["--check --diff"], "{path}"), row("lint|check", &["--no-schema"], "{path}")]),
    runner("editorconfig-checker ec", &[], &[row("", &["-v -verbose --verbose -no-color --no-color"], "{path}")]),
    runner("vale", &[], &[row("", &["--minAlertLevel=suggestion|warning|error --output=line|JSON|CLI --no-wrap --glob={path}"], "{file}")]),
    runner("clang-format", &[], &[row("", &["--dry-run -n -Werror --Werror -i --style=file|LLVM|Google|Chromium|Mozilla|WebKit|Microsoft|GNU --verbose --ferror-limit={num}"], "**.c|**.cc|**.cpp|**.cxx|**.h|**.hh|**.hpp|**.m|**.mm|**/*|*.*")]),
    runner("clang-tidy", &[], &[row("", &["-p=build|build-*|builddir --quiet --warnings-as-errors={text} --header-filter={text} --use-color"], "**.c|**.cc|**.cpp|**.cxx|**.h|**.hh|**.hpp")]),
    runner("cppcheck", &[], &[row("", &["--enable={words} --error-exitcode={num} -q --quiet --std={word} --inline-suppr -j={num} --suppress={word} --language=c|c++ --force -f --inconclusive --project=compile_commands.json|build/compile_commands.json -i={path} --max-configs={num} --check-level=normal|exhaustive --verbose -v"], "{path}")]),
    runner("cpplint", &[], &[row("", &["--recursive --quiet --linelength={num} --filter={flags} --extensions={words} --exclude={path}"], "{path}")]),
    runner("solhint", &[], &[row("", &["--max-warnings,-w={num} -q --quiet --fix --noPrompt -f,--formatter=stylish|table|tap|unix|json|compact|sarif"], "{file}")]),
    runner("slither", &[], &[row("", &["--fail-high --fail-medium --fail-low --fail-pedantic --no-fail-pedantic --exclude-dependencies --exclude-informational --exclude-low --disable-color"], "{path}")]),
    runner("sqlfmt", &[], &[row("", &["--check --diff --no-color -q --quiet"], "{path}")]),
];
