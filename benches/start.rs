//! From the start of the process to the answer to `initialize`.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::client::Client;
use crate::{Lines, find};

const STARTS: usize = 30;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("state");
    let ours = median_ms(STARTS, || Client::start(&home, folder.path(), "http://127.0.0.1:9").map(drop))?;
    let mut lines = vec![format!("{:<48} {ours:>9.1} ms", "ours: process start to the answer to `initialize`")];
    let floor = median_ms(STARTS, || Ok(Command::new("/bin/true").stdin(Stdio::null()).status().map(drop)?))?;
    lines.push(format!("{:<48} {floor:>9.1} ms", "/bin/true, the floor of any process"));
    let python = find("python3");
    let imports = |program: &std::path::Path| {
        Command::new(program)
            .args(["-c", "import mcp"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    match python.filter(|program| imports(program)) {
        Some(program) => {
            let peer =
                median_ms(5, || Ok(Command::new(&program).args(["-c", "import mcp.server"]).status().map(drop)?))?;
            lines.push(format!("{:<48} {peer:>9.1} ms  {:.0}× ours", "Python: only `import mcp.server`", peer / ours));
        }
        None => lines.push("peer missing: a python3 with mcp (pip install mcp)".to_owned()),
    }
    Ok(lines)
}

fn median_ms(times: usize, start: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let began = Instant::now();
        start()?;
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    Ok(took.get(times / 2).copied().unwrap_or(f64::NAN))
}
