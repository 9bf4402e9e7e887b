//! Rounds of calls, and what they took.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::caller::Caller;
use super::contender::{Call, Contender, INITIALIZE, INITIALIZED, Running, Transport, processor_s_of};
use crate::numbers::Numbers;

/// Calls that are made before time is taken, by each caller.
const WARM_UP: usize = 20;

/// What the rounds of one contender gave.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    pub(super) calls_per_s: Numbers,
    pub(super) p50_ms: Numbers,
    pub(super) p99_ms: Numbers,
    /// Of the server, for each call: less of what others do on this machine is in it.
    pub(super) processor_us: Numbers,
}

impl Rounds {
    /// Takes one more round: how long each call took, all together, and the server's processor time.
    fn push(&mut self, took_ms: Vec<f64>, elapsed: Duration, processor_s: f64) {
        let calls = took_ms.len() as f64;
        self.calls_per_s.push(calls / elapsed.as_secs_f64());
        self.processor_us.push(1_000_000.0 * processor_s / calls);
        let round = Numbers::from(took_ms);
        self.p50_ms.push(round.percentile(50.0));
        self.p99_ms.push(round.percentile(99.0));
    }
}

/// Lets so many clients call over HTTP for a while, each one call after another.
pub(super) async fn over_http(
    transport: Transport,
    server: &Running,
    call: &Call,
    callers: usize,
    time: Duration,
    rounds: &mut Rounds,
) -> anyhow::Result<()> {
    let mut open = Vec::new();
    for _ in 0..callers {
        let mut caller = Caller::open(transport, server.address).await?;
        for _ in 0..WARM_UP {
            caller.call(call).await?;
        }
        open.push(caller);
    }
    let (began, processor_s) = (Instant::now(), server.processor_s());
    let mut calling = JoinSet::new();
    for mut caller in open {
        let call = call.clone();
        calling.spawn(async move {
            let mut took_ms = Vec::new();
            while began.elapsed() < time {
                let called = Instant::now();
                caller.call(&call).await?;
                took_ms.push(1_000.0 * called.elapsed().as_secs_f64());
            }
            anyhow::Ok((caller, took_ms))
        });
    }
    let ended = calling.join_all().await;
    let (elapsed, processor_s) = (began.elapsed(), server.processor_s() - processor_s);
    let mut all_ms = Vec::new();
    for ended in ended {
        let (caller, took_ms) = ended?;
        all_ms.extend(took_ms);
        caller.close().await?;
    }
    rounds.push(all_ms, elapsed, processor_s);
    Ok(())
}

/// A server at the other end of two pipes.
pub(super) struct Pipes {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    line: String,
    calls: u64,
}

#[derive(Deserialize)]
struct Outline {
    id: u64,
}

impl Pipes {
    /// Starts a server and shakes hands.
    pub(super) fn open(contender: &Contender) -> anyhow::Result<Self> {
        let mut child = contender.command(Transport::Stdio, SocketAddr::from(([127, 0, 0, 1], 0))).spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let mut pipes = Self { child, input, output, line: String::new(), calls: 0 };
        pipes.write(INITIALIZE)?;
        pipes.read()?;
        ensure!(pipes.line.contains("serverInfo"), "initialize was answered {}", pipes.line);
        pipes.write(INITIALIZED)?;
        Ok(pipes)
    }

    /// Makes one call and waits for its answer.
    pub(super) fn call(&mut self, call: &Call) -> anyhow::Result<()> {
        self.ask(call)?;
        self.answer(call).map(drop)
    }

    /// Calls for a while, with so many calls on their way at once.
    pub(super) fn calls(
        &mut self,
        call: &Call,
        at_once: usize,
        time: Duration,
        rounds: &mut Rounds,
    ) -> anyhow::Result<()> {
        for _ in 0..WARM_UP * at_once {
            self.call(call)?;
        }
        let (first, mut took_ms) = (self.calls + 1, Vec::new());
        let mut asked = Vec::new();
        let (began, processor_s) = (Instant::now(), processor_s_of(self.child.id()));
        for _ in 0..at_once {
            asked.push(Instant::now());
            self.ask(call)?;
        }
        while took_ms.len() < asked.len() {
            let place = usize::try_from(self.answer(call)? - first)?;
            let asked_at = asked.get(place).context("an answer to nothing")?;
            took_ms.push(1_000.0 * asked_at.elapsed().as_secs_f64());
            if began.elapsed() < time {
                asked.push(Instant::now());
                self.ask(call)?;
            }
        }
        rounds.push(took_ms, began.elapsed(), processor_s_of(self.child.id()) - processor_s);
        Ok(())
    }

    fn ask(&mut self, call: &Call) -> anyhow::Result<()> {
        self.calls += 1;
        let message = call.message(self.calls);
        self.write(&message)
    }

    /// Reads the next answer; returns to which call.
    fn answer(&mut self, call: &Call) -> anyhow::Result<u64> {
        self.read()?;
        ensure!(self.line.contains(&call.expected), "no {} in {}", call.expected, self.line);
        Ok(serde_json::from_str::<Outline>(&self.line)?.id)
    }

    fn write(&mut self, message: &str) -> anyhow::Result<()> {
        Ok(self.input.write_all(format!("{message}\n").as_bytes())?)
    }

    fn read(&mut self) -> anyhow::Result<()> {
        self.line.clear();
        ensure!(self.output.read_line(&mut self.line)? > 0, "the server ended");
        Ok(())
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
