//! What the server holds in memory when it waits, and while it runs 1,000 checks (Linux only).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use crate::Lines;
use crate::client::{Client, task};
use crate::nginx::{INSTALL, Nginx};

pub(crate) fn measure() -> anyhow::Result<Lines> {
    if !cfg!(target_os = "linux") {
        return Ok(vec!["only Linux tells (/proc/PID/status)".to_owned()]);
    }
    let nginx = Nginx::start()?;
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("state");
    let url = nginx.as_ref().map_or_else(|| "http://127.0.0.1:9".to_owned(), Nginx::url);
    let mut client = Client::start(&home, folder.path(), &url)?;
    client.request("tools/list", &json!({}))?;
    let mut lines = vec![row("idle, after the handshake and tools/list", resident(client.process_id())?)];
    client.call("verify_proofs", &json!({}))?;
    lines.push(row("idle, store open", resident(client.process_id())?));
    if nginx.is_none() {
        lines.push(format!("peer missing: nginx ({INSTALL}); nothing was measured under load"));
        return Ok(lines);
    }
    let process_id = client.process_id();
    let (peak, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let watching = {
        let (peak, over) = (peak.clone(), over.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if let Ok(now) = resident(process_id) {
                    peak.fetch_max(now, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        })
    };
    let report = client.call("run_task", &task(1_000));
    over.store(true, Ordering::Relaxed);
    let _ = watching.join();
    let report = report?;
    anyhow::ensure!(report["status"] == json!("done"), "{report}");
    lines.push(row("peak during 1,000 checks of one task", peak.load(Ordering::Relaxed)));
    lines.push(row("afterwards", resident(process_id)?));
    Ok(lines)
}

fn row(name: &str, kib: u64) -> String {
    format!("{name:<48} {:>9.1} MiB", kib as f64 / 1_024.0)
}

/// Reads VmRSS in KiB (proc_pid_status(5)).
fn resident(process_id: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status"))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .context("no VmRSS")
}
