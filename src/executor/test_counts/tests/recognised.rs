//! Which command lines are runners, and which of them run nothing.

use crate::executor::test_counts::TestCommand;
use crate::executor::test_counts::recognise::arguments_of;
use crate::executor::test_counts::runner::{Find, Reader, Times};
use crate::executor::test_counts::runners::all;

fn command(line: &str) -> Option<TestCommand<'_>> {
    TestCommand::recognise(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn runners_are_known_behind_launchers_options_and_paths() {
    let rows = [
        ("cargo test", "cargo test"),
        ("cargo +nightly test", "cargo test"),
        ("cargo --quiet t --lib", "cargo test"),
        ("cargo -C sub test", "cargo test"),
        ("cargo llvm-cov nextest", "cargo nextest"),
        ("cargo nextest run", "cargo nextest"),
        ("go test ./...", "go test"),
        ("go -C sub test ./...", "go test"),
        ("gotestsum ./...", "gotestsum"),
        ("pytest -q", "pytest"),
        ("CI=1 pytest", "pytest"),
        ("env CI=1 TZ=UTC pytest", "pytest"),
        ("python -m pytest tests", "pytest"),
        ("python3.12 -X dev -m pytest", "pytest"),
        ("uv run pytest", "pytest"),
        ("uv run --group test pytest -x", "pytest"),
        ("uv run -m pytest", "pytest"),
        ("poetry run pytest", "pytest"),
        (".venv/bin/pytest", "pytest"),
        ("coverage run -m pytest", "pytest"),
        ("timeout 60 pytest", "pytest"),
        ("python -m unittest discover", "unittest"),
        ("python manage.py test", "unittest"),
        ("./manage.py test shop", "unittest"),
        ("npx jest", "jest"),
        ("npx --no-install jest --ci", "jest"),
        ("./node_modules/.bin/jest", "jest"),
        ("node node_modules/jest/bin/jest.js", "jest"),
        ("npx -p jest -- jest", "jest"),
        ("react-scripts test", "jest"),
        ("node --experimental-vm-modules node_modules/.bin/jest", "jest"),
        ("cross-env CI=1 jest", "jest"),
        ("pnpm exec vitest", "vitest"),
        ("npx vitest@3 run", "vitest"),
        ("c8 mocha", "mocha"),
        ("npm exec -- mocha", "mocha"),
        ("node --import tsx --test", "node --test"),
        ("bun test", "bun test"),
        ("bunx vitest run", "vitest"),
        ("deno test -A", "deno test"),
        ("npx playwright test", "playwright test"),
        ("yarn exec cypress run", "cypress run"),
        ("./mvnw -B verify", "Maven"),
        ("mvn clean install", "Maven"),
        ("./gradlew :app:test", "Gradle"),
        ("gradle connectedAndroidTest", "Gradle"),
        ("sbt core/test", "sbt"),
        ("dotnet test", "dotnet test"),
        ("bundle exec rspec", "rspec"),
        ("bin/rspec", "rspec"),
        ("bin/rails test", "minitest"),
        ("rails t", "minitest"),
        ("bundle exec rails test:system", "minitest"),
        ("ruby -Itest test/cart_test.rb", "minitest"),
        ("vendor/bin/phpunit", "PHPUnit or Pest"),
        ("php -d memory_limit=-1 vendor/bin/pest", "PHPUnit or Pest"),
        ("php artisan test", "PHPUnit or Pest"),
        ("php phpunit.phar", "PHPUnit or Pest"),
        ("MIX_ENV=test mix test", "mix test"),
        ("ctest --test-dir build", "ctest"),
        ("swift test", "swift test"),
        ("dart test", "dart test"),
        ("flutter test", "dart test"),
        ("bats tests", "bats"),
        ("prove -lr t", "prove"),
        ("tape test/a.js", "TAP"),
        ("C:\\py\\Scripts\\pytest.exe", "pytest"),
        ("xvfb-run -a npx cypress run", "cypress run"),
        ("direnv exec . pytest", "pytest"),
        ("nice -n 5 ctest", "ctest"),
    ];
    for (line, name) in rows {
        assert_eq!(command(line).map(|command| command.name()), Some(name), "{line}");
    }
}

#[test]
fn options_that_run_no_test_are_named() {
    let rows = [
        ("cargo test --no-run", "--no-run"),
        ("cargo test -- --list", "--list"),
        ("cargo nextest list", "list"),
        ("cargo nextest run --no-run", "--no-run"),
        ("pytest --collect-only", "--collect-only"),
        ("pytest --co -q", "--co"),
        ("pytest --setup-plan", "--setup-plan"),
        ("python -m pytest --fixtures", "--fixtures"),
        ("jest --listTests", "--listTests"),
        ("go test -run ^$ ./...", "-run ^$"),
        ("go test -run=^$ ./...", "-run=^$"),
        ("go test -list . ./...", "-list"),
        ("go test -c ./a", "-c"),
        ("npx playwright test --list", "--list"),
        ("mvn test -DskipTests", "-DskipTests"),
        ("mvn -DskipTests=true verify", "-DskipTests=true"),
        ("mvn install -Dmaven.test.skip=true", "-Dmaven.test.skip=true"),
        ("gradle build -x test", "-x test"),
        ("./gradlew build -xtest", "-xtest"),
        ("gradle check --exclude-task :app:test", "--exclude-task :app:test"),
        ("gradle test --dry-run", "--dry-run"),
        ("mix test --exclude test", "--exclude test"),
        ("rspec --dry-run", "--dry-run"),
        ("ctest -N", "-N"),
        ("phpunit --list-tests", "--list-tests"),
        ("dotnet test --list-tests", "--list-tests"),
        ("vitest list", "list"),
        ("vitest run --mergeReports", "--mergeReports"),
        ("mocha --dry-run", "--dry-run"),
        ("bats --count a.bats", "--count"),
        ("swift test list", "list"),
        ("deno test --no-run", "--no-run"),
        ("prove --dry t", "--dry"),
        ("pytest --version", "--version"),
        ("sbt test --help", "--help"),
    ];
    for (line, option) in rows {
        assert_eq!(command(line).and_then(|command| command.runs_nothing()).as_deref(), Some(option), "{line}");
    }
}

#[test]
fn options_that_run_tests_are_not_named() {
    let lines = [
        "cargo test --no-fail-fast",
        "cargo test -- --list-like",
        "pytest -k list",
        "mvn test -DskipTests=false",
        "go test -run ^TestA$ ./...",
        "gradle build -x lint",
        "vitest run list",
        "jest --passWithNoTests",
        "ctest -V",
        "mix test --exclude slow",
        "dotnet test --no-build",
        "go test -count=1 -v ./...",
        "rspec spec/list_spec.rb",
    ];
    for line in lines {
        assert_eq!(command(line).and_then(|command| command.runs_nothing()), None, "{line}");
    }
}

#[test]
fn every_pattern_of_the_table_compiles_and_every_runner_says_what_to_do() {
    for runner in all() {
        let Reader::Summaries(summaries) = &runner.reader else { continue };
        assert!(!runner.fix.is_empty(), "{}", runner.name);
        for summary in *summaries {
            if let Find::OutputPattern(pattern) = &summary.find {
                assert!(pattern.regex().is_some(), "{pattern:?}");
            }
            if let Times::Announced { by: pattern, .. } | Times::OnceOrAnnounced(pattern) = &summary.times {
                assert!(pattern.regex().is_some(), "{pattern:?}");
            }
        }
        assert!(runner.none.iter().all(|pattern| pattern.regex().is_some()), "{}", runner.name);
    }
}

#[test]
fn a_localised_runner_is_asked_for_english() {
    let environment = command("dotnet test").map(|command| command.environment());
    assert!(environment.is_some_and(|variables| variables.contains(&("DOTNET_CLI_UI_LANGUAGE", "en"))));
}

#[test]
fn words_after_a_positional_argument_are_no_words_of_the_runner() {
    assert_eq!(arguments_of("cargo test", &[], &["cargo", "run", "test"]), None);
}
