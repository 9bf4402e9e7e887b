//! Entries of both formats in one chain, facts of a newer program, and texts that go.

use serde_json::{Value, json};
use snipara_orchestrator::domain::{TaskStatus, canonical_json, sha256_hex};
use snipara_orchestrator::ledger::{Fact, LedgerError};

use crate::support::book::{Book, decision, drift, live_proof, task};

/// Appends an entry as another program would that knows the file, in any format and of any kind, and moves the head.
fn append_as(book: &Book, format: u32, kind: &str, more: &Value, body: Option<&str>) {
    let last = book.edit("SELECT seq, hash FROM ledger_entries ORDER BY seq DESC LIMIT 1");
    let (seq, prev) = last.split_once('|').expect("an entry is there");
    let (seq, project) = (seq.parse::<i64>().expect("a number") + 1, book.edit("SELECT project_id FROM projects"));
    let digest = body.map(|body| format!("sha256:{}", sha256_hex(body.as_bytes())));
    let mut entry = json!({
        "format": format, "project": project, "seq": seq.to_string(), "prev": prev, "kind": kind, "task_id": null,
        "attempt": null, "at": "2026-09-21T14:13:20.000Z", "token": null, "payload": {}, "body_digest": digest,
    });
    for (name, value) in more.as_object().expect("fields") {
        entry[name] = value.clone();
    }
    let caller = match format {
        1 => entry["payload"]["caller"].as_str(),
        _ => entry["caller"].as_str(),
    };
    let text = canonical_json(&entry).expect("canonical");
    let hash = format!("sha256:{}", sha256_hex(text.as_bytes()));
    let file = rusqlite::Connection::open(book.file()).expect("the file opens");
    if let (Some(body), Some(digest)) = (body, &digest) {
        let insert = "INSERT INTO ledger_bodies (project_id, digest, body) VALUES (?1, ?2, ?3)";
        file.execute(insert, [&project, digest, body]).expect("the body is written");
    }
    let insert =
        "INSERT INTO ledger_entries (project_id, seq, prev_hash, hash, kind, format_version, canonical, caller,
                  body_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = rusqlite::params![project, seq, prev, hash, kind, format, text, caller, digest];
    file.execute(insert, row).expect("the entry is written");
    let head = json!({ "format": 1, "project": project, "seq": seq, "hash": hash });
    std::fs::write(book.head_file(), head.to_string()).expect("the head is written");
}

/// A ledger in which entries of format 1 stand before and between entries of format 2.
async fn mixed() -> Book {
    let book = Book::new().await;
    book.ledger.create_task(&task("One")).await.expect("created");
    let old_drift = json!({ "payload": {
        "caller": "ada", "when": "asked", "report": { "checks": [], "checked_at": "2026-09-21T14:13:20.000Z" },
    } });
    append_as(&book, 1, "drift", &old_drift, None);
    let mut payload = serde_json::to_value(live_proof("old")).expect("json");
    payload["error_message"] = json!("expected 200, got 500");
    append_as(&book, 1, "proof", &json!({ "payload": payload }), Some("{\"answer\":1}"));
    book.ledger.append(None, vec![drift("/a?token=1", "missing")]).await.expect("appended");
    book.ledger.append_for("ada", vec![drift("/b", "missing")]).await.expect("appended");
    book
}

