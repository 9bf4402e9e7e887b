//! Whether production runs what the repository holds.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use snipara_orchestrator::domain::{
    DriftAnswer, DriftKind, Production as Configured, VersionComparison, VersionSource,
};
use snipara_orchestrator::drift::{DriftDeps, DriftRequest};
use tempfile::TempDir;

use super::{check, executor, issue, only, parts, unverified};
use crate::support::http;
use crate::support::production::{Answer, Production};

fn version() -> DriftRequest {
    DriftRequest { kinds: [DriftKind::Version].into(), ..DriftRequest::default() }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// Makes a repository with one commit; returns its folder and HEAD.
fn repository() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("package.json"), r#"{"version": "1.2.3"}"#).expect("written");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    let head = git(folder.path(), &["rev-parse", "HEAD"]);
    (folder, head)
}

fn at(fake: &Production, folder: &Path) -> DriftDeps {
    DriftDeps { executor: executor(folder, "/usr/bin:/bin"), ..parts(Some(&fake.url())) }
}

#[tokio::test]
async fn d08_a_commit_in_json_is_compared_with_head() {
    let (folder, head) = repository();
    let fake = Production::start().await;
    fake.answer("/api/version", Answer::json(200, &json!({"version": "0.9.0", "commit": &head[..7]})));
    let report = check(at(&fake, folder.path()), &version()).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!(only(&report).subject, "/api/version");

    fake.answer("/api/version", Answer::json(200, &json!({"version": "1.2.3", "commit": "c0ffee1"})));
    let report = check(at(&fake, folder.path()), &version()).await;
    assert_eq!(
        issue(only(&report)),
        format!(
            "production runs commit c0ffee1, which the repository at {} does not know (/api/version (commit))",
            &head[..7]
        )
    );
}

/// Commits a file and returns what the version check says of the production that holds the commit before.
async fn behind_by(file: &str, deploy_paths: &[&str]) -> DriftAnswer {
    let (folder, deployed) = repository();
    let changed = folder.path().join(file);
    std::fs::create_dir_all(changed.parent().expect("a folder")).expect("made");
    std::fs::write(changed, "changed").expect("written");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "second"]);
    let fake = Production::start().await;
    fake.answer("/version", Answer::json(200, &json!({"commit": deployed})));
    let mut configured = Configured::new(http::url(&fake.url())).expect("an origin");
    configured.deploy_paths = deploy_paths.iter().map(|glob| (*glob).to_owned()).collect();
    let deps = DriftDeps { production: Some(configured), ..at(&fake, folder.path()) };
    only(&check(deps, &version()).await).answer.clone()
}

#[tokio::test]
async fn a_change_that_is_not_deployed_is_no_drift_and_the_configuration_says_what_is_deployed() {
    assert_eq!(behind_by("docs/a.md", &[]).await, DriftAnswer::Clean);
    assert!(matches!(behind_by("src/a.js", &[]).await, DriftAnswer::Found { .. }));
    assert_eq!(behind_by("infrastructure/main.tf", &["src/**", "package.json"]).await, DriftAnswer::Clean);
    assert!(matches!(behind_by("src/a.js", &["src/**"]).await, DriftAnswer::Found { .. }));
    assert!(matches!(behind_by("docs/a.md", &["docs/**"]).await, DriftAnswer::Found { .. }));
}

#[tokio::test]
async fn a_repository_that_publishes_its_docs_deploys_them() {
    let (folder, _) = repository();
    std::fs::create_dir_all(folder.path().join("website")).expect("made");
    std::fs::write(folder.path().join("website/docusaurus.config.ts"), "export default {}").expect("written");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "a site"]);
    let deployed = git(folder.path(), &["rev-parse", "HEAD"]);
    std::fs::create_dir_all(folder.path().join("docs")).expect("made");
    std::fs::write(folder.path().join("docs/a.md"), "changed").expect("written");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "a text"]);
    let fake = Production::start().await;
    fake.answer("/version", Answer::json(200, &json!({"commit": deployed})));
    let report = check(at(&fake, folder.path()), &version()).await;
    assert!(matches!(only(&report).answer, DriftAnswer::Found { .. }), "{report:?}");
}

#[tokio::test]
async fn a_commit_as_text_and_in_a_configured_header_is_compared() {
    let (folder, head) = repository();
    let fake = Production::start().await;
    fake.answer("/version", Answer::text(200, &format!("{head}\n")));
    assert_eq!(only(&check(at(&fake, folder.path()), &version()).await).answer, DriftAnswer::Clean);

    fake.answer("/live", Answer::status(204).header("X-Commit", &head));
    let mut configured = Configured::new(http::url(&fake.url())).expect("an origin");
    configured.version = VersionSource {
        path: Some("/live".to_owned()),
        header: Some("x-commit".to_owned()),
        ..VersionSource::default()
    };
    let parts = DriftDeps { production: Some(configured), ..at(&fake, folder.path()) };
    let report = check(parts, &version()).await;
    assert_eq!((&only(&report).answer, only(&report).subject.as_str()), (&DriftAnswer::Clean, "/live"));
}

