//! Clients for tests of what goes out.

use bytes::Bytes;
use snipara_orchestrator::domain::{Actor, Method, Origin, Proxies};
use snipara_orchestrator::outbound::{
    EgressRule, Exchange, HttpClient, HttpClientSettings, RequestSpec, Route, TransportFailure,
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Returns settings for a person, with `production` as production.
pub fn settings(actor: Actor, production: Option<&str>) -> HttpClientSettings {
    HttpClientSettings {
        egress: EgressRule {
            actor,
            production: production.map(origin),
            allowed_hosts: Vec::new(),
            allow_public: false,
        },
        resolve: Vec::new(),
        ca_file: None,
        proxies: Proxies::default(),
        client_certificate: None,
        max_body_bytes: 10 * 1024 * 1024,
        max_concurrent: 16,
    }
}

pub fn origin(text: &str) -> Origin {
    Origin::of(&url(text)).expect("an origin")
}

pub fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

pub fn client(actor: Actor, production: Option<&str>) -> HttpClient {
    HttpClient::new(settings(actor, production)).expect("a client")
}

pub fn get(address: &str) -> RequestSpec {
    RequestSpec {
        method: Method::Get,
        url: url(address),
        headers: Vec::new(),
        body: None,
        timeout_ms: 20_000,
        follow_redirects: false,
        credential: None,
        route: Route::default(),
    }
}

pub fn post(address: &str, body: &'static str) -> RequestSpec {
    RequestSpec {
        method: Method::Post,
        body: Some((Bytes::from_static(body.as_bytes()), "application/json")),
        ..get(address)
    }
}

pub async fn send(client: &HttpClient, request: &RequestSpec) -> Result<Exchange, TransportFailure> {
    client.send(request, &CancellationToken::new()).await
}
