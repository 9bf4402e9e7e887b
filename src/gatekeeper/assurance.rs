//! What a verdict rests on, out of the entries of its attempt (docs/design/gate.md, Assurance). Pure.

use super::generic_place::is_generic_place;
use super::observation::{EarlierObservations, count_changes};
use crate::domain::{
    ANONYMOUS, Assurance, BuildIdentity, BuildStanding, DriftReport, ItemSource, Origin, Proof, ProofChange, ProofKind,
    RouteKey, TestsTold, Timestamp,
};
use crate::expect::PlannedItem;
use crate::ledger::{DriftMoment, Entry, Fact};
use crate::validator::{DEGRADED, MIXED};

/// How many digits of a commit are told.
const SHORT: usize = 7;
/// How many generic places are named.
const NAMED: usize = 3;

/// What an assurance is computed from.
pub(super) struct AssuranceEvidence<'a> {
    /// The attempt's own entries, in order.
    pub(super) entries: &'a [Entry],
    /// The checklist.
    pub(super) items: &'a [PlannedItem],
    /// What was observed before the attempt.
    pub(super) earlier: &'a EarlierObservations,
    /// The repository's commit when the last check had ended.
    pub(super) commit: Option<&'a BuildIdentity>,
    /// Whether the repository lies in git.
    pub(super) in_git: bool,
    /// Settings in force that no person trusted as they are.
    pub(super) untrusted: &'a [String],
    /// How many proofs count.
    pub(super) proofs: u32,
}

/// Says what a verdict rests on.
pub(super) fn assurance(evidence: &AssuranceEvidence<'_>) -> Assurance {
    let AssuranceEvidence { entries, items, earlier, commit, in_git, untrusted, proofs: counted } = *evidence;
    let proofs: Vec<Proof> = entries.iter().filter_map(Entry::proof).collect();
    let is_own = |proof: &&Proof| items.iter().any(|item| item.name == proof.check && item.source == ItemSource::Task);
    let own = || proofs.iter().filter(|proof| proof.passed() && proof.required).filter(is_own);
    let counting = || own().filter(|proof| proof.counts);
    let (shown, unchanged, unseen) = count_changes(counting().filter(|proof| proof.kind == ProofKind::Live));
    let last = last_drift(entries);
    let build = last.and_then(DriftReport::build);
    let told_commit = build.and_then(|build| build.commit.clone());
    let started = entries.iter().find_map(|entry| match &entry.fact {
        Fact::RunStarted(started) => Some(started.conditions.commit.clone()),
        _ => None,
    });
    let started = started.flatten();
    let now = entries.last().map_or_else(|| Timestamp::from_micros(0), |entry| entry.at);
    let (tests_ran, tests_said, commands) = tests(entries);
    Assurance {
        grade: None,
        production: production(counting()),
        commit: commit.or(started.as_ref()).map(|commit| short(&commit.head)),
        uncommitted: uncommitted(started.as_ref(), commit),
        tree_unknown: in_git && (commit.is_none() || started.is_none()),
        moved: started.as_ref().zip(commit).is_some_and(|(before, after)| before.head != after.head),
        build: build.map_or(BuildStanding::Unknown, |build| build.standing),
        build_told: build
            .filter(|build| build.commit.is_some() || build.standing != BuildStanding::Unknown)
            .map(|build| build.told.clone()),
        build_rests_on: build.and_then(|build| {
            // Files are no commit: what answered when a check was red may have been the same build.
            let untold = shown > 0 && build.commit.is_none() && build.standing == BuildStanding::Current;
            let unequal = "whether another build was red is not known, as production tells no commit";
            build.rests_on.clone().or_else(|| untold.then(|| unequal.to_owned()))
        }),
        shown,
        unchanged,
        unseen,
        shown_by_this_deploy: shown > 0
            && counting().filter(|proof| proof.change == Some(ProofChange::Shown)).all(|proof| proof.shown_by_deploy),
        tests_ran,
        tests_said,
        commands,
        mixed: own().flat_map(|proof| told_with(proof, MIXED)).collect(),
        not_counted: own().filter_map(not_counted).collect(),
        left_out: earlier.left_out(&proofs, now),
        health_warnings: proofs
            .iter()
            .filter(|proof| proof.kind == ProofKind::Health && proof.passed())
            .flat_map(|proof| told_with(proof, DEGRADED))
            .collect(),
        users: users(counting()),
        generic: generic(counting()),
        untrusted: untrusted.to_vec(),
        despite_drift: drift_found(entries),
        proofs: counted,
        other_build_seen_ms_ago: earlier.other_build_ms_ago(told_commit.as_deref(), now),
        looked_ms: looked_ms(own()),
    }
}

