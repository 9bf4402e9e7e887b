//! Gate 2: requirements × entries read back → verdict.

use std::collections::{HashMap, HashSet};

use super::assurance::{AssuranceEvidence, assurance, drift_found};
use super::proof_key::{AnswerKey, ProofKey};
use super::{EarlierObservations, GatePass, Requirements};
use crate::domain::{
    BuildIdentity, Cause, ChecklistTarget, DriftKind, GateName, GateReason, ItemSource, Method, Origin, Proof,
    ProofKind, ProofResult, TaskId, Verdict, same_commit,
};
use crate::expect::PlannedItem;
use crate::ledger::{Entry, Fact};

/// How many checks that do not count are named.
const NAMED: usize = 3;

/// The entries of one run as they stand in the ledger, and the hashes that the run's own process wrote.
pub(super) struct RecordedEvidence<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) written: &'a HashSet<String>,
    /// What was observed before the attempt.
    pub(super) earlier: &'a EarlierObservations,
    /// The repository's commit when the last check had ended.
    pub(super) commit: Option<&'a BuildIdentity>,
    /// Whether the repository lies in git.
    pub(super) in_git: bool,
    /// Settings in force that no person trusted as they are.
    pub(super) untrusted: &'a [String],
}

/// Decides gate 2 for one attempt; the pass exists only when nothing stands against it.
pub(super) fn decide(
    task_id: &TaskId,
    attempt: u32,
    requirements: &Requirements,
    items: &[PlannedItem],
    evidence: &RecordedEvidence<'_>,
) -> (Verdict, Option<GatePass>) {
    let verdict = judge(requirements, items, evidence);
    let pass = verdict.passed.then(|| GatePass::new(task_id.clone(), attempt, verdict.clone()));
    (verdict, pass)
}

/// Judges the evidence by the rules G2 to G7 of gate.md.
pub(super) fn judge(requirements: &Requirements, items: &[PlannedItem], evidence: &RecordedEvidence<'_>) -> Verdict {
    let mut reasons = foreign_entries(evidence);
    let proofs = proofs_by_check(evidence, &mut reasons);
    for item in items.iter().filter(|item| item.required) {
        reasons.extend(required_item(item, proofs.get(item.name.as_str())));
    }
    let answered = distinct(items.iter(), &proofs, |proof| proof.counts && proof.result != ProofResult::Unverified);
    let required = requirements.required_proofs(answered);
    let counted = count(items, &proofs, |_| true);
    let counted_own = count(items, &proofs, |item| item.source == ItemSource::Task);
    let needed = Needed { required, own: requirements.min_task_proofs, origin: &requirements.production().origin };
    reasons.extend(enough(&needed, items, &proofs, counted, counted_own));
    reasons.extend(changed_meanwhile(evidence.entries));
    reasons.extend(drifted(evidence.entries));
    let RecordedEvidence { entries, earlier, commit, in_git, untrusted, .. } = *evidence;
    let mut assurance =
        assurance(&AssuranceEvidence { entries, items, earlier, commit, in_git, untrusted, proofs: counted });
    reasons.extend(
        assurance
            .unmet(&requirements.require)
            .into_iter()
            .map(|(word, clause)| reason("G12", None, format!("policy.require {}: {clause}", word.as_str()), false)),
    );
    assurance.grade = reasons.is_empty().then(|| assurance.grade());
    let cause = if reasons.is_empty() {
        None
    } else if reasons.iter().any(|reason| !reason.unverified && reason.rule != "G3") {
        Some(Cause::Failed)
    } else if reasons.iter().any(|reason| reason.unverified) {
        Some(Cause::Unverified)
    } else {
        Some(Cause::Failed)
    };
    Verdict {
        gate: GateName::ValidationToProd,
        passed: reasons.is_empty(),
        reasons,
        cause,
        proofs_required: required,
        proofs_counted: counted,
        assurance: Some(Box::new(assurance)),
    }
}

fn reason(rule: &str, check: Option<&str>, text: String, unverified: bool) -> GateReason {
    GateReason { rule: rule.to_owned(), check: check.map(str::to_owned), text, unverified }
}

/// G5: what this process did not write is not evidence, and what it wrote must still be there.
fn foreign_entries(evidence: &RecordedEvidence<'_>) -> Vec<GateReason> {
    let mut reasons = Vec::new();
    if let Some(foreign) =
        evidence.entries.iter().find(|entry| entry.is_tombstone || !evidence.written.contains(&entry.hash))
    {
        let text = format!("the ledger was written by someone else during this run (entry {})", foreign.seq);
        reasons.push(reason("G5", None, text, false));
    }
    let present: HashSet<&str> = evidence.entries.iter().map(|entry| entry.hash.as_str()).collect();
    if evidence.written.iter().any(|hash| !present.contains(hash.as_str())) {
        let text = "an entry that this run wrote is no longer in the ledger".to_owned();
        reasons.push(reason("G5", None, text, false));
    }
    reasons
}

