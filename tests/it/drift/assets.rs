//! Whether the files of production's pages are those of the build folder.

use std::path::Path;

use snipara_orchestrator::domain::{
    AssetSource, BuildStanding, DriftAnswer, DriftKind, DriftReport, Production as Configured, Timestamp,
};
use snipara_orchestrator::drift::{DriftDeps, DriftRequest};
use tempfile::TempDir;

use super::{check, executor, issue, only, parts, unverified};
use crate::support::http;
use crate::support::production::{Answer, Production};

const PAGE: &str = r#"<!doctype html><title>Shop</title><link rel="stylesheet" href="/assets/app-1a2b3c4d.css">
<script type="module" src="/assets/index-5e6f7a8b.js"></script><script src="/cdn-cgi/beacon.js"></script><p>Hello"#;

/// A repository with a build, and a production that serves it.
async fn deployed() -> (TempDir, Production) {
    let folder = tempfile::tempdir().expect("a folder");
    let assets = folder.path().join("dist/assets");
    std::fs::create_dir_all(&assets).expect("made");
    std::fs::write(assets.join("app-1a2b3c4d.css"), "p{}").expect("written");
    std::fs::write(assets.join("index-5e6f7a8b.js"), "run()").expect("written");
    let fake = Production::start().await;
    fake.answer("/", Answer::html(200, PAGE));
    fake.answer("/assets/app-1a2b3c4d.css", Answer::text(200, "p{}").header("content-type", "text/css"));
    fake.answer("/assets/index-5e6f7a8b.js", Answer::text(200, "run()"));
    (folder, fake)
}

async fn compared(fake: &Production, folder: &Path, built_since: Option<Timestamp>) -> DriftReport {
    let mut configured = Configured::new(http::url(&fake.url())).expect("an origin");
    configured.assets = Some(AssetSource { folder: "dist".to_owned(), pages: vec!["/".to_owned()] });
    let deps = DriftDeps {
        executor: executor(folder, "/usr/bin:/bin"),
        production: Some(configured),
        ..parts(Some(&fake.url()))
    };
    check(deps, &DriftRequest { kinds: [DriftKind::Assets].into(), built_since, ..DriftRequest::default() }).await
}

#[tokio::test]
async fn files_of_pages_are_compared_with_the_build_folder() {
    let (folder, fake) = deployed().await;
    let report = compared(&fake, folder.path(), None).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean, "{report:?}");
    assert_eq!(report.build().map(|build| build.standing), Some(BuildStanding::Current));

    fake.answer("/assets/index-5e6f7a8b.js", Answer::text(200, "old()"));
    let report = compared(&fake, folder.path(), None).await;
    let partial = "partial: 1 of 2 files of / are those of dist, and /assets/index-5e6f7a8b.js is not";
    assert_eq!(issue(only(&report)), partial);

    fake.answer("/assets/app-1a2b3c4d.css", Answer::text(200, "a{}").header("content-type", "text/css"));
    assert!(issue(only(&compared(&fake, folder.path(), None).await)).starts_with("stale_origin: "));

    let earlier = PAGE.replace("1a2b3c4d", "00000000").replace("5e6f7a8b", "11111111");
    fake.answer("/", Answer::html(200, &earlier));
    fake.answer("/assets/app-00000000.css", Answer::text(200, "b{}"));
    fake.answer("/assets/index-11111111.js", Answer::text(200, "older()"));
    assert!(issue(only(&compared(&fake, folder.path(), None).await)).starts_with("stale_origin: "));

    fake.answer("/", Answer::html(200, r#"<!doctype html><script src="/other.js"></script><p>Hello"#));
    fake.answer("/other.js", Answer::text(200, "other()"));
    assert!(issue(only(&compared(&fake, folder.path(), None).await)).starts_with("wrong_build: "));
}

#[tokio::test]
async fn a_page_that_a_cache_serves_is_a_stale_edge_when_the_one_behind_it_is_current() {
    let (folder, fake) = deployed().await;
    let old = Answer::text(200, "old()").header("age", "60");
    fake.answers("/assets/index-5e6f7a8b.js", vec![old, Answer::text(200, "run()")]);
    let report = compared(&fake, folder.path(), None).await;
    assert!(issue(only(&report)).starts_with("stale_edge: "), "{report:?}");
}

#[tokio::test]
async fn what_cannot_be_compared_is_unverified_and_a_folder_that_nobody_names_is_not_compared() {
    let (folder, fake) = deployed().await;
    fake.answer("/assets/index-5e6f7a8b.js", Answer::status(503));
    assert!(unverified(only(&compared(&fake, folder.path(), None).await)).0.contains("503"));
    fake.answer("/", Answer::status(302).header("location", "/en"));
    assert!(unverified(only(&compared(&fake, folder.path(), None).await)).0.contains("/en"));
    std::fs::remove_dir_all(folder.path().join("dist")).expect("removed");
    let missing = compared(&fake, folder.path(), None).await;
    assert_eq!(unverified(only(&missing)), ("dist is not there", "build the project, then run it again"));
    let request = DriftRequest { kinds: [DriftKind::Assets].into(), ..DriftRequest::default() };
    assert!(check(parts(Some(&fake.url())), &request).await.checks.is_empty());
}

#[tokio::test]
async fn a_folder_that_this_attempt_did_not_write_is_told_and_one_that_it_wrote_is_not() {
    let (folder, fake) = deployed().await;
    let rests_on = async |since: Option<Timestamp>| {
        let report = compared(&fake, folder.path(), since).await;
        report.build().expect("a build").rests_on.clone()
    };
    assert!(rests_on(None).await.expect("told").contains("dist alone"));
    assert_eq!(rests_on(Some(Timestamp::from_micros(1))).await, None);
    let later = Timestamp::parse_rfc3339("2999-01-01T00:00:00.000Z").expect("a time");
    assert!(rests_on(Some(later)).await.is_some());
}