/// Returns what differs between production and the repository, as gate 1 and the look after the checks found it.
pub(super) fn drift_found(entries: &[Entry]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in entries {
        let Fact::Drift(drift) = &entry.fact else { continue };
        let issues = if drift.when == DriftMoment::After { Vec::new() } else { drift.report.issues() };
        for issue in issues {
            if !found.contains(&issue) {
                found.push(issue);
            }
        }
    }
    found
}

fn last_drift(entries: &[Entry]) -> Option<&DriftReport> {
    entries.iter().rev().find_map(|entry| match &entry.fact {
        Fact::Drift(drift) if drift.report.checks.iter().any(|_| true) => Some(&drift.report),
        _ => None,
    })
}

fn short(commit: &str) -> String {
    commit.chars().take(SHORT).collect()
}

/// The larger number of files that were not committed, before or after.
fn uncommitted(before: Option<&BuildIdentity>, after: Option<&BuildIdentity>) -> u32 {
    before.into_iter().chain(after).map(|commit| commit.uncommitted).max().unwrap_or_default()
}

/// How many tests ran, how many a script speaks of, and how many commands passed without telling a number.
fn tests(entries: &[Entry]) -> (Option<u64>, Option<u64>, u32) {
    let (mut ran, mut said, mut silent) = (None, None, 0);
    for entry in entries {
        let Fact::LocalTest(test) = &entry.fact else { continue };
        match &test.run.tests {
            Some(TestsTold::Ran { ran: now, cached, .. }) => {
                *ran.get_or_insert(0) += now;
                if *cached > 0 {
                    *said.get_or_insert(0) += cached;
                }
            }
            Some(TestsTold::Said { ran: told }) => *said.get_or_insert(0) += told,
            Some(TestsTold::Kept { .. } | TestsTold::NotReadable { .. }) | None => silent += 1,
        }
    }
    (ran, said, silent)
}

/// The origins whose answers counted; those of this machine are one.
fn production<'a>(counting: impl Iterator<Item = &'a Proof>) -> String {
    let mut origins: Vec<String> = Vec::new();
    for url in counting.filter_map(|proof| url::Url::parse(&proof.endpoint).ok()) {
        let Ok(origin) = Origin::of(&url) else { continue };
        let here = matches!(origin.host(), "localhost" | "[::1]") || origin.host().starts_with("127.");
        let told = if here { "this machine".to_owned() } else { origin.to_string() };
        if !origins.contains(&told) {
            origins.push(told);
        }
    }
    origins.join(", ")
}

fn told_with<'a>(proof: &'a Proof, word: &'a str) -> impl Iterator<Item = String> + 'a {
    proof.told.iter().filter(move |line| line.starts_with(word)).map(|line| format!("{}: {line}", proof.label()))
}

fn not_counted(proof: &Proof) -> Option<String> {
    let why = proof.not_counted.as_ref().filter(|_| !proof.counts)?;
    Some(format!("{} {why}", proof.label()))
}

fn users<'a>(counting: impl Iterator<Item = &'a Proof>) -> Vec<String> {
    let mut users: Vec<String> =
        counting.map(|proof| proof.user_tested.clone()).filter(|user| user != ANONYMOUS).collect();
    users.sort_unstable();
    users.dedup();
    users
}

/// The own places that counted, where every deployment has them and none was shown (docs/design/gate.md G15).
fn generic<'a>(counting: impl Iterator<Item = &'a Proof>) -> Vec<String> {
    let mut routes = Vec::new();
    for proof in counting {
        let Some(route) = url::Url::parse(&proof.endpoint).ok().map(|url| RouteKey::of(&url)) else {
            return Vec::new();
        };
        if !is_generic_place(&route) || proof.change == Some(ProofChange::Shown) {
            return Vec::new();
        }
        routes.push(route.path().to_owned());
    }
    routes.truncate(NAMED);
    routes
}

/// How long the check that was looked at shortest was looked at; of a check that is asked once nothing is known.
fn looked_ms<'a>(own: impl Iterator<Item = &'a Proof>) -> u64 {
    let looks = own.filter(|proof| proof.attempts.len() > 1).filter_map(|proof| {
        let first = proof.attempts.first()?.at;
        u64::try_from(proof.timestamp.ms_since(first)).ok()
    });
    looks.min().unwrap_or_default()
}
