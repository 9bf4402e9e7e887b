//! What was observed of a check before, out of the ledger: which check it is, whether it was red, and what was left out
//! (docs/design/gate.md G18). Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::json;

use crate::domain::{
    EarlierObservation, LEFT_OUT_FOR_MS, ObservedChange, Outcome, Production, Proof, ProofChange, ProofKind,
    ProofResult, SETTLED_AFTER_MS, Timestamp, canonical_json, observed_change, same_commit, sha256_hex,
};
use crate::expect::{Baseline, PreparedCheck};
use crate::ledger::Entry;
use crate::validator::CheckRun;

/// The fewest asks that make a check red.
const LEAST_ASKS: usize = 2;
/// Statuses that speak of the moment and not of the build.
const OF_THE_MOMENT: [u16; 6] = [408, 425, 429, 502, 503, 504];

/// Returns what makes a check the same in another task: method, address, body, user, statuses, and what its answer must
/// hold. It is a digest, because addresses and bodies may hold secrets.
pub(super) fn check_identity(check: &PreparedCheck) -> String {
    let asked = check.asked();
    let content: Vec<String> = check
        .expectations()
        .iter()
        .filter(|expectation| expectation.can_discriminate())
        .map(ToString::to_string)
        .collect();
    let identity = json!({
        "method": asked.method, "url": asked.url, "body": asked.body, "user": asked.user,
        "expected_status": asked.expected_status, "expect": content, "headers": asked.headers,
        "follow_redirects": asked.follow_redirects,
    });
    let text = canonical_json(&identity).unwrap_or_else(|_| identity.to_string());
    format!("sha256:{}", sha256_hex(text.as_bytes()))
}

/// Says what failed, when the same failed in each of several asks: `status 404`, or `expect[0]` for its first expectation.
///
/// Transport errors, answers that ask for patience, and expectations about how an answer came speak of the moment.
pub(super) fn red(check: &PreparedCheck, run: &CheckRun) -> Option<String> {
    let answered = || run.attempts.iter().filter(|attempt| attempt.response_code.is_some());
    let first = answered().next()?.response_code?;
    let alike = answered().all(|attempt| attempt.result == ProofResult::Fail && attempt.response_code == Some(first));
    // What own headers or a user's credentials bring about says nothing of what users get, and a redirect that is not
    // followed nothing of where it leads.
    let own = !check.asked().headers.is_empty()
        || (check.asked().user.is_some() && matches!(first, 401 | 403))
        || (300..400).contains(&first);
    if own
        || answered().count() < LEAST_ASKS
        || !alike
        || !matches!(run.outcome, Outcome::Failed { .. })
        || OF_THE_MOMENT.contains(&first)
    {
        return None;
    }
    if !check.expected_status().accepts(first) {
        return Some(format!("status {first}"));
    }
    let failing = run.expectations.iter().position(|one| one.result == ProofResult::Fail)?;
    let line = check.expectations().get(failing)?;
    let same_line = answered()
        .all(|attempt| attempt.error_message.as_ref().is_some_and(|message| message.contains(&line.to_string())));
    (line.can_discriminate() && same_line).then(|| format!("expect[{failing}]"))
}

/// What was observed before an attempt began.
#[derive(Debug, Clone, Default)]
pub(crate) struct EarlierObservations {
    newest: HashMap<String, EarlierObservation>,
    failed: Vec<FailedCheck>,
    /// The addresses of health routes that said something good.
    healthy: BTreeSet<String>,
    /// The newest observation of each build that production told.
    builds: Vec<(Timestamp, String)>,
    /// What answers were, of checks that are compared with that; those of a baseline before others.
    shapes: HashMap<String, (bool, Baseline)>,
    /// What lies before was not read, if there is anything.
    read_since: Option<Timestamp>,
}

/// A check that failed as required, and has not passed since.
#[derive(Debug, Clone)]
struct FailedCheck {
    identity: String,
    method: String,
    endpoint: String,
    at: Timestamp,
}

impl EarlierObservations {
    /// Reads observations, newest first. Without the others, those before the oldest of these are not known.
    pub(crate) fn of(entries: &[Entry], are_all: bool) -> Self {
        let proofs: Vec<(Timestamp, Proof)> = entries
            .iter()
            .filter(|entry| !entry.is_tombstone)
            .filter_map(|entry| Some((entry.at, entry.proof()?)))
            .collect();
        let group = |proof: &Proof| (proof.task_id.clone(), proof.attempt);
        let some_good: HashSet<_> =
            proofs.iter().filter(|(_, proof)| proof.passed()).map(|(_, proof)| group(proof)).collect();
        let read_since = entries.last().map(|oldest| oldest.at).filter(|_| !are_all);
        let mut earlier = Self { read_since, ..Self::default() };
        let mut passed = HashSet::new();
        for (at, proof) in proofs {
            if let Some(build) = &proof.build
                && !earlier.builds.iter().any(|(_, known)| known == build)
            {
                earlier.builds.push((at, build.clone()));
            }
            if proof.kind == ProofKind::Health && proof.passed() && !proof.untrusted_settings {
                earlier.healthy.insert(proof.endpoint.clone());
            }
            let Some(identity) = proof.check_identity.clone() else { continue };
            // Who chose the settings chose the answer: such a failure is remembered, and nothing good comes of it.
            let decides = !proof.untrusted_settings;
            if let Some(shape) = proof.shape.as_ref().filter(|_| decides) {
                let (is_baseline, baseline) = (proof.attempt == Some(0), Baseline { at, shape: shape.clone() });
                let known = earlier.shapes.get(&identity);
                if known.is_none_or(|(is_known_baseline, _)| is_baseline && !is_known_baseline) {
                    earlier.shapes.insert(identity.clone(), (is_baseline, baseline));
                }
            }
            // A failure is over when the same check has passed since, and by nothing else.
            match proof.result {
                ProofResult::Pass if decides => drop(passed.insert(identity.clone())),
                ProofResult::Pass => {}
                ProofResult::Fail if !proof.required || proof.kind != ProofKind::Live => {}
                ProofResult::Fail if passed.contains(&identity) => {}
                ProofResult::Fail if earlier.failed.iter().any(|failed| failed.identity == identity) => {}
                ProofResult::Unverified => continue,
                ProofResult::Fail => earlier.failed.push(FailedCheck {
                    identity: identity.clone(),
                    method: proof.method.clone().unwrap_or_default(),
                    endpoint: proof.endpoint.clone(),
                    at,
                }),
            }
            if earlier.newest.get(&identity).is_some_and(|known| !known.untrusted_settings || !decides) {
                continue;
            }
            let observation = EarlierObservation {
                at,
                result: proof.result,
                red: proof.red.clone(),
                build: proof.build.clone(),
                untrusted_settings: proof.untrusted_settings,
                all_red: !some_good.contains(&group(&proof)),
            };
            earlier.newest.insert(identity, observation);
        }
        earlier
    }

