//! What goes wrong: each class has a code, a message of one line and something to do; only what is safe is tried again.

use std::time::Duration;

use serde_json::json;
use snipara_orchestrator::domain::{MemoryType, NewMemory, RecallQuery, error_chain};
use snipara_orchestrator::snipara::hosted::HostedClient;
use snipara_orchestrator::snipara::{Memories, SniparaError};
use url::Url;

use crate::support::patience::until;
use crate::support::production::{Answer, Production};
use crate::support::snipara_host::{Fault, KEY, SniparaHost, settings_for};

async fn recall(client: &HostedClient) -> Result<(), SniparaError> {
    client.recall(RecallQuery::new("x")).await.map(|_| ())
}

async fn remember(client: &HostedClient) -> Result<(), SniparaError> {
    client.remember(NewMemory::new("x", MemoryType::Fact)).await.map(|_| ())
}

/// Checks what holds for every failure.
fn decent(error: &SniparaError) {
    let shown = format!("{} {} {error:?}", error_chain(error), error.hint());
    assert!(!shown.contains(KEY), "{shown}");
    let line = error_chain(error);
    assert!(!line.contains('\n') && line.len() < 700, "{line}");
    assert!(!error.hint().is_empty());
}

#[tokio::test]
async fn e17_a_tools_failure_is_an_error_in_every_form() {
    let host = SniparaHost::start().await;
    let client = host.client();
    for fault in [
        Fault::IsError("the type\nis unknown"),
        Fault::SuccessFalse("the type is unknown"),
        Fault::ErrorAlone("the type is unknown"),
        Fault::ErrorText("the type is unknown"),
        Fault::RpcError(-32000, "the type is unknown"),
    ] {
        host.fails([fault.clone()]);
        let error = remember(&client).await.expect_err("a failure");
        decent(&error);
        assert_eq!(error.to_string(), "remember: the type is unknown", "{fault:?}");
        assert_eq!(error.code(), "snipara_refused");
        assert!(error.is_refusal());
    }
    assert_eq!(host.calls().len(), 5, "a refusal is not repeated");
}

#[tokio::test]
async fn e18_every_failure_has_a_code_a_line_and_something_to_do() {
    let host = SniparaHost::start().await;
    for (fault, code, message, hint) in [
        (Fault::status(401), "snipara_unauthorized", "Snipara answered 401: host says no", "SNIPARA_API_KEY"),
        (Fault::status(403), "snipara_unauthorized", "Snipara answered 403: host says no", "use a key"),
        (Fault::status(404), "snipara_error", "Snipara answered 404: host says no", "snipara_project"),
        (Fault::later(429, "3600"), "snipara_rate_limited", "Snipara answered 429", "wait 3600 s"),
        (Fault::status(500), "snipara_error", "Snipara answered 500: host says no", "look whether it happened"),
        (Fault::later(302, "1"), "snipara_error", "it redirects, which is not followed", "snipara_api_url"),
        (Fault::Html, "snipara_malformed", "it is HTML, not JSON", "look whether"),
        (Fault::Malformed, "snipara_malformed", "it is not JSON (EOF", "look whether"),
        (Fault::CutOff, "snipara_unreachable", "Snipara did not answer: ", "look whether"),
        (Fault::Huge(6 * 1024 * 1024), "snipara_unreachable", "larger than 4194304 bytes", "look whether"),
        (Fault::Reset, "snipara_unreachable", "connection reset", "look whether"),
    ] {
        host.fails([fault.clone()]);
        let before = host.calls().len();
        let error = remember(&host.client()).await.expect_err("a failure");
        decent(&error);
        assert_eq!(error.code(), code, "{fault:?}");
        let line = error_chain(&error);
        assert!(line.starts_with("remember: ") && line.contains(message), "{line}");
        assert!(error.hint().contains(hint), "{fault:?}: {}", error.hint());
        assert_eq!(host.calls().len(), before + 1, "{fault:?}: a write is not repeated");
    }
}

