//! What of a file counts for a caller: the values that a person recorded, whatever an agent does to the file.

use std::fs;

use serde_json::{Value, json};
use snipara_orchestrator::config::{self, Config, ConfigError, Overrides, TrustState};
use snipara_orchestrator::domain::{Actor, RequireWord};

#[cfg(unix)]
use super::mode;
use super::{Place, on_disk};

/// What a caller has, and which keys wait.
fn caller(place: &Place) -> Config {
    place.caller().expect("settings")
}

fn waiting(place: &Place) -> Vec<String> {
    caller(place).caller_trust.waiting
}

fn trusted(document: &Value) -> Place {
    let place = Place::new().with_file(document);
    config::record_trust(&place.person()).expect("recorded");
    place
}

fn edited(place: &Place, document: &Value) {
    fs::write(place.file(), document.to_string()).expect("written");
}

/// Says why nothing is asked of production.
fn refused_keys(config: &Config) -> Vec<String> {
    match config.caller_trust.refusal(config.prod_url.is_some()) {
        Some(ConfigError::Untrusted { keys, .. }) => keys,
        other => panic!("another answer: {other:?}"),
    }
}

#[test]
fn a_caller_gets_no_permission_from_a_file_that_no_person_recorded() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example", "allowed_commands": ["rm *"]}));
    assert!(place.person().prod_url.is_some(), "for a person the file counts as it is");
    let config = caller(&place);
    assert!(config.prod_url.is_none() && config.allowed_commands.is_empty());
    assert_eq!(config.caller_trust.waiting, ["allowed_commands", "prod_url"]);
    assert!(config.caller_trust.warnings().concat().contains("a person runs `snipara-orchestrator trust`"));
    assert_eq!(refused_keys(&config), ["allowed_commands", "prod_url"]);
    config::record_trust(&place.person()).expect("recorded");
    assert_eq!(caller(&place).allowed_commands, ["rm *"]);
    assert_eq!(caller(&place).caller_trust.warnings(), Vec::<String>::new());
}

#[test]
fn the_trusted_values_stay_in_force_whatever_key_is_changed_added_or_removed() {
    let before = json!({
        "prod_url": "https://a.example", "policy": {"required_proofs": 5, "min_task_proofs": 2}, "health_paths": ["/h"]
    });
    let place = trusted(&before);
    let digest = caller(&place).config_digest;
    for (key, value) in [
        ("policy", json!({"required_proofs": 1})),
        ("policy", Value::Null),
        ("prod_url", json!("https://b.example")),
        ("allowed_hosts", json!(["evil.example"])),
        ("production_hosts", json!(["evil.example"])),
        ("health_paths", json!([])),
        ("test_users", json!({"ada": {"bearer_env": "SNIPARA_TEST_A"}})),
        ("deploy", json!({"command": ["x"]})),
        ("resolve", json!({"a.example:443": "127.0.0.1:1"})),
        ("snipara_api_url", json!("https://evil.example")),
        ("snipara_api_key", json!("another")),
        ("snipara_project", json!("another")),
        ("fail_fast_on_drift", json!(false)),
        ("version", json!({"path": "/v"})),
        ("read_only", json!(false)),
        ("repo_path", json!("src")),
        ("audit", json!({"max_mb": 0})),
        ("toolsets", json!(["all"])),
        ("timeouts", json!({"command_s": 1})),
        ("settle_seconds", json!(600)),
        ("deploy_paths", json!(["none/**"])),
        ("proxy", json!("http://evil.example:1")),
        ("converge", json!({"consecutive_successes": 1})),
        ("identity", json!({"assets": "dist"})),
    ] {
        let mut after = before.clone();
        after[key] = value;
        edited(&place, &after);
        let config = caller(&place);
        assert_eq!(config.caller_trust.waiting, [key]);
        assert_eq!(config.config_digest, digest, "{key} decides nothing");
        assert_eq!(config.prod_url.as_ref().map(url::Url::as_str), Some("https://a.example/"));
        assert!(config.caller_trust.refusal(true).is_none(), "tasks run under the trusted settings");
        let told = config.caller_trust.warnings().concat();
        assert!(told.contains(key) && told.contains("what was trusted stays in force"), "{told}");
    }
    fs::write(place.file(), serde_json::to_string_pretty(&before).expect("JSON")).expect("written");
    assert_eq!(waiting(&place), Vec::<String>::new(), "the same values in another layout are the same permissions");
    let mut with_label = before.clone();
    with_label["gatekeeper_id"] = json!("someone");
    edited(&place, &with_label);
    assert_eq!(caller(&place).gatekeeper_id, "someone", "a label is no permission");
}