#[tokio::test]
async fn a_version_in_words_decides_nothing_unless_the_configuration_compares_packages() {
    let (folder, _) = repository();
    let fake = Production::start().await;
    fake.answer("/version", Answer::text(200, "v1.2.3"));
    let report = check(at(&fake, folder.path()), &version()).await;
    assert!(!report.has_drift() && !unverified(only(&report)).0.is_empty(), "{report:?}");
    fake.answer("/version", Answer::text(200, "1.2.2"));
    assert!(!check(at(&fake, folder.path()), &version()).await.has_drift());
    let mut configured = Configured::new(http::url(&fake.url())).expect("an origin");
    configured.version = VersionSource { compare: VersionComparison::Package, ..VersionSource::default() };
    let by_package = || DriftDeps { production: Some(configured.clone()), ..at(&fake, folder.path()) };
    assert!(check(by_package(), &version()).await.has_drift());
    fake.answer("/version", Answer::text(200, "v1.2.3"));
    assert_eq!(only(&check(by_package(), &version()).await).answer, DriftAnswer::Clean);
}

#[tokio::test]
async fn no_version_route_and_pages_are_unverified_with_the_setting() {
    let (folder, _) = repository();
    let fake = Production::start().await;
    fake.answer("/version", Answer::html(200, "<!doctype html><title>Shop 1.2.2</title>"));
    let report = check(at(&fake, folder.path()), &version()).await;
    let (why, fix) = unverified(only(&report));
    assert_eq!(why, "production answers no version at /version, /api/version, /actuator/info");
    assert!(fix.contains("`version`"), "{fix}");
}

#[tokio::test]
async fn uncommitted_changes_are_named_in_the_finding() {
    let (folder, _) = repository();
    std::fs::write(folder.path().join("package.json"), "{}").expect("written");
    let fake = Production::start().await;
    fake.answer("/version", Answer::json(200, &json!({"commit": "c0ffee1"})));
    let report = check(at(&fake, folder.path()), &version()).await;
    assert!(issue(only(&report)).ends_with("the work tree here has uncommitted changes"), "{report:?}");
}

/// Looks at health, version and a route, as gate 1 does, and returns what is said of the version.
async fn beside(fake: &Production, folder: &Path) -> (DriftAnswer, String) {
    let request = DriftRequest {
        kinds: [DriftKind::Health, DriftKind::Version].into(),
        ..super::routes(&[fake.at("/api/orders")])
    };
    let report = check(at(fake, folder), &request).await;
    let version = report.checks.iter().find(|check| check.kind == DriftKind::Version).expect("a version check");
    (version.answer.clone(), version.subject.clone())
}

#[tokio::test]
async fn a_health_answer_or_a_header_tells_the_build_without_another_request() {
    let (folder, head) = repository();
    let fake = Production::start().await;
    fake.answer("/api/orders", Answer::json(200, &json!([])));
    fake.answer("/health", Answer::json(200, &json!({"status": "ok", "commit": &head[..7]})));
    assert_eq!(beside(&fake, folder.path()).await, (DriftAnswer::Clean, "/health".to_owned()));
    // Four health routes, three version routes, and the route.
    assert_eq!(fake.received().len(), 8, "{:?}", fake.received());

    fake.answer("/health", Answer::json(200, &json!({"status": "ok"})));
    fake.answer("/api/orders", Answer::json(200, &json!([])).header("X-Version-Sha", &head));
    assert_eq!(beside(&fake, folder.path()).await, (DriftAnswer::Clean, "/api/orders".to_owned()));
}

#[tokio::test]
async fn an_older_build_that_health_tells_is_a_finding_and_a_dependencys_is_none() {
    let (folder, old) = repository();
    std::fs::write(folder.path().join("a.js"), "changed").expect("written");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "second"]);
    let fake = Production::start().await;
    fake.answer("/api/orders", Answer::json(200, &json!([])));
    fake.answer("/health", Answer::json(200, &json!({"status": "ok", "commit": &old})));
    let (answer, _) = beside(&fake, folder.path()).await;
    let DriftAnswer::Found { issue, .. } = answer else { panic!("a finding: {answer:?}") };
    assert!(issue.contains("1 commit behind") && issue.ends_with("(/health (commit))"), "{issue}");

    for honest in [
        json!({"status": "ok", "checks": {"auth": {"status": "up", "commit": old}}}),
        json!({"status": "ok", "commit": "83b9528bce", "database": "ok", "version": "12.1.1"}),
    ] {
        fake.answer("/health", Answer::json(200, &honest));
        let (answer, _) = beside(&fake, folder.path()).await;
        assert!(matches!(answer, DriftAnswer::Unverified { .. }), "{honest}: {answer:?}");
    }
}

#[tokio::test]
async fn a_person_who_says_where_the_version_stands_means_that_place_alone() {
    let (folder, head) = repository();
    let fake = Production::start().await;
    fake.answer("/health", Answer::json(200, &json!({"status": "ok", "commit": head})));
    let mut configured = Configured::new(http::url(&fake.url())).expect("an origin");
    configured.version = VersionSource { path: Some("/build".to_owned()), ..VersionSource::default() };
    let deps = DriftDeps { production: Some(configured), ..at(&fake, folder.path()) };
    let request = DriftRequest { kinds: [DriftKind::Health, DriftKind::Version].into(), ..DriftRequest::default() };
    let report = check(deps, &request).await;
    assert!(report.checks.iter().all(|check| check.build.is_none()), "{report:?}");
}
