//! A Snipara service on loopback: it carries tools out on an embedded neighbour of its own, answers in every envelope,
//! fails in every way on demand, and records every request.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Map, Value, json};
use snipara_orchestrator::domain::{Actor, HTaskPolicy, Origin, ProjectId, Proxies, SecretText, SystemClock};
use snipara_orchestrator::outbound::{EgressRule, HttpClient, HttpClientSettings};
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::snipara::hosted::{CallBounds, HostedClient, HostedSettings};
use snipara_orchestrator::snipara::{Snipara, payload};
use snipara_orchestrator::store::Store;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use super::production::{Received, read_request};
use super::snipara_tools::carry_out;

/// The key that the host takes.
pub const KEY: &str = "snp-planted-host-key-7731";
/// The project that the host serves.
pub const PROJECT: &str = "shop";

/// How a payload is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// The payload is the result.
    Bare,
    /// One text block, as the public server's.
    Text,
    /// `structuredContent` alone.
    Structured,
    /// `structuredContent` beside words.
    StructuredBesideWords,
    /// An empty `structuredContent` beside the text.
    EmptyStructured,
    /// One text block a line.
    Blocks,
    /// The payload's fields beside both forms, as our own server's.
    Merged,
    /// A JSON string that holds the payload.
    StringLiteral,
}

impl Envelope {
    pub const ALL: [Self; 8] = [
        Self::Bare,
        Self::Text,
        Self::Structured,
        Self::StructuredBesideWords,
        Self::EmptyStructured,
        Self::Blocks,
        Self::Merged,
        Self::StringLiteral,
    ];

