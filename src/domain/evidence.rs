//! Evidence: what is shown for an htask, and whether it was looked up.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{FieldError, MAX_TEXT_BYTES, Timestamp, check_length, check_text};

/// What evidence of one kind an htask needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRequirement {
    /// The kind: `test`, `proof`, `link`, `note`, or a word of the project's own.
    #[serde(rename = "type")]
    #[schemars(extend("x-model" = "test, proof, link or note.", "x-alias" = ["kind"]))]
    pub kind: String,
    /// What it must show.
    #[serde(default)]
    pub description: String,
    /// Where what it must show can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unlisted" = true))]
    pub url: Option<String>,
}

/// Evidence as it is handed in: a claim in words, or the name of a proof or run of our ledger.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// The kind: `test`, `proof`, `link`, `note`, or a word of the project's own.
    #[serde(rename = "type")]
    #[schemars(extend("x-model" = "test, proof, link or note.", "x-alias" = ["kind"]))]
    pub kind: String,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A proof of our ledger: its number (`12`, `proof://12`) or its hash (`sha256:…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-model" = "Its seq."))]
    pub proof_id: Option<String>,
    /// A task of our ledger, whose last attempt is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-model" = "Of a run_task that is done."))]
    pub task_id: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unlisted" = true))]
    pub metadata: Option<Map<String, Value>>,
}

/// The kinds of evidence that every htask takes; another one only when the htask requires it.
pub const EVIDENCE_KINDS: [&str; 4] = ["test", "proof", "link", "note"];

impl NewEvidence {
    /// Tells whether every htask takes this kind of evidence.
    pub fn is_of_known_kind(&self) -> bool {
        EVIDENCE_KINDS.iter().any(|known| self.kind.eq_ignore_ascii_case(known))
    }

    /// Refuses evidence without a kind, without any content, or of enormous size.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self, place: &str) -> Result<(), FieldError> {
        check_text(&format!("{place}.type"), &self.kind, 100)?;
        let known = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        if !self.kind.chars().all(known) {
            let problem = format!("`{}` is not a type of evidence", super::one_line(&self.kind, 60));
            let fix = "give test, proof, link, note, or one word of letters, digits, `_`, `-`, `.`";
            return Err(FieldError::new(format!("{place}.type"), problem, fix));
        }
        let empty = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
        if [&self.description, &self.url, &self.proof_id, &self.task_id].into_iter().all(empty) {
            let fix = "give proof_id or task_id (looked up in the ledger), a url, or a description (a claim)";
            return Err(FieldError::new(place, "shows nothing", fix));
        }
        let whole = serde_json::to_string(self).unwrap_or_default();
        check_length(place, &whole, MAX_TEXT_BYTES)
    }
}

super::wire_enum::wire_enum! {
    /// Whether evidence was looked up.
    EvidenceVerdict, "evidence verdict" {
        /// The ledger holds it, and it passed.
        Verified = "verified",
        /// The ledger does not hold it, or it did not pass.
        Refused = "refused",
        /// Words: nobody looked.
        Claimed = "claimed",
    }
}

/// Evidence as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was handed in.
    #[serde(flatten)]
    pub given: NewEvidence,
    /// Whether it was looked up.
    pub verdict: EvidenceVerdict,
    /// What the ledger says about it, one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// When what it names was observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// The requirements that it is about, by their place from 0; none where nobody compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Vec<usize>>,
}

impl Evidence {
    /// Makes evidence that nobody looked up.
    pub const fn claimed(given: NewEvidence) -> Self {
        Self { given, verdict: EvidenceVerdict::Claimed, finding: None, observed_at: None, about: None }
    }

    /// Tells whether it is of the kind of a requirement, at this place, and not known to be about another.
    fn may_meet(&self, place: usize, requirement: &EvidenceRequirement) -> bool {
        self.verdict != EvidenceVerdict::Refused
            && self.given.kind.eq_ignore_ascii_case(&requirement.kind)
            && self.about.as_ref().is_none_or(|about| about.contains(&place))
    }
}

/// Returns the requirements for which no evidence of the same kind is left, about them where that was compared; each item
/// is used once, refused ones never (handoff.md, `check-evidence`).
pub fn missing_evidence(required: &[EvidenceRequirement], given: &[Evidence]) -> Vec<EvidenceRequirement> {
    // Which item meets which requirement: an item that could meet two leaves the one that no other could.
    let mut used_for: Vec<Option<usize>> = vec![None; given.len()];
    let unmet =
        (0..required.len()).filter(|&place| !meets(place, required, given, &mut used_for, &mut BTreeSet::new()));
    unmet.map(|place| required[place].clone()).collect()
}

/// Finds an item for a requirement, and another one for the requirement that the item was used for (Kuhn's algorithm).
fn meets(
    place: usize,
    required: &[EvidenceRequirement],
    given: &[Evidence],
    used_for: &mut Vec<Option<usize>>,
    tried: &mut BTreeSet<usize>,
) -> bool {
    for (index, item) in given.iter().enumerate() {
        if !item.may_meet(place, &required[place]) || !tried.insert(index) {
            continue;
        }
        let free = match used_for[index] {
            None => true,
            Some(other) => meets(other, required, given, used_for, tried),
        };
        if free {
            used_for[index] = Some(place);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(kind: &str, verdict: EvidenceVerdict) -> Evidence {
        let given = NewEvidence { kind: kind.into(), description: Some("x".into()), ..NewEvidence::default() };
        Evidence { verdict, ..Evidence::claimed(given) }
    }

    #[test]
    fn each_item_meets_one_requirement_and_refused_ones_none() {
        let required = ["test", "test", "link"]
            .map(|kind| EvidenceRequirement { kind: kind.into(), ..EvidenceRequirement::default() });
        let given = [
            evidence("Test", EvidenceVerdict::Claimed),
            evidence("link", EvidenceVerdict::Refused),
            evidence("note", EvidenceVerdict::Verified),
        ];
        assert_eq!(missing_evidence(&required, &given), [required[1].clone(), required[2].clone()]);
    }

    #[test]
    fn what_is_about_one_requirement_meets_no_other_and_leaves_what_another_item_could_meet() {
        let required = ["orders", "users", "any"].map(|text| EvidenceRequirement {
            kind: "test".into(),
            description: text.into(),
            ..EvidenceRequirement::default()
        });
        let about =
            |about: &[usize]| Evidence { about: Some(about.to_vec()), ..evidence("test", EvidenceVerdict::Verified) };
        assert_eq!(missing_evidence(&required, &[about(&[0, 2]), about(&[0]), about(&[0])]), [required[1].clone()]);
        assert_eq!(missing_evidence(&required, &[about(&[0, 1]), about(&[0]), about(&[2, 1])]), []);
        let claim = evidence("test", EvidenceVerdict::Claimed);
        assert_eq!(missing_evidence(&required, &[claim, about(&[0, 2]), about(&[0])]), []);
    }

    #[test]
    fn evidence_that_shows_nothing_or_has_no_type_is_refused_by_place() {
        let nothing = NewEvidence { kind: "test".into(), ..NewEvidence::default() };
        assert_eq!(nothing.check("evidence[0]").expect_err("refused").field, "evidence[0]");
        let strange = NewEvidence { kind: "a b".into(), description: Some("x".into()), ..NewEvidence::default() };
        assert_eq!(strange.check("evidence[1]").expect_err("refused").field, "evidence[1].type");
    }
}