#[tokio::test]
async fn a_chain_of_both_formats_verifies_and_reads_alike() {
    let book = mixed().await;
    assert_eq!(book.edit("SELECT group_concat(format_version) FROM ledger_entries"), "2,1,1,2,2");
    assert_eq!(book.problem().await, None);
    let entries = book.ledger.entries_since(0, 10).await.expect("read");
    let callers: Vec<_> = entries.iter().map(|entry| entry.caller.as_deref()).collect();
    assert_eq!(callers, [None, Some("ada"), None, None, Some("ada")]);
    let old = entries[2].proof().expect("a proof");
    assert_eq!(
        (old.response_body, old.error_message.as_deref()),
        (Some(json!({ "answer": 1 })), Some("expected 200, got 500"))
    );
    for entry in [&entries[1], &entries[4]] {
        let shown = serde_json::to_value(entry).expect("json");
        assert_eq!((&shown["payload"]["caller"], &shown["payload"]["when"]), (&json!("ada"), &json!("asked")));
    }
    let shown = serde_json::to_value(&entries[3]).expect("json");
    assert_eq!(shown["payload"]["report"]["checks"][0]["subject"], "/a?token=1");
    assert_eq!((&shown["body"], &shown["removed"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn any_single_change_of_a_chain_of_both_formats_is_found() {
    let columns =
        ["prev_hash", "hash", "kind", "task_id", "attempt", "format_version", "caller", "canonical", "body_digest"];
    let book = mixed().await;
    book.drop_triggers();
    for seq in 1..=5 {
        for column in columns {
            let kept = book.edit(&format!("SELECT quote({column}) FROM ledger_entries WHERE seq = {seq}"));
            let change = |value: &str| {
                book.edit(&format!("UPDATE ledger_entries SET {column} = {value} WHERE seq = {seq}"));
            };
            let mut others = vec!["'other'"];
            if kept != "NULL" && !matches!(column, "canonical" | "hash" | "prev_hash" | "kind" | "format_version") {
                others.push("NULL");
            }
            for other in others {
                change(other);
                let problem = book.problem().await;
                assert!(problem.is_some(), "entry {seq}: {column} = {other} is not found");
            }
            change(&kept);
        }
        assert_eq!(book.problem().await, None, "entry {seq} was put back");
    }
    let bodies: u32 = book.edit("SELECT count(*) FROM ledger_bodies").parse().expect("a number");
    assert_eq!(bodies, 4, "the task, the old answer and two findings");
    for row in book.edit("SELECT rowid FROM ledger_bodies").lines() {
        book.edit(&format!("UPDATE ledger_bodies SET body = body || ' ' WHERE rowid = {row}"));
        assert!(book.problem().await.is_some(), "body {row}");
        book.edit(&format!("UPDATE ledger_bodies SET body = rtrim(body) WHERE rowid = {row}"));
    }
    assert_eq!(book.problem().await, None);
}

#[tokio::test]
async fn an_entry_of_a_kind_that_is_not_known_is_kept_listed_verified_and_shown() {
    let book = mixed().await;
    let payload = json!({ "by": "a notary", "n": [1, 2] });
    append_as(&book, 2, "notarised", &json!({ "payload": payload, "caller": null }), Some("{\"text\":\"sealed\"}"));
    append_as(&book, 2, "proof", &json!({ "payload": { "check": 7 }, "caller": null }), None);
    book.ledger.append(None, vec![drift("/c", "missing")]).await.expect("appended");
    assert_eq!(book.problem().await, None);
    let entries = book.ledger.entries_since(5, 10).await.expect("listed");
    assert_eq!(entries.iter().map(|entry| entry.kind()).collect::<Vec<_>>(), ["notarised", "proof", "drift"]);
    assert!(matches!(entries[0].fact, Fact::Unknown(_)) && matches!(entries[1].fact, Fact::Unknown(_)));
    let shown = serde_json::to_value(&entries[0]).expect("json");
    assert_eq!((&shown["payload"], &shown["body"]), (&payload, &json!({ "text": "sealed" })));
    let error = book.ledger.append(None, vec![entries[0].fact.clone()]).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Misuse { .. }), "what is not known is not written: {error}");
}

#[tokio::test]
async fn a_newer_format_of_entries_is_refused_by_name() {
    let book = mixed().await;
    append_as(&book, 3, "drift", &json!({}), None);
    let error = book.ledger.entry(6).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Newer { seq: 6, found: 3, known: 2 }), "{error}");
}

