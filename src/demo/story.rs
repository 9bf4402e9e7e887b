use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::DemoError;
use super::agent::Agent;
use super::builds::{BROKEN, FIXED, Repository};
use super::forgery::{copy_folder, forge};
use super::production::DemoProduction;
use super::screen::{Screen, Tone, plain};

/// What the demo needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOptions {
    /// The program that is started as the MCP server: this one.
    pub executable: PathBuf,
    /// Whether the output may hold colour codes.
    pub color: bool,
}

/// Tells the whole story: a broken build is refused, the repaired one is done, a forged ledger is caught.
///
/// Everything runs on loopback and in a private temporary folder that is gone afterwards.
///
/// # Errors
/// When a file, the port or the server cannot be used, when the output is closed, or when the product does not do
/// what the story says.
pub async fn run(out: &mut (dyn Write + Send), options: DemoOptions) -> Result<(), DemoError> {
    let began = Instant::now();
    let folder = tempfile::Builder::new()
        .prefix("snipara-demo-")
        .tempdir()
        .map_err(|source| DemoError::File { path: PathBuf::from("the temporary folder"), source })?;
    let stage = Stage {
        production: DemoProduction::start(BROKEN).await?,
        repository: Repository::create(&folder.path().join("shop"), BROKEN)?,
        state_home: folder.path().join("state"),
        forged_home: folder.path().join("forged"),
        executable: options.executable,
    };
    let mut screen = Screen::new(out, options.color);
    stage.introduce(&mut screen)?;

    let agent = stage.agent(&stage.state_home).await?;
    let task_id = stage.broken_build(&agent, &mut screen).await?;
    stage.fixed_build(&agent, &task_id, &mut screen).await?;
    honest_ledger(&agent, &mut screen).await?;
    agent.stop().await;
    stage.forged_ledger(&mut screen).await?;

    farewell(&mut screen, began)
}

/// The scenery of all acts.
struct Stage {
    production: DemoProduction,
    repository: Repository,
    state_home: PathBuf,
    forged_home: PathBuf,
    executable: PathBuf,
}

impl Stage {
    async fn agent(&self, state_home: &Path) -> Result<Agent, DemoError> {
        Agent::start(&self.executable, self.repository.folder(), state_home, &self.production.url()).await
    }

    fn introduce(&self, screen: &mut Screen<'_>) -> Result<(), DemoError> {
        let title = screen.paint(Tone::Strong, "An agent says \"done\". The gatekeeper asks production.");
        let origin = screen.paint(Tone::Code, &self.production.url());
        screen.line("")?;
        screen.line(&format!("  {title}"))?;
        screen.line(&format!("  Production runs at {origin}; this program is the MCP server, over stdio."))?;
        let note = screen.paint(Tone::Quiet, "No account, no network, nothing left behind.");
        screen.line(&format!("  {note}"))
    }

    async fn broken_build(&self, agent: &Agent, screen: &mut Screen<'_>) -> Result<String, DemoError> {
        screen.act(1, &format!("The agent deploys {} \"{}\" and wants to be done", BROKEN.short(), BROKEN.subject))?;
        let checks = ["/api/auth/session", "/api/users", "/api/orders"];
        let call = screen.paint(Tone::Code, &format!("run_task \"Deploy sign-in\"  GET {}", checks.join("  ")));
        screen.detail(&format!("→ {call}"))?;
        let live_checks: Vec<_> = checks.iter().map(|path| json!({"url": path})).collect();
        let arguments = json!({
            "title": "Deploy sign-in",
            "local_tests": [],
            "live_checks": live_checks,
            "required_proofs": 3,
            "wait_seconds": 25,
        });
        let report = agent.call("run_task", arguments).await?;
        show_verdict(screen, &report)?;
        expect_status(&report, "prod_fail", "the status prod_fail for the broken build")?;
        report["task_id"].as_str().map(str::to_owned).ok_or_else(|| unexpected("a task_id", &report))
    }

    async fn fixed_build(&self, agent: &Agent, task_id: &str, screen: &mut Screen<'_>) -> Result<(), DemoError> {
        screen.act(2, &format!("It repairs the cause and deploys {} \"{}\"", FIXED.short(), FIXED.subject))?;
        self.repository.commit(FIXED)?;
        self.production.deploy(FIXED);
        let call = screen.paint(Tone::Code, &format!("run_task {task_id}"));
        screen.detail(&format!("→ {call}"))?;
        screen.note(Some(Tone::Quiet), "The same task: its bar was hashed and cannot be lowered.")?;
        let report = agent.call("run_task", json!({"task_id": task_id, "wait_seconds": 25})).await?;
        show_verdict(screen, &report)?;
        expect_status(&report, "done", "the status done for the repaired build")
    }

