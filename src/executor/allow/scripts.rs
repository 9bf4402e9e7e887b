//! The names of scripts, recipes, targets and tasks that check or build.

/// The words with which such a name begins; `test:unit` and `testUnit` begin with `test`.
pub(super) const SCRIPTS: &str = "test tests lint check checks typecheck type types tsc build compile format fmt unit integration \
    functional acceptance smoke e2e spec specs coverage cover cov verify validate all ci qa quality static \
    analyse analyze jest vitest mocha pytest mypy ruff eslint prettier stylelint tslint phpunit phpstan psalm \
    pint pest rspec rubocop clippy vet detekt ktlint spotless checkstyle pmd spotbugs jacoco scalafmt \
    scalafix assemble classes typing doctest flake8 pylint black isort pyright bandit pep8 phpcs cs stan";

/// With one of these in it a name does something else than to check or build, or does not end.
const OTHER_WORK: &str = "deploy deployment publish release push upload install start serve server dev watch ui open inspect exec \
    shell repl console migrate seed drop destroy remote daemon live sh bash update upgrade tunnel host login \
    run eval";

/// Tells whether a script, a recipe or a target checks or builds, by its name.
pub(super) fn is_script(name: &str) -> bool {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '-' | '_' | '.'));
    let words = words(name);
    is_name && words.first().is_some_and(|first| has(SCRIPTS, first)) && !words.iter().any(|word| has(OTHER_WORK, word))
}

/// Tells whether a task with the path of its project before it (`:app:test`, `core/test`) checks or builds.
pub(super) fn is_task(name: &str) -> bool {
    let (project, task) = name.rsplit_once([':', '/']).unwrap_or(("", name));
    let is_project =
        project.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '-' | '_' | '.' | '/'));
    is_project && !project.contains("..") && !project.starts_with('/') && (is_script(task) || ends_as_test(task))
}

/// Gradle's plugins name their tasks by what they are for, last: `jvmTest`, `dependencyCheck`.
fn ends_as_test(task: &str) -> bool {
    let words = words(task);
    words.last().is_some_and(|last| matches!(last.as_str(), "test" | "tests" | "check" | "lint"))
        && is_script(&format!("test-{task}"))
}

fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() || (was_small && letter.is_ascii_uppercase()) {
            words.push(String::new());
        }
        was_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words
}
