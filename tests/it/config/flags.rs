//! A flag for every key, and all that is wrong at once.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use snipara_orchestrator::config::{self, ConfigError, Overrides, TrustState};
use snipara_orchestrator::domain::Actor;

use super::{Place, asked, on_disk};

fn flags(given: &[(&str, &str)]) -> Overrides {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, text) in given {
        settings.entry((*key).to_owned()).or_default().push((*text).to_owned());
    }
    Overrides { settings, ..Overrides::default() }
}

#[test]
fn a_flag_stands_in_the_place_of_the_files_key() {
    let place = Place::new().with_file(&json!({
        "settle_seconds": 5, "production_hosts": ["of-file"], "gatekeeper_id": "of-file", "timeouts": {"ui_s": 7}
    }));
    let given = flags(&[
        ("settle_seconds", "9"),
        ("production_hosts", "localhost:3000"),
        ("production_hosts", "b.example"),
        ("policy", r#"{"required_proofs": 4}"#),
    ]);
    let config = place.load(Actor::Person, &given).expect("settings");
    assert_eq!((config.settle_seconds, config.policy.required_proofs), (9, 4));
    let hosts: Vec<String> = config.production_hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["localhost:3000", "b.example"]);
    assert_eq!((config.gatekeeper_id.as_str(), config.timeouts.ui_ms), ("of-file", 7_000));
}

#[test]
fn a_flag_wins_over_a_variable() {
    let place = Place::new().with_variable("SNIPARA_API_URL", "https://variable.example");
    let config = place.load(Actor::Person, &flags(&[("snipara_api_url", "https://flag.example")])).expect("settings");
    assert_eq!(config.snipara_api_url.as_str(), "https://flag.example/");
}

#[test]
fn a_flag_is_a_persons_word_and_its_key_waits_for_no_trust() {
    let place = Place::new().with_file(&json!({"health_paths": [], "policy": {"closure_policy": "ALLOW_EXCEPTIONS"}}));
    let waiting = |given: &Overrides| place.load(Actor::Caller, given).expect("settings").caller_trust.waiting;
    assert_eq!(waiting(&flags(&[("version", "{}")])), ["health_paths", "policy"]);
    assert_eq!(waiting(&flags(&[("health_paths", "/health")])), ["policy"]);
    let both = flags(&[("health_paths", "/health"), ("policy", "{}")]);
    let config = place.load(Actor::Caller, &both).expect("both are said by flags");
    assert_eq!(config.health_paths.as_deref(), Some(&["/health".to_owned()][..]));
    assert!(matches!(config::trust_state(&config), Ok(TrustState::Untrusted { .. })), "the file itself is not trusted");
}

#[test]
fn paths_of_a_flag_start_from_the_current_folder_and_an_error_names_the_flag() {
    let place = Place::new().with_file(&json!({})).in_folder("shop/src");
    fs::write(place.shop().join("src/policy.json"), r#"{"required_proofs": 6}"#).expect("written");
    let config = place.load(Actor::Person, &flags(&[("policy", "@policy.json")])).expect("settings");
    assert_eq!(config.policy.required_proofs, 6);
    for (key, text, said) in [
        ("version", r#"{"path": "no-path"}"#, "`version.path` given by --version-source"),
        ("allowed_commands", "", "given by --allow-command"),
        ("test_users", r#"{"ada": {}}"#, "given by --test-users"),
        ("settle_seconds", "601", "given by --settle-seconds"),
        ("client_certificate", r#"{"certificate": "x"}"#, "given by --client-certificate"),
        ("proxy", "ftp://x", "`proxy` given by --proxy"),
    ] {
        let told = place.load(Actor::Person, &flags(&[(key, text)])).expect_err(key).message();
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let place = Place::new().with_file(&json!({
        "prod_url": "ftp://x.example", "verbos": true, "auto_remember": "yes", "allowed_hosts": ["a b"],
        "timeouts": {"ui_s": 0, "drift_s": 0}, "gatekeeper_id": "",
    }));
    let told = place.load(Actor::Person, &flags(&[("settle_seconds", "601")])).expect_err("refused").message();
    for said in [
        "unknown key `verbos`",
        "did you mean `verbose`?",
        "`auto_remember` in",
        "`prod_url` in",
        "`allowed_hosts` in",
        "`timeouts.ui_s` in",
        "`timeouts.drift_s` in",
        "`gatekeeper_id` in",
        "given by --settle-seconds",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(told.starts_with("8 settings cannot be used: ") && !told.contains('\n'), "{told}");
}

#[test]
fn a_policy_that_can_never_hold_is_refused_with_its_settings() {
    let none = Overrides { no_local_commands: true, ..Overrides::default() };
    for (policy, given, said) in [
        (json!({"require": ["named_user"]}), Overrides::default(), "`named_user` can never hold"),
        (json!({"require": ["tests_ran"]}), none.clone(), "`tests_ran` can never hold"),
        (json!({"require": ["strict"]}), none.clone(), "`tests_ran` can never hold"),
        (json!({"local_tests": ["cargo test"]}), none.clone(), "`policy.local_tests` in"),
        (json!({"hold_seconds": 601}), Overrides::default(), "`policy.hold_seconds` in"),
    ] {
        let place = Place::new().with_file(&json!({"policy": policy}));
        let told = place.load(Actor::Person, &given).expect_err("refused").message();
        assert!(
            told.contains(said) && told.matches("policy.local_tests").count() < 2 && !told.contains('\n'),
            "{told}"
        );
    }
    let named = json!({"policy": {"require": ["named_user"]}, "test_users": {"ada": {"bearer_env": "SNIPARA_TEST_A"}}});
    Place::new().with_file(&named).person();
    let untested = Place::new().with_file(&json!({"policy": {"require": ["shown"]}}));
    untested.load(Actor::Person, &none).expect("it can hold");
}

#[test]
fn what_can_be_used_is_there_for_commands_that_only_look() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example", "verbos": true, "settle_seconds": 9}));
    let loaded = config::load_in_part(&Overrides::default(), &place.environment).expect("in part");
    assert_eq!((loaded.problems.len(), loaded.config.settle_seconds), (1, 9));
    assert!(loaded.config.prod_url.is_some());
    fs::write(place.file(), "{").expect("written");
    let broken = config::load_in_part(&Overrides::default(), &place.environment).expect("in part");
    assert!(matches!(broken.problems.as_slice(), [ConfigError::NotJson { .. }]));
    assert_eq!(broken.config.file, Some(place.file()));
    // The store of another project is nobody's to look at.
    fs::write(place.file(), json!({"snipara_project": " "}).to_string()).expect("written");
    assert!(config::load_in_part(&Overrides::default(), &place.environment).is_err());
}

#[test]
fn an_address_without_a_scheme_is_written_and_shown_with_it() {
    let place = Place::new();
    place.init(&asked("p", "localhost:3000")).expect("written");
    assert_eq!(on_disk(&place.file())["prod_url"], Value::from("http://localhost:3000"));
    assert_eq!(place.person().prod_url.expect("url").as_str(), "http://localhost:3000/");
    let again = place.init(&asked("p", "localhost:3000")).expect("the same");
    assert_eq!(again.written, config::Written::Unchanged);
    let other = Place::new().with_variable("PROD_URL", "api.example.com").person();
    assert_eq!(other.prod_url.expect("url").as_str(), "https://api.example.com/");
}
