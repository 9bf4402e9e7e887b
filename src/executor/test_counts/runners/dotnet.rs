//! `dotnet test`, of VSTest and of Microsoft.Testing.Platform.

use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Reader, announced, once};

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[CountedRunner {
    name: "dotnet test",
    commands: &["dotnet test|vstest"],
    nothing: &["--list-tests", "-t", "-lt", "-h", "-?"],
    reader: Reader::Summaries(&[
        // VSTest, a line for each project and framework.
        announced(
            r"^(?:Passed!|Failed!|Skipped!) +- (?P<list>Failed: +\d+, Passed: +\d+, Skipped: +\d+), Total: +\d+, Duration: .*$",
            r"^Test run for .+",
        ),
        // VSTest with `--verbosity normal`.
        announced(
            r"^Total tests: (?P<total>\d+)\n(?: +Passed: (?P<passed>\d+)\n)?(?: +Failed: (?P<failed>\d+)\n)?(?: +Skipped: (?P<skipped>\d+)\n)?",
            r"^Test run for .+",
        ),
        // The terminal logger since .NET 9.
        once(r"^Test summary: total: \d+, (?P<list>failed: \d+, succeeded: \d+, skipped: \d+), duration: .*$"),
        // Microsoft.Testing.Platform since .NET 10.
        once(
            r"^Test run summary: .*\n(?:  error: \d+\n)?\n?  total: \d+\n(?P<list>  failed: \d+\n  succeeded: \d+\n  skipped: \d+)$",
        ),
    ]),
    none: &[
        OutputPattern::new(r"^No test is available in .+"),
        OutputPattern::new(r"^No test matches the given testcase filter .+"),
        OutputPattern::new(r"^Test run summary: Zero tests ran"),
    ],
    fix: "run it with DOTNET_CLI_UI_LANGUAGE=en and a verbosity of minimal or normal",
    environment: &[("DOTNET_CLI_UI_LANGUAGE", "en"), ("VSLANG", "1033")],
    reports: &["**/TestResults/*.xml"],
    ..CountedRunner::DEFAULT
}];
