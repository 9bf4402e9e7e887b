//! Which permissions of a file count for a caller.

use std::fs;

use serde_json::{Value, json};
use snipara_orchestrator::config::{self, ConfigError, Overrides, TrustState};
use snipara_orchestrator::domain::Actor;

#[cfg(unix)]
use super::mode;
use super::{Place, on_disk};

fn untrusted_keys(error: ConfigError) -> Vec<String> {
    match error {
        ConfigError::Untrusted { keys, .. } => keys,
        other => panic!("another refusal: {other}"),
    }
}

#[test]
fn a_caller_gets_no_permission_from_a_file_that_no_person_recorded() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example", "allowed_commands": ["rm *"]}));
    assert!(place.person().prod_url.is_some(), "for a person the file counts as it is");
    let error = place.caller().expect_err("refused");
    assert_eq!(error.code(), "untrusted_configuration");
    assert!(error.hint().contains("snipara-orchestrator trust"));
    assert_eq!(untrusted_keys(error), ["allowed_commands", "prod_url"]);
    config::record_trust(&place.person()).expect("recorded");
    assert_eq!(place.caller().expect("trusted").allowed_commands, ["rm *"]);
}

#[test]
fn a_caller_is_told_which_permission_was_changed_added_or_removed() {
    let before = json!({
        "prod_url": "https://a.example", "policy": {"required_proofs": 5, "min_task_proofs": 1}, "health_paths": ["/h"]
    });
    let place = Place::new().with_file(&before);
    config::record_trust(&place.person()).expect("recorded");
    for (key, value) in [
        ("policy", json!({"required_proofs": 1})),
        ("policy", Value::Null),
        ("prod_url", json!("https://b.example")),
        ("allowed_hosts", json!(["evil.example"])),
        ("health_paths", json!([])),
        ("test_users", json!({"ada": {"bearer_env": "SNIPARA_TEST_A"}})),
        ("deploy", json!({"command": ["x"]})),
        ("resolve", json!({"a.example:443": "127.0.0.1:1"})),
        ("snipara_api_url", json!("https://evil.example")),
        ("fail_fast_on_drift", json!(false)),
        ("version", json!({"path": "/v"})),
        ("read_only", json!(false)),
        ("audit", json!({"max_mb": 0})),
        ("toolsets", json!(["all"])),
        ("suites", json!({"api": ["/x"]})),
        ("deploy_paths", json!(["none/**"])),
    ] {
        let mut after = before.clone();
        after[key] = value;
        fs::write(place.file(), after.to_string()).expect("written");
        assert_eq!(untrusted_keys(place.caller().expect_err(key)), [key]);
    }
    fs::write(place.file(), serde_json::to_string_pretty(&before).expect("JSON")).expect("written");
    place.caller().expect("the same values in another layout are the same permissions");
    let mut with_label = before.clone();
    with_label["gatekeeper_id"] = json!("someone");
    fs::write(place.file(), with_label.to_string()).expect("written");
    place.caller().expect("a label is no permission");
}

