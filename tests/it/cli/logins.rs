//! Test users who log in for real (docs/design/gate.md G19).

use base64::Engine;
use serde_json::{Value, json};

use super::place::{Ended, Place};
use crate::support::login_site::{CLIENT, EMAIL, LoginSite, PASSWORD};
use crate::support::production::{Answer, Production};

const WHOAMI: &str = "jsonpath $.email == 'ada@example.test'";

fn form_login() -> Value {
    json!([
        {"url": "/login", "capture": "csrf: regex 'name=\"_token\" value=\"([^\"]+)\"'"},
        {"url": "/login", "method": "POST", "expected_status": 302,
         "body": "_token={{csrf}}&email={{env:SNIPARA_TEST_EMAIL}}&password={{env:SNIPARA_TEST_PASSWORD}}"},
    ])
}

fn users() -> Value {
    let whoami = json!({"url": "/api/me", "expect": WHOAMI});
    let client = json!({"user_env": "SNIPARA_TEST_CLIENT", "password_env": "SNIPARA_TEST_CLIENT_SECRET"});
    let bearer = json!(["Authorization: Bearer {{token}}"]);
    let granted = "token: jsonpath $.access_token";
    json!({
        "form": {"login": form_login(), "whoami": whoami},
        "json": {
            "login": {"url": "/api/login", "method": "POST", "capture": "token: jsonpath $.data.token",
                      "body": {"email": "{{env:SNIPARA_TEST_EMAIL}}", "password": "{{env:SNIPARA_TEST_PASSWORD}}"}},
            "headers": bearer, "whoami": whoami,
        },
        "oauth": {
            "login": {"url": "/oauth/token", "method": "POST", "capture": granted,
                      "body": "grant_type=client_credentials&client_id={{env:SNIPARA_TEST_CLIENT}}\
                               &client_secret={{env:SNIPARA_TEST_CLIENT_SECRET}}"},
            "headers": bearer, "whoami": whoami,
        },
        "oauth-basic": {
            "basic": client, "headers": bearer, "whoami": whoami,
            "login": {"url": "/oauth/token", "method": "POST", "capture": granted, "body": "grant_type=client_credentials"},
        },
        "basic": {
            "basic": {"user_env": "SNIPARA_TEST_EMAIL", "password_env": "SNIPARA_TEST_PASSWORD"}, "whoami": whoami,
        },
    })
}

fn place(production: &str, more: &Value) -> Place {
    let place = Place::new();
    let mut file = json!({"prod_url": production, "test_users": users()});
    file.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), file.to_string()).expect("written");
    let place = place.with_variable("SNIPARA_TEST_EMAIL", EMAIL).with_variable("SNIPARA_TEST_PASSWORD", PASSWORD);
    place.with_variable("SNIPARA_TEST_CLIENT", CLIENT.0).with_variable("SNIPARA_TEST_CLIENT_SECRET", CLIENT.1)
}

async fn run(place: &Place, checks: &[Value]) -> Ended {
    let checks: Vec<String> = checks.iter().map(Value::to_string).collect();
    let mut words = vec!["run", "Deploy", "--json"];
    checks.iter().for_each(|check| words.extend(["--check", check]));
    place.run(&words).await
}

/// The proofs of a run's own checks.
async fn proofs(place: &Place, ended: &Ended) -> Vec<Value> {
    let task = ended.json()["task_id"].as_str().expect("a task").to_owned();
    let all = place.run(&["proofs", "list", "--task", &task, "--json"]).await.json();
    let all = all["proofs"].as_array().expect("proofs").clone();
    all.into_iter().filter(|proof| proof["check"].as_str().is_some_and(|name| name.contains("check_"))).collect()
}

