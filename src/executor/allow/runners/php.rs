//! PHP.

use super::{Rest, Runner, row, runner, wraps};

const PHPUNIT: &[&str] = &[
    "--stop-on-failure --stop-on-error --stop-on-defect --testdox --verbose -v --debug --no-coverage --coverage-text[={report}] --no-progress --no-output --no-results --list-tests --list-suites --fail-on-warning --fail-on-risky --fail-on-deprecation --fail-on-notice --fail-on-empty-test-suite --fail-on-incomplete --fail-on-skipped --display-warnings --display-deprecations --display-notices --display-errors --display-incomplete --display-skipped --strict-coverage --process-isolation --do-not-cache-result --no-logging --teamcity --enforce-time-limit",
    "--filter={text} --exclude-filter={text} --testsuite={word} --exclude-testsuite={word} --group={words} --exclude-group={words} --colors[=always|never|auto] --coverage-html={report} --coverage-clover={report} --coverage-cobertura={report} --log-junit={report} --order-by=default|random|defects|depends|duration|reverse|size --random-order-seed={num} --repeat={num} --columns={num}|max -c,--configuration=phpunit.xml|phpunit.xml.dist|phpunit.dist.xml|phpunit.*.xml",
];

const PEST: &[&str] = &[
    "--parallel -p --compact --bail --dirty --retry --ci --todos --todo --profile --coverage --type-coverage --exactly={num} --min={num} --processes={num} --shard={shard} --memory",
];

const PHPCS: &[&str] = &[
    "-n -s -p -q -v -l --colors --no-colors --no-cache --standard=PSR1|PSR2|PSR12|Squiz|PEAR|Zend|phpcs.xml|phpcs.xml.dist|.phpcs.xml|.phpcs.xml.dist --extensions={words} --report=full|summary|json|checkstyle|source|junit|emacs|xml|csv|code|diff --ignore={paths} --parallel={num} --severity={num} --warning-severity={num} --error-severity={num}",
];

const TOOLS: &str = "vendor/bin/phpunit vendor/bin/pest vendor/bin/paratest vendor/bin/phpstan vendor/bin/psalm vendor/bin/phpcs vendor/bin/pint vendor/bin/codecept vendor/bin/behat vendor/bin/php-cs-fixer ./vendor/bin/phpunit ./vendor/bin/pest ./vendor/bin/phpstan ./vendor/bin/pint ./vendor/bin/psalm bin/phpunit bin/console artisan ./artisan";

pub(super) const RUNNERS: &[Runner] = &[
    runner("phpunit simple-phpunit", &[], &[row("", PHPUNIT, "{path}")]).wrapped("bin/phpunit"),
    runner("pest", PHPUNIT, &[row("", PEST, "{path}")]),
    runner("paratest", PHPUNIT, &[row("", &["-p,--processes={num}|auto --functional -f --max-batch-size={num}"], "{path}")]),
    runner("artisan", PHPUNIT, &[row("test", PEST, "{path}"), row("route:list|about", &["--json"], "")]).wrapped("artisan"),
    runner("console", &[], &[row("lint:yaml|lint:twig|lint:container|lint:xliff|lint:translations|doctrine:schema:validate", &["--env=test --skip-sync --no-debug --format=txt|json|github"], "{path}")]).wrapped("bin/console"),
    runner("php", &[], &[wraps("", &[], TOOLS), row("-l", &[], "**.php")]).before(&["-d=memory_limit=-1|memory_limit=*|xdebug.mode=coverage|xdebug.mode=off|pcov.enabled=1 -n"]),
    runner("composer", &["-q --quiet -v -vv -vvv --ansi --no-ansi -n --no-interaction --no-plugins --profile -d,--working-dir={folder:composer.json}"], &[
        row("run|run-script {script}", &["--timeout={num} --dev --no-dev"], "").rest(Rest::Options(PHPUNIT, "{path}")),
        row("validate", &["--strict --no-check-all --no-check-publish --no-check-lock --check-lock --with-dependencies"], ""),
        row("check-platform-reqs", &["--no-dev --lock"], ""),
        row("{direct}", &["--timeout={num}"], "").rest(Rest::Options(PHPUNIT, "{path}")),
    ])
    .with_shell(),
    runner("phpstan", &[], &[row("analyse|analyze", &["-l,--level={num}|max --no-progress --error-format=table|raw|json|prettyJson|github|gitlab|checkstyle|junit|teamcity --memory-limit={word}|-1 -c,--configuration=phpstan.neon|phpstan.neon.dist|phpstan.dist.neon -n --no-interaction --ansi --no-ansi -v -vv -vvv --debug"], "{path}")]),
    runner("psalm", &[], &[row("", &["--no-cache --show-info={bool} --threads={num} --output-format=console|text|json|github|checkstyle|compact|junit|phpstorm|sonarqube --no-progress --stats --no-diff --long-progress --taint-analysis --monochrome -m --find-unused-code --php-version={num} --memory-limit={word} -c,--config=psalm.xml|psalm.xml.dist"], "{path}")]),
    runner("phpcs phpcbf", &[], &[row("", PHPCS, "{path}")]),
    runner("php-cs-fixer", &[], &[row("fix|check", &["--dry-run --diff -v -vv -vvv -q --quiet --stop-on-violation --using-cache=no|yes --allow-risky=yes|no --show-progress=none|dots|bar --format=txt|json|xml|checkstyle|junit|gitlab --config=.php-cs-fixer.php|.php-cs-fixer.dist.php -n --no-interaction --ansi --no-ansi --sequential"], "{path}")]),
    runner("pint", &[], &[row("", &["--test --dirty -v -vv --bail --preset=laravel|psr12|per|symfony|empty --format=txt|json|junit|checkstyle|xml|gitlab -q --parallel"], "{path}")]),
    runner("ecs rector", &[], &[row("check|process", &["--dry-run -n --no-progress-bar --clear-cache --no-diffs --ansi --no-ansi"], "{path}")]),
    runner("deptrac", &[], &[row("analyse|analyze", &["--no-progress --report-uncovered --fail-on-uncovered --no-cache"], "")]),
    runner("infection", &[], &[row("", &["--threads,-j={num}|max --min-msi={num} --min-covered-msi={num} --show-mutations -s --only-covered --no-progress --git-diff-lines"], "")]),
    runner("codecept", &[], &[row("run", &["--steps --fail-fast -f --no-colors --colors --debug -d -v -vv -g,--group={word} -x,--skip-group={word} -s,--skip={word} --env={word}"], "{word}|{node}|{line}")]),
    runner("behat", &[], &[row("", &["--tags={tag} -s,--suite={word} -f,--format=pretty|progress|junit --stop-on-failure --strict --dry-run -p,--profile={word} --name={text} --no-colors --colors -v --no-interaction -n --rerun"], "{line}")]),
    runner("phpspec", &[], &[row("run", &["-n --no-interaction -f,--format=progress|pretty|dot|junit|tap|h --stop-on-failure -v --no-code-generation"], "{line}")]),
];
