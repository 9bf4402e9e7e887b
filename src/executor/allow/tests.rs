//! What callers may and may not run.

mod lines;
mod page;
mod table;

use proptest::prelude::*;

use super::*;

fn restricted(line: &str, allowed: &[&str]) -> Result<Invocation, CommandEnd> {
    let allowed = allowed.iter().map(|&pattern| pattern.to_owned()).collect();
    decide(line, &CommandPolicy::Restricted { allowed }, Path::new("/srv/app")).map(|decision| decision.invocation)
}

#[test]
fn known_runners_with_known_words_are_allowed_without_a_shell() {
    for line in [
        "npm test",
        "npm t",
        "npm run lint",
        "npm run test:unit",
        "npm run test --silent",
        "npm run test -- --watch=false src/a",
        "pnpm test",
        "pnpm lint",
        "pnpm type-check",
        "pnpm run build",
        "yarn lint",
        "bun test",
        "bun run typecheck",
        "npx --no-install tsc --noEmit",
        "npx --no-install playwright test --grep login",
        "cargo test",
        "cargo test --all-targets -- --nocapture",
        "cargo clippy -- -D warnings",
        "cargo fmt --check",
        "cargo nextest run",
        "cargo test --manifest-path crates/a/Cargo.toml",
        "go test ./...",
        "go test -race -count=1 -run 'Test(A|B)' ./...",
        "go vet ./...",
        "go build ./...",
        "pytest",
        "pytest -x -q -k 'a and (b or c)' tests/test_a.py::test_b[1]",
        "python -m pytest tests",
        "python3 -m mypy .",
        "python -m build",
        "uv run pytest -q",
        "uv run python -m pytest",
        "uv run ruff check .",
        "uv build",
        "ruff check .",
        "mypy src",
        "tsc --noEmit",
        "eslint src/**/*.ts",
        "jest",
        "vitest run",
        "playwright test",
        "gradle test",
        "gradle :app:check --offline",
        "mvn -q verify",
        "make test",
        "make -j4 lint build",
        "make -j test",
        "pytest tests/../a.py",
        "playwright test --reporter=list",
        "python -m unittest -v",
        "yarn build",
        "just check",
        "deno test",
        "deno task build",
        "dotnet test",
        "rspec spec/a_spec.rb",
        "tox -e py312",
        "prisma validate",
        "prisma migrate status",
        "npx --no-install prisma validate",
        "pytest /srv/app/tests",
    ] {
        let decision = restricted(line, &[]);
        assert!(matches!(decision, Ok(Invocation::Direct(_))), "{line}: {decision:?}");
    }
}

