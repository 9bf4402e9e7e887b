//! From the start of the process to the answer to `initialize`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::client::Client;
use crate::numbers::Numbers;
use crate::{Lines, find};

const STARTS: usize = 50;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("state");
    let ours =
        Numbers::of(STARTS, || took_ms(|| Client::start(&home, folder.path(), "http://127.0.0.1:9", &[]).map(drop)))?;
    let floor = Numbers::of(STARTS, || took_ms(|| run(Path::new("/bin/true"), &[])))?;
    let mut lines = vec![
        ours.row("ours: process start to the answer to `initialize`", "ms"),
        floor.row("/bin/true, the floor of any process", "ms"),
    ];
    match find("python3").filter(|program| run(program, &["-c", "import mcp"]).is_ok()) {
        Some(program) => {
            let peer = Numbers::of(5, || took_ms(|| run(&program, &["-c", "import mcp.server"])))?;
            let times = peer.median() / ours.median();
            lines.push(format!("{}  {times:.0} × ours", peer.row("Python: only `import mcp.server`", "ms")));
        }
        None => lines.push("peer missing: a python3 with mcp (pip install mcp)".to_owned()),
    }
    Ok(lines)
}

fn run(program: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "{} failed", program.display());
    Ok(())
}

fn took_ms(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}
