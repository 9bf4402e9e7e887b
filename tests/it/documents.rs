//! Keeps documents, findings and the list of test modules true.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, MetadataCommand};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn rust_texts(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_texts(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(&path).expect("readable"));
        }
    }
}

#[test]
fn no_test_module_is_forgotten() {
    let main = read("tests/it/main.rs");
    let listed = |name: &str| main.lines().any(|line| line.trim() == format!("mod {name};"));
    let mut forgotten = Vec::new();
    for entry in fs::read_dir(root().join("tests/it")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let module = path.join("mod.rs").is_file() || path.extension().is_some_and(|extension| extension == "rs");
        if module && name != "main" && !listed(&name) {
            forgotten.push(path.display().to_string());
        }
    }
    assert!(forgotten.is_empty(), "not listed in tests/it/main.rs: {forgotten:?}");
}

#[test]
fn no_recording_is_forgotten() {
    let mut texts = Vec::new();
    rust_texts(&root().join("src/drift"), &mut texts);
    rust_texts(&root().join("tests/it/drift"), &mut texts);
    let folder = root().join("tests/fixtures/prisma");
    let names = fs::read_dir(folder).expect("recordings").map(|entry| entry.expect("an entry").path());
    for path in names {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        assert!(texts.iter().any(|text| text.contains(&format!("\"{name}\""))), "{name} is read by no test");
        assert!(read_path(&path).starts_with("recorded: prisma "), "{name} does not say what it was recorded from");
    }
}

fn read_path(path: &PathBuf) -> String {
    fs::read_to_string(path).expect("readable")
}

/// The findings of the seed that this product answers (shared/reference/seed-behaviour.md, issue 2).
fn findings() -> Vec<String> {
    let family = |letter: char, numbers: &[std::ops::RangeInclusive<u32>], without: &[u32]| {
        let numbers: Vec<u32> = numbers.iter().cloned().flatten().filter(|number| !without.contains(number)).collect();
        numbers.into_iter().map(move |number| format!("{letter}{number:02}")).collect::<Vec<_>>()
    };
    let mut all = family('a', &[1..=29], &[25, 27, 29]);
    all.extend(family('b', &[1..=12], &[]));
    all.extend(family('c', &[1..=11], &[6]));
    all.extend(family('d', &[1..=10], &[]));
    all.extend(family('e', &[1..=3, 6..=10, 20..=23, 25..=25], &[]));
    all
}

#[test]
fn every_finding_has_a_test_or_a_reason() {
    let mut texts = Vec::new();
    rust_texts(&root().join("src"), &mut texts);
    rust_texts(&root().join("tests"), &mut texts);
    // While rooms are being built the list of reasons may not exist yet; then every finding needs a test.
    let reasons = fs::read_to_string(root().join("tests/it/README.md")).unwrap_or_default().to_lowercase();
    let mut missing = Vec::new();
    for id in findings() {
        let name = format!("fn {id}_");
        let tested = texts.iter().flat_map(|text| text.lines()).any(|line| {
            let line = line.trim();
            line.starts_with(&name) || line.starts_with(&format!("async {name}"))
        });
        let explained = reasons.lines().any(|line| line.trim_start_matches(['-', '*', '|', '`', ' ']).starts_with(&id));
        if !tested && !explained {
            missing.push(id.to_uppercase());
        }
    }
    assert!(missing.is_empty(), "neither a test named after it nor a line in tests/it/README.md: {missing:?}");
}

#[test]
fn the_architecture_names_only_paths_that_exist() {
    let text = read("src/ARCHITECTURE.md");
    let mut wrong = BTreeSet::new();
    for span in text.split('`').skip(1).step_by(2) {
        let is_path = !span.contains(char::is_whitespace)
            && !span.contains("::")
            && !span.contains("://")
            && !span.contains(['<', '>', '*', '{', '(', '$', '=', ':'])
            && !span.starts_with(['/', '-', '~'])
            && (span.contains('/') || [".rs", ".md", ".toml", ".json"].iter().any(|end| span.ends_with(end)));
        if is_path && !root().join(span).exists() && !root().join("src").join(span).exists() {
            wrong.insert(span.to_owned());
        }
    }
    assert!(wrong.is_empty(), "src/ARCHITECTURE.md names what does not exist: {wrong:?}");
}

/// Licences that ask for no more than to be named.
const PERMISSIVE: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Tells whether an SPDX expression can be met with permissive licences alone (`AND` binds tighter than `OR`).
fn is_permissive(expression: &str) -> bool {
    let expression = expression.trim();
    for (operator, any) in [(" OR ", true), ("/", true), (" AND ", false)] {
        let parts = split_outside(expression, operator);
        if parts.len() > 1 {
            return if any {
                parts.iter().any(|part| is_permissive(part))
            } else {
                parts.iter().all(|part| is_permissive(part))
            };
        }
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_permissive(inner),
        None => PERMISSIVE.contains(&expression),
    }
}

/// Splits at an operator that stands in no parentheses.
fn split_outside<'a>(text: &'a str, operator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (index, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && index >= start && text[index..].starts_with(operator) => {
                parts.push(&text[start..index]);
                start = index + operator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[test]
fn licence_expressions_are_read() {
    for good in ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "ISC AND (MIT OR X)"]
    {
        assert!(is_permissive(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND AGPL-3.0-only", ""] {
        assert!(!is_permissive(bad), "{bad}");
    }
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        // What other platforms would need is not downloaded here.
        .other_options(vec!["--offline".to_owned(), "--locked".to_owned(), "--filter-platform".to_owned(), host()])
        .exec()
        .expect("cargo metadata answers");
    let used: BTreeSet<_> = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| &node.id).collect();
    let packages: Vec<_> = metadata.packages.iter().filter(|package| used.contains(&package.id)).collect();
    assert!(packages.len() > 50, "only {} packages", packages.len());
    let others: Vec<String> = packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(is_permissive))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(others.is_empty(), "not permissive:\n{}", others.join("\n"));
}

/// The platform that this test runs on, as `rustc -vV` names it.
fn host() -> String {
    let output = std::process::Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}
