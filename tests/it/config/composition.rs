//! What `app` makes of settings.

use std::fs;

use serde_json::json;
use snipara_orchestrator::app::{self, Joined};
use snipara_orchestrator::config::Overrides;
use snipara_orchestrator::domain::{Actor, MemoryFilter, Policy, RunRequest, silent_progress};
use snipara_orchestrator::orchestrator::UnavailableError;
use snipara_orchestrator::{Builder, OrchestratorError};

use super::Place;

fn refusal<T>(answer: Result<T, OrchestratorError>) -> (&'static str, String, String) {
    match answer {
        Err(error @ (OrchestratorError::Invalid(_) | OrchestratorError::Unavailable(_))) => {
            (error.code(), error.to_string(), error.hint().into_owned())
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

/// Two repositories that name the same project.
fn rivals() -> (Place, Place) {
    let place = Place::new().with_file(&json!({"snipara_project": "shared"}));
    let other = place.base().join("other");
    fs::create_dir_all(other.join(".git")).expect("folder");
    fs::write(other.join(".git/HEAD"), "x").expect("file");
    fs::copy(place.file(), other.join(".snipara-orchestrator.json")).expect("copied");
    let environment = place.environment.clone();
    let rival = Place { root: tempfile::tempdir().expect("folder"), environment };
    let mut rival = rival;
    rival.environment.current_folder = other;
    (place, rival)
}

#[tokio::test]
async fn a_second_repository_of_the_same_name_is_refused_until_it_joins() {
    let (first, second) = rivals();
    let (one, two) = (first.person(), second.person());
    app::compose(&one, Actor::Person, "test").await.expect("the first user is let in");
    app::compose(&one, Actor::Person, "test").await.expect("and again");

    let (code, message, hint) = refusal(app::compose(&two, Actor::Caller, "test").await);
    assert_eq!(code, "foreign_repository");
    assert!(message.contains("`shared`") && message.contains("shop/.git"), "{message}");
    assert!(hint.contains("snipara-orchestrator init --join shared"), "{hint}");

    assert_eq!(refusal(app::join(&two, "another").await).0, "invalid_input");
    let joined = app::join(&two, "shared").await.expect("joined");
    let expected = Joined { project: two.project.clone(), repository: two.git_common_folder.clone(), already: false };
    assert_eq!(joined, expected);
    assert!(app::join(&two, "shared").await.expect("joined").already);
    app::compose(&two, Actor::Caller, "test").await.expect("now it is one of them");
}

#[tokio::test]
async fn a_repository_that_was_moved_is_told_what_to_do() {
    let (first, second) = rivals();
    app::compose(&first.person(), Actor::Person, "test").await.expect("let in");
    fs::remove_dir_all(first.shop()).expect("moved away");
    let (code, message, hint) = refusal(app::compose(&second.person(), Actor::Person, "test").await);
    assert_eq!(code, "foreign_repository");
    assert!(message.contains("does not exist any more") && hint.contains("--join shared"), "{message} {hint}");
}

#[tokio::test]
async fn a_worktree_of_the_same_repository_shares_the_store() {
    let place = Place::new();
    let linked = place.base().join("fix");
    let own = place.shop().join(".git/worktrees/fix");
    fs::create_dir_all(&own).expect("folder");
    fs::create_dir(&linked).expect("folder");
    fs::write(own.join("HEAD"), "x").expect("file");
    fs::write(own.join("commondir"), "../..\n").expect("file");
    fs::write(linked.join(".git"), format!("gitdir: {}\n", own.display())).expect("file");
    let main = place.person();
    app::compose(&main, Actor::Person, "test").await.expect("let in");
    let place = place.in_folder("fix");
    let config = place.person();
    assert_eq!((&config.project, &config.repository), (&main.project, &linked));
    app::compose(&config, Actor::Person, "test").await.expect("the same repository");
}

#[tokio::test]
async fn a_configuration_error_and_a_store_that_cannot_be_opened_are_told_apart() {
    let broken = Place::new().with_file(&json!({"prod_url": 7}));
    let answer = app::open(Actor::Person, &Overrides::default(), &broken.environment, "test").await;
    assert_eq!(refusal(answer).0, "invalid_configuration");

    let untrusted = Place::new().with_file(&json!({"prod_url": "https://a.example"}));
    let opened = app::open(Actor::Caller, &Overrides::default(), &untrusted.environment, "test").await.expect("opens");
    let asked = opened.start_task(RunRequest::default(), silent_progress()).await;
    assert_eq!(asked.expect_err("production waits").code(), "untrusted_configuration");
    opened.memories(MemoryFilter::default()).await.expect("memory never stops for it");

    let place = Place::new();
    fs::write(place.base().join("home/projects"), "a file, not a folder").expect("written");
    let answer = app::open(Actor::Person, &Overrides::default(), &place.environment, "test").await;
    assert!(matches!(answer, Err(OrchestratorError::Unavailable(UnavailableError::Opening(_)))), "{answer:?}");
    assert_eq!(refusal(answer).0, "store_unavailable");
}

#[tokio::test]
async fn a_program_needs_no_file_and_is_not_steered_by_variables() {
    let place = Place::new()
        .with_file(&json!({"prod_url": "https://file.example", "allowed_commands": ["*"]}))
        .with_variable("PROD_URL", "https://variable.example")
        .with_variable("SNIPARA_PROJECT", "variable");
    let state = place.base().join("state");
    let builder = Builder::new()
        .environment(place.environment.clone())
        .prod_url("https://code.example")
        .repository(place.shop())
        .state_folder(&state)
        .policy(Policy { required_proofs: 2, ..Policy::default() })
        .allow_host("other.example:8443");
    let config = builder.config().expect("settings");
    assert_eq!(config.prod_url.as_ref().map(url::Url::as_str), Some("https://code.example/"));
    assert_eq!((config.project.as_str(), config.policy.required_proofs), ("shop", 2));
    assert_eq!((config.allowed_commands.len(), config.allow_any_command), (0, false));
    assert_eq!(config.allowed_hosts.len(), 1);
    assert!(builder.clone().allow_any_command().config().expect("settings").allow_any_command);
    builder.build().await.expect("built");
    assert!(fs::read_dir(&state).expect("folder").next().is_some(), "its store lies where it was told");
    let (code, message, _) = refusal(builder.prod_url("nonsense").config());
    assert_eq!(code, "invalid_configuration");
    assert!(message.contains("`prod_url` given by the program"), "{message}");
}