#[test]
fn everything_else_is_refused_with_a_reason_and_a_way_to_allow_it() {
    for line in [
        "rm -rf x",
        "sh -c id",
        "bash x.sh",
        "node -e 1",
        "curl http://x",
        "env npm test",
        "sudo npm test",
        "git -c core.pager=x log",
        "npm exec x",
        "npm install",
        "npm x y",
        "npm run deploy",
        "npm run",
        "npm",
        "npm test --script-shell=./x",
        "npm test --script-sh x",
        "npm --prefix /tmp test",
        "npm run test --call x",
        "npm test -C sub",
        "pnpm dlx x",
        "pnpm exec x",
        "pnpm --dir x test",
        "pnpm test --script-shell ./x",
        "yarn dlx x",
        "yarn node x",
        "bun x y",
        "bun -e 1",
        "bun run x.ts",
        "bunx x",
        "npx x",
        "npx jest",
        "npx --no-install evil",
        "npx -c id",
        "npx --no-install -c id",
        "cargo run",
        "cargo install x",
        "cargo --config x test",
        "cargo test --config build.rustc=\"x\"",
        "cargo test -Zx",
        "cargo test --manifest-path /tmp/Cargo.toml",
        "cargo test --manifest-path=../x/Cargo.toml",
        "cargo +evil test",
        "cargo clippy --conf x",
        "go run x",
        "go generate",
        "go test -exec ./x",
        "go test --exec=./x",
        "go test -toolexec=x",
        "go vet -vettool=x",
        "go test -C /tmp",
        "pytest -p evil",
        "pytest -pevil",
        "pytest -xp evil",
        "pytest -c x.ini",
        "pytest -o python_files=x",
        "pytest --override-ini=x",
        "pytest /tmp/evil.py",
        "pytest ../evil.py",
        "pytest a/../../evil.py",
        "pytest --rootdir=/tmp",
        "pytest -- /tmp/evil.py",
        "pytest ~/x",
        "python x.py",
        "python -c 1",
        "python -m http.server",
        "python -m pip install x",
        "uv run x.py",
        "uv run --with x pytest",
        "uv pip install x",
        "uv tool run x",
        "uvx x",
        "poetry run python x.py",
        "mypy --python-executable ./x",
        "mypy --python-exe ./x",
        "mypy --install-types",
        "eslint --rulesdir x",
        "eslint --parser ./x",
        "jest --config '{}'",
        "jest --globalSetup ./x",
        "playwright install",
        "gradle -I x test",
        "gradle test -Dx=y",
        "gradle run",
        "gradle -p /tmp test",
        "mvn exec:exec",
        "mvn -Dexec.executable=x test",
        "mvn -f /tmp/pom.xml test",
        "make",
        "make deploy",
        "make -jx test",
        "build x",
        "unittest",
        "pytest -C/tmp",
        "python -m build -C x=y",
        "make SHELL=./x test",
        "make -f /tmp/Makefile test",
        "make -C .. test",
        "make test -- x",
        "make --eval=x test",
        "just --shell x test",
        "just -f /tmp/x test",
        "just deploy",
        "deno run x",
        "deno eval 1",
        "deno test https://x/y.ts",
        "deno test npm:evil",
        "dotnet run",
        "dotnet test -p:X=y",
        "dotnet test /p:X=y",
        "rspec -r ./x",
        "rspec -r./x",
        "tox -x a=b",
        "tox --devenv x",
        "prisma migrate deploy",
        "prisma db push",
        "/usr/bin/npm test",
        "bin/npm test",
        "uv run uv run uv run uv run uv run pytest",
    ] {
        match restricted(line, &[]) {
            Err(CommandEnd::Refused { why, fix }) => {
                assert!(!why.is_empty() && !why.ends_with('.'), "{line}: {why}");
                for part in ["allowed_commands", "snipara-orchestrator trust", "mcp --allow-any-command"] {
                    assert!(fix.contains(part), "{line}: {fix}");
                }
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn what_only_a_shell_could_do_is_refused_and_named() {
    for (line, named) in [
        ("npm test; id", "`;`"),
        ("npm test && id", "`&`"),
        ("npm test | tee x", "`|`"),
        ("npm test > x", "`>`"),
        ("npm test < x", "`<`"),
        ("npm test $(id)", "`$`"),
        ("npm test `id`", "`` ` ``"),
        ("npm test\nid", "a new line"),
        ("pytest \"$HOME\"", "`$`"),
        ("pytest (a)", "`(`"),
        ("pytest {a,b}", "`{`"),
        ("npm test # x", "`#`"),
        ("X=1 npm test", "`X=1`"),
        ("npm test -- '; id'", "hands"),
        ("pnpm test '$(id)'", "hands"),
        ("pytest 'a", "not closed"),
        ("pytest \\\nx", "a new line"),
    ] {
        match restricted(line, &[]) {
            Err(CommandEnd::Refused { why, .. }) => {
                assert!(why.contains(named.trim_matches(['`', ' '])), "{line}: {why}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn trusted_commands_are_allowed_exactly_or_by_their_stars() {
    let trusted = ["./gradlew test", "scripts/check.sh *", "sh -c 'npm test && npm run lint'"];
    let words = |words: &[&str]| Ok(Invocation::Direct(words.iter().map(|&word| word.to_owned()).collect()));
    assert_eq!(restricted(" ./gradlew test ", &trusted), words(&["./gradlew", "test"]));
    assert_eq!(restricted("scripts/check.sh api", &trusted), words(&["scripts/check.sh", "api"]));
    assert_eq!(restricted(trusted[2], &trusted), words(&["sh", "-c", "npm test && npm run lint"]));
    for line in
        ["./gradlew test -x", "scripts/check.sh a b", "scripts/check.sh a;b", "scripts/check.sh $(id)", "sh -c 'id'"]
    {
        assert!(matches!(restricted(line, &trusted), Err(CommandEnd::Refused { .. })), "{line}");
    }
}

#[test]
fn a_refusal_names_commands_that_are_allowed() {
    let Err(CommandEnd::Refused { fix, .. }) = restricted("bash check.sh", &[]) else { panic!("refused") };
    for command in ["npm test", "cargo test", "pytest", "make check"] {
        assert!(fix.contains(&format!("`{command}`")), "{fix}");
        assert!(restricted(command, &[]).is_ok(), "{command}");
    }
}

#[test]
fn a_person_has_a_shell_and_nobody_has_one_when_commands_are_forbidden() {
    let root = Path::new("/srv/app");
    let line = "npm test && echo ok > x";
    assert_eq!(decide(line, &CommandPolicy::Unrestricted, root), Ok(Invocation::Shell(line.to_owned()).into()));
    assert!(matches!(decide("npm test", &CommandPolicy::Forbidden, root), Err(CommandEnd::Refused { .. })));
}

#[test]
fn an_empty_command_is_not_started_whoever_asks() {
    for policy in
        [CommandPolicy::Unrestricted, CommandPolicy::Restricted { allowed: vec![String::new(), "*".to_owned()] }]
    {
        for line in ["", "  \n "] {
            assert!(matches!(decide(line, &policy, Path::new("/")), Err(CommandEnd::NotStarted { .. })), "{line:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_line_is_answered_and_none_with_a_shell_character_gets_through(line in r#"(npm test|pytest|make|x)[ -~\n]{0,20}"#) {
        let outside_quotes = !line.contains(['\'', '"', '\\']);
        let decision = restricted(&line, &["x *"]);
        if outside_quotes && line.trim().contains([';', '|', '&', '$', '`', '<', '>', '(', ')', '\n']) {
            prop_assert!(decision.is_err(), "{line:?}");
        }
    }
}

#[test]
fn a_program_that_is_no_runner_is_told_so_before_its_arguments_are_looked_at() {
    for line in ["curl http://x", "cat /etc/passwd"] {
        let Err(CommandEnd::Refused { why, .. }) = restricted(line, &[]) else { panic!("{line}") };
        assert!(why.contains("is not a known runner"), "{line}: {why}");
    }
    let Err(CommandEnd::Refused { why, .. }) = restricted("pytest http://x", &[]) else { panic!("refused") };
    assert!(why.contains("leads outside the repository"), "{why}");
}
