//! What the server holds in memory: waiting, during 1,000 checks, while a test writes much (Linux only).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use crate::Lines;
use crate::client::{Client, task};
use crate::nginx::{INSTALL, Nginx};
use crate::numbers::Numbers;

const ROUNDS: usize = 3;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    if !cfg!(target_os = "linux") {
        return Ok(vec!["only Linux tells (/proc/PID/status)".to_owned()]);
    }
    let nginx = Nginx::start()?;
    let url = nginx.as_ref().map_or_else(|| "http://127.0.0.1:9".to_owned(), Nginx::url);
    let mut rows: Vec<(&str, Numbers)> = [
        "idle, after the handshake and tools/list",
        "  of it memory of its own, not the binary's pages",
        "idle, store open",
        "  of it memory of its own, not the binary's pages",
        "peak, 1,000 checks of one task, three expectations each",
        "after that task",
        "peak, three more such tasks",
    ]
    .map(|name| (name, Numbers::default()))
    .into();
    for _ in 0..ROUNDS {
        let found = one_server(&url, nginx.is_some())?;
        found.into_iter().zip(&mut rows).for_each(|(mib, (_, numbers))| numbers.push(mib));
    }
    let mut lines: Lines =
        rows.iter().filter(|(_, numbers)| !numbers.is_empty()).map(|(name, mib)| mib.row(name, "MiB")).collect();
    if nginx.is_none() {
        lines.push(format!("peer missing: nginx ({INSTALL}); nothing was measured under load"));
    }
    Ok(lines)
}

fn one_server(url: &str, load: bool) -> anyhow::Result<Vec<f64>> {
    let folder = tempfile::tempdir()?;
    let mut client = Client::start(&folder.path().join("state"), folder.path(), url, &[])?;
    client.request("tools/list", &json!({}))?;
    let process_id = client.process_id();
    let mut found = vec![status_mib(process_id, "VmRSS:")?, status_mib(process_id, "RssAnon:")?];
    client.call("verify_proofs", &json!({}))?;
    found.extend([status_mib(process_id, "VmRSS:")?, status_mib(process_id, "RssAnon:")?]);
    if load {
        done(&client.call("run_task", &task(1_000))?)?;
        found.extend([status_mib(process_id, "VmHWM:")?, status_mib(process_id, "VmRSS:")?]);
        for _ in 0..3 {
            done(&client.call("run_task", &task(1_000))?)?;
        }
        found.push(status_mib(process_id, "VmHWM:")?);
    }
    Ok(found)
}

/// Compares a local test that writes 1 MiB with one that writes 300 MiB, each in a server of its own.
pub(crate) fn measure_output() -> anyhow::Result<Lines> {
    let Some(nginx) = Nginx::start()? else {
        return Ok(vec![format!("peer missing: nginx ({INSTALL}); nothing was measured")]);
    };
    let mut lines = Lines::new();
    for mib in [1_u32, 300] {
        let peak = Numbers::of(ROUNDS, || {
            let folder = tempfile::tempdir()?;
            write_script(&folder.path().join("noise"), mib)?;
            let home = folder.path().join("state");
            let mut client = Client::start(&home, folder.path(), &nginx.url(), &["--allow-any-command"])?;
            let mut arguments = task(3);
            arguments["local_tests"] = json!(["./noise"]);
            done(&client.call("run_task", &arguments)?)?;
            status_mib(client.process_id(), "VmHWM:")
        })?;
        lines.push(peak.row(&format!("peak, a local test that writes {mib} MiB"), "MiB"));
    }
    Ok(lines)
}

/// Lines of 64 characters, like a log.
fn write_script(file: &Path, mib: u32) -> anyhow::Result<()> {
    let text =
        format!("#!/bin/sh\nyes 'an ordinary line of a log, which says that all is well so far:)' | head -c {mib}M\n");
    fs::write(file, text)?;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(0o755))?)
}

fn done(report: &Value) -> anyhow::Result<()> {
    anyhow::ensure!(report["status"] == json!("done"), "{report}");
    Ok(())
}

/// Reads a line of proc_pid_status(5): `VmRSS:` is now, `VmHWM:` the most since the start.
pub(crate) fn status_mib(process_id: u32, name: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process_id}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("no {name}"))?;
    Ok(kib / 1_024.0)
}
