//! Our own HTTP server in this process, with the routes of Snipara's clients over a world.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{SecretText, SystemClock};
use snipara_orchestrator::http::auth::{Access, AccessSettings, FetchDocument, Tokens};
use snipara_orchestrator::http::snipara_routes;
use snipara_orchestrator::http::{HttpServer, HttpSettings};
use snipara_orchestrator::mcp::{Opener, Server, ServerOptions};
use snipara_orchestrator::snipara::hosted::{HostedClient, HostedSettings};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use super::mcp_client::opener;
use super::patience::PATIENCE;
use super::snipara_host::settings_for;
use super::world::World;

/// The project of every [`World`].
pub const PROJECT: &str = "world";

/// A server that runs; it stops when it is dropped.
pub struct Served {
    address: SocketAddr,
    serving: JoinHandle<()>,
    _stop: oneshot::Sender<()>,
}

/// What came back.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Served {
    /// Serves a world to everybody.
    pub async fn over(world: &World) -> Self {
        Self::with(opener(world), &ServerOptions::default(), Access::open()).await
    }

    pub async fn with(opener: Opener, options: &ServerOptions, access: Access) -> Self {
        let settings = HttpSettings { access: Arc::new(access), ..HttpSettings::default() };
        Self::at(settings, opener, options).await
    }

    pub async fn at(settings: HttpSettings, opener: Opener, options: &ServerOptions) -> Self {
        let server = Server::new(options, opener).expect("options");
        let access = settings.access.clone();
        let http = HttpServer::bind(settings).await.expect("a loopback port");
        let http = http.with_routes(snipara_routes(server.clone(), access));
        let address = http.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            http.serve(server, async move {
                let _ = stopped.await;
            })
            .await;
        });
        Self { address, serving, _stop: stop }
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The product's own proxy, pointed here.
    pub fn client(&self, token: &str) -> HostedClient {
        let settings = settings_for(Url::parse(&self.url()).expect("a URL"));
        let api_key = SecretText::new(token);
        HostedClient::new(HostedSettings { project: PROJECT.to_owned(), api_key, ..settings })
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answered {
        let method = method.parse::<reqwest::Method>().expect("a method");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut request = client.request(method, format!("{}{path}", self.url())).body(body).timeout(PATIENCE);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answered { status, headers, text: response.text().await.expect("a body") }
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answered {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Calls a tool in JSON-RPC; returns `result`.
    pub async fn call(&self, tool: &str, arguments: Value) -> Value {
        let answered = self.post(&format!("/mcp/{PROJECT}"), &tools_call(tool, &arguments)).await;
        assert_eq!(answered.status, 200, "{answered:?}");
        let reply = answered.json();
        assert!(reply.get("error").is_none(), "{reply}");
        reply["result"].clone()
    }

    /// Calls a tool as `{tool, params}`; returns the whole answer.
    pub async fn rest(&self, tool: &str, params: Value) -> Value {
        let answered = self.post(&format!("/v1/{PROJECT}/mcp"), &json!({ "tool": tool, "params": params })).await;
        assert_eq!(answered.status, 200, "{answered:?}");
        answered.json()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub fn tools_call(tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

/// Access by these lines of a token file.
pub fn access(lines: &str) -> Access {
    access_with(lines, None)
}

/// As [`access`], with so many requests a minute of each.
pub fn access_with(lines: &str, per_minute: Option<NonZeroU32>) -> Access {
    let tokens = Tokens::read(lines).expect("tokens");
    let fetch: FetchDocument = Arc::new(|_| Box::pin(async { Err("nothing is fetched".to_owned()) }));
    Access::new(AccessSettings { tokens, per_minute, ..AccessSettings::default() }, fetch, Arc::new(SystemClock))
        .expect("access")
}
