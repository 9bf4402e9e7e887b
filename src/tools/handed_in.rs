//! Evidence as it comes over the wire.
//!
//! Another server of ours sends what its own ledger verified, with its verdict. This ledger does not hold it, so here it
//! is a claim that says what the sender found: unverified is never passed.

use serde_json::{Map, Value, json};

use crate::domain::{Evidence, EvidenceVerdict, NewEvidence};

/// Returns evidence to look up here: what a caller names itself as it is, what a sender looked up as its claim.
pub(super) fn as_handed_in(evidence: Vec<Evidence>) -> Vec<NewEvidence> {
    let handed_in = |item: Evidence| if item.verdict == EvidenceVerdict::Claimed { item.given } else { claim(item) };
    evidence.into_iter().map(handed_in).collect()
}

fn claim(item: Evidence) -> NewEvidence {
    let mut told = item.given.metadata.clone().unwrap_or_default();
    let sent = json!({
        "verdict": item.verdict, "finding": item.finding, "observed_at": item.observed_at,
        "proof_id": item.given.proof_id, "task_id": item.given.task_id,
    });
    let sent: Map<String, Value> = match sent {
        Value::Object(sent) => sent.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    };
    told.insert("sender".to_owned(), Value::Object(sent));
    let description = item.given.description.or(item.finding).or_else(|| Some("looked up by the sender".to_owned()));
    NewEvidence { description, proof_id: None, task_id: None, metadata: Some(told), ..item.given }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sender_verified_is_its_claim_here_and_what_a_caller_names_is_looked_up() {
        let given = NewEvidence { kind: "proof".into(), task_id: Some("task_1".into()), ..NewEvidence::default() };
        let item = |verdict| Evidence {
            verdict,
            finding: Some("4 proofs passed".to_owned()),
            ..Evidence::claimed(given.clone())
        };
        let handed_in = as_handed_in(vec![item(EvidenceVerdict::Verified), item(EvidenceVerdict::Claimed)]);
        assert_eq!((&handed_in[0].task_id, handed_in[0].description.as_deref()), (&None, Some("4 proofs passed")));
        let metadata = Value::Object(handed_in[0].metadata.clone().expect("metadata"));
        let sender = json!({"verdict": "verified", "finding": "4 proofs passed", "task_id": "task_1"});
        assert_eq!(metadata, json!({ "sender": sender }));
        assert_eq!(handed_in[1], given);
    }
}
