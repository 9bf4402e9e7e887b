//! The cutover checklist: what will be looked at, in a fixed order.

use std::collections::BTreeSet;

use super::requirements::{CheckList, RequirementsError, why_not_counted};
use crate::domain::{
    ChecklistTarget, Criteria, ExpectedStatus, ItemSource, LiveCheck, Policy, Production, ResolvedCheck, RouteKey,
    WELL_KNOWN_HEALTH_PATHS,
};
use crate::expect::{PlannedItem, PreparedCheck};

/// How long the root path may take: it only informs.
const ROOT_TIMEOUT_MS: u64 = 5_000;

/// Resolves every check and lists them: health routes, the task's checks, its UI tests, the policy's checks, and the
/// root path, which is optional and never counts (the seed's `root_path`, findings.md A02).
///
/// # Errors
/// When a check of the task or of the policy cannot be used.
pub(super) fn generate_checklist(
    criteria: &Criteria,
    policy: &Policy,
    production: &Production,
) -> Result<Vec<PlannedItem>, RequirementsError> {
    let own = prepared(CheckList::Task, &criteria.live_checks, production)?;
    let of_policy = prepared(CheckList::Policy, &policy.live_checks, production)?;

    let item = |name: String, source: ItemSource, not_counted: Option<String>, target| PlannedItem {
        name,
        source,
        required: true,
        counts: not_counted.is_none(),
        not_counted,
        target,
    };
    let why_not = |check: &PreparedCheck| why_not_counted(check, production);
    let (configured, health) = match &production.health_paths {
        Some(paths) => (true, paths.iter().map(String::as_str).collect::<Vec<_>>()),
        None => (false, WELL_KNOWN_HEALTH_PATHS.to_vec()),
    };
    let numbered = health.into_iter().zip(1..);
    let mut items: Vec<_> = numbered.map(|(path, number)| health_item(number, path, configured, production)).collect();
    let asks_root = own.iter().any(|check| is_root(check, production));
    for (index, check) in own.into_iter().enumerate() {
        let (why_not, target) = (why_not(&check), ChecklistTarget::Live(check));
        items.push(item(format!("task_check_{}", index + 1), ItemSource::Task, why_not, target));
    }
    for (index, spec) in criteria.ui_tests.iter().enumerate() {
        let why_not = (!policy.ui_tests.contains(spec)).then(|| "is no UI test of the policy".to_owned());
        let target = ChecklistTarget::Ui { spec: spec.clone() };
        items.push(item(format!("ui_test_{}", index + 1), ItemSource::Task, why_not, target));
    }
    for (index, check) in of_policy.into_iter().enumerate() {
        let (why_not, target) = (why_not(&check), ChecklistTarget::Live(check));
        items.push(item(format!("policy_check_{}", index + 1), ItemSource::Policy, why_not, target));
    }
    if asks_root {
        return Ok(items);
    }
    let root = ResolvedCheck::on(production, "/")
        .with_expected_status(ExpectedStatus::success_or_redirect())
        .with_timeout_ms(ROOT_TIMEOUT_MS);
    let why_not = Some("is looked at for information".to_owned());
    let root = item(
        "root_path".to_owned(),
        ItemSource::Generic,
        why_not,
        ChecklistTarget::Live(PreparedCheck::without_expectations(root)),
    );
    items.push(PlannedItem { required: false, ..root });
    Ok(items)
}

/// Resolves the checks of a list and reads what they expect. A check can use only what an earlier one has captured.
fn prepared(
    list: CheckList,
    checks: &[LiveCheck],
    production: &Production,
) -> Result<Vec<PreparedCheck>, RequirementsError> {
    let (mut prepared, mut captured) = (Vec::with_capacity(checks.len()), BTreeSet::new());
    for (index, check) in checks.iter().enumerate() {
        let resolved = check.resolved(Some(&production.url)).map_err(|source| RequirementsError::LiveCheck {
            list,
            index,
            source,
        })?;
        let check =
            PreparedCheck::new(resolved).map_err(|source| RequirementsError::Expectation { list, index, source })?;
        if let Some(name) = check.uses().iter().find(|name| !captured.contains(*name)) {
            return Err(RequirementsError::UnknownCapture { list, index, name: name.clone() });
        }
        captured.extend(check.captures().iter().map(|capture| capture.name().to_owned()));
        prepared.push(check);
    }
    Ok(prepared)
}

/// Tells whether a check asks for the root path, or for the path that production's own address has.
pub(super) fn is_root(check: &ResolvedCheck, production: &Production) -> bool {
    let route = check.route();
    route.path() == "/" || route == RouteKey::of(&production.url)
}

/// Makes the item of a health route: the configuration names it, or it is a guess.
pub(super) fn health_item(number: usize, path: &str, configured: bool, production: &Production) -> PlannedItem {
    let check = PreparedCheck::without_expectations(ResolvedCheck::on(production, path));
    let not_counted = why_not_counted(&check, production);
    PlannedItem {
        name: format!("health_{number}"),
        source: ItemSource::Health,
        required: true,
        counts: not_counted.is_none(),
        not_counted,
        target: ChecklistTarget::Health { check, configured },
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::gatekeeper::Requirements;

    #[test]
    fn the_checklist_names_each_item_and_what_it_is_for() {
        let production = Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production");
        let criteria = Criteria {
            local_tests: Vec::new(),
            live_checks: vec![LiveCheck::get("/api/users")],
            ui_tests: vec!["e2e/login.spec.ts".into()],
            required_proofs: Some(3),
        };
        let requirements = Requirements::new(&criteria, &Policy::default(), &production).expect("requirements");
        let lines: Vec<String> = requirements
            .checklist()
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
