//! What a run tells as log messages, in both eras, to those who asked.
#![expect(deprecated, reason = "the protocol gives logging up (SEP-2577); clients of all its versions still use it")]

use rmcp::ServiceError;
use rmcp::model::{ErrorCode, LoggingLevel, RequestMetaObject, SetLevelRequestParams};
use serde_json::{Value, json};
use snipara_orchestrator::mcp::Server;

use crate::support::mcp_client::{Era, every_tool, opener};
use crate::support::person::{Person, Session, call};
use crate::support::production::Answer;
use crate::support::world::{PATHS, Settings, World};

fn task(tests: &[&str]) -> Value {
    let checks: Vec<_> = PATHS.iter().map(|path| json!({"url": path})).collect();
    json!({"title": "Deploy", "local_tests": tests, "live_checks": checks})
}

/// Runs a task and asks for its log from a level on, the way of the era.
async fn run_logged(session: &Session, era: Era, level: LoggingLevel, task: Value) {
    let mut parameters = call("run_task", task);
    match era {
        Era::Initialize => session.0.set_level(SetLevelRequestParams::new(level)).await.expect("set"),
        Era::Discover => {
            let mut meta = RequestMetaObject::new();
            meta.set_log_level(level);
            parameters.meta = Some(meta);
        }
    }
    session.call_once(parameters).await;
}

fn lines(person: &Person, level: &str) -> Vec<String> {
    let of_level = |message: &Value| message["level"] == level;
    person
        .log()
        .into_iter()
        .filter(of_level)
        .map(|message| message["data"].as_str().expect("text").to_owned())
        .collect()
}

#[tokio::test]
async fn the_phases_of_a_run_are_told_to_who_asks() {
    let world = World::new().await;
    for era in Era::BOTH {
        let person = Person::default();
        let session = person.meets(&world, era).await;
        run_logged(&session, era, LoggingLevel::Info, task(&[])).await;
        let told = lines(&person, "info").join("\n");
        for part in ["attempt 1 started", "Local tests", "Drift check", "Production checks", "Gate"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert_eq!(lines(&person, "notice"), ["done"]);
        assert_eq!(lines(&person, "debug"), Vec::<String>::new(), "single checks are below the level");
        assert!(person.log().iter().all(|message| message["logger"] == "run_task"));
    }
}

#[tokio::test]
async fn only_what_is_as_grave_as_asked_for_is_told() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::text(403, "no"));
    for era in Era::BOTH {
        let person = Person::default();
        let session = person.meets(&world, era).await;
        run_logged(&session, era, LoggingLevel::Warning, task(&[])).await;
        let warnings = lines(&person, "warning");
        assert!(warnings.iter().any(|line| line.contains("/api/cart") && line.contains("403")), "{warnings:?}");
        assert_eq!(person.log().len(), warnings.len(), "{:?}", person.log());
    }
}

#[tokio::test]
async fn who_did_not_ask_is_told_nothing() {
    let world = World::new().await;
    for era in Era::BOTH {
        let person = Person::default();
        let session = person.meets(&world, era).await;
        session.call("run_task", task(&[])).await;
        assert_eq!(person.log(), Vec::<Value>::new());
    }
}

#[tokio::test]
async fn the_level_of_one_session_is_not_that_of_another() {
    let world = World::new().await;
    let server = Server::new(&every_tool(), opener(&world)).expect("options");
    let (loud, quiet) = (Person::default(), Person::default());
    let one = loud.opens(server.for_session(), Era::Initialize).await;
    let other = quiet.opens(server.for_session(), Era::Initialize).await;
    run_logged(&one, Era::Initialize, LoggingLevel::Debug, task(&[])).await;
    other.call("run_task", task(&[])).await;
    assert!(!loud.log().is_empty());
    assert_eq!(quiet.log(), Vec::<Value>::new());
}

#[tokio::test]
async fn no_level_is_set_where_every_request_names_its_own() {
    let world = World::new().await;
    let session = Person::default().meets(&world, Era::Discover).await;
    let error = session.0.set_level(SetLevelRequestParams::new(LoggingLevel::Debug)).await.expect_err("removed");
    let ServiceError::McpError(error) = error else { panic!("{error}") };
    assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
}

#[tokio::test]
async fn secrets_in_a_command_are_taken_out_of_log_and_progress() {
    let world = World::with(Settings::default()).await;
    for era in Era::BOTH {
        let person = Person::default();
        let session = person.meets(&world, era).await;
        run_logged(&session, era, LoggingLevel::Debug, task(&["true --token=hunter2-on-the-line"])).await;
        let told = format!("{:?}{:?}", person.log(), person.progress());
        assert!(told.contains("[redacted]") && !told.contains("hunter2"), "{told}");
        assert!(!person.progress().is_empty(), "rmcp's client asks for progress with each request");
    }
}
