//! Keeps documents and the list of test modules true; `citations/` looks at what they cite.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, MetadataCommand};

use crate::imports::rust_files;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn rust_texts(folder: &Path, texts: &mut Vec<String>) {
    let mut files = Vec::new();
    rust_files(folder, &mut files);
    texts.extend(files.iter().map(read_path));
}

/// A file that no `mod` names is compiled by nobody, and its tests pass without running.
#[test]
fn no_module_is_forgotten() {
    let mut files = Vec::new();
    for folder in ["src", "tests/it", "tests/support"] {
        rust_files(&root().join(folder), &mut files);
    }
    let mut forgotten = Vec::new();
    for file in &files {
        let folder = file.parent().expect("a folder");
        let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        // The module of a folder is named one folder up.
        let (name, folder) = match stem {
            "main" | "lib" => continue,
            // A binary of its own, which Cargo.toml names.
            "snipara" if folder.ends_with("src/bin") => continue,
            "mod" => (folder.file_name().and_then(|name| name.to_str()).expect("a name"), folder.parent()),
            _ => (stem, Some(folder)),
        };
        let folder = folder.expect("a folder");
        let beside = folder.with_extension("rs");
        let parents = ["mod.rs", "lib.rs", "main.rs"].map(|name| folder.join(name)).into_iter().chain([beside]);
        let named = parents.filter_map(|parent| fs::read_to_string(parent).ok()).any(|text| {
            text.lines()
                .any(|line| line.trim_start_matches("pub ").trim_start_matches("pub(crate) ") == format!("mod {name};"))
        });
        // `tests/support/` is named by its path in `tests/it/main.rs`.
        if !named && !file.ends_with("tests/support/mod.rs") {
            forgotten.push(file.display().to_string());
        }
    }
    assert!(files.len() > 200, "only {} files", files.len());
    assert!(forgotten.is_empty(), "no `mod` names these: {forgotten:?}");
}

#[test]
fn the_arrangement_of_the_tests_names_their_modules() {
    let readme = read("tests/it/README.md");
    let table = readme.split("## Rules").next().expect("a table");
    let named: BTreeSet<&str> = table
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|span| span.strip_suffix(".rs").or_else(|| span.strip_suffix('/')))
        .filter(|span| !span.contains('/') && *span != "main")
        .collect();
    let modules: BTreeSet<String> = read("tests/it/main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .filter(|name| *name != "support")
        .map(str::to_owned)
        .collect();
    assert_eq!(named.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), modules);
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

/// Collects the names of properties and the words of enumerations of a schema.
fn gather_words(schema: &serde_json::Value, words: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(serde_json::Value::Object(properties)) = fields.get("properties") {
                words.extend(properties.keys().cloned());
            }
            if let Some(serde_json::Value::Array(choices)) = fields.get("enum") {
                words.extend(choices.iter().filter_map(|choice| choice.as_str().map(str::to_owned)));
            }
            fields.values().for_each(|inner| gather_words(inner, words));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|inner| gather_words(inner, words)),
        _ => {}
    }
}