#[tokio::test]
async fn the_texts_of_any_entry_of_format_2_can_go_and_the_chain_holds() {
    let book = Book::new().await;
    let task = task("Deploy hunter2-title");
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    let moves =
        [(TaskStatus::InProgress, TaskStatus::LocalOk, None), (TaskStatus::LocalOk, TaskStatus::Validating, None)];
    book.go(&fence, &moves).await;
    book.ledger.append(Some(&fence), vec![drift("/a?token=hunter2-query", "hunter2-issue")]).await.expect("appended");
    let Fact::Decision(mut refusal) = decision(false) else { panic!("a decision") };
    refusal.verdict.reasons.push(snipara_orchestrator::domain::GateReason {
        rule: "G2".into(),
        check: Some("task_check_1".into()),
        text: "got hunter2-reason".into(),
        unverified: false,
    });
    book.ledger.append(Some(&fence), vec![Fact::Decision(refusal)]).await.expect("appended");

    for seq in [1, 6, 7] {
        book.ledger.redact(seq).await.expect("redacted");
        assert!(book.ledger.entry(seq).await.expect("read").removed, "entry {seq}");
    }
    for file in std::fs::read_dir(&book.folder).expect("listed") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{} holds the secret", path.display());
    }
    let report = book.ledger.verify().await.expect("verified");
    assert!(report.verified, "{:?}", report.problem);
    assert_eq!(report.redacted_bodies, 3);

    let Fact::Drift(found) = book.ledger.entry(6).await.expect("read").fact else { panic!("drift") };
    assert_eq!((found.report.checks[0].subject.as_str(), found.report.has_drift()), ("/a", true));
    let Fact::Decision(decided) = book.ledger.entry(7).await.expect("read").fact else { panic!("a decision") };
    assert_eq!((decided.verdict.passed, decided.verdict.reasons[0].rule.as_str()), (false, "G2"));
    let shown = serde_json::to_value(book.ledger.entry(7).await.expect("read")).expect("json");
    assert_eq!(
        (&shown["removed"], &shown["payload"]["verdict"]["reasons"][0]["text"]),
        (&json!(true), &json!("[removed]"))
    );
    let kept = book.ledger.store().task(&task.id).await.expect("its criteria still have their digest");
    assert_eq!((kept.title.as_str(), kept.criteria_digest), ("[removed]", task.criteria_digest));
    // The same texts never come back; a second task with them can still be made, run and verified.
    let again = crate::support::book::task("Deploy hunter2-title");
    book.ledger.create_task(&again).await.expect("created");
    book.start(&again.id).await;
    assert_eq!(book.problem().await, None);
}

#[tokio::test]
async fn a_caller_sees_the_latest_of_theirs_and_of_everybody_across_both_formats() {
    let book = mixed().await;
    let proof = |check: &str| Fact::Proof(Box::new(live_proof(check)));
    book.ledger.append_for("ada", vec![proof("hers")]).await.expect("appended");
    book.ledger.append_for("bob \u{1f}\"b", vec![proof("his")]).await.expect("appended");
    let mut payload = serde_json::to_value(live_proof("his, old")).expect("json");
    payload["caller"] = json!("bob \u{1f}\"b");
    append_as(&book, 1, "proof", &json!({ "payload": payload }), None);
    let checks = |entries: Vec<snipara_orchestrator::ledger::Entry>| -> Vec<String> {
        entries.iter().filter_map(|entry| Some(entry.proof()?.check)).collect()
    };
    assert_eq!(checks(book.ledger.proofs_for("ada", 9).await.expect("read")), ["hers", "old"]);
    assert_eq!(checks(book.ledger.proofs_for("bob \u{1f}\"b", 9).await.expect("read")), ["his, old", "his", "old"]);
    assert_eq!(checks(book.ledger.proofs_for("eve", 9).await.expect("read")), ["old"]);
    assert_eq!(book.problem().await, None, "a name may hold anything");
    let plan = book.edit(
        "EXPLAIN QUERY PLAN SELECT seq FROM ledger_entries WHERE project_id = 'p' AND kind = 'proof'
         AND task_id IS NULL AND (caller IS NULL OR caller = 'ada') ORDER BY seq DESC LIMIT 9",
    );
    assert!(plan.contains("USING COVERING INDEX ledger_entries_by_kind"), "{plan}");
}
