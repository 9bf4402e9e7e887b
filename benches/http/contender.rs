//! Who is measured: our binary, and the peers that are found.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::json;

use super::echo::WORD as ECHO;
use crate::client::Client;
use crate::find;

/// The folder that tests/clients/install.sh has filled.
const CLIENTS: &str = "SNIPARA_BENCH_CLIENTS";

pub(super) const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"0"}}}"#;
pub(super) const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Stdio,
    Http,
    Sse,
}

impl Transport {
    const fn word(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
        }
    }
}

/// The call that is made again and again.
#[derive(Debug, Clone)]
pub(super) struct Call {
    params: String,
    /// What stands in every right answer.
    pub(super) expected: String,
}

impl Call {
    fn new(tool: &str, arguments: &serde_json::Value, expected: &str) -> Self {
        Self { params: json!({"name": tool, "arguments": arguments}).to_string(), expected: expected.to_owned() }
    }

    pub(super) fn message(&self, id: u64) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{}}}"#, self.params)
    }
}

/// How a command line says what is served where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As our binary has it.
    Ours,
    /// As this program has it ([`super::echo`]), which speaks HTTP only.
    Echo,
    /// As the peers' scripts have it.
    Peer,
}

/// A server that can be started.
#[derive(Debug)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) call: Call,
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(&'static str, PathBuf)>,
    form: Form,
}

/// A server that runs; it ends when this is dropped.
pub(super) struct Running {
    name: &'static str,
    child: Child,
    pub(super) address: SocketAddr,
}

impl Running {
    /// Returns how much processor time it has used, in seconds.
    pub(super) fn processor_s(&self) -> f64 {
        processor_s_of(self.child.id())
    }

