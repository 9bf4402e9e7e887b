//! The cutover checklist for people.

use super::paint::{Paint, line};
use crate::domain::{ChecklistTarget, StoredCheck};
use crate::orchestrator::CutoverChecklist;

/// Shows a checklist, one line an item.
pub(crate) fn checklist(list: &CutoverChecklist, paint: Paint) -> String {
    let mut text = format!(
        "{} {}, {} are possible\n",
        paint.strong("Cutover checklist:"),
        list.requirement(),
        list.possible_proofs
    );
    if list.local_tests.is_empty() {
        text.push_str("  no local tests\n");
    }
    for (index, command) in list.local_tests.iter().enumerate() {
        text.push_str(&format!("  [ ] local_test_{} $ {}\n", index + 1, line(command)));
    }
    for item in &list.items {
        let what = match &item.target {
            ChecklistTarget::Live(StoredCheck(check)) | ChecklistTarget::Health { check: StoredCheck(check), .. } => {
                format!("{} {} → {}", check.method, line(&check.shown_url()), check.expected_status)
            }
            ChecklistTarget::Ui { spec } => line(spec),
        };
        let weight = match (item.required, item.counts) {
            (true, true) => "required, counts",
            (true, false) => "required",
            (false, true) => "optional, counts",
            (false, false) => "optional",
        };
        text.push_str(&format!("  [ ] {} {what} {}\n", line(&item.name), paint.dim(format!("({weight})"))));
    }
    if !list.context.is_empty() {
        text.push_str(&format!("{}\n", paint.strong("Deployment notes:")));
    }
    for note in &list.context {
        let place = format!("{}:{}-{}", line(&note.file), note.lines[0], note.lines[1]);
        let endpoint = note.endpoint.as_ref().map(|endpoint| format!(" ({})", line(endpoint))).unwrap_or_default();
        text.push_str(&format!("  {place} {}{endpoint}\n", line(&note.title)));
        text.push_str(&format!("      {}\n", paint.dim(line(&note.excerpt))));
    }
    for warning in &list.warnings {
        text.push_str(&format!("{} {}\n", paint.warning("warning:"), line(warning)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ChecklistItem, DeploymentNote, ItemSource, LiveCheck};

    #[test]
    fn a_checklist_says_what_is_required_and_what_counts() {
        let item = |name: &str, source, counts, target| ChecklistItem {
            not_counted: None,
            name: name.into(),
            source,
            required: source != ItemSource::Generic,
            counts,
            target,
        };
        let list = CutoverChecklist {
            task_id: None,
            items: vec![
                item(
                    "health_1",
                    ItemSource::Health,
                    false,
                    ChecklistTarget::Health {
                        check: LiveCheck::get("https://x.example/health").into(),
                        configured: false,
                    },
                ),
                item(
                    "task_check_1",
                    ItemSource::Task,
                    true,
                    ChecklistTarget::Live(LiveCheck::get("https://x.example/a").into()),
                ),
                item("ui_test_1", ItemSource::Task, false, ChecklistTarget::Ui { spec: "e2e/login.spec.ts".into() }),
                item(
                    "root_path",
                    ItemSource::Generic,
                    false,
                    ChecklistTarget::Live(LiveCheck::get("https://x.example/").into()),
                ),
            ],
            required_proofs: 3,
            least_proofs: 1,
            possible_proofs: 4,
            local_tests: Vec::new(),
            context: vec![DeploymentNote {
                file: "docs/deploy.md".into(),
                lines: [3, 9],
                title: "Deploy > Roll\u{202e}back".into(),
                excerpt: "Undo it when /a answers 500.".into(),
                endpoint: Some("/a".into()),
            }],
            warnings: vec!["deployment notes are missing".into()],
        };
        insta::assert_snapshot!(checklist(&list, Paint::new(false)), @"
        Cutover checklist: 1 to 3 distinct proofs are required, as many as places answer, 4 are possible
          no local tests
          [ ] health_1 GET https://x.example/health → 2xx (required)
          [ ] task_check_1 GET https://x.example/a → 2xx (required, counts)
          [ ] ui_test_1 e2e/login.spec.ts (required)
          [ ] root_path GET https://x.example/ → 2xx (optional)
        Deployment notes:
          docs/deploy.md:3-9 Deploy > Roll�back (/a)
              Undo it when /a answers 500.
        warning: deployment notes are missing
        ");
    }
}
