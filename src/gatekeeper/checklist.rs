//! The cutover checklist: what will be looked at, in a fixed order.

use super::Bar;
use crate::domain::{ChecklistItem, ChecklistTarget, ItemSource, LiveCheck, StatusPattern};

/// How long the root path may take: it only informs.
const ROOT_TIMEOUT_MS: u64 = 5_000;

/// Generates the checklist of a bar: health routes, the task's checks, its UI tests, the policy's checks, and the root
/// path, which is optional and never counts (the seed's `root_path`, findings.md A02).
pub fn generate_checklist(bar: &Bar) -> Vec<ChecklistItem> {
    let mut items = Vec::new();
    for (index, check) in bar.health_checks.iter().enumerate() {
        items.push(ChecklistItem {
            name: format!("health_{}", index + 1),
            source: ItemSource::Health,
            required: true,
            counts: bar.counts(check),
            target: ChecklistTarget::Health { check: check.clone(), configured: bar.health_configured },
        });
    }
    for (index, check) in bar.task_checks.iter().enumerate() {
        items.push(live(format!("task_check_{}", index + 1), ItemSource::Task, check, bar));
    }
    for (index, spec) in bar.ui_tests.iter().enumerate() {
        items.push(ChecklistItem {
            name: format!("ui_test_{}", index + 1),
            source: ItemSource::Task,
            required: true,
            counts: bar.counted_ui_tests.contains(spec),
            target: ChecklistTarget::Ui { spec: spec.clone() },
        });
    }
    for (index, check) in bar.policy_checks.iter().enumerate() {
        items.push(live(format!("policy_check_{}", index + 1), ItemSource::Policy, check, bar));
    }
    let root = LiveCheck { timeout_ms: ROOT_TIMEOUT_MS, ..LiveCheck::get("/") };
    let any_answer = crate::domain::ExpectedStatus::new([StatusPattern::Class(2), StatusPattern::Class(3)]);
    if let (Ok(root), Ok(expected)) = (root.resolved(Some(&bar.production().url)), any_answer) {
        items.push(ChecklistItem {
            name: "root_path".to_owned(),
            source: ItemSource::Generic,
            required: false,
            counts: false,
            target: ChecklistTarget::Live(root.with_expected_status(expected)),
        });
    }
    items
}

fn live(name: String, source: ItemSource, check: &LiveCheck, bar: &Bar) -> ChecklistItem {
    ChecklistItem {
        name,
        source,
        required: true,
        counts: bar.counts(check),
        target: ChecklistTarget::Live(check.clone()),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::domain::{Criteria, Policy, Production};

    #[test]
    fn the_checklist_names_each_item_and_what_it_is_for() {
        let production = Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production");
        let criteria = Criteria {
            local_tests: Vec::new(),
            live_checks: vec![LiveCheck::get("/api/users")],
            ui_tests: vec!["e2e/login.spec.ts".into()],
            required_proofs: 3,
        };
        let bar = Bar::new(&criteria, &Policy::default(), &production).expect("a bar");
        let lines: Vec<String> = generate_checklist(&bar)
            .iter()
            .map(|item| format!("{} {} required={} counts={}", item.name, item.endpoint(), item.required, item.counts))
            .collect();
        assert_eq!(
            lines,
            [
                "health_1 https://api.example.com/health required=true counts=true",
                "health_2 https://api.example.com/ready required=true counts=true",
                "health_3 https://api.example.com/healthz required=true counts=true",
                "health_4 https://api.example.com/api/health required=true counts=true",
                "task_check_1 https://api.example.com/api/users required=true counts=true",
                "ui_test_1 e2e/login.spec.ts required=true counts=false",
                "root_path https://api.example.com/ required=false counts=false",
            ]
        );
    }
}
