//! Which citations of a text lead nowhere. Pure.

use std::sync::LazyLock;

use regex::Regex;

use super::shelf::{Shelf, joined, regex};

/// Standards whose sections are cited: their documents are elsewhere.
const STANDARDS: &str = r"RFC \d+|POSIX|ECMA-\d+|CommonMark|SemVer|JSON-RPC 2\.0|Unicode TR|OpenAPI|Fetch standard|draft-[a-z0-9-]+|https://|WHATWG [A-Z]|GraphQL|XML 1\.0|Zaragoza";

/// Tells whether citations are looked for in a file.
pub(super) fn is_read(path: &str) -> bool {
    let recorded = path.starts_with("tests/fixtures/") || path == "Cargo.lock";
    let kinds = [".rs", ".md", ".toml", ".yml", ".py", ".sh", ".sql"];
    let schema = path == "src/config/config.schema.json" || path.starts_with("tool-schemas/");
    !recorded && (schema || kinds.iter().any(|kind| path.ends_with(kind)))
}

/// Documents for contributors name files and tests in code spans. In the others a name may be the reader's own file.
fn is_for_contributors(path: &str) -> bool {
    path.starts_with("docs/design/")
        || ["src/ARCHITECTURE.md", "tests/it/README.md", ".github/CONTRIBUTING.md"].contains(&path)
}

/// Returns one line for each citation in a file that leads nowhere.
pub(super) fn faults(path: &str, text: &str, shelf: &Shelf) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, block) in blocks(path, text) {
        let mut found = sections(path, &block, shelf);
        found.extend(rules_and_findings(&block, shelf));
        if path.ends_with(".md") {
            found.extend(links(path, &block, shelf));
        }
        if !path.ends_with(".md") || is_for_contributors(path) {
            found.extend(documents(path, &block, shelf));
        }
        if is_for_contributors(path) || is_module_head(path, text, line) {
            found.extend(spans(path, &block, shelf));
        }
        found.dedup();
        faults.extend(found.into_iter().map(|what| format!("{path}:{line}: {what}")));
    }
    if path.ends_with(".rs") {
        faults.extend(in_code(text, shelf).into_iter().map(|what| format!("{path}: {what}")));
    }
    faults
}

/// Cuts a file into the pieces in which a citation may run on over lines, with their first lines: runs of comments,
/// paragraphs, descriptions.
fn blocks(path: &str, text: &str) -> Vec<(usize, String)> {
    let mark = match path.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "rs" => "//",
        "sql" => "--",
        "md" => "",
        "json" => "\"description\":",
        _ => "#",
    };
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let (mut open, mut fenced) = (false, false);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        fenced ^= mark.is_empty() && line.starts_with("```");
        let said = line.strip_prefix(mark).filter(|said| !said.trim().is_empty() && !fenced);
        // An item of a list and a row of a table stand for themselves.
        let begins = mark.is_empty() && (line.starts_with("- ") || line.starts_with('|') || line.starts_with('#'));
        match (said, blocks.last_mut()) {
            (Some(said), Some((_, block))) if open && !begins && mark != "\"description\":" => {
                block.push(' ');
                block.push_str(said.trim_start_matches(['/', '!']).trim_start());
            }
            (Some(said), _) => blocks.push((index + 1, said.trim_start_matches(['/', '!']).trim_start().to_owned())),
            (None, _) => {}
        }
        open = said.is_some();
    }
    blocks
}

/// Tells whether a line of a Rust file is the documentation of its module.
fn is_module_head(path: &str, text: &str, line: usize) -> bool {
    path.ends_with(".rs") && text.lines().nth(line - 1).is_some_and(|line| line.starts_with("//!"))
}

/// `X.md` must be a document of the repository.
fn documents(path: &str, block: &str, shelf: &Shelf) -> Vec<String> {
    static DOCUMENT: LazyLock<Regex> = LazyLock::new(|| regex(r"[\w./*{}<>-]+\.md\b"));
    let named = DOCUMENT.find_iter(block).map(|found| found.as_str());
    let named = named.filter(|name| !name.contains(['*', '{', '<', '>']) && !name.starts_with('/'));
    named.filter(|name| shelf.document(name, path).is_none()).map(|name| format!("{name} is not there")).collect()
}

/// `[text](path)` must lead to a file or folder.
fn links(path: &str, block: &str, shelf: &Shelf) -> Vec<String> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| regex(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)"));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let targets = LINK.captures_iter(block).map(|found| found[1].to_owned());
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    inside.filter(|target| !shelf.holds(&joined(folder, target))).map(|name| format!("{name} is not there")).collect()
}