/// Returns everything that the binary kept and said, byte for byte.
fn kept(place: &Place, ended: &[&Ended]) -> String {
    let mut text: String = ended.iter().flat_map(|ended| [ended.stdout.as_str(), ended.stderr.as_str()]).collect();
    let mut folders = vec![place.path().join("state"), place.path().join("home")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default())),
            }
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_login_lets_a_check_be_asked_as_its_user() {
    let site = LoginSite::start().await;
    let place = place(&site.url(), &json!({}));
    for user in ["form", "json", "oauth", "oauth-basic", "basic"] {
        let expecting = "jsonpath $.of == 'ada@example.test'";
        let ended = place.run(&["validate", "/api/orders", "--user", user, "--expect", expecting, "--json"]).await;
        let proof = ended.json();
        assert_eq!((ended.code, proof["user_tested"].as_str()), (Some(0), Some(user)), "{user}: {ended:#?}");
    }
    let anonymous = place.run(&["validate", "/api/orders", "--json"]).await;
    assert_eq!(anonymous.code, Some(5), "{anonymous:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_logs_in_once_a_user_and_keeps_nothing_of_it() {
    let site = LoginSite::start().await;
    let place = place(&site.url(), &json!({"suites": {"mine": [{"url": "/api/me", "users": ["form", "json"]}]}}));
    let checks = [
        json!({"url": "/api/orders", "users": {"form": 200, "anonymous": 401}}),
        json!({"url": "/api/echo", "users": ["form", "json"]}),
        json!({"url": "/home", "user": "form", "expect": "text contains 'Welcome, Ada'"}),
    ];
    let before = place.run(&["run", "Deploy", "--baseline", "--suite", "mine", "--json"]).await;
    assert_eq!(before.code, Some(0), "{before:#?}");
    assert_eq!((site.count("POST /login"), site.count("POST /api/login")), (1, 1));
    let ended = run(&place, &checks).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!((site.count("POST /login"), site.count("POST /api/login")), (2, 2), "once a run and user");
    let mut tested: Vec<String> = Vec::new();
    for proof in proofs(&place, &ended).await {
        tested.push(proof["user_tested"].as_str().expect("a user").to_owned());
    }
    tested.sort_unstable();
    assert_eq!(tested, ["anonymous", "form", "form", "form", "json"]);
    let kept = kept(&place, &[&before, &ended]);
    assert!(kept.contains("Welcome") && kept.contains("wrapped"), "the answers themselves are kept");
    let given = site.given();
    assert!(given.len() >= 6, "{given:?}");
    let passwords = [PASSWORD.to_owned(), PASSWORD.replace('&', "%26"), CLIENT.1.to_owned()];
    for secret in given.iter().chain(&passwords) {
        let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
        let middle = &encoded[4..encoded.len() - 4];
        for form in [secret.as_str(), &secret.replace('/', "%2F"), &encoded, middle] {
            assert!(!kept.contains(form), "{form} of {secret} is kept");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_begun_again_and_a_page_for_others_is_not() {
    let site = LoginSite::start().await;
    site.end_sessions_after(4);
    let place = place(&site.url(), &json!({}));
    let checks = ["/api/orders", "/api/me", "/home"].map(|path| json!({"url": path, "user": "form"}));
    let ended = run(&place, &checks).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let logins = site.count("POST /login");
    assert!((3..=15).contains(&logins), "{logins} logins");
    let proofs = proofs(&place, &ended).await;
    assert!(proofs.iter().all(|proof| proof["user_tested"] == "form"), "{proofs:#?}");
    // What this user may not see stays what it is, after one more login.
    let other = LoginSite::start().await;
    let place = self::place(&other.url(), &json!({}));
    let refused = run(&place, &[json!({"url": "/secret-area", "user": "form"}), json!({"url": "/health"})]).await;
    assert_eq!(refused.code, Some(5), "{refused:#?}");
    assert_eq!(other.count("POST /login"), 2);
    let expected = json!({"url": "/secret-area", "user": "form", "expected_status": 403});
    run(&place, &[expected, json!({"url": "/health"})]).await;
    assert_eq!(other.count("POST /login"), 3, "a 403 that the check expects ends no session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_leaves_the_users_checks_unverified_and_is_tried_once() {
    let site = LoginSite::start().await;
    let orders = |user: &str| [json!({"url": "/api/orders", "user": user}), json!({"url": "/api/me", "user": user})];
    let wrong = place(&site.url(), &json!({})).with_variable("SNIPARA_TEST_PASSWORD", "hunter2");
    for (user, part) in [
        ("form", "login[1] POST /login: expected 302, observed 200"),
        ("json", "login[0] POST /api/login: expected 2xx, observed 401"),
        ("basic", "whoami GET /api/me: expected 2xx, got 401"),
    ] {
        let ended = run(&wrong, &orders(user)).await;
        let answer = ended.json();
        assert_eq!((ended.code, answer["cause"].as_str()), (Some(3), Some("unverified")), "{user}: {ended:#?}");
        let told = answer.to_string();
        assert!(told.contains(part) && told.contains(&format!("test_users.{user}")), "{user}: {told}");
        for proof in proofs(&wrong, &ended).await {
            let (user_tested, result) = (proof["user_tested"].as_str(), proof["result"].as_str());
            assert_eq!((user_tested, result), (Some("anonymous"), Some("unverified")), "{proof:#?}");
        }
    }
    assert_eq!((site.count("POST /login"), site.count("POST /api/login"), site.count("GET /api/orders")), (1, 1, 0));
    // Somebody is logged in, and it is not who `whoami` asks for.
    let other = json!({"test_users": {"form": {"login": form_login(), "whoami": {
        "url": "/api/me", "expect": "jsonpath $.email == 'bob@example.test'"}}}});
    let ended = run(&place(&site.url(), &other), &orders("form")).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stdout.contains("form is not shown to be logged in"), "{ended:#?}");
    assert_eq!(site.count("GET /api/orders"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_bad_input_before_anything_is_asked_or_written() {
    let site = LoginSite::start().await;
    let of_ada = |user: Value| json!({"test_users": {"ada": user}});
    let request = |more: Value| {
        let mut request = json!({"url": "/login", "method": "POST"});
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        of_ada(json!({"login": [request]}))
    };
    let who = |check: Value| of_ada(json!({"bearer_env": "SNIPARA_TEST_EMAIL", "whoami": check}));
    for (more, part, fix) in [
        (json!({}), "user `ada` of GET /api/me: no test user `ada`", "test_users"),
        (of_ada(json!({"bearer_env": "SNIPARA_TEST_LOST"})), "SNIPARA_TEST_LOST", "set SNIPARA_TEST_LOST"),
        (request(json!({"body": "p={{env:SNIPARA_TEST_LOST}}"})), "SNIPARA_TEST_LOST", "set SNIPARA_TEST_LOST"),
        (request(json!({"body": "p={{env:AWS_SECRET}}"})), "`test_users.ada.login[0].body`", "--credential-env"),
        (request(json!({"body": "t={{csrf}}"})), "`test_users.ada.login[0].body`", "capture: [\\\"csrf: "),
        (request(json!({"expect": "jsonpth $.a exists"})), "`test_users.ada.login[0].expect[0]`", "jsonpath"),
        (request(json!({"capture": "no query"})), "`test_users.ada.login[0].capture[0]`", "name: query"),
        (request(json!({"url": "https://elsewhere.example/login"})), "`test_users.ada.login[0].url`", "allowed_hosts"),
        (request(json!({"user": "ada"})), "`test_users.ada.login[0].user`", "leave it out"),
        (request(json!({"methd": "POST"})), "test_users.ada.login", "did you mean `method`"),
        (of_ada(json!({"login": []})), "`test_users.ada.login`", "give 1 to 10"),
        (of_ada(json!({"headers": ["A: b"], "bearer_env": "SNIPARA_TEST_EMAIL"})), "`test_users.ada.headers`", "login"),
        (of_ada(json!({"bearer_env": "SNIPARA_TEST_EMAIL", "login": "/login"})), "`test_users.ada`", "give one of"),
        (who(json!("/api/me")), "`test_users.ada.whoami.expect`", "such as jsonpath"),
        (who(json!({"url": "/api/me", "expect": "status == 200"})), "`test_users.ada.whoami.expect`", "such as"),
        (who(json!({"url": "https://elsewhere.example/me", "expect": WHOAMI})), "whoami.url`", "production"),
    ] {
        let place = place(&site.url(), &more);
        for words in [
            &["run", "Deploy", "--check", r#"{"url": "/api/me", "user": "ada"}"#][..],
            &["run", "Deploy", "--baseline", "--check", r#"{"url": "/api/me", "user": "ada"}"#],
            &["validate", "/api/me", "--user", "ada"],
        ] {
            let ended = place.run(words).await;
            assert_eq!(ended.code, Some(2), "{more}: {ended:#?}");
            let said = ended.stderr.replace('"', "\\\"");
            assert!(said.contains(part) && said.contains(fix), "{part}, {fix}: {ended:#?}");
        }
        let status = place.run(&["task", "list", "--json"]).await;
        assert!(!status.stdout.contains("Deploy"), "{status:#?}");
    }
    assert!(site.seen().is_empty(), "{:?}", site.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_origin_gets_neither_session_nor_password() {
    let site = LoginSite::start().await;
    let elsewhere = Production::start().await;
    elsewhere.fallback(Answer::json(200, &json!({"items": []})));
    site.lead_away_to(&elsewhere.at("/take"));
    let place = place(&site.url(), &json!({}));
    for user in ["form", "json", "basic"] {
        let check = json!({"url": "/away", "user": user, "follow_redirects": true});
        run(&place, &[check, json!({"url": "/health"})]).await;
    }
    let taken = elsewhere.received();
    assert!(!taken.is_empty());
    for request in taken {
        assert_eq!((request.header("cookie"), request.header("authorization")), (None, None), "{request:?}");
    }
    // A login that is led away sends nothing there: a 307 would hand on the password.
    let before = elsewhere.received().len();
    let led = json!({"test_users": {"ada": {"basic": {"user_env": "SNIPARA_TEST_EMAIL",
        "password_env": "SNIPARA_TEST_PASSWORD"}, "login": [{"url": "/away", "method": "POST", "follow_redirects": true,
        "body": "password={{env:SNIPARA_TEST_PASSWORD}}"}]}}});
    let ended = run(&self::place(&site.url(), &led), &[json!({"url": "/api/me", "user": "ada"})]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stdout.contains("a login would lead to") && ended.stdout.contains("allowed_hosts"), "{ended:#?}");
    assert_eq!(elsewhere.received().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_may_lie_on_a_host_that_a_person_named_and_checks_may_not_post_there() {
    let (site, issuer) = (LoginSite::start().await, LoginSite::start().await);
    let host = issuer.url().replace("http://", "");
    let login = json!({"url": issuer.at("/oauth/token"), "method": "POST", "capture": "token: jsonpath $.access_token",
        "body": "grant_type=client_credentials&client_id={{env:SNIPARA_TEST_CLIENT}}\
                 &client_secret={{env:SNIPARA_TEST_CLIENT_SECRET}}"});
    let users = json!({"test_users": {"ada": {"login": login, "headers": {"Authorization": "Bearer {{token}}"}}}});
    let check = [json!({"url": "/api/me", "user": "ada"})];
    let unnamed = run(&place(&site.url(), &users), &check).await;
    assert_eq!((unnamed.code, issuer.seen().len()), (Some(2), 0), "{unnamed:#?}");
    let mut named = users.clone();
    named["allowed_hosts"] = json!([host]);
    let place = place(&site.url(), &named);
    run(&place, &check).await;
    assert!(site.seen().iter().any(|seen| seen.authorization.starts_with("Bearer access/")));
    assert!(issuer.seen().iter().all(|seen| seen.authorization.is_empty()), "a token goes to production only");
    for wrong in
        [json!({"url": "/api/me", "method": "POST", "user": "ada"}), json!({"url": issuer.at("/x"), "user": "ada"})]
    {
        let ended = run(&place, &[wrong, json!({"url": "/health"})]).await;
        assert_eq!(ended.code, Some(2), "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_login_too_what_any_path_answers_proves_nothing() {
    let site = LoginSite::start().await;
    site.answer_everything();
    let place = place(&site.url(), &json!({}));
    let invented = ["/api/one", "/api/two", "/api/three"].map(|path| json!({"url": path, "user": "form"}));
    let ended = run(&place, &invented).await;
    assert_ne!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("answers as paths do that cannot exist"), "{ended:#?}");
    let real =
        run(&place, &[json!({"url": "/api/me", "user": "form"}), json!({"url": "/api/one", "user": "form"})]).await;
    assert_eq!(real.code, Some(0), "{real:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_a_check_is_sent_beside_its_users_session_and_never_in_its_place() {
    let site = LoginSite::start().await;
    let place = place(&site.url(), &json!({}));
    let check =
        json!({"url": "/api/me", "user": "form", "expect": WHOAMI, "headers": {"Cookie": "sid=forged; lang=de"}});
    let ended = run(&place, &[check, json!({"url": "/health"})]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let asked = site.seen().into_iter().filter(|seen| seen.path == "/api/me" && seen.cookie.contains("lang=de"));
    let asked: Vec<_> = asked.collect();
    assert!(!asked.is_empty());
    assert!(
        asked.iter().all(|seen| seen.cookie.contains("sid=session%2F") && !seen.cookie.contains("forged")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_down_is_tried_again_while_production_settles() {
    let site = LoginSite::start().await;
    site.is_down(true);
    let place = place(&site.url(), &json!({}));
    let check = json!({"url": "/api/me", "user": "json"}).to_string();
    let words = ["run", "Deploy", "--check", &check, "--settle", "120", "--json"];
    let coming_up = async {
        crate::support::patience::until("it was tried twice", || site.count("POST /api/login") >= 2).await;
        site.is_down(false);
    };
    let (ended, ()) = futures_util::future::join(place.run(&words), coming_up).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_documents_show_logs_in() {
    let site = LoginSite::start().await;
    let text = include_str!("../../../docs/test-users.md");
    let shown: Vec<&str> = text.split("```json\n").skip(1).filter_map(|part| part.split("```").next()).collect();
    assert_eq!(shown.len(), 4);
    for example in shown {
        let file: Value = serde_json::from_str(example).expect("JSON");
        let user = file["test_users"].as_object().expect("users").keys().next().expect("a user").clone();
        let place = place(&site.url(), &json!({"test_users": file["test_users"]}));
        let ended = place.run(&["validate", "/api/me", "--user", &user, "--json"]).await;
        assert_eq!((ended.code, ended.json()["user_tested"].as_str()), (Some(0), Some(user.as_str())), "{ended:#?}");
    }
}
