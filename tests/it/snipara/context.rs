//! Context: the story of the trait, the rules of the embedded index, and the notes of a checklist.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::{join_all, pending};
use serde_json::json;
use snipara_orchestrator::domain::{ContextAnswer, ContextQuery, HTaskPolicy, ProjectId, SystemClock, tokens_of};
use snipara_orchestrator::mcp::{Opener, ServerOptions};
use snipara_orchestrator::orchestrator::{CutoverChecklist, Orchestrator};
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::snipara::{Answer, ContextSearch, Snipara, SniparaError};
use snipara_orchestrator::store::Store;

use crate::support::mcp_client::{Client, Era};
use crate::support::patience::PATIENCE;
use crate::support::world::{Settings, World};

/// The documents that [`story`] asks about.
pub const DOCUMENTS: [(&str, &str); 2] = [
    (
        "docs/deploy.md",
        "# Deploy\n\nPush to main; the pipeline builds and ships it.\n\n## Rollback\n\nIf `/api/auth/session` answers 500, \
         run `make rollback`\nand tell the pager.\n\n```sh\n# not a heading\nmake rollback\n```\n",
    ),
    ("docs/style.md", "# Style\n\nTabs are eight wide. Names are whole words.\n"),
];

/// What the trait promises, whoever answers: walked through the orchestrator's verbs only.
pub async fn story(orchestrator: &Orchestrator) {
    let answer = ask(orchestrator, "How do I roll back /api/auth/session?").await;
    let first = &answer.sections[0];
    assert_eq!((first.file.as_str(), first.lines), ("docs/deploy.md", [5, 13]), "{answer:#?}");
    assert!(first.title.ends_with("Rollback") && first.content.contains("make rollback"), "{first:?}");
    assert!((0.5..=1.0).contains(&first.relevance_score) && !first.truncated, "{first:?}");
    assert!(answer.sections.iter().all(|section| section.file != "docs/style.md"), "{answer:#?}");
    assert_counted(&answer, ContextQuery::DEFAULT_MAX_TOKENS);

    assert_eq!(ask(orchestrator, "zebra quagga okapi").await.sections, []);

    for (query, max_tokens, field) in [
        ("", 1_000, "query"),
        (" \n", 1_000, "query"),
        (&*"x".repeat(20_481), 1_000, "query"),
        ("deploy", 99, "max_tokens"),
        ("deploy", 0, "max_tokens"),
        ("deploy", -1, "max_tokens"),
        ("deploy", 100_001, "max_tokens"),
    ] {
        let query = ContextQuery { query: query.to_owned(), max_tokens };
        let error = orchestrator.query_context(query).await.expect_err(field);
        assert_eq!(error.code(), "invalid_input");
        assert!(error.to_string().starts_with(field), "{error}");
    }
}

/// Every count is true, and their sum stays within the cap.
fn assert_counted(answer: &ContextAnswer, max_tokens: i64) {
    for section in &answer.sections {
        assert_eq!(section.token_count, tokens_of(&section.content));
    }
    assert_eq!(answer.total_tokens, answer.sections.iter().map(|section| section.token_count).sum::<u64>());
    assert!(answer.total_tokens <= u64::try_from(max_tokens).expect("a cap"), "{answer:#?}");
}

async fn ask(orchestrator: &Orchestrator, query: &str) -> ContextAnswer {
    let query = ContextQuery { query: query.to_owned(), max_tokens: ContextQuery::DEFAULT_MAX_TOKENS };
    orchestrator.query_context(query).await.expect("an answer")
}

/// Returns `file:first-last title` of each section.
async fn places(orchestrator: &Orchestrator, query: &str) -> Vec<String> {
    let place = |section: &snipara_orchestrator::domain::Section| {
        format!("{}:{}-{} {}", section.file, section.lines[0], section.lines[1], section.title)
    };
    ask(orchestrator, query).await.sections.iter().map(place).collect()
}

fn write(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    std::fs::write(path, text).expect("written");
}

