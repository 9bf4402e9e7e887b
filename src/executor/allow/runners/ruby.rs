//! Ruby.

use super::{Runner, row, runner, wraps};

const RSPEC: &[&str] = &[
    "--fail-fast[={num}] --only-failures -n --next-failure -c --color --no-color --force-color --colour -p --profile[={num}] --no-profile -b --backtrace -w --warnings --dry-run --fail-if-no-examples --no-fail-fast",
    "-f,--format=p|progress|d|doc|documentation|j|json|h|html|failures|RspecJunitFormatter --order=rand|random|defined|rand:{num}|random:{num} --seed={num} -t,--tag={tag} -e,--example={text} -E,--example-matches={text} -P,--pattern={path} --exclude-pattern={path} -r,--require=spec_helper|rails_helper",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner("rspec", &[], &[row("", RSPEC, "{line}")]).wrapped("bin/rspec"),
    runner("rails", &[], &[
        row("test|test:all|test:system|test:models|test:controllers|test:integration|test:helpers|test:mailers|test:jobs|test:units|test:functionals", RAILS, "{line}"),
        row("spec|spec:models|spec:requests|spec:system", &[], ""),
        row("zeitwerk:check", &[], ""),
    ])
    .wrapped("bin/rails"),
    runner("rake", &["-q --quiet -s --silent -t --trace -n --dry-run -m --multitask --rules -j,--jobs={num} -v --verbose"], &[row(
        "{script}|app:test|zeitwerk:check",
        &[],
        "{script}|TEST={path}|SPEC={line}",
    )])
    .wrapped("bin/rake"),
    runner("bundle", &[], &[
        wraps("exec", &[], "rspec rails rake rubocop ruby cucumber standardrb standard reek brakeman srb steep erblint erb_lint haml-lint slim-lint m parallel_rspec parallel_test parallel_cucumber turbo_tests flog flay fasterer rbs bin/rails bin/rspec bin/rake bin/rubocop ./bin/rails"),
        row("check", &["--dry-run"], ""),
    ])
    .wrapped("bin/bundle"),
    runner("ruby", &[], &[
        row("bin/rails test|test:all|test:system", RAILS, "{line}"),
        row("-Itest|-Ilib:test|-Itest:lib|-Ispec", &["-Ilib -Itest -w -W0"], "**_test.rb|test/**.rb|**/test_*.rb|**_spec.rb"),
        row("-Ilib -Itest", &["-w -W0"], "**_test.rb|test/**.rb|**/test_*.rb"),
        row("-c|-wc", &[], "**.rb"),
    ]),
    runner("m", &[], &[row("", &[], "{line}")]),
    runner("rubocop", &[], &[row(
        "",
        &["-a -A --autocorrect --autocorrect-all -P --parallel --no-parallel -l --lint -x --fix-layout -F --fail-fast --color --no-color -D --display-cop-names --no-display-cop-names -E --extra-details -S --display-style-guide --force-exclusion --ignore-parent-exclusion --display-time --safe -d --debug --display-only-fail-level-offenses --display-only-correctable --no-server --raise-cop-error --only-recognized-file-types -L --list-target-files",
          "-f,--format=p|progress|s|simple|c|clang|q|quiet|e|emacs|j|json|ju|junit|h|html|fi|files|o|offenses|github|w|worst --fail-level=autocorrect|info|refactor|convention|warning|error|fatal|I|R|C|W|E|F|A --only={names} --except={names} --cache={bool}"],
        "{path}",
    )])
    .wrapped("bin/rubocop"),
    runner("standardrb standard reek flog flay fasterer", &[], &[row("", &["--fix --no-fix --format=progress|json|text|html|xml|yaml --parallel --no-color --color"], "{path}")]),
    runner("brakeman", &[], &[row("", &["-q --quiet -z --exit-on-warn --no-pager -A --run-all-checks -w,--confidence-level={num} --no-progress --no-summary --summary --color --no-color -f,--format=text|json|html|csv|tabs|markdown|sarif|junit|github -o,--output={report} --except={words} -t,--test={words} --force"], "")]).wrapped("bin/brakeman"),
    runner("erblint erb_lint", &[], &[row("", &["--lint-all -a --autocorrect --enable-all-linters --format=compact|json|junit|multiline|gitlab"], "{path}")]),
    runner("haml-lint slim-lint", &[], &[row("", &["-p --parallel --no-summary -a --auto-correct -r,--reporter=default|json|checkstyle|github|progress"], "{path}")]),
    runner("steep", &[], &[row("check", &["--jobs,-j={num} --severity-level=error|warning|information|hint"], "{path}")]),
    runner("srb", &[], &[row("tc|typecheck", &[], "")]).wrapped("bin/srb"),
    runner("rbs", &[], &[row("validate", &["--silent"], "")]),
    runner("cucumber", &[], &[row("", &["-t,--tags={tag} -f,--format=progress|pretty|summary -n,--name={text} --dry-run -d --fail-fast --strict -q --quiet --publish-quiet --color --no-color -b --backtrace -p,--profile={word} --order=random|defined|random:{num}"], "{line}")]),
    runner("parallel_test parallel_rspec parallel_cucumber turbo_tests", &[], &[row("", &["-n={num} -p={text} --pattern={text} --verbose --quiet --fail-fast --group-by=found|filesize|runtime|scenarios --combine-stderr --first-is-1"], "{path}")]),
];

const RAILS: &[&str] = &[
    "-v --verbose -f --fail-fast -b --backtrace -d --defer-output -w --warnings --profile[={num}] -n,--name={text} -s,--seed={num} -e,--environment=test -c --color",
];
