//! Ratios, measured in one run with the peers that are found on this machine; a missing peer is named.
//!
//! `cargo bench` measures everything, `cargo bench -- ledger start` some parts: `live`, `start`, `memory`, `ledger`.
//! Peers: Debian's `nginx-light` and `apache2-utils` (`ab`), `sqlite3`, and a `python3` that can import `mcp`.

#![expect(clippy::print_stdout, reason = "a bench shows what it measured")]

mod client;
mod ledger;
mod live_checks;
mod memory;
mod nginx;
mod start;

/// What a part found out, one line each.
type Lines = Vec<String>;
/// Measures a part.
type Measure = fn() -> anyhow::Result<Lines>;

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let parts: [(&str, &str, Measure); 4] = [
        ("live", "1,000 live checks with proofs stored, against a local nginx", live_checks::measure),
        ("start", "Cold start of `mcp` to its first answer", start::measure),
        ("memory", "Resident memory of `mcp`", memory::measure),
        ("ledger", "100,000 ledger entries", ledger::measure),
    ];
    let mut failed = false;
    for (name, title, measure) in parts {
        if !wanted.is_empty() && !wanted.iter().any(|part| part == name) {
            continue;
        }
        println!("\n{title}");
        match measure() {
            Ok(lines) => lines.iter().for_each(|line| println!("  {line}")),
            Err(error) => {
                failed = true;
                println!("  not measured: {error:#}");
            }
        }
    }
    anyhow::ensure!(!failed, "some parts could not be measured");
    Ok(())
}

/// Finds a program on PATH or where Debian puts servers.
fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// Writes `part` as a share of `whole`.
fn percent(part: f64, whole: f64) -> String {
    format!("{:.0} %", 100.0 * part / whole)
}
