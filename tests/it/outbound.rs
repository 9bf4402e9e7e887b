//! What goes out, and what of the answers is taken in.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderName, HeaderValue};
use serde_json::json;
use snipara_orchestrator::domain::{Actor, Method, SecretText, sha256_hex};
use snipara_orchestrator::outbound::{
    BODY_START_BYTES, HttpClient, HttpClientSettings, OutboundError, RequestSpec, ResolveOverride, Session,
    TimeoutPhase, TransportFailure,
};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

use crate::support::http::{client, get, post, send, settings};
use crate::support::production::{Answer, Behaviour, Production};
use crate::support::tls_production::{Authority, TlsProduction};

mod certificate;
mod proxy;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("compressed");
    encoder.finish().expect("compressed")
}

fn header(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    (name.parse().expect("a name"), value.parse().expect("a value"))
}

fn instead(host: &str, port: u16, address: SocketAddr) -> ResolveOverride {
    ResolveOverride { host: host.to_owned(), port, address }
}

/// Returns a loopback address where nothing listens.
async fn closed_port() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address")
}

#[tokio::test]
async fn an_answer_is_read_whole_and_digested() {
    let production = Production::start().await;
    let body = "x".repeat(200_000);
    production.answer("/big", Answer::text(200, &body).header("X-Build", "7"));
    let exchange = send(&client(Actor::Person, None), &get(&production.at("/big?a=b%20c"))).await.expect("an answer");
    assert_eq!(exchange.status, 200);
    assert_eq!(exchange.header("x-build"), Some("7"));
    assert_eq!(exchange.body_bytes, 200_000);
    assert_eq!(exchange.body_start.len(), 64 * 1024);
    assert_eq!(exchange.body_digest, sha256_hex(body.as_bytes()));
    assert_eq!(production.received()[0].target, "/big?a=b%20c");
}

#[tokio::test]
async fn c01_a_dripping_body_cannot_outlast_the_time() {
    let production = Production::start().await;
    production
        .answer("/drip", Answer::text(200, &"x".repeat(10_000)).behaving(Behaviour::Drip(Duration::from_millis(20))));
    let request = RequestSpec { timeout_ms: 2_000, ..get(&production.at("/drip")) };
    let failure = send(&client(Actor::Person, None), &request).await.expect_err("too slow");
    assert_eq!(failure, TransportFailure::Timeout { phase: TimeoutPhase::Body, timeout_ms: 2_000 });
}

#[tokio::test]
async fn c01_a_time_out_says_which_phase_took_too_long() {
    let production = Production::start().await;
    production.answer("/hang", Answer::status(200).behaving(Behaviour::Hang));
    let client = client(Actor::Person, None);
    let request = RequestSpec { timeout_ms: 2_000, ..get(&production.at("/hang")) };
    assert_eq!(
        send(&client, &request).await.expect_err("hangs"),
        TransportFailure::Timeout { phase: TimeoutPhase::Response, timeout_ms: 2_000 }
    );
    // A server that takes the connection and never begins the handshake.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let request = RequestSpec { timeout_ms: 2_000, ..get(&format!("https://{address}/")) };
    assert_eq!(
        send(&client, &request).await.expect_err("hangs"),
        TransportFailure::Timeout { phase: TimeoutPhase::Connect, timeout_ms: 2_000 }
    );
}

#[tokio::test]
async fn c02_a_body_past_the_bound_is_judged_by_its_start_and_is_not_read_on() {
    let production = Production::start().await;
    production.answer("/flood", Answer::text(200, &"x".repeat(65_536)).behaving(Behaviour::Repeat(16_384)));
    let settings = HttpClientSettings { max_body_bytes: 1_000_000, ..settings(Actor::Person, None) };
    let client = HttpClient::new(settings).expect("a client");
    let start = send(&client, &get(&production.at("/flood"))).await.expect("its start");
    assert!((1_000_000..2_000_000).contains(&start.body_bytes), "{}", start.body_bytes);
    assert_eq!((start.whole_body(), start.body_digest.as_str()), (None, ""));
}

#[tokio::test]
async fn a_body_is_kept_whole_only_by_a_client_that_says_so() {
    let production = Production::start().await;
    production.answer("/long", Answer::text(200, &"x".repeat(100_000)));
    let client = client(Actor::Person, None);
    let looked_at = send(&client, &get(&production.at("/long"))).await.expect("an answer");
    assert_eq!((looked_at.body_start.len(), looked_at.body_bytes), (BODY_START_BYTES, 100_000));
    let whole = client.clone().keeping_whole_bodies(100_000);
    let read = send(&whole, &get(&production.at("/long"))).await.expect("an answer");
    assert_eq!((read.whole_body().map(<[u8]>::len), &read.body_digest), (Some(100_000), &looked_at.body_digest));
    let shorter = client.keeping_whole_bodies(99_999);
    let failure = send(&shorter, &get(&production.at("/long"))).await.expect_err("too large");
    assert_eq!(failure, TransportFailure::TooLarge { limit_bytes: 99_999 });
}

