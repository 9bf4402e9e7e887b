//! How production is reached: proxies and client certificates, as settings.

use std::fs;

use serde_json::{Value, json};
use snipara_orchestrator::config::{self, ConfigError, Overrides};
use snipara_orchestrator::domain::Actor;

use super::Place;

fn with_proxies(place: Place) -> Place {
    place
        .with_variable("HTTPS_PROXY", "http://ada:planted-word@secure.corp:3128")
        .with_variable("http_proxy", "plain.corp:8080")
        .with_variable("HTTP_PROXY", "http://capitals.corp")
        .with_variable("no_proxy", "inner.corp")
}

#[test]
fn proxies_of_the_environment_are_used_only_when_the_setting_says_so() {
    let unused = with_proxies(Place::new()).person().proxies;
    assert!(!unused.used && unused.shown() == "none");
    assert_eq!(unused.variables, ["HTTPS_PROXY", "http_proxy"], "they are known, so that a failure can tell of them");

    let config = with_proxies(Place::new()).with_file(&json!({"proxy": "environment"})).person();
    assert_eq!(config.proxies.shown(), "http://secure.corp:3128, http://plain.corp:8080");
    assert_eq!(config.proxies.direct, "inner.corp");
    assert!(config.secrets.iter().any(|secret| secret.expose() == "planted-word"));
    assert!(!format!("{config:?}").contains("planted"));

    let named = with_proxies(Place::new()).with_file(&json!({"proxy": "http://mine.corp:1"})).person().proxies;
    assert_eq!((named.shown().as_str(), named.direct.as_str()), ("http://mine.corp:1", "inner.corp"));
    assert!(!Place::new().with_file(&json!({"proxy": "environment"})).person().proxies.shown().contains("corp"));
}

#[test]
fn a_proxy_that_cannot_be_used_is_told_without_its_login() {
    let in_file = Place::new().with_file(&json!({"proxy": "socks5://ada:planted-word@p.corp"})).refusal();
    assert!(in_file.contains("`proxy` in ") && in_file.contains("begins with http://"), "{in_file}");
    let place = Place::new().with_file(&json!({"proxy": "environment"}));
    let variable = place.with_variable("ALL_PROXY", "http://ada:planted-word@p.corp/path").refusal();
    assert!(variable.contains("in the variable ALL_PROXY"), "{variable}");
    assert!(!format!("{in_file} {variable}").contains("planted"));
    with_proxies(Place::new()).with_variable("HTTPS_PROXY", "socks5://p.corp").person();
}

#[test]
fn a_client_certificate_has_a_file_and_a_key_from_where_secrets_may_come() {
    let place = |given: Value| {
        let place = Place::new().with_file(&json!({"client_certificate": given}));
        fs::write(place.shop().join("client.pem"), "certificate").expect("written");
        place.with_variable("SNIPARA_TEST_KEY", "the-key").with_variable("OTHER_KEY", "other-key")
    };
    let config = place(json!({"certificate": "client.pem", "key_env": "SNIPARA_TEST_KEY"})).person();
    let shown = config.client_certificate.expect("a certificate");
    assert_eq!(shown.certificate.file_name().and_then(|name| name.to_str()), Some("client.pem"));
    assert_eq!(shown.key.expose(), "the-key");

    let other = place(json!({"certificate": "client.pem", "key_env": "OTHER_KEY"}));
    let error = other.load(Actor::Person, &Overrides::default()).expect_err("refused");
    assert!(matches!(error, ConfigError::ForbiddenVariable { .. }), "{error}");
    let named = Overrides { credential_variables: vec!["OTHER_KEY".to_owned()], ..Overrides::default() };
    assert!(other.load(Actor::Person, &named).expect("named").client_certificate.is_some());

    for (given, said) in [
        (json!({"key_env": "SNIPARA_TEST_KEY"}), "`client_certificate.certificate`"),
        (json!({"certificate": "missing.pem", "key_env": "SNIPARA_TEST_KEY"}), "there is no such file"),
        (json!({"certificate": "client.pem"}), "give either key_env or key_file"),
        (json!({"certificate": "client.pem", "key_env": "SNIPARA_TEST_LOST"}), "SNIPARA_TEST_LOST is not set"),
        (json!({"certificate": "client.pem", "key_file": "missing.key"}), "there is no such file"),
    ] {
        let told = place(given).refusal();
        assert!(told.contains(said), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused_and_trust_covers_what_the_files_hold() {
    use std::os::unix::fs::PermissionsExt;
    let given = json!({"certificate": "client.pem", "key_file": "client.key"});
    let place = Place::new().with_file(&json!({"client_certificate": given}));
    let (certificate, key) = (place.shop().join("client.pem"), place.shop().join("client.key"));
    fs::write(&certificate, "certificate").expect("written");
    fs::write(&key, "key").expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("opened");
    let open = place.load(Actor::Person, &Overrides::default()).expect_err("refused");
    assert!(open.hint().contains("chmod 600"), "{}", open.hint());
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("closed");

    let shown = || place.caller().expect("settings").client_certificate.is_some();
    assert!(!shown(), "it is a permission");
    config::record_trust(&place.person()).expect("recorded");
    assert!(shown());
    for file in [&certificate, &key] {
        let before = fs::read(file).expect("read");
        fs::write(file, "another").expect("written");
        let config = place.caller().expect("settings");
        assert!(
            config.client_certificate.is_none() && config.caller_trust.refusal(true).is_some(),
            "{}",
            file.display()
        );
        fs::write(file, before).expect("written");
    }
    assert!(shown(), "as it was");
}

#[test]
fn a_certificate_is_not_shown_to_a_proxy() {
    let given = json!({"certificate": "client.pem", "key_env": "SNIPARA_TEST_KEY"});
    let place = Place::new().with_file(&json!({"client_certificate": given, "proxy": "https://proxy.corp"}));
    fs::write(place.shop().join("client.pem"), "certificate").expect("written");
    let told = place.with_variable("SNIPARA_TEST_KEY", "the-key").refusal();
    assert!(told.contains("use an http:// proxy"), "{told}");
}