/// `§n` must be a section of the document that was named last, or of a standard.
fn sections(path: &str, block: &str, shelf: &Shelf) -> Vec<String> {
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| regex(&format!(r"([\w./-]+\.md)\b|({STANDARDS})|§(S?\d+(?:\.\d+)*)(?:–(S?\d+(?:\.\d+)*))?")));
    let own = path.ends_with(".md").then(|| path.to_owned());
    let (mut document, mut standard) = (own, false);
    let mut faults = Vec::new();
    for found in PLACE.captures_iter(block) {
        if let Some(name) = found.get(1) {
            (document, standard) = (shelf.document(name.as_str(), path), false);
        } else if found.get(2).is_some() {
            standard = true;
        } else if !standard {
            for section in [found.get(3), found.get(4)].into_iter().flatten().map(|section| section.as_str()) {
                match &document {
                    None => faults.push(format!("§{section} of no document that is there")),
                    Some(name) if shelf.sections.get(name).is_some_and(|known| known.contains(section)) => {}
                    Some(name) => faults.push(format!("{name} §{section} is not there")),
                }
            }
        }
    }
    faults
}

/// `G3`, `gate.md L2` and `A05` must be rules and findings; `issue 3` is a text that no reader has.
fn rules_and_findings(block: &str, shelf: &Shelf) -> Vec<String> {
    static RULE: LazyLock<Regex> = LazyLock::new(|| regex(r"\bG\d+\b"));
    static LIFECYCLE: LazyLock<Regex> = LazyLock::new(|| regex(r"gate\.md(?: [GL]\d+,)* (L\d+)\b"));
    static FINDING: LazyLock<Regex> = LazyLock::new(|| regex(r"\b[A-E]\d\d\b"));
    static ISSUE: LazyLock<Regex> = LazyLock::new(|| regex(r"\b[Ii]ssue \d+\b"));
    let rules = RULE.find_iter(block).map(|found| found.as_str());
    let lifecycle = LIFECYCLE.captures_iter(block).filter_map(|found| found.get(1)).map(|rule| rule.as_str());
    let unknown_rules = rules.chain(lifecycle).filter(|rule| !shelf.rules.contains(*rule));
    let findings = FINDING.find_iter(block).map(|found| found.as_str());
    let unknown_findings = findings.filter(|finding| !shelf.findings.contains(*finding));
    let issues = ISSUE.find_iter(block).map(|found| format!("{} is not in the repository", found.as_str()));
    unknown_rules
        .map(|rule| format!("docs/design/gate.md has no rule {rule}"))
        .chain(unknown_findings.map(|finding| format!("docs/design/findings.md has no finding {finding}")))
        .chain(issues)
        .collect()
}

/// Names of tests and files in code spans must be there.
fn spans(path: &str, block: &str, shelf: &Shelf) -> Vec<String> {
    let is_name = |text: &str| text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut faults = Vec::new();
    for span in block.split('`').skip(1).step_by(2) {
        let (file, test) = span.split_once("::").map_or((span, None), |(file, test)| (file, Some(test)));
        let known_test = |test: &str| match test.strip_suffix('…') {
            Some(beginning) => shelf.functions.iter().any(|function| function.starts_with(beginning)),
            None => shelf.functions.contains(test),
        };
        let beginning = span.strip_suffix('…').filter(|text| is_name(text) && text.contains('_'));
        let good = if beginning.is_some() || (is_name(span) && span.matches('_').count() >= 4) {
            known_test(span)
        } else if is_path(path, file) {
            (shelf.holds(file) || shelf.holds(&joined(folder, file)))
                && test.is_none_or(|test| !is_name(test) || known_test(test))
        } else {
            true
        };
        if !good {
            faults.push(format!("`{span}` is not there"));
        }
    }
    faults
}

/// Tells whether a span is a path of this repository.
fn is_path(path: &str, span: &str) -> bool {
    let strange = |letter: char| letter.is_whitespace() || "<>*{}($=:".contains(letter);
    if span.contains(strange) || span.starts_with(['/', '-', '~']) {
        return false;
    }
    let first = span.split('/').next().unwrap_or_default();
    let ours =
        ["src", "tests", "docs", "benches", "examples", "packaging", "plugins", "tool-schemas", ".github", ".ci"];
    let kinds = [".rs", ".md", ".toml", ".json"];
    let in_architecture = path == "src/ARCHITECTURE.md" && span.contains('/');
    in_architecture
        || (span.contains('/') && ours.contains(&first))
        || (path.ends_with(".md") && kinds.iter().any(|kind| span.ends_with(kind)))
}

/// Rules that the code writes, and findings in the names of tests.
fn in_code(text: &str, shelf: &Shelf) -> Vec<String> {
    static RULE: LazyLock<Regex> = LazyLock::new(|| regex(r#""(G\d+)""#));
    static TEST: LazyLock<Regex> = LazyLock::new(|| regex(r"\bfn ([a-e]\d\d)_"));
    let rules = RULE.captures_iter(text).map(|found| found[1].to_owned());
    let unknown_rules = rules.filter(|rule| !shelf.rules.contains(rule));
    let findings = TEST.captures_iter(text).map(|found| found[1].to_uppercase());
    let unknown_findings = findings.filter(|finding| !shelf.findings.contains(finding));
    unknown_rules
        .map(|rule| format!("docs/design/gate.md has no rule {rule}"))
        .chain(unknown_findings.map(|finding| format!("docs/design/findings.md has no finding {finding}")))
        .collect()
}
