//! What code, tests and documents cite is in the repository: documents, their sections, rules of the gate, findings of
//! the seed, tests and files.

mod cited;
mod shelf;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cited::faults;
use shelf::Shelf;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn everything_that_is_cited_is_in_the_repository() {
    let shelf = Shelf::of_repository(root());
    let (mut wrong, mut read) = (Vec::new(), 0);
    for path in &shelf.files {
        // The made-up citations of this module.
        if !cited::is_read(path) || path.starts_with("tests/it/citations/") {
            continue;
        }
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        read += 1;
        wrong.extend(faults(path, &text, &shelf));
    }
    assert!(read > 500, "only {read} files were read");
    assert!(wrong.is_empty(), "{} citations of what is not there:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_finding_has_a_test_or_a_reason() {
    let shelf = Shelf::of_repository(root());
    assert_eq!(shelf.findings.len(), 87, "docs/design/findings.md has another number of findings than the seed");
    let page = fs::read_to_string(root().join("docs/design/findings.md")).expect("the findings");
    let reasons: BTreeSet<&str> = page
        .split("\n- ")
        .filter(|entry| entry.split_whitespace().collect::<Vec<_>>().join(" ").contains("No test carries this id"))
        .filter_map(|entry| entry.strip_prefix("**")?.split_once("**").map(|(id, _)| id))
        .collect();
    let tested = |id: &str| {
        let beginning = format!("{}_", id.to_lowercase());
        shelf.functions.iter().any(|function| function.starts_with(&beginning))
    };
    let wrong: Vec<_> = shelf.findings.iter().filter(|id| tested(id) == reasons.contains(id.as_str())).collect();
    assert!(wrong.is_empty(), "neither a test nor a reason in docs/design/findings.md, or both: {wrong:?}");
}

/// A repository of two documents, one test and nothing else.
fn small_shelf() -> Shelf {
    let mut shelf = Shelf::default();
    let gate = "# Rules\n\n## G1: One check\n\n## L2: A fixed bar\n";
    let wire = "# Wire\n\n## §1 Transport\n\n### §1.8 Rules\n\n- **§1.8.2** Names.\n\n## §S8 Htasks\n";
    shelf.add("docs/design/gate.md", gate);
    shelf.add("docs/design/snipara-wire.md", wire);
    shelf.add("docs/design/findings.md", "- **A05** One endpoint.\n");
    shelf.add("tests/it/gate.rs", "#[test]\nfn a05_one_endpoint_given_six_times() {}\n");
    shelf
}

#[test]
fn a_citation_of_what_is_not_there_is_found() {
    let shelf = small_shelf();
    for (path, text, wrong) in [
        ("src/a.rs", "/// As product.md says.", "product.md"),
        ("src/a.rs", "    // See docs/design/gone.md.", "docs/design/gone.md"),
        ("src/a.rs", "/// As the rules say (snipara-wire.md §9.9).", "snipara-wire.md §9.9"),
        ("src/a.rs", "/// From snipara-wire.md §1–2.", "snipara-wire.md §2"),
        ("src/a.rs", "/// As it was agreed (contract §4).", "§4 of no document"),
        ("src/a.rs", "/// Decided by G9.", "G9"),
        ("src/a.rs", "    reasons.push(reason(\"G8\", None));", "G8"),
        ("src/a.rs", "/// Decided by gate.md L9.", "L9"),
        ("src/a.rs", "/// One check (A06).", "A06"),
        ("src/a.rs", "#[test]\nfn b07_a_provider_is_named() {}", "B07"),
        ("src/a.rs", "/// As issue 3 says.", "issue 3"),
        ("src/a.rs", "//! Held by `a_test_that_nobody_wrote_yet`.", "a_test_that_nobody_wrote_yet"),
        ("src/a.rs", "//! Held by `a06_…`.", "a06_…"),
        ("src/a.rs", "//! Held by `tests/it/gone.rs`.", "tests/it/gone.rs"),
        ("docs/design/gate.md", "The file is `src/gone.rs`.", "src/gone.rs"),
        ("docs/design/snipara-wire.md", "As §7 says.", "snipara-wire.md §7"),
        ("docs/guide.md", "Read [this](gone.md#part).", "gone.md"),
        ("Cargo.toml", "# Why: product.md.", "product.md"),
        ("src/store/a.sql", "-- Why: product.md.", "product.md"),
    ] {
        let found = faults(path, text, &shelf);
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
        assert!(found[0].starts_with(path) && found[0].contains(wrong), "{text}: {found:?}");
    }
}

#[test]
fn a_citation_of_what_is_there_is_no_fault() {
    let shelf = small_shelf();
    for (path, text) in [
        ("src/a.rs", "/// As gate.md says (docs/design/gate.md G1, L2), and A05."),
        ("src/a.rs", "/// Names (snipara-wire.md §1.8.2; also §S8), ranges §1–1.8."),
        ("src/a.rs", "/// As HTTP says (RFC 9110 §15.4), and SQLite (<https://sqlite.org> §2.2)."),
        ("src/a.rs", "/// A long one that names its document (snipara-wire.md\n/// §S8) in the line before."),
        ("src/a.rs", "let path = \"gone.md\"; // A text of a program is no citation."),
        ("src/a.rs", "//! Held by `a05_…` and `tests/it/gate.rs`, `a05_one_endpoint_given_six_times`."),
        ("docs/design/gate.md", "Held by `tests/it/gate.rs`; G1 and skill://x/SKILL.md, docs/*.md."),
        ("docs/guide.md", "Write a RUNBOOK.md; read [the rules](design/gate.md#g1)."),
    ] {
        let found = faults(path, text, &shelf);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}
