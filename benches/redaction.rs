//! Redaction of ordinary texts: how fast it is, and how many lines it changes that hold no secret.
//!
//! The lines are those of this machine: logs, lock files, this repository's history, and the sources of the crates that
//! it is built from. A line that is changed counts as a false alarm, whatever it holds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use snipara_orchestrator::domain::Redactor;

use crate::Lines;

/// So many bytes of one kind are read.
const MOST_BYTES: usize = 16 << 20;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let history = Command::new("git").args(["log", "-500", "--stat"]).current_dir(root).output()?.stdout;
    let build = PathBuf::from(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| root.join("target").into()));
    let cargo = std::env::var_os("CARGO_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"), PathBuf::from);
    let texts = [
        ("logs", texts_below(&[Path::new("/var/log"), &std::env::temp_dir()], &["log", "1"])),
        ("lock files", texts_below(&[root, &cargo.join("registry/src")], &["lock"])),
        ("history", vec![String::from_utf8_lossy(&history).into_owned()]),
        ("build", texts_below(&[&build], &["d", "json"])),
        ("sources", texts_below(&[&cargo.join("registry/src")], &["rs", "md"])),
    ];
    Ok(texts.iter().map(|(kind, texts)| line_of(kind, texts)).collect())
}

fn line_of(kind: &str, texts: &[String]) -> String {
    let redactor = Redactor::default();
    let (mut lines, mut changed, mut bytes, mut time) = (0_u64, 0_u64, 0, Duration::ZERO);
    for line in texts.iter().flat_map(|text| text.lines()) {
        let begun = Instant::now();
        let clean = redactor.text(line);
        time += begun.elapsed();
        lines += 1;
        bytes += line.len();
        changed += u64::from(clean != line);
    }
    let share = changed as f64 * 1000.0 / lines.max(1) as f64;
    let speed = bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
    format!("{kind}: {changed} of {lines} lines changed, {share:.3} in 1,000 (aim: at most 1); {speed:.0} MB/s")
}

/// The texts of files with one of these extensions.
fn texts_below(folders: &[&Path], extensions: &[&str]) -> Vec<String> {
    let (mut texts, mut bytes) = (Vec::new(), 0);
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    while let Some(path) = left.pop() {
        if bytes > MOST_BYTES {
            break;
        }
        if path.is_dir() && !path.is_symlink() {
            let Ok(entries) = std::fs::read_dir(&path) else { continue };
            left.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension))
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            bytes += text.len();
            texts.push(text);
        }
    }
    texts
}