/// G11: production tells one build before the first check and after the last one.
fn changed_meanwhile(entries: &[Entry]) -> Option<GateReason> {
    let told = entries.iter().filter_map(|entry| match &entry.fact {
        Fact::Drift(drift) => drift.report.build().and_then(|build| build.commit.as_deref()),
        _ => None,
    });
    let told: Vec<&str> = told.collect();
    let changed =
        |text: String| Some(reason("G11", None, format!("production changed while it was checked: {text}"), false));
    if let (Some(first), Some(last)) = (told.first(), told.last())
        && !same_commit(first, last)
    {
        return changed(format!("it told {first} before and {last} after"));
    }
    let files = entries.iter().filter_map(|entry| match &entry.fact {
        Fact::Drift(drift) => {
            let check = drift.report.checks.iter().find(|check| check.kind == DriftKind::Assets)?;
            check.build.as_ref().map(|build| (build.standing, &build.told))
        }
        _ => None,
    });
    let files: Vec<_> = files.collect();
    let ((first, before), (last, after)) = (files.first()?, files.last()?);
    if first == last { None } else { changed(format!("{before} before, and after {after}")) }
}

/// G13: a drift finding of this attempt refuses, unless the settings that it began with let drift pass.
fn drifted(entries: &[Entry]) -> Vec<GateReason> {
    let stops = entries.iter().find_map(|entry| match &entry.fact {
        Fact::RunStarted(started) => Some(started.conditions.fail_fast_on_drift),
        _ => None,
    });
    if stops != Some(true) {
        return Vec::new();
    }
    drift_found(entries).into_iter().map(|issue| reason("G13", None, issue, false)).collect()
}

fn proofs_by_check(evidence: &RecordedEvidence<'_>, reasons: &mut Vec<GateReason>) -> HashMap<String, Proof> {
    let mut proofs = HashMap::new();
    let own = evidence.entries.iter().filter(|entry| evidence.written.contains(&entry.hash));
    for entry in own {
        if let Fact::Unknown(_) = entry.fact {
            let text = format!("the {} in entry {} cannot be read", entry.kind(), entry.seq);
            reasons.push(reason("G5", None, text, false));
        }
        let Some(proof) = entry.proof() else { continue };
        let check = proof.check.clone();
        if proofs.insert(check.clone(), proof).is_some() {
            let text = format!("{check} has more than one proof in this attempt");
            reasons.push(reason("G5", Some(&check), text, false));
        }
    }
    proofs
}

/// G2 and G4 for one item that the gate needs.
fn required_item(item: &PlannedItem, proof: Option<&Proof>) -> Option<GateReason> {
    let Some(proof) = proof else {
        let text = format!("{} {} has no proof in the ledger", item.name, item.endpoint());
        return Some(reason("G4", Some(&item.name), text, true));
    };
    if !proof.required || proof.passed() {
        return None;
    }
    let why = proof.error_message.clone().unwrap_or_else(|| "no reason was recorded".to_owned());
    let unverified = proof.result == ProofResult::Unverified;
    let rule = match (unverified, proof.kind) {
        (true, _) => "G4",
        (false, ProofKind::Health) => "G6",
        (false, _) => "G2",
    };
    Some(reason(rule, Some(&item.name), format!("{}: {why}", proof.label()), unverified))
}

/// G3: how many distinct places passed among the items that `of` lets through.
fn count(items: &[PlannedItem], proofs: &HashMap<String, Proof>, of: impl Fn(&PlannedItem) -> bool) -> u32 {
    let passing = |proof: &Proof| proof.passed() && proof.counts;
    distinct(items.iter().filter(|item| of(item)), proofs, passing)
}

/// Counts places: a page of HTML once wherever it lies, one answer of one route once whatever was sent to it, and all
/// answers that only point elsewhere once.
fn distinct<'a>(
    items: impl Iterator<Item = &'a PlannedItem>,
    proofs: &HashMap<String, Proof>,
    which: impl Fn(&Proof) -> bool,
) -> u32 {
    let mut seen = Seen::default();
    for item in items.filter(|item| item.counts) {
        match proofs.get(&item.name).filter(|proof| which(proof)) {
            // What any path answers is one place, however many paths are invented.
            Some(proof) if proof.catch_all => seen.catch_all = true,
            Some(proof) => seen.add(item, proof),
            None => {}
        }
    }
    seen.counted()
}

