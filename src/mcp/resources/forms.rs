//! The forms of addresses, as `resources/templates/list` shows them.

use rmcp::model::ResourceTemplate;

use super::read::JSON;

/// The form of a task's report.
pub(in crate::mcp) const TASK: &str = "task://{id}";
/// The form of a task's cutover checklist.
pub(in crate::mcp) const CHECKLIST: &str = "checklist://{task}";
/// The form of a proof.
pub(in crate::mcp) const PROOF: &str = "proof://{id}";
/// The form of an attempt's receipt.
pub(in crate::mcp) const RECEIPT: &str = "receipt://{task}/{attempt}";
/// The form of an htask.
pub(in crate::mcp) const HTASK: &str = "htask://{swarm}/{id}";

/// Returns the forms, always in the same order.
pub(in crate::mcp) fn templates() -> Vec<ResourceTemplate> {
    [
        (TASK, "task", "Task report", "The whole report of a task."),
        (CHECKLIST, "checklist", "Cutover checklist", "The cutover checklist of a task."),
        (PROOF, "proof", "Proof", "One proof with its body, by its place in the ledger or its hash."),
        (RECEIPT, "receipt", "Receipt", "The proofs of an attempt as an unsigned in-toto Statement v1."),
        (HTASK, "htask", "Htask", "One htask with its evidence."),
    ]
    .into_iter()
    .map(|(form, name, title, about)| {
        ResourceTemplate::new(form, name).with_title(title).with_description(about).with_mime_type(JSON)
    })
    .collect()
}