#[tokio::test]
async fn c03_decompressed_bytes_count_against_the_bound() {
    let production = Production::start().await;
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    production.answer("/bomb", Answer::status(200).header("content-encoding", "gzip").body(bomb));
    let settings = HttpClientSettings { max_body_bytes: 1_000_000, ..settings(Actor::Person, None) };
    let client = HttpClient::new(settings).expect("a client");
    let start = send(&client, &get(&production.at("/bomb"))).await.expect("its start");
    assert!((1_000_000..2_000_000).contains(&start.body_bytes), "{}", start.body_bytes);
    let whole = client.keeping_whole_bodies(1_000_000);
    let failure = send(&whole, &get(&production.at("/bomb"))).await.expect_err("too large");
    assert_eq!(failure, TransportFailure::TooLarge { limit_bytes: 1_000_000 });
}

#[tokio::test]
async fn a_compressed_body_is_judged_by_what_is_inside() {
    let production = Production::start().await;
    let answer = Answer::json(200, &json!({})).header("content-encoding", "gzip").body(gzip(b"{\"a\":1}"));
    production.answer("/zip", answer);
    production.answer("/broken", Answer::status(200).header("content-encoding", "gzip").body("no gzip"));
    let client = client(Actor::Person, None);
    let exchange = send(&client, &get(&production.at("/zip"))).await.expect("an answer");
    assert_eq!((&exchange.body_start[..], exchange.body_bytes), (&b"{\"a\":1}"[..], 7));
    let head = RequestSpec { method: Method::Head, ..get(&production.at("/zip")) };
    assert_eq!(send(&client, &head).await.expect("an answer").body_bytes, 0);
    assert!(matches!(
        send(&client, &get(&production.at("/broken"))).await,
        Err(TransportFailure::Protocol { reason }) if reason == "the body cannot be decompressed"
    ));
}

#[tokio::test]
async fn c04_a_redirect_is_an_answer_unless_following_was_asked_for() {
    let production = Production::start().await;
    production.answer("/old", Answer::status(302).header("location", "/new"));
    production.answer("/new", Answer::text(200, "here"));
    let client = client(Actor::Person, None);
    let exchange = send(&client, &get(&production.at("/old"))).await.expect("an answer");
    assert_eq!((exchange.status, exchange.header("location")), (302, Some("/new")));
    assert_eq!(production.count("/new"), 0);
    let following = RequestSpec { follow_redirects: true, ..get(&production.at("/old")) };
    let exchange = send(&client, &following).await.expect("an answer");
    assert_eq!((exchange.status, exchange.url.path()), (200, "/new"));
}

#[tokio::test]
async fn c04_a_posted_body_does_not_travel_on_after_303_and_does_after_307() {
    let production = Production::start().await;
    production.answer("/a", Answer::status(303).header("location", "/target"));
    production.answer("/b", Answer::status(307).header("location", "/target"));
    production.answer("/target", Answer::text(200, "ok"));
    let client = client(Actor::Person, None);
    for route in ["/a", "/b"] {
        let request = RequestSpec { follow_redirects: true, ..post(&production.at(route), "{\"a\":1}") };
        send(&client, &request).await.expect("an answer");
    }
    let received = production.received();
    assert_eq!(
        (received[1].method.as_str(), received[1].body.len(), received[1].header("content-type")),
        ("GET", 0, None)
    );
    assert_eq!((received[3].method.as_str(), &received[3].body[..]), ("POST", &b"{\"a\":1}"[..]));
}

#[tokio::test]
async fn c04_a_redirect_loop_ends_after_ten_hops() {
    let production = Production::start().await;
    production.answer("/loop", Answer::status(302).header("location", "/loop"));
    let request = RequestSpec { follow_redirects: true, ..get(&production.at("/loop")) };
    assert_eq!(
        send(&client(Actor::Person, None), &request).await.expect_err("a loop"),
        TransportFailure::TooManyRedirects { limit: 10 }
    );
    assert_eq!(production.count("/loop"), 11);
}

