//! Finds and kills what a command left running.
//!
//! A process belongs to a command when it is in its process group, carries its cookie in its environment, or
//! descends from one that does. Only a process that changed its session, cleared its environment *and* lost its
//! parent before we looked escapes this. Only a sandbox around the server helps against such a process.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::platform::{self, Force, ProcessEntry};

/// Holds the cookie of a run: all its commands carry the same.
pub const RUN_COOKIE_VARIABLE: &str = "SNIPARA_ORCHESTRATOR_RUN";
/// Holds a cookie of one command, so that a command's end does not kill other commands of its run.
pub(super) const COMMAND_COOKIE_VARIABLE: &str = "SNIPARA_ORCHESTRATOR_COMMAND";

/// How long a process that does not die (another user's, or stuck in the kernel) is tried.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same for a destructor, which blocks its thread.
const DESTRUCTOR_PATIENCE: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(5);

/// Kills every process that carries one of the `cookies` in its environment, and their descendants, until none is left.
///
/// Returns how many were killed. Linux only; elsewhere nothing is found. This process and its ancestors are never
/// touched, nor are other users' processes.
pub async fn sweep(cookies: &[String]) -> usize {
    let assignments: Vec<String> =
        cookies.iter().filter(|it| !it.is_empty()).map(|cookie| format!("{RUN_COOKIE_VARIABLE}={cookie}")).collect();
    if assignments.is_empty() {
        return 0;
    }
    Tree { leader: None, assignments, supervised: false }.kill().await
}

/// The processes of one command, or of one run.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// The process that was started, which leads a group.
    pub(super) leader: Option<ProcessEntry>,
    /// The entries in the environment that mark the tree.
    pub(super) assignments: Vec<String>,
    /// Whether the leader is a supervisor: it gets every orphan, so it is killed last.
    pub(super) supervised: bool,
}

impl Tree {
    /// Asks every process of the tree to end.
    pub(super) fn ask(&self) {
        for process in self.members() {
            platform::signal_process(&process, Force::Ask);
        }
    }

    /// Kills until nothing is left; returns how many processes were killed.
    pub(super) async fn kill(&self) -> usize {
        let mut round = KillRound::new(PATIENCE);
        while round.kill(self) {
            tokio::time::sleep(PAUSE).await;
        }
        round.killed.len()
    }

    /// Does the same on the spot, for destructors.
    pub(super) fn kill_now(&self) {
        let mut round = KillRound::new(DESTRUCTOR_PATIENCE);
        while round.kill(self) {
            std::thread::sleep(PAUSE);
        }
    }

    fn members(&self) -> Vec<ProcessEntry> {
        let all = platform::processes();
        let spared = self_and_ancestors(&all);
        let since = self.leader.as_ref().map_or(0, |leader| leader.start_ticks);
        let candidates: Vec<ProcessEntry> =
            all.into_iter().filter(|one| one.start_ticks >= since && !spared.contains(&one.process_id)).collect();
        let leader = self.leader.as_ref().map(|leader| leader.process_id);
        let roots = candidates
            .iter()
            .filter(|one| {
                leader == Some(one.process_id)
                    || leader == Some(one.group)
                    || platform::was_started_with(one.process_id, &self.assignments)
            })
            .map(|one| one.process_id)
            .collect();
        with_descendants(roots, candidates)
    }
}

/// Lists the descendants of a process, without it.
#[cfg(target_os = "linux")]
pub(super) fn descendants(process_id: u32) -> Vec<ProcessEntry> {
    let mut found = with_descendants(BTreeSet::from([process_id]), platform::processes());
    found.retain(|one| one.process_id != process_id);
    found
}

struct KillRound {
    until: Instant,
    killed: BTreeSet<(u32, u64)>,
}

impl KillRound {
    fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, killed: BTreeSet::new() }
    }

    /// Kills what is there; tells whether it is worth looking again.
    fn kill(&mut self, tree: &Tree) -> bool {
        let members = tree.members();
        let is_leader = |one: &ProcessEntry| tree.leader.as_ref().is_some_and(|it| it.process_id == one.process_id);
        let spares_leader = tree.supervised && !members.iter().all(is_leader);
        for process in members.iter().filter(|one| !(spares_leader && is_leader(one))) {
            if platform::signal_process(process, Force::Kill) {
                self.killed.insert((process.process_id, process.start_ticks));
            }
        }
        !members.is_empty() && Instant::now() < self.until
    }
}

pub(super) fn self_and_ancestors(all: &[ProcessEntry]) -> BTreeSet<u32> {
    let parents: BTreeMap<u32, u32> = all.iter().map(|one| (one.process_id, one.parent)).collect();
    let mut line = BTreeSet::from([1]);
    let mut next = Some(std::process::id());
    while let Some(process_id) = next.filter(|id| line.insert(*id)) {
        next = parents.get(&process_id).copied();
    }
    line
}

fn with_descendants(mut members: BTreeSet<u32>, candidates: Vec<ProcessEntry>) -> Vec<ProcessEntry> {
    loop {
        let before = members.len();
        members.extend(
            candidates.iter().filter(|one| members.contains(&one.parent)).map(|one| one.process_id).collect::<Vec<_>>(),
        );
        if members.len() == before {
            return candidates.into_iter().filter(|one| members.contains(&one.process_id)).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(process_id: u32, parent: u32) -> ProcessEntry {
        ProcessEntry { process_id, parent, group: process_id, start_ticks: 7, stopped: false }
    }

    #[test]
    fn grandchildren_belong_to_the_tree_in_whatever_order_they_are_listed() {
        let listed = vec![entry(13, 12), entry(20, 2), entry(12, 11), entry(11, 2)];
        let found: Vec<u32> =
            with_descendants(BTreeSet::from([11]), listed).into_iter().map(|one| one.process_id).collect();
        assert_eq!(found, [13, 12, 11]);
    }

    #[test]
    fn the_line_of_ancestors_ends_even_where_the_list_runs_in_a_circle() {
        let own = std::process::id();
        let line = self_and_ancestors(&[entry(own, 5), entry(5, own)]);
        assert_eq!(line, BTreeSet::from([1, 5, own]));
    }
}