/// What was counted already.
#[derive(Default)]
struct Seen {
    places: HashSet<ProofKey>,
    answers: HashSet<AnswerKey>,
    specs: HashSet<String>,
    pages: HashSet<String>,
    /// A page whose content was not asked for (HEAD): it cannot be told from another page.
    unread_page: bool,
    redirect: bool,
    /// The answer of paths that cannot exist.
    catch_all: bool,
    others: u32,
}

impl Seen {
    fn add(&mut self, item: &PlannedItem, proof: &Proof) {
        let check = match &item.target {
            ChecklistTarget::Live(check) | ChecklistTarget::Health { check, .. } => check,
            ChecklistTarget::Ui { spec } => {
                self.others += u32::from(self.specs.insert(spec.clone()));
                return;
            }
        };
        let place = ProofKey::of(check);
        let digest = proof.response_digest.clone().unwrap_or_default();
        let answer = match check.method() {
            Method::Get | Method::Head | Method::Options => place.answering(&digest),
            _ => ProofKey::answered_anywhere(&digest),
        };
        let new_answer = check.method() == Method::Head || self.answers.insert(answer);
        if !self.places.insert(place) || !new_answer {
            return;
        }
        if proof.response_code.is_some_and(|code| (300..400).contains(&code)) {
            self.redirect = true;
        } else if !proof.html {
            self.others += 1;
        } else if check.method() == Method::Head || proof.response_bytes == Some(0) {
            self.unread_page = true;
        } else {
            self.pages.insert(digest);
        }
    }

    fn counted(&self) -> u32 {
        let pages = u32::try_from(self.pages.len()).unwrap_or(u32::MAX).max(u32::from(self.unread_page));
        self.others
            .saturating_add(pages)
            .saturating_add(u32::from(self.redirect))
            .saturating_add(u32::from(self.catch_all))
    }
}

/// How many proofs G3 asks for.
struct Needed<'a> {
    required: u32,
    own: u32,
    origin: &'a Origin,
}

/// G3: there are enough distinct proofs, and enough of them are the task's own. Says nothing when the items that did not
/// pass could still give enough, because they have reasons of their own.
fn enough(
    needed: &Needed<'_>,
    items: &[PlannedItem],
    proofs: &HashMap<String, Proof>,
    counted: u32,
    counted_own: u32,
) -> Vec<GateReason> {
    let Needed { required, own, origin } = *needed;
    let short = counted < required || counted_own < own;
    if !short {
        return Vec::new();
    }
    let open = |proof: &Proof| proof.counts && (proof.passed() || proof.required);
    let of_the_task = |item: &&PlannedItem| item.source == ItemSource::Task;
    let reachable = distinct(items.iter(), proofs, open);
    let reachable_own = distinct(items.iter().filter(of_the_task), proofs, open);
    let mut reasons = Vec::new();
    if counted < required && reachable < required {
        let missing = required - reachable;
        let text = format!(
            "{required} distinct passing proofs are required and {counted} count: add {missing} more distinct live check(s) on {origin}{}",
            why_fewer(items, proofs, counted)
        );
        reasons.push(reason("G3", None, text, false));
    }
    if counted_own < own && reachable_own < own {
        let missing = own - reachable_own;
        let text = format!(
            "{own} of the proofs must be the task's own and {counted_own} count: add {missing} more distinct live check(s){}",
            why_fewer(items, proofs, counted)
        );
        reasons.push(reason("G3", None, text, false));
    }
    if reasons.is_empty() && !any_required_open(items, proofs) {
        let text = format!("{required} distinct passing proofs are required and {counted} count");
        reasons.push(reason("G3", None, text, false));
    }
    reasons
}

/// Says why fewer count than passed: what does not count by name, else that doubles are taken out.
fn why_fewer(items: &[PlannedItem], proofs: &HashMap<String, Proof>, counted: u32) -> String {
    let named: Vec<String> = items
        .iter()
        .filter_map(|item| proofs.get(&item.name).filter(|proof| proof.passed()))
        .filter_map(|proof| Some(format!("{} {}", proof.label(), proof.not_counted.as_ref()?)))
        .take(NAMED)
        .collect();
    if !named.is_empty() {
        return format!(" ({})", named.join("; "));
    }
    let passed = items.iter().filter(|item| item.counts && proofs.get(&item.name).is_some_and(Proof::passed)).count();
    if u32::try_from(passed).unwrap_or(u32::MAX) > counted {
        " (the same route, page or answer counts once, and all redirects together once)".to_owned()
    } else {
        String::new()
    }
}

fn any_required_open(items: &[PlannedItem], proofs: &HashMap<String, Proof>) -> bool {
    items
        .iter()
        .filter(|item| item.required)
        .any(|item| proofs.get(&item.name).is_none_or(|proof| proof.required && !proof.passed()))
}

#[cfg(test)]
mod tests;
