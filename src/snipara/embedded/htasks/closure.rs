//! When a parent may be closed (snipara-wire.md §S8, "Closure"; §S11 for what a waiver must not do).

use std::collections::BTreeMap;

use crate::domain::{ClosurePolicy, HTask, HTaskLevel, HTaskPolicy, HTaskStatus, Priority, Workstream, one_line};

/// The obstacles to closing a parent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Closure {
    /// Obstacles that a waiver can set aside.
    waivable: Vec<String>,
    /// Obstacles that cannot be set aside.
    firm: Vec<String>,
    /// Whether a waiver is possible at all.
    waiver_possible: bool,
}

impl Closure {
    /// Tells whether it may be closed without a waiver.
    pub(super) fn passes(&self) -> bool {
        self.waivable.is_empty() && self.firm.is_empty()
    }

    /// Tells whether it may be closed with a waiver, and only so.
    pub(super) fn passes_with_waiver(&self) -> bool {
        self.waiver_possible && self.firm.is_empty() && !self.waivable.is_empty()
    }

    /// Returns the obstacles, one line each.
    pub(super) fn blockers(&self) -> Vec<String> {
        self.firm.iter().chain(&self.waivable).cloned().collect()
    }
}

/// Judges a parent by its children that are not archived.
pub(super) fn judge(parent: &HTask, children: &[HTask], policy: HTaskPolicy) -> Closure {
    let strict = policy.closure_policy == ClosurePolicy::StrictAllChildren;
    // A workstream that checks production must not be waived either. Otherwise the rule of its feature could be waived one
    // level below.
    let is_check = is_proving(parent);
    let mut reasons: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut firm_children = Vec::new();
    for (index, child) in children.iter().enumerate() {
        let open = if strict {
            child.status != HTaskStatus::Completed
        } else {
            !matches!(child.status, HTaskStatus::Completed | HTaskStatus::Cancelled)
        };
        let mut add = |reason: String| reasons.entry(index).or_default().push(reason);
        if open && (strict || child.is_blocking) {
            add(format!("is {}", child.status));
        }
        if !strict && open && parent.level == HTaskLevel::N2 && child.priority <= Priority::P1 && !child.is_blocking {
            add(format!("is {} with priority {}", child.status, child.priority));
        }
        if parent.level == HTaskLevel::N1 && is_proving(child) && child.status != HTaskStatus::Completed {
            add("must be completed before a feature is closed, and no waiver sets that aside".to_owned());
            firm_children.push(index);
        }
    }
    let mut closure = Closure {
        waiver_possible: !strict && policy.allow_parent_close_with_waiver && !is_check,
        ..Closure::default()
    };
    for (index, reasons) in reasons {
        let Some(child) = children.get(index) else { continue };
        let line = format!("{} ({}) {}", child.task_id, one_line(&child.title, 60), reasons.join(" and "));
        if strict || is_check || firm_children.contains(&index) {
            closure.firm.push(line);
        } else {
            closure.waivable.push(line);
        }
    }
    if parent.level == HTaskLevel::N0 {
        for criterion in parent.acceptance_criteria.iter().filter(|criterion| !criterion.checked) {
            let line = format!("acceptance criterion `{}` is not checked", one_line(&criterion.text, 80));
            if strict { closure.firm.push(line) } else { closure.waivable.push(line) }
        }
    }
    closure
}

/// Returns the setting that forbids every waiver, with its value and the one that permits waivers.
pub(super) fn waiver_forbidden(policy: HTaskPolicy) -> Option<String> {
    let strict = policy.closure_policy == ClosurePolicy::StrictAllChildren;
    if strict {
        let (present, permits) = (policy.closure_policy, ClosurePolicy::AllowExceptions);
        return Some(format!("policy.closure_policy is {present} ({permits} permits waivers)"));
    }
    (!policy.allow_parent_close_with_waiver)
        .then(|| "policy.allow_parent_close_with_waiver is false (true permits waivers)".to_owned())
}

fn is_proving(task: &HTask) -> bool {
    matches!(task.workstream_type, Some(Workstream::Qa | Workstream::DeployProdVerify))
}

#[cfg(test)]
mod tests {
    use super::super::hierarchy::tests::htask;
    use super::*;
    use crate::domain::AcceptanceCriterion;

    const STRICT: HTaskPolicy = HTaskPolicy {
        require_evidence_on_complete: true,
        require_verified_evidence: false,
        closure_policy: ClosurePolicy::StrictAllChildren,
        allow_parent_close_with_waiver: true,
    };
    const LENIENT: HTaskPolicy = HTaskPolicy { closure_policy: ClosurePolicy::AllowExceptions, ..STRICT };

