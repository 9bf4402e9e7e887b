//! Maven, Gradle and sbt.

use crate::executor::test_counts::count::{TestCount, TestsRan};
use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::printed::Plain;
use crate::executor::test_counts::runner::{CountedRunner, Find, Reader, Summary, Times, announced};
use crate::executor::test_counts::summary::count_of;

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "Maven",
        commands: &["mvn|mvnw|mvnd ~test|verify|package|install|deploy|integration-test|surefire:test|failsafe:*"],
        nothing: &["-DskipTests", "-Dmaven.test.skip", "-Dmaven.test.skip.exec", "-h", "-v"],
        reader: Reader::Summaries(&[announced(
            r"^(?:\[(?:INFO|WARNING|ERROR)\] )?(?P<list>Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+(?:, Flakes: \d+)?) *$",
            r"^(?:\[INFO\] )? ?T E S T S$",
        )]),
        none: &[
            OutputPattern::new(r"^\[INFO\] (?:No tests to run\.|Tests are skipped\.)$"),
            // Surefire is there and found no class.
            OutputPattern::new(
                r"^\[INFO\] --- (?:maven-)?surefire(?:-plugin)?:\S+:test .*\n\[INFO\] ?(?:\n\[INFO\] ?)?---",
            ),
        ],
        fix: "run it without `-q`, or have its reports read",
        reports: &["**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml"],
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "Gradle",
        commands: &["gradle|gradlew ~test|check|build|*:test|*:check|*:build|*Test"],
        nothing: &[
            "-x=test|:test|*:test|check",
            "--exclude-task=test|:test|*:test|check",
            "--dry-run",
            "-m",
            "--test-dry-run",
            "-h",
            "-v",
        ],
        reader: Reader::Own(gradle),
        reports: &["**/build/test-results/*/TEST-*.xml"],
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "sbt",
        commands: &["sbt|sbtn ~test|testOnly|testQuick|*/test|*/testOnly|*/testQuick|*:test|+test"],
        nothing: &["-h"],
        reader: Reader::Summaries(&[Summary {
            find: Find::OutputPattern(OutputPattern::new(
                r"^\[(?:info|error|warn)\] (?:Passed|Failed|Error): Total (?P<all>\d+), Failed (?P<failed>\d+), Errors (?P<errors>\d+), Passed (?P<passed>\d+)(?:, (?:Skipped|Ignored|Canceled|Pending) \d+)*$",
            )),
            times: Times::Each,
        }]),
        none: &[OutputPattern::new(r"^\[info\] No tests (?:were executed|to run for .*)\.?$")],
        fix: "run it with its default loggers",
        reports: &["**/target/test-reports/TEST-*.xml"],
        ..CountedRunner::DEFAULT
    },
];

/// Gradle tells a number only of a task that failed.
static FAILED: OutputPattern =
    OutputPattern::new(r"^(?P<total>\d+) tests? completed, (?P<failed>\d+) failed(?:, (?P<skipped>\d+) skipped)?$");
static TASK: OutputPattern = OutputPattern::new(
    r"^(?:> Task )?(?::[\w.-]+)*:(?:test|[a-z]\w*Test)(?: (?P<word>UP-TO-DATE|FROM-CACHE|NO-SOURCE|SKIPPED|FAILED))?$",
);

fn gradle(plain: &Plain) -> TestsRan {
    let not_readable = |what: &str| TestsRan::NotReadable {
        why: format!("Gradle {what}: have the reports read that it writes below build/test-results"),
    };
    let failed: Vec<TestCount> =
        plain.streams().iter().flat_map(|text| FAILED.all(text)).filter_map(|found| count_of(&found)).collect();
    if !failed.is_empty() {
        return TestsRan::Counted(TestCount { at_least: true, ..TestCount::sum(&failed) });
    }
    let tasks = TASK.all(&plain.stdout);
    let words: Vec<&str> = tasks.iter().map(|task| task.name("word").map_or("", |word| word.as_str())).collect();
    let is_kept = |word: &&&str| matches!(**word, "UP-TO-DATE" | "FROM-CACHE");
    let is_empty = |word: &&&str| matches!(**word, "NO-SOURCE" | "SKIPPED");
    if words.is_empty() || plain.is_cut {
        return not_readable("names no task of tests");
    }
    match words.iter().filter(|word| !is_empty(word)).collect::<Vec<_>>().as_slice() {
        [] => TestsRan::Counted(TestCount::default()),
        full if full.iter().all(is_kept) => TestsRan::Kept,
        _ => not_readable("does not print how many tests ran"),
    }
}
