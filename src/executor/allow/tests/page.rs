//! The page of the commands that callers may run is what the table says.

use std::fmt::Write as _;

use super::super::environment::VARIABLES;
use super::super::runners::{FAMILIES, Rest, Row, Runner, Then};
use super::super::scripts::SCRIPTS;

const PAGE: &str = "docs/commands.md";
/// Where the written part of the page ends.
const MARK: &str = "<!-- From here on the page is written from the table. -->\n";

fn tail() -> Result<String, std::fmt::Error> {
    let mut page = String::new();
    let scripts: Vec<String> = SCRIPTS.split(' ').map(|name| format!("`{name}`")).collect();
    writeln!(
        page,
        "\n## Scripts, recipes, targets and tasks\n\nTheir names begin with one of {}.",
        scripts.join(", ")
    )?;
    writeln!(page, "\n## Variables before a command\n")?;
    for (name, values) in VARIABLES {
        writeln!(page, "- `{name}`: `{values}`")?;
    }
    for (family, runners) in FAMILIES {
        writeln!(page, "\n## {family}")?;
        for runner in runners {
            self::runner(&mut page, runner)?;
        }
    }
    Ok(page)
}

fn runner(page: &mut String, runner: &Runner) -> std::fmt::Result {
    let names: Vec<String> = runner.programs.split(' ').map(|name| format!("`{name}`")).collect();
    writeln!(page, "\n### {}\n", names.join(", "))?;
    if !runner.wrappers.is_empty() {
        let wrappers: Vec<String> = runner.wrappers.split(' ').map(|path| format!("`./{path}`")).collect();
        writeln!(page, "In the repository: {}.\n", wrappers.join(", "))?;
    }
    for row in runner.rows {
        writeln!(page, "- {}", self::row(row))?;
        options(page, "  - options", row.options)?;
    }
    options(page, "- options before them", runner.before)?;
    options(page, "- options everywhere", runner.options)
}

fn row(row: &Row) -> String {
    let mut parts = Vec::new();
    parts.push(if row.words.is_empty() { "alone".to_owned() } else { format!("`{}`", row.words) });
    match row.then {
        Then::Arguments if row.takes.is_empty() => {}
        Then::Arguments => parts.push(format!("with `{}`", row.takes)),
        Then::Command("") => parts.push("before a command of this page".to_owned()),
        Then::Command(programs) => parts.push(format!("before a command of `{programs}`")),
        Then::OwnBinary => {
            parts.push("before a command of this page whose program lies in `node_modules/.bin`".to_owned());
        }
    }
    match row.rest {
        Rest::Refused => {}
        Rest::Positionals => parts.push("more of them after `--`".to_owned()),
        Rest::Options(options, takes) => parts.push(format!("after `--`: `{} {takes}`", options.join(" "))),
    }
    if !row.sets.is_empty() {
        let sets: Vec<String> = row.sets.iter().map(|(name, value)| format!("`{name}={value}`")).collect();
        parts.push(format!("started with {}", sets.join(", ")));
    }
    parts.join(", ")
}

fn options(page: &mut String, what: &str, options: &[&str]) -> std::fmt::Result {
    if options.is_empty() { Ok(()) } else { writeln!(page, "{what}: `{}`", options.join(" ")) }
}

#[test]
fn the_page_of_commands_is_what_the_table_says() {
    let file = format!("{}/{PAGE}", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(&file).expect("the page");
    let (head, told) = page.split_once(MARK).expect("the mark");
    let expected = tail().expect("text");
    if told != expected {
        let written = format!("{}/target/commands.md", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(&written, format!("{head}{MARK}{expected}")).expect("written");
        panic!("{PAGE} is not what the table says; copy {written} over it");
    }
}