#[tokio::test]
async fn e18_a_question_is_asked_again_when_the_service_stumbles() {
    for fault in [Fault::status(502), Fault::Reset, Fault::CutOff, Fault::later(429, "0"), Fault::later(503, "0")] {
        let host = SniparaHost::start().await;
        host.answers(json!({"memories": []}));
        host.fails([fault.clone(), fault.clone()]);
        recall(&host.client()).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(host.calls().len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn tries_end_after_four_and_a_bound_of_nothing_means_one() {
    let host = SniparaHost::start().await;
    host.always_fails(Fault::status(500));
    assert!(recall(&host.client()).await.is_err());
    assert_eq!(host.calls().len(), 4);
    assert!(recall(&host.client_within(30_000, 0)).await.is_err());
    assert_eq!(host.calls().len(), 5);
    host.always_fails(Fault::later(429, "11"));
    let error = recall(&host.client()).await.expect_err("longer than the bound");
    assert!(matches!(error, SniparaError::Status { retry_after_s: Some(11), .. }));
    assert_eq!(host.calls().len(), 6);
}

#[tokio::test]
async fn a_write_is_repeated_only_when_it_was_surely_not_taken() {
    let host = SniparaHost::start().await;
    host.answers(json!({"memory_id": "m"}));
    host.fails([Fault::later(503, "0"), Fault::later(429, "0")]);
    remember(&host.client()).await.expect("kept at the third try");
    assert_eq!(host.calls().len(), 3);
    host.fails([Fault::LostAnswer]);
    let error = remember(&host.client()).await.expect_err("the answer was lost");
    assert!(matches!(error, SniparaError::Unreachable { may_have_happened: true, .. }), "{error:?}");
    assert_eq!((host.calls().len(), error.hint().as_str()), (4, "look whether it happened before you try again"));
    host.fails([Fault::LostAnswer]);
    recall(&host.client()).await.expect_err("no memories in the canned answer");
    assert_eq!(host.calls().len(), 6, "a question is repeated");
}

#[tokio::test]
async fn nobody_there_is_told_as_such_and_nothing_may_have_happened() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let url = Url::parse(&format!("http://127.0.0.1:{port}")).expect("a URL");
    let client = HostedClient::new(settings_for(url));
    let error = remember(&client).await.expect_err("nobody is there");
    decent(&error);
    assert!(matches!(error, SniparaError::Unreachable { may_have_happened: false, .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("remember: Snipara did not answer: connection refused by 127.0.0.1:{port}"));
    assert!(!error.is_refusal());
}

#[tokio::test]
async fn a_hang_and_a_dripping_answer_end_with_the_bound() {
    let host = SniparaHost::start().await;
    host.answers(json!({"memories": [], "memory_id": "m"}));
    for (fault, phase) in [(Fault::Hang, "no answer"), (Fault::Drip(Duration::from_secs(1)), "no complete body")] {
        host.fails([fault]);
        let error = remember(&host.client_within(1_000, 10_000)).await.expect_err("the bound");
        decent(&error);
        assert_eq!(error.to_string(), format!("remember: Snipara did not answer: {phase} within 1000 ms"));
        assert!(matches!(error, SniparaError::Unreachable { may_have_happened: true, .. }));
    }
    assert_eq!(host.calls().len(), 2, "no time is left for another try");
}

#[tokio::test]
async fn dropping_a_call_ends_its_request() {
    let host = SniparaHost::start().await;
    host.always_fails(Fault::Hang);
    let client = host.client();
    let call = tokio::spawn(async move { recall(&client).await });
    until("the request arrives", || host.calls().len() == 1).await;
    call.abort();
    until("the host sees the client go", || host.hung_up() == 1).await;
    assert_eq!(host.calls().len(), 1);
}

#[tokio::test]
async fn the_key_follows_no_redirect() {
    let elsewhere = Production::start().await;
    elsewhere.fallback(Answer::json(200, &json!({"result": {"memories": []}})));
    let host = SniparaHost::start().await;
    let place = elsewhere.at("/mcp/shop");
    host.always_fails(Fault::Status(307, vec![("location", place.clone())], String::new()));
    let error = recall(&host.client()).await.expect_err("refused");
    decent(&error);
    assert_eq!(
        error.to_string(),
        format!("recall: Snipara answered 307: it redirects to {place}, which is not followed")
    );
    assert_eq!((elsewhere.received().len(), host.calls().len()), (0, 1));
}

#[tokio::test]
async fn a_host_that_echoes_the_key_does_not_get_it_shown() {
    let host = SniparaHost::start().await;
    let client = host.client();
    for fault in [
        Fault::Status(401, Vec::new(), json!({"error": format!("no such key: {KEY}")}).to_string()),
        Fault::Status(302, vec![("location", format!("https://evil.test/?key={KEY}"))], String::new()),
        Fault::RpcError(-32000, KEY),
        Fault::SuccessFalse(KEY),
        Fault::IsError(KEY),
    ] {
        host.fails([fault]);
        decent(&remember(&client).await.expect_err("a failure"));
    }
    assert!(host.received().iter().all(|request| !request.target.contains(KEY)));
    assert!(!format!("{client:?} {:?}", host.settings()).contains(KEY));
}