#[tokio::test]
async fn c08_each_hop_of_a_redirect_is_decided_anew() {
    let production = Production::start().await;
    let elsewhere = Production::start().await;
    elsewhere.answer("/internal", Answer::text(200, "secret"));
    production.answer("/to-internal", Answer::status(302).header("location", &elsewhere.at("/internal")));
    production.answer("/to-metadata", Answer::status(302).header("location", "http://169.254.169.254/latest/"));
    let caller = client(Actor::Caller, Some(&production.url()));
    for route in ["/to-internal", "/to-metadata"] {
        let request = RequestSpec { follow_redirects: true, ..get(&production.at(route)) };
        let failure = send(&caller, &request).await.expect_err("blocked");
        assert!(matches!(failure, TransportFailure::Blocked { .. }), "{failure:?}");
    }
    assert!(elsewhere.received().is_empty());
    let person = client(Actor::Person, Some(&production.url()));
    let request = RequestSpec { follow_redirects: true, ..get(&production.at("/to-metadata")) };
    assert!(matches!(send(&person, &request).await, Err(TransportFailure::Blocked { .. })));
}

#[tokio::test]
async fn c08_a_caller_reaches_production_and_nothing_beside_it() {
    let production = Production::healthy().await;
    let other = Production::healthy().await;
    let caller = client(Actor::Caller, Some(&production.url()));
    assert_eq!(send(&caller, &get(&production.at("/health"))).await.expect("allowed").status, 200);
    let failure = send(&caller, &get(&other.at("/health"))).await.expect_err("blocked");
    assert!(failure.fix().expect("a setting").contains(&format!("--allow-host {}", other.address())), "{failure:?}");
    assert!(other.received().is_empty());

    let mut public = settings(Actor::Caller, Some(&production.url()));
    public.egress.allow_public = true;
    let public = HttpClient::new(public).expect("a client");
    assert!(matches!(send(&public, &get(&other.at("/health"))).await, Err(TransportFailure::Blocked { .. })));

    let mut allowing = settings(Actor::Caller, Some(&production.url()));
    allowing.egress.allowed_hosts = vec![other.address().to_string().parse().expect("a pattern")];
    let allowing = HttpClient::new(allowing).expect("a client");
    assert_eq!(send(&allowing, &get(&other.at("/health"))).await.expect("allowed").status, 200);
}

#[tokio::test]
async fn c08_a_name_is_judged_by_the_address_it_leads_to() {
    let production = Production::healthy().await;
    let port = production.address().port();
    // `localhost` resolves to loopback: with --allow-public a foreign name may be looked up, and is blocked then.
    let mut public = settings(Actor::Caller, Some("https://prod.example.test"));
    public.egress.allow_public = true;
    let public = HttpClient::new(public).expect("a client");
    let failure = send(&public, &get(&format!("http://localhost:{port}/health"))).await.expect_err("blocked");
    assert!(
        matches!(&failure, TransportFailure::Blocked { why, .. } if why.contains("is not a public address")),
        "{failure:?}"
    );
    // An override is decided as well: nobody gets to the metadata service by another name.
    let mut metadata = settings(Actor::Person, None);
    metadata.resolve = vec![instead("innocent.test", 80, "169.254.169.254:80".parse().expect("an address"))];
    let metadata = HttpClient::new(metadata).expect("a client");
    assert!(matches!(send(&metadata, &get("http://innocent.test/")).await, Err(TransportFailure::Blocked { .. })));
    assert!(production.received().is_empty());
    // The same name is fine when it is production's.
    let own = client(Actor::Caller, Some(&format!("http://localhost:{port}")));
    assert_eq!(send(&own, &get(&format!("http://localhost:{port}/health"))).await.expect("allowed").status, 200);
}

#[tokio::test]
async fn c08_a_host_header_cannot_point_at_another_site() {
    let production = Production::healthy().await;
    let client = client(Actor::Caller, Some(&production.url()));
    let with =
        |name: &str, value: &str| RequestSpec { headers: vec![header(name, value)], ..get(&production.at("/health")) };
    for (name, value) in [("Host", "mine.example.test"), ("Transfer-Encoding", "chunked"), ("Content-Length", "5")] {
        assert!(matches!(send(&client, &with(name, value)).await, Err(TransportFailure::Blocked { .. })), "{name}");
    }
    assert!(production.received().is_empty());
    let own = production.address().to_string();
    assert_eq!(send(&client, &with("host", &own)).await.expect("allowed").status, 200);
}

