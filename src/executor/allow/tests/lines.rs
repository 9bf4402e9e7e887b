//! The two lists of commands: what callers may run, and what they may not, each with its reason.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::super::{AllowedCommand, CommandPolicy, decide};
use crate::domain::CommandEnd;

/// A repository with folders, programs and links, and a folder beside it.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().expect("a folder") };
        for file in [
            "outside/gradlew",
            "outside/Makefile",
            "outside/package.json",
            "outside/Cargo.toml",
            "repo/gradlew",
            "repo/package.json",
            "repo/packages/web/package.json",
            "repo/frontend/package.json",
            "repo/backend/Makefile",
            "repo/app/pom.xml",
            "repo/tests/test_cart.py",
            "repo/shop/__init__.py",
            "repo/shop/tests.py",
            "repo/src/app/core.py",
            "repo/backend/manage.py",
            "repo/backend/orders/__init__.py",
            "repo/api/api.cabal",
            // Folders that are named as packages of Python's own library are, and are no packages.
            "repo/http/notes.txt",
            "repo/test/support/helper.txt",
            "repo/sub/.keep",
        ] {
            world.write(file);
        }
        fs::remove_file(world.path("repo/sub/.keep")).expect("an empty folder");
        for name in ["jest", "vitest", "tsc", "eslint", "playwright", "nx", "turbo", "mocha", "prettier", "cowsay"] {
            world.write(&format!("repo/node_modules/{name}/bin.js"));
            world.link(&format!("../{name}/bin.js"), &format!("repo/node_modules/.bin/{name}"));
        }
        world.link("../../../outside/gradlew", "repo/node_modules/.bin/evil");
        world.link("../outside", "repo/link");
        world.link("../nowhere", "repo/gone");
        world
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, file: &str) {
        let file = self.path(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, "").expect("a file");
    }

    fn link(&self, target: &str, link: &str) {
        let link = self.path(link);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        symlink(Path::new(target), link).expect("a link");
    }

    fn decide(&self, line: &str) -> Result<AllowedCommand, CommandEnd> {
        let line = line.replace("{outside}", &self.path("outside").display().to_string());
        decide(&line, &CommandPolicy::Restricted { allowed: Vec::new() }, &self.path("repo"))
    }
}

/// Reads `command ;; reason` lines.
fn lines(text: &'static str) -> Vec<(&'static str, &'static str)> {
    text.lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| line.rsplit_once(" ;; ").unwrap_or_else(|| panic!("no reason: {line}")))
        .collect()
}

#[test]
fn usual_commands_are_allowed() {
    let (world, allowed) = (World::new(), lines(include_str!("allowed.txt")));
    let refused: Vec<String> = allowed
        .iter()
        .filter_map(|(line, what)| world.decide(line).err().map(|end| format!("{line} ({what}): {end:?}")))
        .collect();
    assert!(refused.is_empty(), "{} refused:\n{}", refused.len(), refused.join("\n"));
    assert!(allowed.len() >= 400, "{}", allowed.len());
}

#[test]
fn bad_commands_are_refused_each_with_a_reason() {
    let (world, refused) = (World::new(), lines(include_str!("refused.txt")));
    let mut wrong = Vec::new();
    for (line, attack) in &refused {
        match world.decide(line) {
            Ok(decision) => wrong.push(format!("{line} ({attack}) starts: {decision:?}")),
            Err(CommandEnd::Refused { why, fix }) if !why.is_empty() && fix.contains("allowed_commands") => {}
            Err(end) => wrong.push(format!("{line}: {end:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(refused.len() >= 1000, "{}", refused.len());
}

#[test]
fn npx_starts_the_file_of_the_repository_and_nothing_that_it_would_fetch() {
    let world = World::new();
    let words = |line: &str| world.decide(line).map(|decision| decision.invocation);
    let own = ["node_modules/.bin/jest", "--ci"].map(str::to_owned).to_vec();
    assert_eq!(words("npx jest --ci"), Ok(crate::executor::Invocation::Direct(own)));
    match world.decide("npx ava") {
        Err(CommandEnd::Refused { why, .. }) => assert!(why.contains("would fetch `ava`"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn uv_runs_without_the_network() {
    let offline = [("UV_OFFLINE".to_owned(), "1".to_owned())];
    for line in ["uv run pytest", "uv run python -m pytest", "uv run -m pytest", "uv build"] {
        assert_eq!(World::new().decide(line).map(|decision| decision.environment), Ok(offline.to_vec()), "{line}");
    }
}

#[test]
fn harmless_variables_before_a_command_are_set() {
    let decision = World::new().decide("CI=1 NODE_ENV=test npm test").expect("allowed");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(decision.environment, [pair("CI", "1"), pair("NODE_ENV", "test")]);
    let words = ["npm", "test"].map(str::to_owned).to_vec();
    assert_eq!(decision.invocation, crate::executor::Invocation::Direct(words));
}

#[test]
fn a_refusal_names_the_word_that_is_not_allowed() {
    let world = World::new();
    for (line, named) in [
        ("pytest -p evil", "`evil`"),
        ("pytest --rootdir sub", "`--rootdir`"),
        ("pytest link", "`link` leads outside the repository"),
        ("pytest --ignore=link", "`--ignore=link` leads outside the repository"),
        ("npm run deploy", "`run deploy`"),
        ("npx cowsay", "`cowsay`"),
        ("make test SHELL=x", "`SHELL=x`"),
        ("./x", "`./x`"),
        ("jest --reporters ./x", "`./x`"),
    ] {
        match world.decide(line) {
            Err(CommandEnd::Refused { why, .. }) => assert!(why.contains(named), "{line}: {why}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}
