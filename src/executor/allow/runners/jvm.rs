//! Java, Kotlin, Scala, Clojure.

use super::{Runner, Style, row, runner};

const GRADLE: &[&str] = &[
    "--offline --continue --no-continue --rerun-tasks --rerun --parallel --no-parallel --build-cache --no-build-cache --info -i --quiet -q --warn -w --stacktrace -s --full-stacktrace -S --no-daemon --configuration-cache --no-configuration-cache --configure-on-demand --profile --dry-run -m --no-watch-fs --fail-fast --no-scan",
    "--tests={text} -x,--exclude-task={task}|clean --max-workers={num} --console=plain|auto|rich|verbose|colored --warning-mode=all|none|summary|fail --priority=low|normal --configuration-cache-problems=fail|warn -p,--project-dir={folder:build.gradle,build.gradle.kts,settings.gradle,settings.gradle.kts}",
];

const MAVEN: &[&str] = &[
    "-q --quiet -B --batch-mode -o --offline -U --update-snapshots -ntp --no-transfer-progress --fail-at-end -fae --fail-fast -ff -e --errors -X --debug -V --show-version -N --non-recursive -am --also-make -amd --also-make-dependents -C --strict-checksums -DskipTests -DskipITs -Dspotless.check.skip=true",
    "-pl,--projects={names}|:* -rf,--resume-from={name}|:* -T,--threads={num} -T1C -T2C -T0.5C -T2 -T4 -P,--activate-profiles={scripts} -Pci -Ptest -Pit -Pintegration -Pintegration-test -Pintegration-tests -Pcoverage -f,--file=pom.xml|**/pom.xml|{folder:pom.xml} --color=auto|always|never",
    "-Dtest={text} -Dit.test={text} -Dgroups={words} -DexcludedGroups={words} -DfailIfNoTests=false -DskipTests=true|false -DskipITs=true|false -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -DforkCount={num} -Dstyle.color=always|never -Dmaven.javadoc.skip=true",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner("gradle gradlew", GRADLE, &[row("{task}|clean|jar|bootJar", &[], "{task}|clean|jar|bootJar|war")]).wrapped("gradlew gradlew.bat android/gradlew"),
    runner("mvn mvnd mvnw", MAVEN, &[row(
        "clean|test|verify|package|compile|test-compile|validate|process-classes|integration-test|surefire:test|failsafe:integration-test|failsafe:verify|checkstyle:check|spotless:check|spotbugs:check|pmd:check|jacoco:report|jacoco:check|enforcer:enforce|ktlint:check|detekt:check|fmt:check|formatter:validate|license:check",
        &[],
        "clean|test|verify|package|compile|test-compile|validate|process-classes|integration-test|surefire:test|failsafe:integration-test|failsafe:verify|checkstyle:check|spotless:check|spotbugs:check|pmd:check|jacoco:report|jacoco:check|enforcer:enforce|ktlint:check|detekt:check",
    )])
    .wrapped("mvnw mvnw.cmd"),
    runner("sbt sbtn", &["-batch -no-colors --no-colors -v -warn -error --batch --error --warn --info"], &[row("{sbt}", &[], "{sbt}")]).wrapped("sbt"),
    runner("scala-cli", &[], &[row("test", &["--test-only={text}"], "{path}"), row("fmt", &["--check"], "{path}"), row("compile", &["--test"], "{path}")]),
    runner("lein", &["-o"], &[
        row("test", &[], ":only|:unit|:integration|:all|:default|{word}|**/**"),
        row("check|eastwood|kibit|bikeshed|compile|cloverage|midje|kaocha|spec", &[], ""),
        row("cljfmt check", &[], "{path}"),
        row("with-profile +test|test|dev,test|+dev,+test test", &[], "{dotted}"),
    ]),
    runner("clojure clj", &[], &[
        row("-M:test|-X:test|-M:dev:test|-M:test:runner|-X:test:runner|-M:lint|-T:build|-M:check|-M:unit|-X:unit|-M:kaocha", &[], "test|ci|{word}"),
    ]),
    runner("kaocha", &[], &[row("", &["--fail-fast --no-randomize --no-color --focus={word} --skip={word}"], ":unit|:integration|{word}")]).wrapped("bin/kaocha"),
    runner("bb", &[], &[row("{script}", &[], ""), row("run {script}", &[], "")]),
    runner("clj-kondo", &[], &[row("--lint", &["--parallel --fail-level=warning|error|info"], "{path}")]),
    runner("mill", &["-k --keep-going --no-server --ticker={bool} -j,--jobs={num}"], &[row("**.test|**.compile|**.testLocal|**.testForked|**.testOnly|**.checkFormat|**.checkstyle", &[], "{word}")]).wrapped("mill millw"),
    runner("ant", &["-q -quiet -v -verbose -d -debug -e -emacs -S -silent -keep-going -k"], &[row("{script}|clean|jar", &[], "{script}|clean|jar")]),
    runner("ktlint", &[], &[row("", &["--relative --color -F --format --reporter=plain|json|checkstyle|sarif|html|plain-summary --log-level=info|debug|error|none|warn"], "{file}")]),
    runner("detekt", &[], &[row("", &["--input,-i={paths} --parallel --build-upon-default-config --all-rules --excludes,-ex={path} --includes,-in={path}"], "")]),
    runner("google-java-format", &[], &[row("", &["--dry-run -n --set-exit-if-changed --aosp -a --replace -i"], "**.java")]),
    runner("scalafmt scalafix", &[], &[row("", &["--check --test --list --quiet --non-interactive"], "{path}")]).style(Style::Plain),
];