#[tokio::test]
async fn a21_a_credential_reaches_production_and_no_other_hop() {
    let production = Production::start().await;
    let other = Production::start().await;
    other.answer("/me", Answer::text(200, "ok"));
    production.answer("/me", Answer::text(200, "ok"));
    production.answer("/away", Answer::status(302).header("location", &other.at("/me")));
    let client = client(Actor::Person, Some(&production.url()));
    let ada = Session::with_header("authorization", SecretText::new("Bearer t0ken"));
    let as_user = |address: String| RequestSpec {
        credential: Some(ada.clone()),
        headers: vec![header("X-Api-Key", "k3y"), header("X-Trace", "1")],
        follow_redirects: true,
        ..get(&address)
    };
    for address in [production.at("/me"), production.at("/away"), other.at("/me")] {
        send(&client, &as_user(address)).await.expect("an answer");
    }
    assert!(production.received().iter().all(|request| request.header("authorization") == Some("Bearer t0ken")));
    let foreign = other.received();
    assert!(foreign.iter().all(|request| request.header("authorization").is_none()));
    assert_eq!((foreign[0].header("x-api-key"), foreign[0].header("x-trace")), (None, Some("1")));
}

#[tokio::test]
async fn c09_an_empty_object_is_sent_and_a_media_type_of_the_check_wins() {
    let production = Production::start().await;
    production.fallback(Answer::text(200, "ok"));
    let client = client(Actor::Person, None);
    send(&client, &post(&production.at("/a"), "{}")).await.expect("an answer");
    let own = RequestSpec {
        headers: vec![header("Content-Type", "application/merge-patch+json")],
        ..post(&production.at("/b"), "{}")
    };
    send(&client, &own).await.expect("an answer");
    let received = production.received();
    assert_eq!((&received[0].body[..], received[0].header("content-type")), (&b"{}"[..], Some("application/json")));
    assert_eq!(received[1].header("content-type"), Some("application/merge-patch+json"));
}

#[tokio::test]
async fn d09_failures_are_told_apart_by_cause() {
    let production = Production::start().await;
    production.answer("/reset", Answer::status(200).behaving(Behaviour::Reset));
    production.answer("/garbage", Answer::status(200).behaving(Behaviour::Raw(b"NONSENSE\r\n\r\n".to_vec())));
    production.answer("/closed", Answer::status(200).behaving(Behaviour::Raw(Vec::new())));
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    production.answer("/cut", Answer::status(200).behaving(Behaviour::Raw(cut)));
    let client = client(Actor::Person, None);
    let failure = async |address: &str| send(&client, &get(address)).await.expect_err("a failure");

    assert!(matches!(failure(&production.at("/reset")).await, TransportFailure::Reset { .. }));
    assert!(matches!(failure(&production.at("/closed")).await, TransportFailure::Reset { .. }));
    assert!(matches!(failure(&production.at("/cut")).await, TransportFailure::Reset { .. }));
    assert!(matches!(failure(&production.at("/garbage")).await, TransportFailure::Protocol { .. }));
    let closed = closed_port().await;
    assert_eq!(
        failure(&format!("http://{closed}/")).await,
        TransportFailure::Refused { host: "127.0.0.1".to_owned(), port: closed.port() }
    );
    // RFC 6761 §6.4: `.invalid` never resolves.
    let unknown = failure("http://nowhere.invalid/").await;
    assert!(matches!(&unknown, TransportFailure::Dns { host, .. } if host == "nowhere.invalid"), "{unknown:?}");
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = plain.local_addr().expect("an address");
    let answering = async {
        let (mut stream, _) = plain.accept().await.expect("a connection");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("written");
        stream
    };
    let address = format!("https://{address}/");
    let (failure, _stream) = tokio::join!(failure(&address), answering);
    assert_eq!(failure, TransportFailure::Tls { reason: "the server does not speak TLS on this port".to_owned() });
}

#[tokio::test]
async fn a_cancelled_exchange_ends_at_once() {
    let production = Production::start().await;
    production.answer("/hang", Answer::status(200).behaving(Behaviour::Hang));
    let client = client(Actor::Person, None);
    let cancel = CancellationToken::new();
    let request = RequestSpec { timeout_ms: 600_000, ..get(&production.at("/hang")) };
    let (answer, ()) = tokio::join!(client.send(&request, &cancel), async {
        while production.count("/hang") == 0 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_eq!(answer.expect_err("cancelled"), TransportFailure::Cancelled);
}

#[tokio::test]
async fn c07_a_thousand_exchanges_stay_within_the_bound() {
    let production = Production::healthy().await;
    let settings = HttpClientSettings { max_concurrent: 8, ..settings(Actor::Person, None) };
    let client = HttpClient::new(settings).expect("a client");
    let request = get(&production.at("/health"));
    let answers = futures_util::future::join_all((0..1000).map(|_| send(&client, &request))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|exchange| exchange.status == 200)));
    assert_eq!(production.count("/health"), 1000);
    assert!(production.most_open() <= 8, "{} connections", production.most_open());
}