/// What the texts for agents name with underscores or in backticks is a tool, a field, or a word of an answer.
#[test]
fn the_skill_and_the_prompts_name_only_tools_fields_and_words_that_exist() {
    let mut known = BTreeSet::new();
    for (name, definition) in snipara_orchestrator::mcp::tool_definitions() {
        known.insert(name);
        gather_words(&definition, &mut known);
    }
    // Fields that are read and seldom needed, so that they are not listed.
    let run = schemars::schema_for!(snipara_orchestrator::orchestrator::RunRequest);
    gather_words(run.as_value(), &mut known);
    // Types of evidence and workstreams, which the schemas tell in a description.
    known.extend(["test", "proof", "DEPLOY_PROD_VERIFY", "is_blocking"].map(str::to_owned));
    // What `triage-failure` appends, a setting, and literals.
    known.extend(["false", "true", "routes", "more", "prod_url"].map(str::to_owned));
    let folder = root().join("src/mcp/prompts");
    let mut texts: Vec<_> = fs::read_dir(folder)
        .expect("prompts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    texts.push(root().join("src/skill/SKILL.md"));
    texts.push(root().join("src/skill/references/live-checks.md"));
    assert_eq!(texts.len(), 5, "{texts:?}");
    let word = |text: &str| text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    for path in &texts {
        let text = read_path(path);
        let quoted = text.split('`').skip(1).step_by(2);
        let bare = text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).filter(|it| it.contains('_'));
        let named: BTreeSet<_> = quoted.chain(bare).filter(|it| !it.is_empty() && word(it)).collect();
        let wrong: Vec<_> = named.iter().filter(|it| !known.contains(**it)).collect();
        assert!(named.len() > 8, "only {} names in {}", named.len(), path.display());
        assert!(wrong.is_empty(), "{} names what does not exist: {wrong:?}", path.display());
    }
}

/// An address in the texts for agents has a form that the server lists.
#[test]
fn the_skill_and_the_prompts_name_only_forms_of_resources_that_exist() {
    let forms = read("src/mcp/resources/forms.rs");
    let texts = ["src/skill/SKILL.md", "src/mcp/prompts/triage-failure.md"].map(read).concat();
    let named: Vec<_> = texts.split('`').skip(1).step_by(2).filter(|span| span.contains("://{")).collect();
    assert!(named.len() >= 4, "{named:?}");
    for form in named {
        assert!(forms.contains(&format!("\"{form}\"")), "{form}");
    }
}

/// Who looks a message up finds it as the program says it.
#[test]
fn troubleshooting_quotes_what_is_said() {
    let mut texts = Vec::new();
    rust_texts(&root().join("src"), &mut texts);
    let sources = texts.concat().replace("\\\"", "\"");
    let page = read("docs/troubleshooting.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let spans = rows.flat_map(|cell| cell.split('`').step_by(2)).flat_map(|span| span.split('…'));
    let quoted: Vec<&str> = spans.map(str::trim).filter(|text| text.len() > 3).collect();
    let missing: Vec<_> = quoted.iter().filter(|text| !sources.contains(**text)).collect();
    assert!(quoted.len() > 20 && missing.is_empty(), "nothing says {missing:?}");
}

/// A stranger reads one page, in five minutes.
#[test]
fn the_readme_is_short_and_begins_with_two_commands() {
    let readme = read("README.md");
    assert!(readme.len() <= 8192, "{} bytes", readme.len());
    let commands: Vec<&str> = readme.split("```sh\n").nth(1).expect("a block").lines().take(2).collect();
    assert_eq!(commands, ["cargo run --release --locked -- demo", "cargo test --locked"]);
}

#[test]
fn the_documents_name_the_exit_codes_that_the_help_names() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator")).arg("--help").output();
    let help = String::from_utf8(help.expect("it runs").stdout).expect("text");
    let table = help.split("Exit codes:\n").nth(1).expect("a table");
    let readme = read("docs/cli.md");
    let rows = table.lines().filter_map(|line| line.trim().split_once("  "));
    let missing: Vec<_> =
        rows.clone().filter(|(code, meaning)| !readme.contains(&format!("| {code} | {meaning} |"))).collect();
    assert!(rows.count() == 8 && missing.is_empty(), "not in docs/cli.md: {missing:?}\n{table}");
}

#[test]
fn the_page_on_ci_names_every_exit_code() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator")).arg("--help").output();
    let help = String::from_utf8(help.expect("it runs").stdout).expect("text");
    let page = read("docs/ci.md");
    let codes =
        help.split("Exit codes:\n").nth(1).expect("a table").lines().filter_map(|line| line.split_whitespace().next());
    for code in codes {
        assert_eq!(page.lines().filter(|line| line.starts_with(&format!("| {code} |"))).count(), 1, "{code}");
    }
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
