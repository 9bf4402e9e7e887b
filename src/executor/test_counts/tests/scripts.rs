//! What scripts say.

use super::fixture;
use crate::executor::test_counts::{TestCommand, TestCount, said_in};

#[test]
fn summaries_in_the_output_of_a_script_are_added() {
    let said = |fixture: super::Fixture| said_in(&fixture.printed());
    assert_eq!(said(fixture!("scripts/npm_workspaces")), Some(TestCount::of(5, 0, 1)));
    assert_eq!(said(fixture!("scripts/mixed")), Some(TestCount::of(5, 0, 0)));
    assert_eq!(said(fixture!("jest/none_allowed")), Some(TestCount::default()));
    assert_eq!(said(fixture!("tap/passing")), Some(TestCount::of(2, 0, 0)));
}

#[test]
fn a_replayed_run_is_cached() {
    let said = said_in(&fixture!("scripts/turbo_replayed").printed());
    assert_eq!(said, Some(TestCount { cached: 4, ..TestCount::of(4, 0, 0) }));
}

#[test]
fn a_script_without_a_known_summary_says_nothing() {
    assert_eq!(said_in(&fixture!("scripts/echo").printed()), None);
    assert_eq!(said_in(&fixture!("scripts/lint").printed()), None);
    assert_eq!(said_in(&fixture!("go_test/passing_plain").printed()), None);
}

/// A format that two entries read would be counted twice.
#[test]
fn every_recorded_summary_is_read_by_one_entry() {
    let rows = [
        fixture!("bats/pretty"),
        fixture!("bun/passing"),
        fixture!("cargo_test/passing"),
        fixture!("ctest/passing"),
        fixture!("cypress/passing"),
        fixture!("dart/passing"),
        fixture!("deno/passing"),
        fixture!("dotnet/several"),
        fixture!("go_test/passing_verbose"),
        fixture!("jest/passing"),
        fixture!("maven/several"),
        fixture!("minitest/passing"),
        fixture!("mix_test/umbrella"),
        fixture!("mocha/passing"),
        fixture!("nextest/passing"),
        fixture!("node_test/passing"),
        fixture!("node_test/spec"),
        fixture!("pest/passing"),
        fixture!("phpunit/partly_skipped"),
        fixture!("playwright/passing"),
        fixture!("prove/passing"),
        fixture!("pytest/passing"),
        fixture!("rspec/passing"),
        fixture!("sbt/several"),
        fixture!("swift/passing"),
        fixture!("unittest/passing"),
        fixture!("vitest/passing"),
    ];
    for row in rows {
        let said = said_in(&row.printed()).map(crate::executor::test_counts::TestsRan::Counted);
        assert_eq!(said, Some(row.count()), "{:?}", row.argv);
    }
}

#[test]
fn script_starters_are_no_runners() {
    let lines = [
        "npm test",
        "npm run test",
        "pnpm test",
        "yarn test",
        "yarn jest",
        "make test",
        "just test",
        "composer test",
        "tox",
        "nox -s tests",
        "nx test shop",
        "turbo run test",
        "poe test",
        "bun run test",
        "deno task test",
        "rake test",
        "python manage.py migrate",
        "python script.py -m pytest",
        "cargo build",
        "cargo run",
        "go build ./...",
        "node server.js --test",
        "mvn compile",
        "gradle assemble",
        "sbt compile",
        "php artisan migrate",
        "php -v",
        "npx",
        "rails server",
        "mix compile",
        "dotnet build",
        "swift build",
        "flutter build",
        "playwright install",
        "cypress open",
        "env",
        "sh -c pytest",
        "",
    ];
    for line in lines {
        let argv: Vec<&str> = line.split(' ').collect();
        assert_eq!(TestCommand::recognise(&argv).map(|command| command.name()), None, "{line}");
    }
}
