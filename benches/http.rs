//! Calls a second over stdio, Streamable HTTP and HTTP+SSE, and starts, beside servers in Python and TypeScript.
//!
//! One load generator asks all of them in turn, round by round, in the same run and in 2025-11-25 with sessions. The peers
//! answer in their faster way, with JSON; ours as it always does, with a stream of events. The peers echo a word. So does
//! the second of ours, which is our transport alone; the first is the program that ships, which reads the word from its
//! store. Where others keep the machine busy, read the processor time of a call: it changes less.

mod caller;
mod connection;
mod contender;
mod echo;
mod load;

use std::time::{Duration, Instant};

use caller::Caller;
pub(crate) use echo::{WORD as ECHO, serve as serve_echo};

use contender::{Contender, Running, Transport, contenders};
use load::{Pipes, Rounds, over_http};

use crate::Lines;
use crate::numbers::Numbers;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(700);
const STARTS: usize = 7;
/// How long a server may take to listen.
const LISTENING: Duration = Duration::from_secs(30);
/// How long to wait before connecting is tried again.
const PAUSE: Duration = Duration::from_micros(200);

/// How many times a peer ours shall be, by the peer's name.
const HTTP_AIMS: [(&str, f64); 2] = [("FastMCP", 15.0), ("TypeScript SDK", 3.0)];
const START_AIMS: [(&str, f64); 2] = [("FastMCP", 50.0), ("TypeScript SDK", 50.0)];

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let folder = tempfile::tempdir()?;
    let (contenders, mut lines) = contenders(folder.path())?;
    let contenders: Vec<&Contender> = contenders.iter().collect();
    // One thread: the client shall not take both cores from the servers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (transport, name, callers) in
        [(Transport::Http, "Streamable HTTP", [1, 16, 64].as_slice()), (Transport::Sse, "HTTP+SSE", &[1, 16])]
    {
        let servers = started(&runtime, &contenders, transport)?;
        for &callers in callers {
            let mut rounds: Vec<Rounds> = contenders.iter().map(|_| Rounds::default()).collect();
            for _ in 0..ROUNDS {
                for ((contender, server), rounds) in contenders.iter().zip(&servers).zip(&mut rounds) {
                    let calling = over_http(transport, server, &contender.call, callers, ROUND, rounds);
                    runtime.block_on(calling)?;
                }
            }
            let aims = if transport == Transport::Http { HTTP_AIMS.as_slice() } else { &[] };
            lines.extend(rows(&format!("{name}, {callers} at once"), &contenders, &rounds, aims));
        }
    }
    let with_pipes: Vec<&Contender> =
        contenders.iter().copied().filter(|contender| contender.speaks(Transport::Stdio)).collect();
    lines.extend(pipes(&with_pipes)?);
    lines.extend(starts(&runtime, &with_pipes)?);
    Ok(lines)
}

/// Starts every server, and lets each answer for a while before it is measured: V8 compiles what it has seen often.
fn started(
    runtime: &tokio::runtime::Runtime,
    contenders: &[&Contender],
    transport: Transport,
) -> anyhow::Result<Vec<Running>> {
    let mut servers = Vec::new();
    for contender in contenders {
        let mut server = contender.start(transport)?;
        runtime.block_on(async {
            drop(first_answer(transport, &mut server).await?);
            over_http(transport, &server, &contender.call, 4, 2 * ROUND, &mut Rounds::default()).await
        })?;
        servers.push(server);
    }
    Ok(servers)
}

/// Connects as soon as somebody listens, and shakes hands.
async fn first_answer(transport: Transport, server: &mut Running) -> anyhow::Result<Caller> {
    let began = Instant::now();
    while let Err(error) = connection::Connection::open(server.address).await {
        server.lives()?;
        anyhow::ensure!(began.elapsed() < LISTENING, "nobody listens: {error}");
        tokio::time::sleep(PAUSE).await;
    }
    Caller::open(transport, server.address).await
}