#[tokio::test]
async fn an_override_changes_host_and_port_for_http() {
    let production = Production::healthy().await;
    let mut settings = settings(Actor::Caller, Some("http://prod.example.test:8080"));
    settings.resolve = vec![
        instead("Prod.Example.test", 8080, production.address()),
        instead("plain.example.test", 80, production.address()),
    ];
    settings.egress.allowed_hosts = vec!["plain.example.test".parse().expect("a pattern")];
    let client = HttpClient::new(settings).expect("a client");
    for address in ["http://prod.example.test:8080/health", "http://plain.example.test/health"] {
        let exchange = send(&client, &get(address)).await.expect("an answer");
        assert_eq!((exchange.status, exchange.url.as_str()), (200, address));
    }
    let hosts: Vec<String> =
        production.received().iter().filter_map(|request| request.header("host").map(str::to_owned)).collect();
    assert_eq!(hosts, ["prod.example.test:8080", "plain.example.test"]);
}

#[tokio::test]
async fn an_override_and_an_authority_of_its_own_serve_https() {
    let authority = Authority::new("our authority");
    let production = TlsProduction::start(&authority, "prod.example.test").await;
    let mut settings = settings(Actor::Caller, Some("https://prod.example.test"));
    settings.resolve = vec![
        instead("prod.example.test", 443, production.address()),
        instead("prod.example.test", 8443, production.address()),
    ];
    settings.egress.allowed_hosts = vec!["prod.example.test:8443".parse().expect("a pattern")];
    settings.ca_file = Some(authority.ca_file());
    let client = HttpClient::new(settings).expect("a client");
    for address in ["https://prod.example.test/", "https://prod.example.test:8443/x"] {
        let exchange = send(&client, &get(address)).await.expect("an answer");
        assert_eq!((exchange.status, &exchange.body_start[..]), (200, &br#"{"secure": true}"#[..]));
    }
    assert_eq!(production.hosts(), ["prod.example.test", "prod.example.test:8443"]);
}

#[tokio::test]
async fn tls_failures_say_what_is_wrong_with_the_certificate() {
    let (authority, stranger) = (Authority::new("our authority"), Authority::new("another authority"));
    let reason = async |production: &TlsProduction, trusted: bool| {
        let mut settings = settings(Actor::Person, None);
        settings.resolve = vec![instead("prod.example.test", 443, production.address())];
        settings.ca_file = Some(if trusted { authority.ca_file() } else { stranger.ca_file() });
        let client = HttpClient::new(settings).expect("a client");
        match send(&client, &get("https://prod.example.test/")).await {
            Err(TransportFailure::Tls { reason }) => reason,
            other => panic!("a TLS failure, not {other:?}"),
        }
    };
    let good = TlsProduction::start(&authority, "prod.example.test").await;
    let other_name = TlsProduction::start(&authority, "other.example.test").await;
    let expired = TlsProduction::expired(&authority, "prod.example.test").await;
    assert_eq!(reason(&expired, true).await, "the certificate has expired");
    assert_eq!(reason(&other_name, true).await, "the certificate is for another name than prod.example.test");
    let unknown = "the certificate comes from an unknown issuer, or the server sends no intermediate certificate";
    assert_eq!(reason(&good, false).await, unknown);
}

#[tokio::test]
async fn a_client_that_cannot_be_made_says_which_setting_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = |settings: HttpClientSettings| HttpClient::new(settings).expect_err("refused");
    let missing = folder.path().join("missing.pem");
    assert!(matches!(
        error(HttpClientSettings { ca_file: Some(missing), ..settings(Actor::Person, None) }),
        OutboundError::AuthoritiesUnreadable { .. }
    ));
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").expect("written");
    assert!(matches!(
        error(HttpClientSettings { ca_file: Some(empty), ..settings(Actor::Person, None) }),
        OutboundError::NoAuthority { .. }
    ));
    let literal = instead("127.0.0.1", 80, "127.0.0.1:8080".parse().expect("an address"));
    assert!(matches!(
        error(HttpClientSettings { resolve: vec![literal], ..settings(Actor::Person, None) }),
        OutboundError::ResolveLiteral { .. }
    ));
}
