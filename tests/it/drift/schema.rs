//! Whether the database has the repository's schema, as (a stand-in for) Prisma says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use snipara_orchestrator::domain::{DriftAnswer, DriftKind};
use snipara_orchestrator::drift::{DriftDeps, DriftRequest};
use tempfile::TempDir;

use super::{check, executor, issue, only, parts, unverified};

fn schema() -> DriftRequest {
    DriftRequest { kinds: [DriftKind::Schema].into(), ..DriftRequest::default() }
}

/// A repository with a stand-in for `npx` beside it, which repeats recorded outputs and writes down how it is called.
struct Story {
    folder: TempDir,
}

impl Story {
    /// `validate` and `status` name recordings in `tests/fixtures/prisma/`.
    fn new(validate: &str, status: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let story = Self { folder };
        story.write("repository/prisma/schema.prisma", "datasource db {\n  url = env(\"DATABASE_URL\")\n}\n");
        story.write("repository/node_modules/.bin/prisma", "");
        let mut script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", story.path("calls").display());
        script.push_str("case \"$*\" in *validate*) name=validate;; *) name=status;; esac\n");
        script.push_str("cd \"$(dirname \"$0\")\" && cat $name.out && cat $name.err >&2 && exit $(cat $name.exit)\n");
        story.write("bin/npx", &script);
        fs::set_permissions(story.path("bin/npx"), fs::Permissions::from_mode(0o755)).expect("executable");
        story.records("validate", validate);
        story.records("status", status);
        story
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("written");
    }

    fn records(&self, step: &str, recording: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/prisma/{recording}.txt"));
        let text = fs::read_to_string(path).expect("a recording");
        let (head, streams) = text.split_once("--- stdout\n").expect("stdout");
        let (stdout, stderr) = streams.split_once("--- stderr\n").expect("stderr");
        let exit = head.lines().find_map(|line| line.strip_prefix("exit: ")).expect("an exit code");
        self.write(&format!("bin/{step}.out"), stdout);
        self.write(&format!("bin/{step}.err"), stderr);
        self.write(&format!("bin/{step}.exit"), exit);
    }

    fn parts(&self) -> DriftDeps {
        let search_path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        DriftDeps { executor: executor(&self.path("repository"), &search_path), ..parts(None) }
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_database_with_every_migration_is_clean() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    let report = check(story.parts(), &schema()).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!(report.checked(), ["schema prisma/schema.prisma"]);
}

#[tokio::test]
async fn migrations_that_are_not_applied_and_schemas_that_are_not_valid_are_findings() {
    let story = Story::new("validate_clean_6", "status_pending_6");
    assert!(issue(only(&check(story.parts(), &schema()).await)).contains("20260201000000_add_name"));
    let story = Story::new("validate_invalid_7", "status_clean_6");
    assert!(issue(only(&check(story.parts(), &schema()).await)).contains("is not valid"));
    assert_eq!(story.calls().len(), 1);
}

#[tokio::test]
async fn d03_without_a_database_url_it_is_told_and_nothing_is_asked_of_the_database() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    let report = check(DriftDeps { database_url_set: false, ..story.parts() }, &schema()).await;
    let (why, fix) = unverified(only(&report));
    assert_eq!(why, "DATABASE_URL is not set");
    assert!(fix.starts_with("set DATABASE_URL"));
    assert!(!report.checked_anything());
    assert_eq!(story.calls().len(), 1, "{:?}", story.calls());
}

#[tokio::test]
async fn d03_no_schema_is_not_applicable_and_says_so() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    fs::remove_dir_all(story.path("repository/prisma")).expect("removed");
    let report = check(story.parts(), &schema()).await;
    assert_eq!(report.not_applicable(), ["schema: no Prisma schema in the repository"]);
    assert!(!report.checked_anything() && story.calls().is_empty());
}

#[tokio::test]
async fn d04_a_validation_that_fails_without_a_word_is_unverified() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    for (name, text) in [("out", ""), ("err", ""), ("exit", "1")] {
        story.write(&format!("bin/validate.{name}"), text);
    }
    let report = check(story.parts(), &schema()).await;
    assert_eq!(unverified(only(&report)).0, "prisma validate ended with exit code 1: nothing was written");
}

#[tokio::test]
async fn d05_a_missing_tool_is_unverified_and_no_drift() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    let no_npx = executor(&story.path("repository"), &story.path("empty").display().to_string());
    let report = check(DriftDeps { executor: no_npx, ..story.parts() }, &schema()).await;
    assert!(unverified(only(&report)).0.starts_with("prisma validate could not be started"), "{report:?}");
    let story = Story::new("validate_clean_6", "status_unreachable_adapter_6");
    let report = check(story.parts(), &schema()).await;
    assert!(unverified(only(&report)).0.contains("Can't reach database server"));
    assert!(!report.has_drift());
}

#[tokio::test]
async fn d06_nothing_is_installed_or_downloaded() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    check(story.parts(), &schema()).await;
    assert_eq!(
        story.calls(),
        [
            "--no-install prisma validate --schema=prisma/schema.prisma",
            "--no-install prisma migrate status --schema=prisma/schema.prisma"
        ]
    );
    let story = Story::new("validate_clean_6", "status_clean_6");
    fs::remove_dir_all(story.path("repository/node_modules")).expect("removed");
    let report = check(story.parts(), &schema()).await;
    assert_eq!(unverified(only(&report)).0, "Prisma is not installed in the repository");
    assert!(story.calls().is_empty());
}

#[tokio::test]
async fn every_schema_is_reported() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    story.write("repository/apps/b/schema.prisma", "");
    let report = check(story.parts(), &schema()).await;
    let subjects: Vec<&str> = report.checks.iter().map(|check| check.subject.as_str()).collect();
    assert_eq!(subjects, ["apps/b/schema.prisma", "prisma/schema.prisma"]);
    assert!(!report.has_drift() && report.checked().len() == 2);
}

#[tokio::test]
async fn d10_what_git_ignores_is_not_searched() {
    let story = Story::new("validate_clean_6", "status_clean_6");
    story.write("repository/.gitignore", "/prisma/\n");
    story.write("repository/dist/schema.prisma", "");
    let report = check(story.parts(), &schema()).await;
    assert!(matches!(only(&report).answer, DriftAnswer::NotApplicable { .. }));
}