    async fn forged_ledger(&self, screen: &mut Screen<'_>) -> Result<(), DemoError> {
        screen.act(4, "Somebody edits a copy of the ledger: the failed proof shall have passed")?;
        copy_folder(&self.state_home, &self.forged_home)?;
        let places = forge(&self.forged_home.join("projects").join("demo"))?;
        let edit = screen.paint(Tone::Code, "\"result\":\"fail\" → \"result\":\"pass\"");
        let place = if places == 1 { "place" } else { "places" };
        screen.detail(&format!("→ {edit}  in {places} {place}, checksums of SQLite's log redone"))?;
        let call = screen.paint(Tone::Code, "verify_proofs");
        screen.detail(&format!("→ {call}  on the copy"))?;
        let agent = self.agent(&self.forged_home).await?;
        let report = agent.call("verify_proofs", json!({})).await?;
        agent.stop().await;
        if report["verified"] != json!(false) {
            return Err(unexpected("a forged ledger that does not verify", &report));
        }
        let caught = screen.paint(Tone::Bad, "✗ CAUGHT");
        screen.detail(&format!("{caught}  {}", plain(problem(&report))))
    }
}

async fn honest_ledger(agent: &Agent, screen: &mut Screen<'_>) -> Result<(), DemoError> {
    screen.act(3, "Everything that was observed is in the ledger, hash-chained")?;
    let call = screen.paint(Tone::Code, "verify_proofs");
    screen.detail(&format!("→ {call}"))?;
    let report = agent.call("verify_proofs", json!({})).await?;
    if report["verified"] != json!(true) {
        return Err(unexpected("a ledger that verifies", &report));
    }
    let holds = screen.paint(Tone::Good, "✓ VERIFIED");
    let head = report["head"]["hash"].as_str().or_else(|| report["head"].as_str()).unwrap_or_default();
    let head = screen.paint(Tone::Quiet, &short(head, 23));
    screen.detail(&format!("{holds}  {} entries, head {head}", report["entries"]))
}

fn farewell(screen: &mut Screen<'_>, began: Instant) -> Result<(), DemoError> {
    let took = format!("That took {:.1} s.", began.elapsed().as_secs_f64());
    let took = screen.paint(Tone::Quiet, &took);
    screen.line("")?;
    screen.line(&format!("  {took} Give it to your agent:"))?;
    for (client, command) in [
        ("Claude Code", "claude mcp add snipara-orchestrator -- snipara-orchestrator mcp --prod-url https://…"),
        ("Codex", "codex mcp add snipara-orchestrator -- snipara-orchestrator mcp --prod-url https://…"),
    ] {
        let command = screen.paint(Tone::Code, command);
        screen.line(&format!("  {client:<12} {command}"))?;
    }
    screen.line("")
}

fn show_verdict(screen: &mut Screen<'_>, report: &Value) -> Result<(), DemoError> {
    let status = report["status"].as_str().unwrap_or("?").to_uppercase();
    let verdict = if status == "DONE" {
        screen.paint(Tone::Good, &format!("✓ {status}"))
    } else {
        screen.paint(Tone::Bad, &format!("✗ {status}"))
    };
    let proofs = &report["proofs"];
    screen.detail(&format!(
        "{verdict}  attempt {}: {} proofs count ({} needed), {} failed",
        report["attempt"], proofs["passing"], proofs["required"], proofs["failing"]
    ))?;
    for row in report["failing"].as_array().into_iter().flatten() {
        let text = |field: &str| row[field].as_str().unwrap_or("?");
        let endpoint = text("endpoint");
        let path = endpoint.split_once("://").and_then(|(_, rest)| Some(&rest[rest.find('/')?..])).unwrap_or(endpoint);
        screen.note(None, &format!("{} {path}: {}", text("check"), text("error_message")))?;
    }
    if let Some(rests_on) = report["headline"].as_str().and_then(|headline| headline.strip_prefix("DONE, ")) {
        screen.note(None, rests_on)?;
    }
    match report["next_step"].as_str() {
        Some(next_step) if status != "DONE" => screen.note(Some(Tone::Quiet), &format!("next step: {next_step}")),
        _ => Ok(()),
    }
}

/// Finds the line that says which link is broken.
fn problem(report: &Value) -> &str {
    let problem = &report["problem"];
    problem["what"].as_str().or_else(|| problem.as_str()).unwrap_or("the chain is broken")
}

fn short(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect::<String>() + "…"
}

fn expect_status(report: &Value, status: &str, expected: &'static str) -> Result<(), DemoError> {
    if report["status"].as_str() == Some(status) { Ok(()) } else { Err(unexpected(expected, report)) }
}

fn unexpected(expected: &'static str, observed: &Value) -> DemoError {
    DemoError::Unexpected { expected, observed: observed.to_string() }
}
