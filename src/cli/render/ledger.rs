//! The ledger for people: its entries, and the result of verifying them.

use serde_json::Value;

use super::paint::{Paint, indented, line};
use crate::domain::{VerifyReport, pluralize};
use crate::orchestrator::RedactionReport;

/// Shows what a redaction removed, where the text stays, and which copies still hold it.
pub(crate) fn redaction(report: &RedactionReport, seq: Option<u64>, paint: Paint) -> String {
    let what = seq.map_or_else(|| "the text is gone".to_owned(), |seq| format!("the texts of entry {seq} are gone"));
    let recorded =
        report.recorded.as_ref().map(|entry| format!(" (recorded as entry {})", entry.seq)).unwrap_or_default();
    let places: Vec<String> = report.removed.iter().map(|(place, count)| format!("{count} {place}")).collect();
    let mut text = format!("{}{recorded}", paint.success(format!("✓ {what}")));
    if !places.is_empty() {
        text.push_str(&format!("\n  removed  {}", places.join(", ")));
    }
    for (place, count) in &report.left {
        text.push_str(&format!("\n  ! it stays in {count} {place}: there it is a name, or a value that decides"));
    }
    for copy in &report.copies {
        let path = crate::domain::one_line(&copy.display().to_string(), usize::MAX);
        text.push_str(&format!("\n  ! {path} is a copy of the store and may still hold it: delete it"));
    }
    text
}

/// Shows the result of verifying the ledger.
pub(crate) fn verify(report: &VerifyReport, paint: Paint, quiet: bool) -> String {
    let mut text = match (&report.problem, report.verified) {
        (None, true) => {
            format!("{} ({})\n", paint.success("✓ the ledger holds"), pluralize(report.entries, "entry", "entries"))
        }
        (problem, _) => {
            let what = problem.as_ref().map_or_else(|| "no reason was given".to_owned(), |problem| line(&problem.what));
            format!("{} {what}\n", paint.error("✗ the ledger does not verify:"))
        }
    };
    for notice in &report.notices {
        text.push_str(&format!("  ! entry {}: {}\n", notice.seq, line(&notice.what)));
    }
    if quiet {
        return text;
    }
    if let Some(head) = &report.head {
        text.push_str(&format!("  head     {}\n", line(&head.hash)));
    }
    if report.redacted_bodies > 0 {
        text.push_str(&format!("  bodies   {} removed on purpose, and the chain says so\n", report.redacted_bodies));
    }
    text
}

/// Shows one entry: its facts as JSON.
pub(crate) fn entry(entry: &Value, paint: Paint) -> String {
    let field = |name: &str| match entry.get(name) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => line(text),
        Some(other) => line(&other.to_string()),
    };
    let mut text =
        format!("{} {} at {}\n", paint.strong(format!("entry {}", field("seq"))), field("kind"), field("at"));
    for name in ["task_id", "attempt", "hash", "prev_hash", "body_digest"] {
        text.push_str(&format!("  {name:<12}{}\n", field(name)));
    }
    if entry.get("removed") == Some(&Value::Bool(true)) {
        text.push_str("  body        removed: `proofs redact` took it away, its digest stays\n");
    }
    for name in ["payload", "body"] {
        if let Some(value) = entry.get(name).filter(|value| !value.is_null()) {
            text.push_str(&format!("  {name}\n"));
            indented(&mut text, &serde_json::to_string_pretty(value).unwrap_or_default(), "  | ");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{ChainNotice, ChainProblem, Head};

    const PLAIN: Paint = Paint::new(false);

    #[test]
    fn a_broken_link_is_named_and_a_whole_chain_told() {
        let whole = VerifyReport {
            verified: true,
            entries: 14,
            head: Some(Head { entries: 14, hash: "sha256:abcd".into() }),
            redacted_bodies: 1,
            notices: Vec::new(),
            problem: None,
        };
        insta::assert_snapshot!(verify(&whole, PLAIN, false), @"
        ✓ the ledger holds (14 entries)
          head     sha256:abcd
          bodies   1 removed on purpose, and the chain says so
        ");
        let problem = ChainProblem { seq: Some(12), what: "entry 12 was changed: \u{1b}[2J".into() };
        let broken = VerifyReport { verified: false, problem: Some(problem), ..whole };
        assert_eq!(verify(&broken, PLAIN, true), "✗ the ledger does not verify: entry 12 was changed: \u{fffd}[2J\n");
        assert!(verify(&VerifyReport { problem: None, ..broken.clone() }, PLAIN, true).starts_with('✗'));
        let notices = vec![ChainNotice { seq: 9, what: "a backup took its place\u{1b}".into() }];
        let told = verify(&VerifyReport { notices, ..broken }, PLAIN, true);
        assert!(told.ends_with("\n  ! entry 9: a backup took its place\u{fffd}\n"), "{told}");
    }

    #[test]
    fn an_entry_whose_body_was_removed_says_so() {
        let whole = json!({"seq": 3, "body": null, "body_digest": "sha256:a"});
        assert!(!entry(&whole, PLAIN).contains("removed"), "texts that lie beside the chain are shown in the payload");
        let removed = json!({"seq": 3, "body": null, "body_digest": "sha256:a", "removed": true});
        assert!(entry(&removed, PLAIN).contains("removed: `proofs redact` took it away"));
    }

    #[test]
    fn an_entry_shows_its_facts() {
        let value = json!({"seq": 3, "hash": "sha256:b", "prev_hash": "sha256:a", "kind": "transition",
            "task_id": null, "attempt": 1, "at": "2023-11-14T22:13:20.123Z", "payload": {"to": "done"},
            "body_digest": null, "body": null});
        insta::assert_snapshot!(entry(&value, PLAIN), @r#"
        entry 3 transition at 2023-11-14T22:13:20.123Z
          task_id     -
          attempt     1
          hash        sha256:b
          prev_hash   sha256:a
          body_digest -
          payload
          | {
          |   "to": "done"
          | }
        "#);
    }
}