    fn parent(level: HTaskLevel) -> HTask {
        htask("parent", level, HTaskStatus::Pending)
    }

    fn child(status: HTaskStatus) -> HTask {
        htask("child", HTaskLevel::N3, status)
    }

    fn stream(workstream: Workstream, status: HTaskStatus) -> HTask {
        HTask { workstream_type: Some(workstream), ..htask("stream", HTaskLevel::N2, status) }
    }

    #[test]
    fn strictly_every_child_is_completed_and_no_waiver_helps() {
        let done = child(HTaskStatus::Completed);
        assert!(judge(&parent(HTaskLevel::N2), std::slice::from_ref(&done), STRICT).passes());
        for open in [HTaskStatus::Pending, HTaskStatus::Cancelled, HTaskStatus::Failed, HTaskStatus::Blocked] {
            let other = HTask { is_blocking: false, priority: Priority::P2, ..child(open) };
            let closure = judge(&parent(HTaskLevel::N2), &[done.clone(), other], STRICT);
            assert!(!closure.passes() && !closure.passes_with_waiver(), "{open}");
            assert_eq!(closure.blockers().len(), 1);
        }
    }

    #[test]
    fn with_exceptions_only_blocking_children_count_and_a_waiver_sets_them_aside() {
        let optional = HTask { is_blocking: false, priority: Priority::P2, ..child(HTaskStatus::Pending) };
        assert!(judge(&parent(HTaskLevel::N2), &[optional], LENIENT).passes());
        let cancelled = child(HTaskStatus::Cancelled);
        assert!(judge(&parent(HTaskLevel::N2), &[cancelled], LENIENT).passes());
        for open in [HTaskStatus::Pending, HTaskStatus::Failed] {
            let closure = judge(&parent(HTaskLevel::N2), &[child(open)], LENIENT);
            assert!(!closure.passes() && closure.passes_with_waiver(), "{open}");
        }
        let none = HTaskPolicy { allow_parent_close_with_waiver: false, ..LENIENT };
        assert!(!judge(&parent(HTaskLevel::N2), &[child(HTaskStatus::Pending)], none).passes_with_waiver());
    }

    #[test]
    fn a_workstream_waits_for_urgent_children_even_when_they_do_not_block() {
        for (priority, passes) in [(Priority::P0, false), (Priority::P1, false), (Priority::P2, true)] {
            let open = HTask { is_blocking: false, priority, ..child(HTaskStatus::InProgress) };
            assert_eq!(judge(&parent(HTaskLevel::N2), &[open], LENIENT).passes(), passes, "{priority}");
        }
    }

    #[test]
    fn a_feature_waits_for_qa_and_deploy_and_no_waiver_sets_them_aside() {
        for workstream in [Workstream::Qa, Workstream::DeployProdVerify] {
            let optional = HTask { is_blocking: false, ..stream(workstream, HTaskStatus::Cancelled) };
            let closure = judge(&parent(HTaskLevel::N1), &[optional], LENIENT);
            assert!(!closure.passes() && !closure.passes_with_waiver(), "{workstream}");
            let done = stream(workstream, HTaskStatus::Completed);
            assert!(judge(&parent(HTaskLevel::N1), &[done], LENIENT).passes());
            let itself = HTask { level: HTaskLevel::N2, ..stream(workstream, HTaskStatus::Pending) };
            let closure = judge(&itself, &[child(HTaskStatus::Pending)], LENIENT);
            assert!(!closure.passes() && !closure.passes_with_waiver(), "the workstream {workstream} itself");
        }
        let api = stream(Workstream::Api, HTaskStatus::Pending);
        assert!(judge(&parent(HTaskLevel::N1), &[api], LENIENT).passes_with_waiver());
    }

    #[test]
    fn an_initiative_waits_for_its_acceptance_criteria() {
        let criterion = |checked| AcceptanceCriterion { id: "1".into(), text: "it pays".into(), checked };
        let done = [htask("child", HTaskLevel::N1, HTaskStatus::Completed)];
        let open = HTask { acceptance_criteria: vec![criterion(true), criterion(false)], ..parent(HTaskLevel::N0) };
        let closure = judge(&open, &done, STRICT);
        assert_eq!(closure.blockers(), ["acceptance criterion `it pays` is not checked"]);
        assert!(!closure.passes_with_waiver());
        assert!(judge(&open, &done, LENIENT).passes_with_waiver());
        let met = HTask { acceptance_criteria: vec![criterion(true)], ..parent(HTaskLevel::N0) };
        assert!(judge(&met, &done, STRICT).passes());
    }
}
