//! The test commands that are proposed, one row each; the first of a family that holds is meant.

use regex::Regex;

use super::sources::Sources;

/// A way to run a repository's tests from its root.
struct Runner {
    family: &'static str,
    command: &'static str,
    /// A file in the root and what its text holds; without a text every one counts.
    manifest: (&'static str, &'static str),
    /// Another file or folder that is there, too.
    beside: &'static str,
    /// A test that is there: a file's path, and what its text holds. Without one the runner would run none.
    test: (&'static str, &'static str),
}

/// A script that runs tests and ends: not npm's own, which fails, and none that watches.
const SCRIPT: &str = r#""test"\s*:\s*"[^"]"#;
const NO_SCRIPT: &str = r#""test"\s*:\s*"(?:[^"\\]|\\.)*(?:no test specified|--watch\b|--watchAll\b)"#;
const PY_TEST: (&str, &str) = (r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$", "");
const ANY: (&str, &str) = ("", "");

const fn row(
    family: &'static str,
    command: &'static str,
    manifest: (&'static str, &'static str),
    beside: &'static str,
    test: (&'static str, &'static str),
) -> Runner {
    Runner { family, command, manifest, beside, test }
}

const RUNNERS: &[Runner] = &[
    row("python", "pytest", ("pytest.ini", ""), "", PY_TEST),
    row("python", "pytest", ("pyproject.toml", r"pytest"), "", PY_TEST),
    row("python", "pytest", ("requirements-dev.txt", r"(?m)^pytest\b"), "", PY_TEST),
    row("python", "pytest", ("requirements.txt", r"(?m)^pytest\b"), "", PY_TEST),
    row("python", "pytest", ("tox.ini", r"pytest"), "", PY_TEST),
    row(
        "python",
        "python manage.py test",
        ("manage.py", r"django"),
        "",
        (r"(?:^|/)tests?(?:/[^/]*|[^/]*)\.py$", r"TestCase"),
    ),
    row("python", "pytest", ("conftest.py", ""), "", PY_TEST),
    row(
        "python",
        "pytest",
        ("", ""),
        "",
        (r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$", r"(?m)^(?:import pytest|from pytest|(?:async )?def test_)"),
    ),
    row("node", "pnpm test", ("package.json", SCRIPT), "pnpm-lock.yaml", ANY),
    row("node", "yarn test", ("package.json", SCRIPT), "yarn.lock", ANY),
    row("node", "bun run test", ("package.json", SCRIPT), "bun.lock", ANY),
    row("node", "npm test", ("package.json", SCRIPT), "", ANY),
    row("rust", "cargo test", ("Cargo.toml", ""), "", (r"\.rs$", r"#\[(?:\w+::)?test\b")),
    row("go", "go test ./...", ("go.mod", ""), "", (r"_test\.go$", r"func Test")),
    row("jvm", "./mvnw test", ("pom.xml", ""), "mvnw", (r"src/test/", "")),
    row("jvm", "mvn test", ("pom.xml", ""), "", (r"src/test/", "")),
    row("jvm", "./gradlew test", ("build.gradle", ""), "gradlew", (r"src/test/", "")),
    row("jvm", "./gradlew test", ("build.gradle.kts", ""), "gradlew", (r"src/test/", "")),
    row("ruby", "bundle exec rspec", ("Gemfile", r"rspec"), "", (r"(?:^|/)spec/.*_spec\.rb$", "")),
    row("ruby", "bin/rails test", ("Gemfile", r"rails"), "bin/rails", (r"(?:^|/)test/.*_test\.rb$", "")),
    row(
        "php",
        "php artisan test",
        ("composer.json", r"laravel/framework"),
        "artisan",
        (r"(?:^|/)tests/.*Test\.php$", ""),
    ),
    row("php", "vendor/bin/phpunit", ("composer.json", r"phpunit"), "", (r"(?:^|/)tests/.*Test\.php$", "")),
];

/// Returns the commands, at most one a family, in the order of the table.
pub(super) fn test_commands(sources: &Sources) -> Vec<&'static str> {
    let mut families: Vec<&str> = Vec::new();
    let mut commands = Vec::new();
    for runner in RUNNERS {
        if !families.contains(&runner.family) && runner.holds(sources) {
            families.push(runner.family);
            commands.push(runner.command);
        }
    }
    commands
}

impl Runner {
    fn holds(&self, sources: &Sources) -> bool {
        let (file, says) = self.manifest;
        let text = sources.text(file);
        let is_there = file.is_empty()
            || text.is_some_and(|text| matches(says, text) && !(says == SCRIPT && matches(NO_SCRIPT, text)));
        is_there
            && (self.beside.is_empty() || sources.paths().any(|path| path == self.beside))
            && self.has_test(sources)
    }

    fn has_test(&self, sources: &Sources) -> bool {
        let (path, says) = self.test;
        let (Ok(path), Ok(says)) = (Regex::new(path), Regex::new(says)) else { return false };
        let found = |file: &str| {
            path.is_match(file)
                && (says.as_str().is_empty() || sources.text(file).is_some_and(|text| says.is_match(text)))
        };
        path.as_str().is_empty() || sources.paths().any(found)
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    pattern.is_empty() || Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
pub(super) fn patterns() -> impl Iterator<Item = &'static str> {
    RUNNERS.iter().flat_map(|runner| [runner.manifest.1, runner.test.0, runner.test.1]).chain([NO_SCRIPT])
}