    /// Returns what is known where nothing before this time can be read.
    pub(crate) fn unread(before: Timestamp) -> Self {
        Self { read_since: Some(before), ..Self::default() }
    }

    /// Tells whether every failure that may be open was read.
    pub(crate) fn reach_back_far_enough(&self, now: Timestamp) -> bool {
        self.read_since.is_none_or(|since| now.ms_since(since) > LEFT_OUT_FOR_MS)
    }

    /// Returns the health routes that this production has offered, as paths below its address.
    pub(crate) fn healthy_routes(&self, production: &Production) -> Vec<String> {
        let urls = self.healthy.iter().filter_map(|endpoint| url::Url::parse(endpoint).ok());
        urls.filter_map(|url| production.path_of(&url)).collect()
    }

    /// Returns what the answer to a check was before.
    pub(super) fn baseline(&self, identity: &str) -> Option<&Baseline> {
        self.shapes.get(identity).map(|(_, baseline)| baseline)
    }

    /// Says what the newest of them means for a check that passes now.
    pub(super) fn change(&self, identity: &str, build: Option<&str>, started: Timestamp) -> ObservedChange {
        observed_change(self.newest.get(identity), build, started)
    }

    /// Returns the checks that failed within a day, have not passed since, and are not asked as they were; and that failures
    /// could not be looked at, so that nobody hides one behind many other proofs.
    pub(super) fn left_out(&self, asked: &[Proof], now: Timestamp) -> Vec<String> {
        let again =
            |failed: &FailedCheck| asked.iter().any(|proof| proof.check_identity.as_ref() == Some(&failed.identity));
        let same_route = |failed: &FailedCheck| {
            asked
                .iter()
                .any(|proof| proof.endpoint == failed.endpoint && proof.method.as_deref() == Some(&failed.method))
        };
        let lately = self.failed.iter().filter(|failed| now.ms_since(failed.at) <= LEFT_OUT_FOR_MS && !again(failed));
        let mut told: Vec<String> = lately
            .map(|failed| {
                let path = url::Url::parse(&failed.endpoint)
                    .map_or_else(|_| failed.endpoint.clone(), |url| url.path().to_owned());
                let ago = minutes(now.ms_since(failed.at));
                let how = if same_route(failed) { "was asked again with another bar" } else { "was not asked again" };
                format!("{} {path} failed {ago} ago and {how}", failed.method)
            })
            .collect();
        told.dedup();
        if let Some(since) = self.read_since.filter(|_| !self.reach_back_far_enough(now)) {
            told.push(format!("failures of more than {} ago could not be looked at", minutes(now.ms_since(since))));
        }
        told
    }

    /// Tells whether production told a build within the time in which another one may still answer somewhere.
    pub(crate) fn saw_a_build_lately(&self, now: Timestamp) -> bool {
        self.builds.iter().any(|(at, _)| u64::try_from(now.ms_since(*at)).is_ok_and(|ago| ago < SETTLED_AFTER_MS))
    }

    /// Returns how long ago another build than this one answered, in milliseconds.
    pub(super) fn other_build_ms_ago(&self, build: Option<&str>, now: Timestamp) -> Option<u64> {
        let build = build?;
        let other = self.builds.iter().find(|(_, known)| !same_commit(known, build))?;
        u64::try_from(now.ms_since(other.0)).ok()
    }
}

/// Counts what passing own checks say about the change: shown, unchanged, unseen.
pub(super) fn count_changes<'a>(own: impl Iterator<Item = &'a Proof>) -> (u32, u32, u32) {
    own.fold((0, 0, 0), |(shown, unchanged, unseen), proof| match proof.change {
        Some(ProofChange::Shown) => (shown + 1, unchanged, unseen),
        Some(ProofChange::Unchanged) => (shown, unchanged + 1, unseen),
        Some(ProofChange::Unseen) | None => (shown, unchanged, unseen + 1),
    })
}

fn minutes(milliseconds: i64) -> String {
    match milliseconds / 60_000 {
        0 => "less than a minute".to_owned(),
        minutes @ 1..=119 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}