#[test]
fn a_schema_that_a_trusted_check_names_is_trusted_as_it_is() {
    let check = json!({"url": "/x", "expect": ["status == 200", "schema order.json"]});
    let place = Place::new().with_file(&json!({"suites": {"api": [check]}}));
    let schema = place.file().with_file_name("order.json");
    fs::write(&schema, r#"{"type": "object"}"#).expect("written");
    config::record_trust(&place.person()).expect("recorded");
    place.caller().expect("trusted");
    fs::write(&schema, "{}").expect("written");
    assert_eq!(untrusted_keys(place.caller().expect_err("another bar")), ["suites"]);
}

#[test]
fn what_only_tightens_counts_without_trust_and_is_missed_when_it_goes() {
    let locked = json!({"prod_url": "https://a.example", "lockdown": true});
    let open = |lockdown: Value| json!({"prod_url": "https://a.example", "lockdown": lockdown});
    let place = Place::new().with_file(&open(Value::Null));
    config::record_trust(&place.person()).expect("recorded");
    fs::write(place.file(), locked.to_string()).expect("written");
    assert!(place.caller().expect("it counts at once").lockdown);
    config::record_trust(&place.person()).expect("recorded");
    for value in [Value::Null, json!(false)] {
        fs::write(place.file(), open(value).to_string()).expect("written");
        assert_eq!(untrusted_keys(place.caller().expect_err("gone")), ["lockdown"]);
    }
}

#[test]
fn a_caller_needs_no_trust_for_what_flags_and_environment_override() {
    let place = Place::new().with_file(&json!({"prod_url": "https://file.example"}));
    let flags = Overrides { prod_url: Some("https://flag.example".to_owned()), ..Overrides::default() };
    let config = place.load(Actor::Caller, &flags).expect("overridden");
    assert_eq!(config.prod_url.expect("url").as_str(), "https://flag.example/");
    let place = place.with_variable("PROD_URL", "https://variable.example");
    assert_eq!(place.caller().expect("overridden").prod_url.expect("url").as_str(), "https://variable.example/");
}

#[test]
fn a_caller_cannot_lower_the_bar_by_deleting_hiding_or_renaming() {
    let place = Place::new().with_file(&json!({"snipara_project": "p", "policy": {"required_proofs": 5}}));
    config::record_trust(&place.person()).expect("recorded");

    // Another project has no record of its own to hide in.
    fs::write(place.file(), json!({"snipara_project": "q"}).to_string()).expect("written");
    assert_eq!(untrusted_keys(place.caller().expect_err("removed")), ["policy"]);

    // A nearer file, or the old name, does not replace the trusted one.
    let place = place.in_folder("shop/src/deep");
    fs::write(place.shop().join("src/.snipara-orchestrator.json"), "{}").expect("written");
    let error = place.caller().expect_err("hidden");
    assert!(error.message().contains("not in force any more"), "{}", error.message());
    fs::remove_file(place.shop().join("src/.snipara-orchestrator.json")).expect("removed");

    fs::remove_file(place.file()).expect("removed");
    assert_eq!(untrusted_keys(place.caller().expect_err("deleted")), ["policy"]);

    // A person accepts that it is gone.
    config::record_trust(&place.person()).expect("recorded");
    place.caller().expect("nothing to trust");
}

#[test]
fn a_record_of_trust_that_cannot_be_read_gives_no_permission() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example"}));
    config::record_trust(&place.person()).expect("recorded");
    let record = place.base().join("home/trust.json");
    let mut newer = on_disk(&record);
    newer["format"] = json!(2);
    fs::write(&record, newer.to_string()).expect("written");
    assert!(matches!(place.caller(), Err(ConfigError::TrustRecord { .. })));
    fs::write(&record, "{").expect("written");
    assert!(matches!(place.caller(), Err(ConfigError::TrustRecord { .. })));
}

#[test]
fn trust_is_told_and_kept_privately_for_each_file() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example"}));
    assert!(matches!(config::trust_state(&place.person()), Ok(TrustState::Untrusted { recorded: false, .. })));
    config::record_trust(&place.person()).expect("recorded");
    assert_eq!(config::trust_state(&place.person()).expect("state"), TrustState::Trusted);
    #[cfg(unix)]
    {
        assert_eq!(mode(&place.base().join("home/trust.json")), 0o600);
    }
    // The same words in another file are another file.
    let other = place.base().join("other");
    fs::create_dir_all(other.join(".git")).expect("folder");
    fs::write(other.join(".git/HEAD"), "x").expect("file");
    fs::copy(place.file(), other.join(".snipara-orchestrator.json")).expect("copied");
    let place = place.in_folder("other");
    assert_eq!(untrusted_keys(place.caller().expect_err("another file")), ["prod_url"]);
}

#[test]
fn a_caller_cannot_slip_an_authority_into_a_trusted_file() {
    let place = Place::new().with_file(&json!({"ca_file": "authorities.pem"}));
    let authorities = place.shop().join("authorities.pem");
    fs::write(&authorities, "one").expect("written");
    config::record_trust(&place.person()).expect("recorded");
    place.caller().expect("trusted");
    fs::write(&authorities, "two").expect("written");
    assert_eq!(untrusted_keys(place.caller().expect_err("changed")), ["ca_file"]);
}
