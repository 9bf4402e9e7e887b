//! Whether what was proven is about an htask (docs/design/gate.md G21). Pure.

use crate::domain::{
    ChecklistTarget, EvidenceSubject, HTask, ItemSource, NamedProof, Proof, TestsTold, Timestamp, one_line,
};
use crate::ledger::{Entry, Fact};

/// The kind of evidence that needs tests which ran.
pub(in crate::orchestrator) const TEST: &str = "test";
/// How much of what a requirement names is told, in characters.
const NAMED: usize = 80;

/// What an htask asks of its evidence. The default asks nothing: nobody could tell what it is.
#[derive(Debug, Clone, Default)]
pub(in crate::orchestrator) struct WantedEvidence {
    htask: String,
    created_at: Option<Timestamp>,
    /// Kind and subject of each requirement, in their order.
    requirements: Vec<(String, EvidenceSubject)>,
}

/// An own proof that counts, with its place in the ledger.
#[derive(Debug)]
pub(super) struct OwnProof {
    pub(super) seq: u64,
    at: Timestamp,
    proof: Proof,
    /// What its check is called.
    name: Option<String>,
}

/// What is shown to be about an htask.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown<'a> {
    /// The own proofs of a task that is done.
    Run(&'a [OwnProof]),
    /// One of them.
    One(&'a OwnProof),
    /// A proof outside of a task, with its time.
    Alone(&'a Proof, Timestamp),
}

impl WantedEvidence {
    /// Reads what an htask asks for; `checks` are the names of checks that the configuration has.
    pub(super) fn of(htask: &HTask, checks: &[String]) -> Self {
        let subject = |required| EvidenceSubject::of(required, checks.iter().map(String::as_str));
        let requirements = htask.evidence_required.iter();
        Self {
            htask: htask.task_id.to_string(),
            created_at: htask.created_at,
            requirements: requirements.map(|required| (required.kind.clone(), subject(required))).collect(),
        }
    }

    fn is_newer(&self, at: Timestamp) -> bool {
        self.created_at.is_none_or(|created| at > created)
    }

    /// Returns the requirements of this kind that something is about, by their place; none of them where the htask requires
    /// nothing of this kind. `who` names what is shown.
    pub(super) fn about(&self, kind: &str, shown: Shown<'_>, who: &str) -> Result<Vec<usize>, String> {
        let is_alone = matches!(shown, Shown::Alone(..));
        let (proofs, older) = match shown {
            Shown::Run(own) => self.newer(own.iter()),
            Shown::One(own) => self.newer(std::iter::once(own)),
            Shown::Alone(proof, at) if self.is_newer(at) => (vec![NamedProof { proof, name: None }], false),
            Shown::Alone(..) => (Vec::new(), true),
        };
        if proofs.is_empty() && older {
            return Err(format!("{who} is older than the htask: {}", self.again("")));
        }
        if proofs.is_empty() {
            return Err(format!("{who} has no own check that counts: {}", self.again("")));
        }
        let alone = || format!("{who} was observed outside of a task, which no gate judged: {}", self.again(""));
        let (mut about, mut problem) = (Vec::new(), None);
        for (place, (_, subject)) in self.of_kind(kind) {
            let why = match subject.first_missing(&proofs) {
                None if subject.is_empty() && is_alone => alone(),
                None => {
                    about.push(place);
                    continue;
                }
                Some(missing) => {
                    let missing = one_line(&missing, NAMED);
                    let ask = format!(" and a live check of {missing}");
                    format!(
                        "{who} has no own check of {missing}, which the htask's evidence must show: {}",
                        self.again(&ask)
                    )
                }
            };
            problem.get_or_insert(why);
        }
        let asks_for_it = self.of_kind(kind).next().is_some();
        match problem {
            Some(why) if about.is_empty() => Err(why),
            None if !asks_for_it && is_alone => Err(alone()),
            _ => Ok(about),
        }
    }

    /// Tells how many tests of an attempt ran after the htask was made; why there are none.
    pub(super) fn tests(&self, entries: &[Entry], who: &str) -> Result<u64, String> {
        match tests_ran(entries.iter().filter(|entry| self.is_newer(entry.at))) {
            0 if tests_ran(entries.iter()) > 0 => {
                Err(format!("the tests of {who} are older than the htask: {}", self.again("")))
            }
            0 => {
                let ask = " and local_tests that call the test runner itself";
                Err(format!(
                    "{who} is done, and no test of it was counted (evidence of type proof needs none): {}",
                    self.again(ask)
                ))
            }
            ran => Ok(ran),
        }
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = (usize, &(String, EvidenceSubject))> {
        self.requirements.iter().enumerate().filter(move |(_, (required, _))| required.eq_ignore_ascii_case(kind))
    }

    /// Returns the proofs that came after the htask, and whether there are older ones.
    fn newer<'a>(&self, own: impl Iterator<Item = &'a OwnProof>) -> (Vec<NamedProof<'a>>, bool) {
        let (mut proofs, mut older) = (Vec::new(), false);
        for one in own {
            if self.is_newer(one.at) {
                proofs.push(NamedProof { proof: &one.proof, name: one.name.as_deref() });
            } else {
                older = true;
            }
        }
        (proofs, older)
    }

    /// What to do: a task that is done is not run again.
    pub(super) fn again(&self, with: &str) -> String {
        format!("prove it with run_task, a title, htask_id {}{with}", self.htask)
    }
}

/// Returns the own proofs of an attempt that passed and count.
pub(super) fn own_proofs(entries: &[Entry]) -> Vec<OwnProof> {
    let items = entries.iter().filter(|entry| !entry.is_tombstone).find_map(|entry| match &entry.fact {
        Fact::Checklist(checklist) => Some(&checklist.items),
        _ => None,
    });
    let item = |check: &str| items.into_iter().flatten().find(|item| item.name == check);
    let own = entries.iter().filter(|entry| !entry.is_tombstone).filter_map(|entry| {
        let proof = entry.proof().filter(|proof| proof.passed() && proof.required && proof.counts)?;
        let item = item(&proof.check).filter(|item| item.source == ItemSource::Task)?;
        let name = match &item.target {
            ChecklistTarget::Live(check) => check.0.name.clone(),
            _ => None,
        };
        Some(OwnProof { seq: entry.seq, at: entry.at, proof, name })
    });
    own.collect()
}

/// How many tests ran, as runners told whose process was seen.
pub(super) fn tests_ran<'a>(entries: impl Iterator<Item = &'a Entry>) -> u64 {
    let told = entries.filter(|entry| !entry.is_tombstone).map(|entry| match &entry.fact {
        Fact::LocalTest(test) => match &test.run.tests {
            Some(TestsTold::Ran { ran, .. }) => *ran,
            _ => 0,
        },
        _ => 0,
    });
    told.sum()
}