#[test]
fn no_edit_of_the_file_makes_the_trusted_gate_laxer() {
    let before = json!({"prod_url": "https://a.example", "policy": {
        "required_proofs": 5, "hold_seconds": 30, "local_tests": ["cargo test"], "live_checks": ["/ready"],
        "require": ["known_build"]
    }});
    let place = trusted(&before);
    let is_whole = |what: &str| {
        let Config { policy, prod_url, .. } = caller(&place);
        assert_eq!((policy.required_proofs, policy.hold_seconds), (5, 30), "{what}");
        assert_eq!(policy.local_tests, ["cargo test"], "{what}");
        assert_eq!((policy.live_checks.len(), policy.require.as_slice()), (1, [RequireWord::KnownBuild].as_slice()));
        assert_eq!(prod_url.expect("production").as_str(), "https://a.example/", "{what}");
    };
    for (what, text) in [
        ("emptied", "{}"),
        ("lowered", r#"{"policy": {"required_proofs": 1, "local_tests": [], "require": []}}"#),
        ("moved", r#"{"prod_url": "http://127.0.0.1:1"}"#),
        ("renamed", r#"{"snipara_project": "other"}"#),
        ("broken", "{"),
        ("wrong", r#"{"policy": 7, "unknown": 1}"#),
        ("no text", "\u{0}"),
        ("too large", &" ".repeat(300_000)),
    ] {
        fs::write(place.file(), text).expect("written");
        is_whole(what);
    }
    let told = {
        fs::write(place.file(), "{").expect("written");
        caller(&place).caller_trust.warnings().concat()
    };
    assert!(told.contains("not valid JSON") && told.contains("stay in force"), "{told}");
    fs::remove_file(place.file()).expect("removed");
    is_whole("deleted");
    assert!(caller(&place).caller_trust.gone);
    fs::create_dir(place.file()).expect("a folder");
    is_whole("a folder");
    fs::remove_dir(place.file()).expect("removed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let lax = place.base().join("lax.json");
        fs::write(&lax, "{}").expect("written");
        for (what, target) in
            [("a link", lax.as_path()), ("a dead link", "/nowhere".as_ref()), ("a device", "/dev/zero".as_ref())]
        {
            symlink(target, place.file()).expect("linked");
            is_whole(what);
            fs::remove_file(place.file()).expect("removed");
        }
    }
}

#[test]
fn a_file_that_asks_for_more_holds_at_once_with_a_callers_rights() {
    let place = trusted(&json!({"prod_url": "https://a.example", "policy": {
        "required_proofs": 2, "local_tests": ["cargo test"], "require": ["known_build"]
    }}));
    edited(
        &place,
        &json!({"prod_url": "https://a.example", "policy": {
            "required_proofs": 1, "min_task_proofs": 2, "hold_seconds": 10, "local_tests": ["cargo test", "./evil.sh"],
            "live_checks": ["/more"], "require": ["shown"]
        }}),
    );
    let Config { policy, caller_trust, .. } = caller(&place);
    assert_eq!((policy.required_proofs, policy.min_task_proofs, policy.hold_seconds), (2, 2, 10));
    assert_eq!(policy.local_tests, ["cargo test", "./evil.sh"]);
    assert_eq!(policy.require, [RequireWord::KnownBuild, RequireWord::Shown]);
    assert_eq!(policy.live_checks.len(), 1);
    assert_eq!(caller_trust.local_tests, ["./evil.sh"], "it runs with a caller's rights only");
    assert_eq!(caller_trust.waiting, ["policy"], "what it lowers waits");
    assert!(caller_trust.tightened);

    // What only asks for more waits for nobody, and is told.
    let more = json!({"prod_url": "https://a.example", "policy": {
        "required_proofs": 3, "local_tests": ["cargo test"], "require": ["known_build"]
    }});
    edited(&place, &more);
    let Config { policy, caller_trust, .. } = caller(&place);
    assert_eq!((policy.required_proofs, caller_trust.waiting.len()), (3, 0));
    assert!(caller_trust.warnings().concat().contains("holds at once, with a caller's rights"));

    // Rules about htasks are not merged: they wait.
    edited(&place, &json!({"policy": {"require_verified_evidence": true}, "prod_url": "https://a.example"}));
    let Config { policy, caller_trust, .. } = caller(&place);
    assert!(!policy.require_verified_evidence && caller_trust.waiting == ["policy"]);
}

#[test]
fn what_an_untrusted_policy_adds_and_a_caller_may_not_holds_every_run_back() {
    let place = trusted(&json!({"prod_url": "https://a.example", "policy": {"live_checks": ["/ready"]}}));
    for (check, why) in [
        (json!({"url": "/x", "user": "ada"}), "policy.live_checks[1] waits for trust: it asks as a test user"),
        (json!({"url": "/x", "users": ["ada"]}), "policy.live_checks[1] waits for trust: it asks as a test user"),
        (
            json!({"url": "/x", "expect": ["schema order.json"]}),
            "policy.live_checks[1] waits for trust: it names a schema file",
        ),
        (json!("https://evil.example/x"), "policy and suites wait for trust: `policy.live_checks[1].url` in"),
    ] {
        edited(&place, &json!({"prod_url": "https://a.example", "policy": {"live_checks": ["/ready", check]}}));
        let Config { policy, caller_trust, .. } = caller(&place);
        assert_eq!(policy.live_checks.len(), 1, "{check}");
        assert!(caller_trust.held_back.concat().starts_with(why), "{:?}", caller_trust.held_back);
    }
}

#[test]
fn a_suite_that_only_an_untrusted_file_has_is_known_as_such_and_a_trusted_one_stays_as_it_was() {
    let place = trusted(&json!({"suites": {"api": ["/a"]}}));
    edited(
        &place,
        &json!({"suites": {
            "api": ["/weaker"], "new": ["/b"], "somebody": [{"url": "/c", "user": "ada"}]
        }}),
    );
    let Config { suites, caller_trust, .. } = caller(&place);
    assert_eq!(suites.keys().collect::<Vec<_>>(), ["api", "new"]);
    assert_eq!(suites["api"][0].url, "/a");
    assert_eq!(caller_trust.suites, ["new"]);
    assert_eq!(caller_trust.waiting, ["suites"]);
}

#[test]
fn a_schema_that_a_trusted_check_names_is_trusted_as_it_is() {
    let check = json!({"url": "/x", "expect": ["status == 200", "schema order.json"]});
    let place = Place::new().with_file(&json!({"suites": {"api": [check]}}));
    let schema = place.file().with_file_name("order.json");
    fs::write(&schema, r#"{"type": "object"}"#).expect("written");
    config::record_trust(&place.person()).expect("recorded");
    assert!(caller(&place).caller_trust.refusal(true).is_none());
    fs::write(&schema, "{}").expect("written");
    assert_eq!(refused_keys(&caller(&place)), ["suites"], "another bar");
}

#[test]
fn what_only_tightens_counts_without_trust_and_stays_when_it_goes() {
    let locked = json!({"prod_url": "https://a.example", "lockdown": true});
    let open = |lockdown: Value| json!({"prod_url": "https://a.example", "lockdown": lockdown});
    let place = trusted(&open(Value::Null));
    edited(&place, &locked);
    assert!(caller(&place).lockdown, "it counts at once");
    config::record_trust(&place.person()).expect("recorded");
    for value in [Value::Null, json!(false)] {
        edited(&place, &open(value));
        let config = caller(&place);
        assert!(config.lockdown);
        assert_eq!(config.caller_trust.waiting, ["lockdown"]);
    }
}

#[test]
fn a_caller_needs_no_trust_for_what_flags_and_environment_override() {
    let place = Place::new().with_file(&json!({"prod_url": "https://file.example"}));
    let flags = Overrides { prod_url: Some("https://flag.example".to_owned()), ..Overrides::default() };
    let config = place.load(Actor::Caller, &flags).expect("overridden");
    assert_eq!(config.prod_url.expect("url").as_str(), "https://flag.example/");
    assert_eq!(config.caller_trust.waiting, Vec::<String>::new());
    let place = place.with_variable("PROD_URL", "https://variable.example");
    assert_eq!(caller(&place).prod_url.expect("url").as_str(), "https://variable.example/");
}

#[test]
fn a_caller_cannot_lower_the_bar_by_deleting_hiding_or_renaming() {
    let place = trusted(&json!({"snipara_project": "p", "policy": {"required_proofs": 5}}));
    let bar = |place: &Place| {
        let config = caller(place);
        (config.policy.required_proofs, config.project.to_string())
    };

    // Another project has no record of its own to hide in.
    edited(&place, &json!({"snipara_project": "q"}));
    assert_eq!(bar(&place), (5, "p".to_owned()));

    // A nearer file, or the old name, does not replace the trusted one.
    let place = place.in_folder("shop/src/deep");
    let nearer = place.shop().join("src/.snipara-orchestrator.json");
    fs::write(&nearer, r#"{"policy": {"required_proofs": 1}, "allowed_hosts": ["evil.example"]}"#).expect("written");
    let config = caller(&place);
    assert_eq!((config.policy.required_proofs, config.allowed_hosts.len()), (5, 0));
    assert_eq!(config.repository, place.shop(), "nor the repository");
    let told = config.caller_trust.warnings().concat();
    assert!(told.contains("stay in force, though their file is not"), "{told}");
    fs::remove_file(&nearer).expect("removed");

    fs::remove_file(place.file()).expect("removed");
    assert_eq!(bar(&place).0, 5);

    // A person accepts that it is gone.
    config::record_trust(&place.person()).expect("recorded");
    assert_eq!(bar(&place).0, 1);
}

#[test]
fn a_record_of_trust_that_cannot_be_read_gives_no_permission() {
    let place = trusted(&json!({"prod_url": "https://a.example"}));
    let record = place.base().join("home/trust.json");
    let mut newer = on_disk(&record);
    newer["format"] = json!(2);
    fs::write(&record, newer.to_string()).expect("written");
    assert!(matches!(place.caller(), Err(ConfigError::TrustRecord { .. })));
    fs::write(&record, "{").expect("written");
    assert!(matches!(place.caller(), Err(ConfigError::TrustRecord { .. })));
}

#[test]
fn a_record_of_an_older_version_counts_while_the_file_is_as_it_was() {
    let place =
        trusted(&json!({"prod_url": "https://a.example", "policy": {"required_proofs": 5}, "settle_seconds": 9}));
    let record = place.base().join("home/trust.json");
    let mut old = on_disk(&record);
    old.as_object_mut().expect("an object").remove("values");
    for keys in old["files"].as_object_mut().expect("files").values_mut() {
        keys.as_object_mut().expect("keys").remove("settle_seconds");
    }
    fs::write(&record, old.to_string()).expect("written");
    let config = caller(&place);
    assert_eq!((config.policy.required_proofs, config.settle_seconds), (5, 9), "what it did not know counts");
    assert!(config.caller_trust.refusal(true).is_none());
    assert!(!config::values_are_kept(&place.person()).expect("read"), "`trust` asks once more");
    edited(&place, &json!({"prod_url": "https://a.example", "policy": {"required_proofs": 1}}));
    assert_eq!(refused_keys(&caller(&place)), ["policy"], "the trusted value is not known");
}

#[test]
fn trust_is_told_and_kept_privately_for_each_file() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example", "snipara_api_key": "planted-key"}));
    assert!(matches!(config::trust_state(&place.person()), Ok(TrustState::Untrusted { recorded: false, .. })));
    config::record_trust(&place.person()).expect("recorded");
    assert_eq!(config::trust_state(&place.person()).expect("state"), TrustState::Trusted);
    let record = place.base().join("home/trust.json");
    assert!(!fs::read_to_string(&record).expect("read").contains("planted-key"), "a secret is not kept twice");
    assert!(caller(&place).snipara_api_key.is_some());
    #[cfg(unix)]
    {
        assert_eq!(mode(&record), 0o600);
    }
    // The same words in another file are another file.
    let other = place.base().join("other");
    fs::create_dir_all(other.join(".git")).expect("folder");
    fs::write(other.join(".git/HEAD"), "x").expect("file");
    fs::copy(place.file(), other.join(".snipara-orchestrator.json")).expect("copied");
    let place = place.in_folder("other");
    assert_eq!(waiting(&place), ["prod_url", "snipara_api_key"]);
}

#[test]
fn a_caller_cannot_slip_an_authority_into_a_trusted_file() {
    let place = Place::new().with_file(&json!({"ca_file": "authorities.pem"}));
    let authorities = place.shop().join("authorities.pem");
    fs::write(&authorities, "one").expect("written");
    config::record_trust(&place.person()).expect("recorded");
    assert!(caller(&place).caller_trust.refusal(true).is_none());
    fs::write(&authorities, "two").expect("written");
    let config = caller(&place);
    assert_eq!((refused_keys(&config), config.ca_file), (vec!["ca_file".to_owned()], None));
}

#[test]
fn a_script_is_told_which_keys_in_force_no_person_trusted() {
    let place = Place::new().with_file(&json!({"prod_url": "https://a.example", "policy": {"required_proofs": 2}}));
    let differing = |overrides: &Overrides| {
        let config = place.load(Actor::Person, overrides).expect("settings");
        config::script_trust(&config).expect("read")
    };
    assert!(!differing(&Overrides::default()).recorded, "nothing was ever trusted: nothing is named");
    config::record_trust(&place.person()).expect("recorded");
    assert_eq!(differing(&Overrides::default()).differing, Vec::<String>::new());
    let given = Overrides {
        prod_url: Some("http://127.0.0.1:1".to_owned()),
        resolve: vec!["a.example:443:127.0.0.1:1".to_owned()],
        ..Overrides::default()
    };
    assert_eq!(differing(&given).differing, ["prod_url", "resolve"]);
    edited(&place, &json!({"prod_url": "https://a.example"}));
    assert_eq!(differing(&Overrides::default()).differing, ["policy"]);
    fs::remove_file(place.file()).expect("removed");
    assert_eq!(differing(&Overrides::default()).differing, ["policy", "prod_url"]);
}