    /// # Errors
    /// When it has ended.
    pub(super) fn lives(&mut self) -> anyhow::Result<()> {
        let ended = self.child.try_wait()?;
        anyhow::ensure!(ended.is_none(), "{} ended before it listened: {ended:?}", self.name);
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Contender {
    /// Returns the command that starts it, with pipes where it speaks over them.
    pub(super) fn command(&self, transport: Transport, address: SocketAddr) -> Command {
        let mut command = Command::new(&self.program);
        match (self.form, transport) {
            (Form::Ours, Transport::Stdio) => command.arg("mcp").args(&self.arguments),
            (Form::Ours, _) => {
                command.args(["serve", "--no-token", "--bind", &address.to_string()]).args(&self.arguments)
            }
            (Form::Echo, _) => command.args([ECHO, &address.to_string()]),
            (Form::Peer, _) => command.args(&self.arguments).args([transport.word(), &address.port().to_string()]),
        };
        let piped = || if transport == Transport::Stdio { Stdio::piped() } else { Stdio::null() };
        command.stdin(piped()).stdout(piped()).stderr(Stdio::null());
        command.env_remove("SNIPARA_API_KEY").envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Tells whether it is ours, wholly or in part.
    pub(super) fn is_ours(&self) -> bool {
        self.form != Form::Peer
    }

    /// Tells whether it speaks over a transport.
    pub(super) fn speaks(&self, transport: Transport) -> bool {
        self.form != Form::Echo || transport != Transport::Stdio
    }

    /// Starts it as an HTTP server.
    pub(super) fn start(&self, transport: Transport) -> anyhow::Result<Running> {
        let address = free_address()?;
        let child = self.command(transport, address).spawn().with_context(|| format!("{} did not start", self.name))?;
        Ok(Running { name: self.name, child, address })
    }
}

/// Returns how much processor time a process has used, in seconds; no number where there is no /proc.
pub(super) fn processor_s_of(process_id: u32) -> f64 {
    // Hundredths of a second, whatever the kernel's own tick is (proc_pid_stat(5), USER_HZ).
    const TICKS_PER_S: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process_id}/stat")).unwrap_or_default();
    // The name, in brackets, may hold anything.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    if ticks.len() == 2 { ticks.iter().sum::<f64>() / TICKS_PER_S } else { f64::NAN }
}

/// An address where nobody listens; every server is told its own.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Returns ours and the peers, and a line for each peer that is missing.
pub(super) fn contenders(folder: &Path) -> anyhow::Result<(Vec<Contender>, Vec<String>)> {
    let mut contenders = vec![ours(folder)?, on_our_transport()?];
    let mut missing = Vec::new();
    let clients = std::env::var_os(CLIENTS).map(PathBuf::from);
    let with_hint = |what: &str| format!("peer missing: {what} (tests/clients/install.sh DIR; {CLIENTS}=DIR)");
    match fastmcp(clients.as_deref()) {
        Some(peer) => contenders.push(peer),
        None => missing.push(with_hint("a python3 with fastmcp")),
    }
    match sdk(clients.as_deref()) {
        Some(peer) => contenders.push(peer),
        None => missing.push(with_hint("node with @modelcontextprotocol/sdk")),
    }
    Ok((contenders, missing))
}

/// Our binary, asked for a key of a swarm's state: the cheapest of our tools that answers what it was asked for. Unlike
/// an echo it reads the store for each call.
fn ours(folder: &Path) -> anyhow::Result<Contender> {
    let (home, repository) = (folder.join("state"), folder.join("repository"));
    std::fs::create_dir_all(&repository)?;
    let mut client = Client::start(&home, &repository, "http://127.0.0.1:9", &[])?;
    let swarm = client.call("swarm_create", &json!({"name": "bench"}))?["swarm_id"].clone();
    client.call("swarm_join", &json!({"swarm_id": swarm, "agent_id": "bench"}))?;
    client.call("state_set", &json!({"swarm_id": swarm, "agent_id": "bench", "key": "text", "value": "hello"}))?;
    let arguments = ["--toolsets", "all", "--project", "bench", "--repo", &repository.display().to_string()];
    Ok(Contender {
        name: "ours",
        call: Call::new("state_get", &json!({"swarm_id": swarm, "key": "text"}), r#""structuredContent""#),
        program: env!("CARGO_BIN_EXE_snipara-orchestrator").into(),
        arguments: arguments.map(str::to_owned).to_vec(),
        variables: vec![("SNIPARA_ORCHESTRATOR_HOME", home)],
        form: Form::Ours,
    })
}

/// The peers' tool, mounted on what serves our tools.
fn on_our_transport() -> anyhow::Result<Contender> {
    Ok(Contender {
        name: "ours, only an echo",
        call: echo(),
        program: std::env::current_exe()?,
        arguments: Vec::new(),
        variables: Vec::new(),
        form: Form::Echo,
    })
}

fn fastmcp(clients: Option<&Path>) -> Option<Contender> {
    let program = clients.map(|folder| folder.join("python/bin/python")).or_else(|| find("python3"))?;
    runs(Command::new(&program).args(["-c", "import fastmcp"])).then(|| Contender {
        name: "FastMCP",
        call: echo(),
        program,
        arguments: vec![script("fastmcp_peer.py")],
        variables: Vec::new(),
        form: Form::Peer,
    })
}

fn sdk(clients: Option<&Path>) -> Option<Contender> {
    let program = clients.map(|folder| folder.join("node_modules/.bin/node")).or_else(|| find("node"))?;
    let folder = clients.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), Path::to_path_buf);
    let resolves = "require.resolve('@modelcontextprotocol/sdk/server/mcp.js')";
    runs(Command::new(&program).args(["-e", resolves]).current_dir(&folder)).then(|| Contender {
        name: "TypeScript SDK",
        call: echo(),
        program,
        arguments: vec![script("sdk_peer.mjs")],
        variables: vec![("NPM_FOLDER", folder)],
        form: Form::Peer,
    })
}

/// What the peers do: nothing.
fn echo() -> Call {
    Call::new("echo", &json!({"text": "hello"}), r#""structuredContent""#)
}

fn script(name: &str) -> String {
    format!("{}/benches/http/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn runs(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
