//! Reads the documents of a token issuer over our own HTTP client, with the rights of a person.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::unusable;
use crate::domain::{Actor, Method, Proxies, error_chain};
use crate::http::auth::FetchDocument;
use crate::orchestrator::OrchestratorError;
use crate::outbound::{EgressRule, HttpClient, HttpClientSettings, RequestSpec, Route};

/// The largest document of an issuer.
const MAX_DOCUMENT_BYTES: usize = 512 * 1024;
/// How long an issuer may take to answer.
const TIMEOUT_MS: u64 = 5_000;
/// How many documents are fetched at once.
const AT_ONCE: usize = 4;

/// Makes the function that fetches an issuer's documents. Nothing is called yet.
///
/// A person chose the issuer at the start, so it may be at any address that a person may call. A redirect is refused,
/// because no person chose its destination.
///
/// # Errors
/// When the file with authorities cannot be read.
pub fn fetch_documents(ca_file: Option<PathBuf>) -> Result<FetchDocument, OrchestratorError> {
    let http = HttpClient::new(HttpClientSettings {
        egress: EgressRule { actor: Actor::Person, production: None, allowed_hosts: Vec::new(), allow_public: true },
        resolve: Vec::new(),
        ca_file,
        proxies: Proxies::default(),
        client_certificate: None,
        max_body_bytes: MAX_DOCUMENT_BYTES as u64,
        max_concurrent: AT_ONCE,
    })
    .map_err(|error| unusable("ca_file", &error))?
    .keeping_whole_bodies(MAX_DOCUMENT_BYTES);
    Ok(Arc::new(move |url| {
        let http = http.clone();
        Box::pin(async move { fetch(&http, url).await })
    }))
}

async fn fetch(http: &HttpClient, url: Url) -> Result<String, String> {
    let address = url.to_string();
    let request = RequestSpec {
        method: Method::Get,
        url,
        headers: vec![(http::header::ACCEPT, http::HeaderValue::from_static("application/json"))],
        body: None,
        timeout_ms: TIMEOUT_MS,
        follow_redirects: false,
        credential: None,
        route: Route::default(),
    };
    let answer = http.send(&request, &CancellationToken::new()).await;
    let exchange = answer.map_err(|failure| format!("{address}: {}", error_chain(&failure)))?;
    if exchange.status != 200 {
        return Err(format!("{address} answered {}", exchange.status));
    }
    let body =
        exchange.whole_body().ok_or_else(|| format!("{address} answered more than {MAX_DOCUMENT_BYTES} bytes"))?;
    String::from_utf8(body.to_vec()).map_err(|_| format!("{address} answered no text"))
}
