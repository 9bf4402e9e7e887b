//! The first N3 of each workstream of a feature, for features that are made with `create_actionable_tasks`.
//!
//! The hosted service's starters are not published (snipara-wire.md §S13); these are ours.

use crate::domain::{EvidenceRequirement, Workstream};

/// The text of a starter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Starter {
    /// Its title.
    pub(super) title: String,
    /// The work to do.
    pub(super) description: String,
    /// The evidence that it needs.
    pub(super) evidence_required: Vec<EvidenceRequirement>,
}

/// Returns the starter of a workstream; `label` is a custom workstream's own name.
pub(super) fn starter(feature: &str, workstream: Workstream, label: Option<&str>) -> Starter {
    let (verb, description, kind, shows) = match workstream {
        Workstream::Api => {
            ("Build the API of", "Implement the endpoints and test them.", "test", "the tests of the endpoints pass")
        }
        Workstream::Frontend => {
            ("Build the user interface of", "Implement the screens and test them.", "test", "the UI tests pass")
        }
        Workstream::Qa => {
            ("Test", "Test the feature as its users will use it, error cases included.", "test", "the tests pass")
        }
        Workstream::BugfixHardening => {
            ("Harden", "Fix what testing found and handle failures.", "test", "a test for each fix passes")
        }
        Workstream::DeployProdVerify => (
            "Deploy and verify in production:",
            "Deploy, then run the live checks against production.",
            "proof",
            "a live check on production passes",
        ),
        Workstream::Data => {
            ("Prepare the data of", "Write the migration and try it on a copy.", "test", "the migration's tests pass")
        }
        Workstream::Security => {
            ("Review the security of", "Look for weaknesses and close them.", "test", "a test for each weakness passes")
        }
        Workstream::Documentation => {
            ("Document", "Write what users and operators need to know.", "link", "where the text is")
        }
        Workstream::Integration => {
            ("Integrate", "Connect it with what uses it and test that.", "test", "the integration tests pass")
        }
        Workstream::Billing => {
            ("Set up the billing of", "Implement what is charged and test it.", "test", "the tests of billing pass")
        }
        Workstream::Platform => {
            ("Prepare the platform for", "Provide what it runs on.", "test", "what it runs on is tested")
        }
        Workstream::Custom | Workstream::Other => ("Begin", "Do the first step.", "note", "what was done"),
    };
    let title = match label {
        Some(label) => format!("{verb} {label}: {feature}"),
        None => format!("{verb} {feature}"),
    };
    let requirement = EvidenceRequirement { kind: kind.to_owned(), description: shows.to_owned(), url: None };
    Starter { title, description: description.to_owned(), evidence_required: vec![requirement] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workstream_has_a_starter_that_needs_evidence_and_deploying_needs_a_proof() {
        for workstream in Workstream::ALL {
            let starter = starter("Checkout", workstream, None);
            assert!(starter.title.contains("Checkout") && !starter.description.is_empty());
            let kinds: Vec<&str> = starter.evidence_required.iter().map(|item| item.kind.as_str()).collect();
            assert_eq!(kinds.len(), 1);
            assert_eq!(kinds == ["proof"], workstream == Workstream::DeployProdVerify);
        }
        assert_eq!(starter("Checkout", Workstream::Custom, Some("legal")).title, "Begin legal: Checkout");
    }
}
