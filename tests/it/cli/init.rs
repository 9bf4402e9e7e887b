//! `init`, `trust` and `status`, with a terminal and without.

use serde_json::{Value, json};

use super::place::Place;

const INIT: [&str; 5] = ["init", "--project", "my-project", "--prod-url", "https://api.example.com"];

fn file(place: &Place) -> Value {
    let text = std::fs::read_to_string(place.repository().join(".snipara-orchestrator.json")).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn e20_init_runs_unattended_and_says_unchanged_the_second_time() {
    let place = Place::new();
    let first = place.run(&INIT).await;
    assert_eq!(first.code, Some(0), "{first:#?}");
    assert!(first.stdout.starts_with("✓ created "), "{first:#?}");
    let second = place.run(&INIT).await;
    assert_eq!(second.code, Some(0), "{second:#?}");
    assert!(second.stdout.starts_with("✓ unchanged "), "{second:#?}");
}

#[tokio::test]
async fn e20_other_values_are_refused_by_name_until_yes_is_said() {
    let place = Place::new();
    assert_eq!(place.run(&INIT).await.code, Some(0));
    let other = ["init", "-p", "my-project", "-u", "https://other.example.com"];
    let refused = place.run(&other).await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("prod_url") && refused.stderr.contains("--yes"), "{refused:#?}");
    assert_eq!(file(&place)["prod_url"], "https://api.example.com");
    let updated = place.run(&[&other[..], &["--yes"]].concat()).await;
    assert_eq!(updated.code, Some(0), "{updated:#?}");
    assert_eq!(file(&place)["prod_url"], "https://other.example.com");
}

#[tokio::test]
async fn e20_a_bad_address_is_refused_and_nothing_written() {
    let place = Place::new();
    for url in ["nonsense", "ftp://x.example", "https://me:secret@x.example"] {
        let ended = place.run(&["init", "-p", "my-project", "-u", url]).await;
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(!ended.stderr.contains("secret"), "{ended:#?}");
    }
    assert!(!place.repository().join(".snipara-orchestrator.json").exists());
}

#[tokio::test]
async fn e20_without_a_terminal_a_missing_flag_is_named() {
    let ended = Place::new().run(&["init", "--project", "my-project"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("--prod-url is missing"), "{ended:#?}");
}

#[tokio::test]
async fn e01_the_key_is_never_written_into_the_repository() {
    let place = Place::new();
    let mut command = place.command(&INIT);
    command.env("SNIPARA_API_KEY", "snp-secret-0123456789");
    let ended = super::place::ended(command.spawn().expect("starts")).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(!file(&place).to_string().contains("snp-secret"));
    assert!(!ended.stdout.contains("snp-secret") && !ended.stderr.contains("snp-secret"), "{ended:#?}");
}

#[tokio::test]
async fn e10_no_command_warns_about_nothing() {
    let place = Place::new();
    assert_eq!(place.run(&INIT).await.stderr, "");
    let status = place.run(&["status"]).await;
    assert_eq!((status.code, status.stderr.as_str()), (Some(0), ""), "{status:#?}");
    assert!(status.stdout.contains("my-project") && status.stdout.contains("https://api.example.com"), "{status:#?}");
}

#[tokio::test]
async fn status_is_a_document_without_the_key() {
    let place = Place::new();
    assert_eq!(place.run(&INIT).await.code, Some(0));
    let mut command = place.command(&["status", "--json"]);
    command.env("SNIPARA_API_KEY", "snp-secret-0123456789");
    let ended = super::place::ended(command.spawn().expect("starts")).await;
    let document = ended.json();
    assert_eq!((&document["project"], &document["api_key_set"]), (&json!("my-project"), &json!(true)));
    assert_eq!(document["trusted"], json!(false));
    assert!(!ended.stdout.contains("snp-secret"), "{ended:#?}");
}

#[tokio::test]
async fn trust_needs_a_terminal_whatever_the_flags() {
    let place = Place::new();
    assert_eq!(place.run(&INIT).await.code, Some(0));
    let ended = place.run(&["trust", "--json"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert_eq!(ended.json()["error"]["code"], "needs_terminal");
    assert_eq!(place.run(&["trust", "--yes"]).await.code, Some(2));
    assert_eq!(place.run(&["status", "--json"]).await.json()["trusted"], json!(false));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_init_offers_the_usual_name_and_trusts_what_it_wrote() {
    let place = Place::new();
    let ended = place.at_terminal("init", "\nhttps://api.example.com\n").await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("Project [repository]: "), "{ended:#?}");
    let status = place.run(&["status", "--json"]).await.json();
    assert_eq!((&status["project"], &status["trusted"]), (&"repository".into(), &true.into()), "{status:#}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_missing_is_asked_for_in_plain_words_and_nothing_is_written() {
    let place = Place::new();
    for (words, typed, told) in
        [("init", "demo\n\n", "--prod-url is empty"), ("init", "", "the input ended before an answer was typed")]
    {
        let ended = place.at_terminal(words, typed).await;
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.stdout.contains(told), "{ended:#?}");
        assert!(!place.repository().join(".snipara-orchestrator.json").exists());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_address_is_asked_for_again() {
    let place = Place::new();
    let ended = place.at_terminal("init", "demo\nnonsense\nhttps://api.example.com\n").await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("it is not an http(s) URL"), "{ended:#?}");
    assert_eq!(file(&place)["prod_url"], "https://api.example.com");
}

#[tokio::test]
async fn the_command_that_a_foreign_repository_is_told_works_without_a_file() {
    let place = Place::new();
    let list = ["task", "list", "--project", "shared"];
    assert_eq!(place.run(&list).await.code, Some(0));
    let second = place.path().join("second");
    let git = std::process::Command::new("git").args(["init", "--quiet"]).arg(&second).status().expect("git runs");
    assert!(git.success());
    let there = async |words: &[&str]| {
        super::place::ended(place.command(words).current_dir(&second).spawn().expect("starts")).await
    };
    let refused = there(&list).await;
    assert!(refused.stderr.contains("`snipara-orchestrator init --join shared`"), "{refused:#?}");
    let joined = there(&["init", "--join", "shared"]).await;
    assert_eq!(joined.code, Some(0), "{joined:#?}");
    assert!(joined.stdout.contains("`--project shared`"), "{joined:#?}");
    assert_eq!(there(&list).await.code, Some(0));
}
