//! Ratios, measured in one run with the peers that are found on this machine; a missing peer is named.
//!
//! `cargo bench` measures everything, `cargo bench -- ledger start` some parts: `live`, `start`, `http`, `memory`,
//! `output`, `ledger`, `million` (a million entries; takes minutes, so only when it is named), `recall` (quality and speed),
//! `redaction` (false alarms and speed), `liars` (what the gate believes; `--only=stale` for some of its cases),
//! `context`, `misses` (each question that goes wrong; only when it is named).
//! Peers: Debian's `nginx-light` and `apache2-utils` (`ab`), `sqlite3`, a `python3` that can import `mcp`, and for `http`
//! FastMCP and npm's `@modelcontextprotocol/sdk` in the folder `SNIPARA_BENCH_CLIENTS` (tests/clients/install.sh fills it).
//!
//! Every number is a median of several rounds, with the least and the greatest, unless it says that it is a percentile
//! or a share; ratios are between medians.

#![expect(clippy::print_stdout, reason = "a bench shows what it measured")]

mod client;
mod http;
mod ledger;
mod liars;
mod live_checks;
mod memory;
mod nginx;
mod numbers;
mod recall;
mod redaction;
mod start;

/// What a part found out, one line each.
type Lines = Vec<String>;

/// A part of the measurements.
struct Part {
    name: &'static str,
    title: &'static str,
    /// Whether it is measured when nobody names a part.
    usual: bool,
    measure: fn() -> anyhow::Result<Lines>,
}

const PARTS: [Part; 13] = [
    Part {
        name: "live",
        title: "1,000 live checks with proofs stored, against a local nginx (aim: 15 % of ab -k)",
        usual: true,
        measure: live_checks::measure,
    },
    Part {
        name: "liars",
        title: "Lying deployments, lying agents and honest services before the gate (aims: docs/design/liars.md)",
        usual: true,
        measure: liars::measure,
    },
    Part {
        name: "redaction",
        title: "Lines of this machine without a secret that redaction changes (aim: at most 1 in 1,000), and its speed",
        usual: true,
        measure: redaction::measure,
    },
    Part {
        name: "start",
        title: "Start of `mcp` to its first answer; the binary is in the page cache (aim: 20 ms)",
        usual: true,
        measure: start::measure,
    },
    Part {
        name: "http",
        title: "Calls over HTTP, SSE and stdio, beside servers of FastMCP and the TypeScript SDK",
        usual: true,
        measure: http::measure,
    },
    Part {
        name: "memory",
        title: "Resident memory of `mcp`, the binary's own pages included (aim: 15 MiB at idle)",
        usual: true,
        measure: memory::measure,
    },
    Part {
        name: "output",
        title: "Peak memory of `mcp` while a local test writes (aim: 300 MiB cost what 1 MiB costs)",
        usual: true,
        measure: memory::measure_output,
    },
    Part {
        name: "ledger",
        title: "100,000 ledger entries (aim: 100,000 verified a second)",
        usual: true,
        measure: ledger::measure,
    },
    Part {
        name: "million",
        title: "Peak memory of verifying a ledger (aim: the same for every length)",
        usual: false,
        measure: ledger::measure_million,
    },
    Part {
        name: "recall",
        title: "What recall finds, on the labelled set of benches/recall, against substring search",
        usual: true,
        measure: recall::measure_quality,
    },
    Part {
        name: "recall",
        title: "Recall among 100,000 memories, against LIKE '%…%' (aims: p50 2 ms, 15 ms with commoner words)",
        usual: true,
        measure: recall::measure_speed,
    },
    Part {
        name: "context",
        title: "A question about 3,000 sections of documents, the comparison of the work tree included",
        usual: true,
        measure: recall::measure_sections,
    },
    Part {
        name: "misses",
        title: "What recall misses in the labelled set, with the first three that came instead",
        usual: false,
        measure: recall::list_misses,
    },
];

fn main() -> anyhow::Result<()> {
    if let Some((word, address)) = std::env::args().nth(1).zip(std::env::args().nth(2))
        && word == http::ECHO
    {
        return http::serve_echo(&address);
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let cores = std::thread::available_parallelism()?;
    println!("{cores} cores, {}", load());
    let mut failed = false;
    for part in PARTS {
        let asked = if wanted.is_empty() { part.usual } else { wanted.iter().any(|word| word == part.name) };
        if !asked {
            continue;
        }
        println!("\n{}", part.title);
        match (part.measure)() {
            Ok(lines) => lines.iter().for_each(|line| println!("  {line}")),
            Err(error) => {
                failed = true;
                println!("  not measured: {error:#}");
            }
        }
        println!("  {}", load());
    }
    anyhow::ensure!(!failed, "some parts could not be measured");
    Ok(())
}

/// Tells how busy the machine is: what others do here is in every number.
fn load() -> String {
    match std::fs::read_to_string("/proc/loadavg") {
        Ok(text) => format!("load average {}", text.split(' ').take(3).collect::<Vec<_>>().join(" ")),
        Err(_) => "load average unknown".to_owned(),
    }
}

/// Finds a program on PATH or where Debian puts servers.
fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