fn pipes(contenders: &[&Contender]) -> anyhow::Result<Lines> {
    let mut servers: Vec<Pipes> =
        contenders.iter().map(|contender| Pipes::open(contender)).collect::<Result<_, _>>()?;
    for (server, contender) in servers.iter_mut().zip(contenders) {
        server.calls(&contender.call, 4, 2 * ROUND, &mut Rounds::default())?;
    }
    let mut lines = Lines::new();
    for at_once in [1, 16] {
        let mut rounds: Vec<Rounds> = contenders.iter().map(|_| Rounds::default()).collect();
        for _ in 0..ROUNDS {
            for ((server, contender), rounds) in servers.iter_mut().zip(contenders).zip(&mut rounds) {
                server.calls(&contender.call, at_once, ROUND, rounds)?;
            }
        }
        lines.extend(rows(&format!("stdio, {at_once} at once"), contenders, &rounds, &[]));
    }
    Ok(lines)
}

/// From the start of the process to its first answers; the second start and later ones, as all is in the page cache.
fn starts(runtime: &tokio::runtime::Runtime, contenders: &[&Contender]) -> anyhow::Result<Lines> {
    let mut over_pipes: Vec<Numbers> = contenders.iter().map(|_| Numbers::default()).collect();
    let mut over_http: Vec<Numbers> = contenders.iter().map(|_| Numbers::default()).collect();
    for _ in 0..STARTS {
        for (place, contender) in contenders.iter().enumerate() {
            let began = Instant::now();
            let mut server = Pipes::open(contender)?;
            server.call(&contender.call)?;
            over_pipes[place].push(1_000.0 * began.elapsed().as_secs_f64());
            drop(server);
            let began = Instant::now();
            let mut server = contender.start(Transport::Http)?;
            runtime.block_on(first_answer(Transport::Http, &mut server))?;
            over_http[place].push(1_000.0 * began.elapsed().as_secs_f64());
        }
    }
    let mut lines = Lines::new();
    for (title, numbers) in [
        ("start to the first call's answer, stdio", &over_pipes),
        ("start to the handshake's answer, Streamable HTTP", &over_http),
    ] {
        lines.push(title.to_owned());
        for (contender, number) in contenders.iter().zip(numbers) {
            let row = number.row(&format!("  {}", contender.name), "ms");
            let times = number.median() / numbers[0].median();
            lines.push(format!("{row}{}", ratio(contender, &[times], &START_AIMS)));
        }
    }
    Ok(lines)
}

fn rows(title: &str, contenders: &[&Contender], rounds: &[Rounds], aims: &[(&str, f64)]) -> Lines {
    let mut lines = vec![title.to_owned()];
    let ours = contenders.iter().zip(rounds).filter(|(contender, _)| contender.is_ours());
    let ours: Vec<f64> = ours.map(|(_, rounds)| rounds.calls_per_s.median()).collect();
    for (contender, own) in contenders.iter().zip(rounds) {
        let times: Vec<f64> = ours.iter().map(|ours| ours / own.calls_per_s.median()).collect();
        lines.push(format!(
            "{}   p50 {:>7.3} ms   p99 {:>7.3} ms   processor {:>4.0} µs a call{}",
            own.calls_per_s.row(&format!("  {}", contender.name), "/s"),
            own.p50_ms.median(),
            own.p99_ms.median(),
            own.processor_us.median(),
            ratio(contender, &times, aims),
        ));
    }
    lines
}

/// Says how many times a peer each of ours is; nothing beside ours themselves.
fn ratio(contender: &Contender, times: &[f64], aims: &[(&str, f64)]) -> String {
    if contender.is_ours() {
        return String::new();
    }
    let times: Vec<String> = times.iter().map(|times| format!("{times:.1}")).collect();
    let aim = aims.iter().find(|(peer, _)| *peer == contender.name);
    let aim = aim.map(|(_, aim)| format!(" (aim {aim:.0})")).unwrap_or_default();
    format!("   ours {} times{aim}", times.join(" and "))
}