    fn wrap(self, payload: &Value) -> Value {
        let block = |text: &str| json!({"type": "text", "text": text});
        let pretty = serde_json::to_string_pretty(payload).expect("JSON");
        match self {
            Self::Bare => payload.clone(),
            Self::Text => json!({"content": [block(&pretty)]}),
            Self::Structured => json!({"structuredContent": payload, "isError": false}),
            Self::StructuredBesideWords => json!({"content": [block("Done.")], "structuredContent": payload}),
            Self::EmptyStructured => json!({"content": [block(&payload.to_string())], "structuredContent": {}}),
            Self::Blocks => json!({"content": pretty.lines().map(block).collect::<Vec<_>>()}),
            Self::Merged => {
                let mut result = payload.clone();
                result["content"] = json!([block(&payload.to_string())]);
                result["structuredContent"] = payload.clone();
                result["isError"] = json!(false);
                result
            }
            Self::StringLiteral => json!({"content": [block(&json!(payload.to_string()).to_string())]}),
        }
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Answers this status, with these headers and this body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// `isError` with this text.
    IsError(&'static str),
    /// A payload with `success: false` and this error.
    SuccessFalse(&'static str),
    /// A payload with this error alone.
    ErrorAlone(&'static str),
    /// A JSON-RPC error.
    RpcError(i64, &'static str),
    /// A JSON-RPC `error` that is a text.
    ErrorText(&'static str),
    /// Carries it out; the answer has `error: null` beside the result.
    ErrorNull,
    /// Carries it out; the answer says that it is plain text.
    WrongType,
    /// Carries it out; the answer drips, one byte an interval.
    Drip(Duration),
    /// Carries it out, then closes the connection without an answer.
    LostAnswer,
    /// A page.
    Html,
    /// Half a JSON document, with a fitting length.
    Malformed,
    /// Half a body, then the end of the connection.
    CutOff,
    /// An answer of so many bytes.
    Huge(usize),
    /// Nothing, until the client goes.
    Hang,
    /// A reset.
    Reset,
}

impl Fault {
    pub fn status(status: u16) -> Self {
        Self::Status(status, Vec::new(), json!({"success": false, "error": "host says no"}).to_string())
    }

    pub fn later(status: u16, retry_after: &str) -> Self {
        Self::Status(status, vec![("retry-after", retry_after.to_owned())], String::new())
    }
}

#[derive(Default)]
struct State {
    envelope: Option<Envelope>,
    faults: VecDeque<Fault>,
    stays: Option<Fault>,
    /// Answers to every tool in turn; the last one stays.
    canned: VecDeque<Value>,
    rlm_only: bool,
    tells_capabilities: bool,
    /// The project that it serves; `PROJECT` when not given.
    project: Option<String>,
    /// What callers call things, and what they are called here.
    aliases: Vec<(String, String)>,
    received: Vec<Received>,
    hung_up: usize,
}

/// The running host; it stops when it is dropped.
pub struct SniparaHost {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
    folder: TempDir,
}

impl SniparaHost {
    /// Starts a host that answers in the public server's envelope.
    pub async fn start() -> Self {
        Self::speaking(Envelope::Text).await
    }

    pub async fn speaking(envelope: Envelope) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = ProjectId::from_name(PROJECT).expect("a name");
        let store = Store::open(&folder.path().join("state"), &project).await.expect("a store");
        let repository = folder.path().join("repository");
        std::fs::create_dir(&repository).expect("a folder");
        std::fs::write(repository.join("README.md"), "# A shop\n\nDeploys run every night.\n").expect("a file");
        let neighbour = embedded(EmbeddedSettings {
            no_project: None,
            store,
            repository,
            clock: Arc::new(SystemClock),
            htask_policy: HTaskPolicy::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State { envelope: Some(envelope), ..State::default() }));
        let shared = (state.clone(), neighbour);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, neighbour) = shared.clone();
                tokio::spawn(async move { serve(stream, &state, &neighbour).await });
            }
        });
        Self { address, state, accepting, folder }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("unpoisoned")
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Writes a document into the host's repository.
    pub fn document(&self, path: &str, text: &str) {
        let path = self.folder.path().join("repository").join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    /// The next calls go wrong like this, one after the other.
    pub fn fails(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Every call goes wrong like this from now on.
    pub fn always_fails(&self, fault: Fault) {
        self.state().stays = Some(fault);
    }

    /// Answers this payload to every tool, whatever it is.
    pub fn answers(&self, payload: Value) {
        self.answers_in_turn([payload]);
    }

    /// Answers these payloads in turn; the last one stays.
    pub fn answers_in_turn(&self, payloads: impl IntoIterator<Item = Value>) {
        self.state().canned = payloads.into_iter().collect();
    }

    /// Knows `rlm_` names only, and tells its contract or not.
    pub fn knows_only_rlm(&self, tells_capabilities: bool) {
        let mut state = self.state();
        state.rlm_only = true;
        state.tells_capabilities = tells_capabilities;
    }

    /// Serves this project instead.
    pub fn serves(&self, project: &str) {
        self.state().project = Some(project.to_owned());
    }

    /// Takes `literal` in arguments for `id`: a document's ids for those that were made.
    pub fn takes_for(&self, literal: &str, id: &str) {
        self.state().aliases.push((literal.to_owned(), id.to_owned()));
    }

    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    /// Returns the calls of tools so far: name as it was sent, and arguments.
    pub fn calls(&self) -> Vec<(String, Map<String, Value>)> {
        let calls = self.received().into_iter().filter_map(|request| {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            let params = body.get("params").filter(|_| body["method"] == "tools/call")?;
            Some((params["name"].as_str()?.to_owned(), params["arguments"].as_object()?.clone()))
        });
        calls.collect()
    }

    /// Returns how many clients went while a call hung.
    pub fn hung_up(&self) -> usize {
        self.state().hung_up
    }

    pub fn settings(&self) -> HostedSettings {
        let api_url = Url::parse(&self.url()).expect("a URL");
        settings_for(api_url)
    }

    /// A client as the product makes it.
    pub fn client(&self) -> HostedClient {
        HostedClient::new(self.settings())
    }

    pub fn client_within(&self, call_ms: u64, retry_ms: u64) -> HostedClient {
        HostedClient::with_bounds(self.settings(), CallBounds { call_ms, retry_ms })
    }
}

/// Settings for a service at an address.
pub fn settings_for(api_url: Url) -> HostedSettings {
    let http = HttpClient::new(HttpClientSettings {
        egress: EgressRule {
            actor: Actor::Caller,
            production: Some(Origin::of(&api_url).expect("an origin")),
            allowed_hosts: Vec::new(),
            allow_public: false,
        },
        resolve: Vec::new(),
        ca_file: None,
        proxies: Proxies::default(),
        client_certificate: None,
        max_body_bytes: 10 * 1024 * 1024,
        max_concurrent: 16,
    })
    .expect("a client");
    HostedSettings { http, api_url, project: PROJECT.to_owned(), api_key: SecretText::new(KEY) }
}

impl Drop for SniparaHost {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct HttpAnswer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl HttpAnswer {
    fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.to_string().into_bytes() }
    }
}

async fn serve(mut stream: TcpStream, state: &Mutex<State>, neighbour: &Snipara) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let fault = {
            let mut state = state.lock().expect("unpoisoned");
            state.received.push(request.clone());
            let is_call = request.method == "POST" && !String::from_utf8_lossy(&request.body).contains("tools/list");
            if is_call { state.faults.pop_front().or_else(|| state.stays.clone()) } else { None }
        };
        let carried_on = match fault {
            Some(fault) => misbehave(&mut stream, state, neighbour, &request, fault).await,
            None => {
                let answer = answer(state, neighbour, &request).await;
                send(&mut stream, &answer, None).await
            }
        };
        if !carried_on {
            return;
        }
    }
}

/// Answers wrongly; tells whether the connection goes on.
async fn misbehave(
    stream: &mut TcpStream,
    state: &Mutex<State>,
    neighbour: &Snipara,
    request: &Received,
    fault: Fault,
) -> bool {
    let envelope = state.lock().expect("unpoisoned").envelope.unwrap_or(Envelope::Text);
    let result = |result: Value| HttpAnswer::json(200, &json!({"jsonrpc": "2.0", "id": 1, "result": result}));
    let error = |error: Value| HttpAnswer::json(200, &json!({"jsonrpc": "2.0", "id": 1, "error": error}));
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    let wrong = match fault {
        Fault::Status(status, headers, body) => HttpAnswer { status, headers, body: body.into_bytes() },
        Fault::IsError(message) => result(json!({"content": text(message), "isError": true})),
        Fault::SuccessFalse(message) => result(envelope.wrap(&json!({"success": false, "error": message}))),
        Fault::ErrorAlone(message) => result(envelope.wrap(&json!({"error": message}))),
        Fault::RpcError(code, message) => error(json!({"code": code, "message": message})),
        Fault::ErrorText(message) => error(json!(message)),
        Fault::ErrorNull => {
            let mut right: Value = serde_json::from_slice(&answer(state, neighbour, request).await.body).expect("JSON");
            right["error"] = Value::Null;
            HttpAnswer::json(200, &right)
        }
        Fault::WrongType => {
            let right = answer(state, neighbour, request).await;
            HttpAnswer { headers: vec![("content-type", "text/plain".into())], ..right }
        }
        Fault::Drip(interval) => {
            let right = answer(state, neighbour, request).await;
            return send(stream, &right, Some(interval)).await;
        }
        Fault::LostAnswer => {
            answer(state, neighbour, request).await;
            return false;
        }
        Fault::Html => HttpAnswer {
            status: 200,
            headers: vec![("content-type", "text/html".into())],
            body: b"<!doctype html><title>Maintenance</title>".to_vec(),
        },
        Fault::Malformed => {
            HttpAnswer { body: b"{\"jsonrpc\": \"2.0\", \"result\": {\"con".to_vec(), ..result(json!({})) }
        }
        Fault::CutOff => {
            let _ = stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n{\"jsonrpc\": ").await;
            let _ = stream.shutdown().await;
            return false;
        }
        Fault::Huge(bytes) => result(json!({"content": text(&"x".repeat(bytes))})),
        Fault::Hang => {
            let mut rest = [0; 1024];
            while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
            state.lock().expect("unpoisoned").hung_up += 1;
            return false;
        }
        Fault::Reset => {
            #[expect(deprecated, reason = "a zero linger is exactly what sends a reset")]
            let _ = stream.set_linger(Some(Duration::ZERO));
            return false;
        }
    };
    send(stream, &wrong, None).await
}

async fn answer(state: &Mutex<State>, neighbour: &Snipara, request: &Received) -> HttpAnswer {
    let (envelope, rlm_only, tells_capabilities, project, aliases) = {
        let state = state.lock().expect("unpoisoned");
        let project = state.project.clone().unwrap_or_else(|| PROJECT.to_owned());
        let envelope = state.envelope.unwrap_or(Envelope::Text);
        (envelope, state.rlm_only, state.tells_capabilities, project, state.aliases.clone())
    };
    let refused = |status, message: &str| HttpAnswer::json(status, &json!({"success": false, "error": message}));
    if request.target == "/capabilities" && tells_capabilities {
        return HttpAnswer::json(200, &json!({"contract": "snipara-server-oss-v2", "server": {"name": "snipara"}}));
    }
    if request.target != format!("/mcp/{project}") || request.method != "POST" {
        return refused(404, "Not Found");
    }
    if request.header("x-api-key") != Some(KEY) {
        return refused(401, "Invalid API key");
    }
    let Ok(call) = serde_json::from_slice::<Value>(&request.body) else { return refused(400, "Parse error") };
    let id = call["id"].clone();
    let reply = |name: &str, value: Value| HttpAnswer::json(200, &json!({"jsonrpc": "2.0", "id": id, name: value}));
    if call["method"] == "tools/list" {
        let prefix = if rlm_only { "rlm" } else { "snipara" };
        return reply("result", json!({"tools": [{"name": format!("{prefix}_recall")}]}));
    }
    let name = call["params"]["name"].as_str().unwrap_or_default();
    let unknown = || reply("error", json!({"code": -32602, "message": format!("Unknown tool: {name}")}));
    let tool = match name.split_once('_') {
        Some(("rlm", tool)) => tool,
        Some(("snipara", tool)) if !rlm_only => tool,
        _ => return unknown(),
    };
    let canned = {
        let canned = &mut state.lock().expect("unpoisoned").canned;
        if canned.len() > 1 { canned.pop_front() } else { canned.front().cloned() }
    };
    if let Some(payload) = canned {
        return reply("result", envelope.wrap(&payload));
    }
    let mut given = call["params"]["arguments"].clone();
    for value in given.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some((_, id)) = aliases.iter().find(|(literal, _)| value.as_str() == Some(literal)) {
            *value = json!(id);
        }
    }
    let given = given.as_object().cloned().unwrap_or_default();
    match carry_out(neighbour, tool, &given).await {
        None => unknown(),
        Some(Ok(payload)) => reply("result", envelope.wrap(&Value::Object(payload))),
        Some(Err(error)) => reply("result", envelope.wrap(&Value::Object(payload::error(&error)))),
    }
}

async fn send(stream: &mut TcpStream, answer: &HttpAnswer, drip: Option<Duration>) -> bool {
    let mut head = format!("HTTP/1.1 {} X\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    if stream.write_all(head.as_bytes()).await.is_err() {
        return false;
    }
    let Some(interval) = drip else { return stream.write_all(&answer.body).await.is_ok() };
    for byte in &answer.body {
        if stream.write_all(&[*byte]).await.is_err() {
            return false;
        }
        tokio::time::sleep(interval).await;
    }
    true
}