async fn world_with(documents: &[(&str, &str)]) -> World {
    let world = World::new().await;
    for (path, text) in documents {
        write(&world.repository(), path, text);
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_context_on_the_embedded_store() {
    let world = world_with(&DOCUMENTS).await;
    story(&world.orchestrator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_other_forms_and_identifiers_as_they_are() {
    let world = world_with(&[
        ("docs/a.md", "# Pool\n\nWe were deploying pgbouncer-1.22 when ENV_DRIFT came up.\n"),
        ("docs/b.md", "# Other\n\nThe env is checked for drift. The api has a session and auth.\n"),
        ("docs/c.md", "# Login\n\nCall /api/auth/session first.\n"),
    ])
    .await;
    for (query, best) in [
        ("deployed", "docs/a.md:1-3 Pool"),
        ("ENV_DRIFT", "docs/a.md:1-3 Pool"),
        ("pgbouncer-1.22", "docs/a.md:1-3 Pool"),
        ("/api/auth/session", "docs/c.md:1-3 Login"),
        ("login", "docs/c.md:1-3 Login"),
    ] {
        assert_eq!(places(&world.orchestrator, query).await[0], best, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sections_of_the_same_title_are_told_apart_and_a_fence_holds_no_heading() {
    let text = "# Api\n\n## Deploy\nkiwi one\n\n## Deploy\nkiwi two\n\n```\n# not a heading\n```\nkiwi three\n";
    let world = world_with(&[("docs/a.md", text)]).await;
    let mut found = places(&world.orchestrator, "kiwi").await;
    found.sort();
    assert_eq!(found, ["docs/a.md:3-4 Api > Deploy", "docs/a.md:6-12 Api > Deploy"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_an_openapi_description_are_sections() {
    let yaml = "openapi: 3.1.0\npaths:\n  /api/cart:\n    delete:\n      summary: Empty it\n";
    let world = world_with(&[("openapi.yaml", yaml), ("swagger.json", "{\"paths\": nothing")]).await;
    let found = places(&world.orchestrator, "DELETE /api/cart").await;
    assert_eq!(found[0], "openapi.yaml:4-5 DELETE /api/cart: Empty it");
    let warnings = ask(&world.orchestrator, "cart").await.warnings;
    assert!(warnings[0].starts_with("swagger.json: is read as plain text"), "{warnings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cap_is_hard_and_the_last_section_is_cut() {
    let long: String = (0..200).map(|number| format!("Kiwi line {number} tells something.\n")).collect();
    let world = world_with(&[("docs/a.md", &format!("# Kiwi\n\n{long}")), ("docs/b.md", "# Kiwi\n\nshort\n")]).await;
    for max_tokens in [100, 101, 333, 1_500] {
        let query = ContextQuery { query: "kiwi".into(), max_tokens };
        let answer = world.orchestrator.query_context(query).await.expect("an answer");
        assert_counted(&answer, max_tokens);
        let cut = answer.sections.iter().find(|section| section.truncated).expect("one is cut");
        assert!(cut.content.ends_with("tells something."), "{}", cut.content);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_stay_true_when_secrets_were_taken_out() {
    let secrets: String = (0..100).map(|number| format!("kiwi password: hunter{number}\n")).collect();
    let world = world_with(&[("docs/a.md", &format!("# Kiwi token: hunter-title\n\n{secrets}"))]).await;
    let answer = world
        .orchestrator
        .query_context(ContextQuery { query: "kiwi".into(), max_tokens: 200 })
        .await
        .expect("an answer");
    assert!(!format!("{answer:?}").contains("hunter"), "{answer:#?}");
    assert!(answer.sections[0].content.contains("[redacted]"));
    assert_counted(&answer, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_files_and_links_out_of_the_repository_are_not_read() {
    let world = world_with(&[
        (".gitignore", "/private/\n"),
        ("private/kiwi.md", "# Kiwi\n\nprivate\n"),
        (".env.md", "# Kiwi\n\nhidden\n"),
        ("docs/kiwi.md", "# Kiwi\n\npublic\n"),
    ])
    .await;
    let outside = tempfile::tempdir().expect("a folder");
    write(outside.path(), "kiwi.md", "# Kiwi\n\noutside\n");
    let repository = world.repository();
    std::os::unix::fs::symlink(outside.path().join("kiwi.md"), repository.join("docs/file.md")).expect("a link");
    std::os::unix::fs::symlink(outside.path(), repository.join("docs/folder")).expect("a link");
    assert_eq!(places(&world.orchestrator, "kiwi").await, ["docs/kiwi.md:1-3 Kiwi"]);

    std::fs::remove_file(repository.join("docs/kiwi.md")).expect("removed");
    std::os::unix::fs::symlink(outside.path().join("kiwi.md"), repository.join("docs/kiwi.md")).expect("a link");
    assert_eq!(places(&world.orchestrator, "kiwi").await, [""; 0], "a document that became a link is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_document_is_read_again_and_a_deleted_one_is_forgotten() {
    let world = world_with(&[("docs/a.md", "# Kiwi\n\none\n"), ("docs/b.md", "# Kiwi\n\nother\n")]).await;
    assert_eq!(places(&world.orchestrator, "kiwi").await.len(), 2);
    write(&world.repository(), "docs/a.md", "# Mango\n\nbefore\n\n# Kiwi\n\nmoved\n");
    std::fs::remove_file(world.repository().join("docs/b.md")).expect("removed");
    assert_eq!(places(&world.orchestrator, "kiwi").await, ["docs/a.md:5-7 Kiwi"]);
    assert_eq!(places(&world.orchestrator, "mango").await, ["docs/a.md:1-3 Mango"]);
    assert_eq!(world.sqlite3("SELECT path FROM documents ORDER BY path"), "README.md\ndocs/a.md");
    assert_eq!(world.sqlite3("SELECT count(*) FROM sections"), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_when_nothing_changed_and_only_the_time_when_only_that_did() {
    let world = world_with(&DOCUMENTS).await;
    let first = ask(&world.orchestrator, "rollback").await;
    // Changes with every commit of another connection (https://www.sqlite.org/pragma.html#pragma_data_version).
    let watcher = rusqlite::Connection::open(world.database()).expect("opens");
    let version = || watcher.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).expect("a version");
    let before = version();
    assert_eq!(ask(&world.orchestrator, "rollback").await, first);
    assert_eq!(version(), before, "the store was written");

    let rows = || world.sqlite3("SELECT group_concat(seq) FROM sections");
    let sections = rows();
    let file = std::fs::File::options().append(true).open(world.repository().join("docs/deploy.md")).expect("opened");
    file.set_modified(std::time::UNIX_EPOCH).expect("touched");
    assert_eq!(ask(&world.orchestrator, "rollback").await, first);
    assert_ne!(version(), before, "the time was written");
    assert_eq!(rows(), sections, "the sections were not written again");
    assert_eq!(world.sqlite3("SELECT modified_ns FROM documents WHERE path = 'docs/deploy.md'"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_a_warning() {
    let world = world_with(&[("docs/kiwi.md", "# Kiwi\n\nhere\n"), ("docs/zero.md", "a\0b")]).await;
    write(&world.repository(), "docs/latin.md", b"caf\xe9");
    write(&world.repository(), "docs/huge.md", vec![b'x'; (1 << 20) + 1]);
    for _ in 0..2 {
        let answer = ask(&world.orchestrator, "kiwi").await;
        assert_eq!(answer.sections.len(), 1);
        let expected = [
            "docs/huge.md: is longer than 1 MiB and was left out",
            "docs/latin.md: is not UTF-8 text and was left out",
            "docs/zero.md: is binary and was left out",
        ];
        assert_eq!(answer.warnings, expected, "also when it is asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_without_documents_says_what_to_add() {
    let world = World::new().await;
    std::fs::remove_file(world.repository().join("README.md")).expect("removed");
    let answer = ask(&world.orchestrator, "deploy").await;
    assert_eq!((answer.sections.len(), answer.total_tokens, answer.files_indexed), (0, 0, 0));
    assert!(answer.warnings[0].contains("add README.md"), "{:?}", answer.warnings);

    std::fs::remove_dir_all(world.repository()).expect("removed");
    let query = ContextQuery { query: "deploy".into(), max_tokens: 1_000 };
    let error = world.orchestrator.query_context(query).await.expect_err("no repository");
    assert_eq!(error.code(), "unreadable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_question_is_only_a_question() {
    let world = world_with(&DOCUMENTS).await;
    let long = "a/".repeat(10_000);
    let rare = "\u{0}\u{301}\u{200d}\u{fdd0} ﷽ 𝕕𝕖𝕡𝕝𝕠𝕪 deploy*".to_owned();
    for query in [
        "\"",
        "'; DROP TABLE sections; --",
        "title:deploy AND",
        "NEAR(deploy rollback, 2)",
        "deploy* ^ + - ( )",
        "*",
        "{title path} : x",
        "OR",
        "\"\"\"\"",
        &long,
        &rare,
    ] {
        assert_counted(&ask(&world.orchestrator, query).await, ContextQuery::DEFAULT_MAX_TOKENS);
    }
    assert_eq!(places(&world.orchestrator, "rollback NOT deploy").await[0], "docs/deploy.md:5-13 Deploy > Rollback");
}

fn another_process(store: Store, repository: &Path) -> Snipara {
    embedded(EmbeddedSettings {
        no_project: None,
        store,
        repository: repository.to_owned(),
        clock: Arc::new(SystemClock),
        htask_policy: HTaskPolicy::default(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_index_at_once_and_answer_the_same() {
    let world = world_with(&DOCUMENTS).await;
    let project = ProjectId::from_name("world").expect("a name");
    let state = world.database().parent().expect("a folder").to_owned();
    let mut neighbours = Vec::new();
    for _ in 0..6 {
        let store = Store::open(&state, &project).await.expect("opens");
        neighbours.push(another_process(store, &world.repository()));
    }
    let query = || ContextQuery { query: "rollback".into(), max_tokens: 1_000 };
    let answers = join_all(neighbours.iter().map(|neighbour| neighbour.context.query_context(query()))).await;
    let answers: Vec<ContextAnswer> = answers.into_iter().map(|answer| answer.expect("an answer")).collect();
    assert!(answers[0].sections[0].title.ends_with("Rollback"), "{answers:#?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(world.sqlite3("SELECT count(*), count(DISTINCT path || first_line) FROM sections"), "4|4");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_trees_of_a_project_have_documents_of_their_own() {
    let world = world_with(&[("docs/a.md", "# Kiwi\n\nhere\n")]).await;
    let other = tempfile::tempdir().expect("a folder");
    write(other.path(), "docs/a.md", "# Kiwi\n\nthere\n");
    let neighbour = another_process(world.ledger().store().clone(), other.path());
    let query = ContextQuery { query: "kiwi".into(), max_tokens: 1_000 };
    let answer = neighbour.context.query_context(query).await.expect("an answer");
    assert_eq!(answer.sections[0].content, "# Kiwi\n\nthere");
    assert_eq!(ask(&world.orchestrator, "kiwi").await.sections[0].content, "# Kiwi\n\nhere");
    drop(other);
    write(&world.repository(), "docs/b.md", "# Mango\n");
    ask(&world.orchestrator, "kiwi").await;
    assert_eq!(world.sqlite3("SELECT count(DISTINCT work_tree) FROM documents"), "1", "one that is gone is forgotten");
}

async fn checklist(world: &World) -> CutoverChecklist {
    let request = world.request(&["/api/users", "/api/orders"]);
    world.orchestrator.cutover_checklist(request).await.expect("a checklist")
}

#[tokio::test(flavor = "multi_thread")]
async fn a29_the_checklist_shows_the_deployment_note_that_mentions_the_endpoint() {
    let world = world_with(&[
        ("docs/deploy.md", "# Deploy\n\nShip it.\n\n## Migrations\n\nRun them before /api/orders is called.\n"),
        ("docs/api.md", "# Orders\n\nAll about /api/orders.\n"),
        ("RUNBOOK.md", "# Runbook\n\nRoll back with make rollback.\n"),
    ])
    .await;
    let list = checklist(&world).await;
    let first = &list.context[0];
    assert_eq!((first.file.as_str(), first.lines), ("docs/deploy.md", [5, 7]), "{list:#?}");
    assert_eq!((first.title.as_str(), first.endpoint.as_deref()), ("Deploy > Migrations", Some("/api/orders")));
    assert_eq!(first.excerpt, "Run them before /api/orders is called.");
    assert!(list.context.iter().any(|note| note.file == "RUNBOOK.md" && note.endpoint.is_none()), "{list:#?}");
    assert!(list.context.iter().all(|note| note.file != "docs/api.md"), "{list:#?}");
    assert_eq!(list.warnings, [""; 0]);

    let orchestrator = world.another();
    let opener: Opener = Arc::new(move || {
        let orchestrator = orchestrator.clone();
        Box::pin(async move { Ok(orchestrator) })
    });
    let options = ServerOptions { tools: Some(vec!["cutover_checklist".to_owned()]), ..ServerOptions::default() };
    let client = Client::open(Era::Initialize, options, opener).await;
    let checks = json!({"live_checks": [{"url": "/api/orders"}], "required_proofs": 1});
    let told = client.call("cutover_checklist", checks).await.expect("a result").structured_content.expect("content");
    assert_eq!(told["context"][0]["endpoint"], "/api/orders", "{told}");
    assert_eq!(told["context"][0]["lines"], json!([5, 7]), "{told}");
}

#[derive(Debug, Clone, Copy)]
enum Misbehaving {
    Hangs,
    Fails,
}

impl ContextSearch for Misbehaving {
    fn query_context(&self, _query: ContextQuery) -> Answer<'_, ContextAnswer> {
        match self {
            Self::Hangs => Box::pin(pending()),
            Self::Fails => Box::pin(async {
                Err(SniparaError::Malformed { tool: "context_query".into(), why: "no\u{1b}[2J JSON".into() })
            }),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_that_hangs_or_fails_costs_the_checklist_its_notes_only() {
    let base = World::new().await;
    for (behaviour, warning) in [
        (Misbehaving::Fails, "deployment notes are missing: context_query: Snipara's answer cannot be understood"),
        (Misbehaving::Hangs, "deployment notes are missing: no answer within 3 s"),
    ] {
        let snipara = Snipara { context: Arc::new(behaviour), ..base.orchestrator.snipara().clone() };
        let world = World::with(Settings { snipara: Some(snipara), ..Settings::default() }).await;
        let list = tokio::time::timeout(PATIENCE, checklist(&world)).await.expect("it does not wait for ever");
        assert!(list.items.iter().any(|item| item.name == "task_check_2"), "{list:#?}");
        assert_eq!((list.context.len(), list.warnings.len()), (0, 1), "{list:#?}");
        assert!(list.warnings[0].starts_with(warning) && !list.warnings[0].contains('\u{1b}'), "{list:#?}");
    }
}
