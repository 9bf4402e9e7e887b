//! Deployment notes for a checklist: asked of the neighbour, chosen here.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Orchestrator, OrchestratorError};
use crate::domain::{
    ChecklistItem, ChecklistTarget, ContextAnswer, ContextQuery, DeploymentNote, ItemSource, Section, StoredCheck,
    one_line,
};

/// How long the neighbour may take for all questions (gate.md G8).
const PATIENCE: Duration = Duration::from_secs(3);
/// The most notes of a checklist.
const MOST_NOTES: usize = 5;
/// The most endpoints that are asked about.
const MOST_ENDPOINTS: usize = 8;
/// How much of the documents each question reads, in tokens.
const TOKENS: i64 = 4_000;
/// The longest excerpt, in characters.
const EXCERPT: usize = 200;

/// What is asked about deploying as such.
const GENERAL: &str = "deploy rollback migration runbook";
/// Beginnings of words that tell a deployment note from other documents.
const DEPLOYMENT: [&str; 9] =
    ["deploy", "migrat", "rollback", "roll back", "rollout", "runbook", "cutover", "release", "production"];

impl Orchestrator {
    /// Returns the notes, and why there are none where the neighbour does not answer: that is never an error.
    pub(super) async fn deployment_notes(
        &self,
        items: &[ChecklistItem<StoredCheck>],
    ) -> (Vec<DeploymentNote>, Vec<String>) {
        let until = Instant::now() + PATIENCE;
        let endpoints = endpoints(items);
        // Alone, so that an index that must be refreshed is refreshed once.
        let general = match answered(until, self.ask(GENERAL.to_owned())).await {
            Ok(answer) => answer.sections,
            Err(warning) => return (Vec::new(), vec![warning]),
        };
        let asked = endpoints.iter().map(|endpoint| answered(until, self.ask(format!("deploy {endpoint}"))));
        let (mut sections, mut warnings) = (Vec::new(), Vec::new());
        for answer in join_all(asked).await {
            match answer {
                Ok(answer) => sections.extend(answer.sections),
                Err(warning) if warnings.contains(&warning) => {}
                Err(warning) => warnings.push(warning),
            }
        }
        sections.extend(general);
        (chosen(&endpoints, &sections), warnings)
    }

    async fn ask(&self, query: String) -> Result<ContextAnswer, OrchestratorError> {
        self.query_context(ContextQuery { query, max_tokens: TOKENS }).await
    }
}

async fn answered(
    until: Instant,
    question: impl Future<Output = Result<ContextAnswer, OrchestratorError>>,
) -> Result<ContextAnswer, String> {
    match timeout_at(until, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(format!("deployment notes are missing: {}", one_line(&error.to_string(), EXCERPT))),
        Err(_) => Err(format!("deployment notes are missing: no answer within {} s", PATIENCE.as_secs())),
    }
}

/// Returns the paths that the task and the policy check, each once; `/` says nothing.
fn endpoints(items: &[ChecklistItem<StoredCheck>]) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for item in items.iter().filter(|item| matches!(item.source, ItemSource::Task | ItemSource::Policy)) {
        let ChecklistTarget::Live(StoredCheck(check)) = &item.target else { continue };
        let Ok(url) = Url::parse(&check.url) else { continue };
        let path = url.path().trim_end_matches('/');
        if !path.is_empty() && paths.len() < MOST_ENDPOINTS && !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// Chooses notes: first those that mention an endpoint, the best of each endpoint before the second of any; then those
/// about deploying as such.
fn chosen(endpoints: &[String], sections: &[Section]) -> Vec<DeploymentNote> {
    let mut notes: Vec<(usize, DeploymentNote)> = Vec::new();
    for section in sections {
        if notes.iter().any(|(_, note)| note.file == section.file && note.lines == section.lines) {
            continue;
        }
        let told = endpoints.iter().find(|endpoint| {
            section.content.lines().chain([section.title.as_str()]).any(|line| mentions(line, endpoint))
        });
        let headed = speaks_of_deployment(&section.title) || speaks_of_deployment(&section.file);
        let place = match told {
            Some(endpoint) if headed || speaks_of_deployment(&section.content) => {
                notes.iter().filter(|(_, note)| note.endpoint.as_ref() == Some(endpoint)).count()
            }
            None if headed => usize::MAX,
            _ => continue,
        };
        notes.push((place, note(section, told)));
    }
    notes.sort_by_key(|(place, _)| *place);
    notes.into_iter().map(|(_, note)| note).take(MOST_NOTES).collect()
}

fn note(section: &Section, endpoint: Option<&String>) -> DeploymentNote {
    let mut lines = section.content.lines().map(str::trim);
    let telling = |line: &&str| {
        let heading = line.starts_with('#') || line.starts_with("```");
        !heading && line.chars().any(char::is_alphanumeric)
    };
    let mention = endpoint.and_then(|endpoint| lines.clone().find(|line| mentions(line, endpoint)));
    let excerpt = mention.or_else(|| lines.clone().find(telling)).or_else(|| lines.next()).unwrap_or_default();
    DeploymentNote {
        file: section.file.clone(),
        lines: section.lines,
        title: section.title.clone(),
        excerpt: one_line(excerpt, EXCERPT),
        endpoint: endpoint.cloned(),
    }
}

fn speaks_of_deployment(text: &str) -> bool {
    let text = text.to_lowercase();
    DEPLOYMENT.iter().any(|word| text.contains(word))
}

/// Tells whether a line names exactly this path: neither a longer one nor one below another.
fn mentions(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(place, _)| {
        let before = line[..place].rsplit([' ', '\t', '"', '\'', '`', '(', '<', '[', '|', ',', '=']).next();
        let origin = before.unwrap_or_default();
        let origin = origin.split_once("://").map_or(origin, |(_, host)| host);
        let mut after = line[place + path.len()..].chars();
        let ends = match after.next() {
            Some('/') => !after.next().is_some_and(continues),
            Some('.') => !after.next().is_some_and(char::is_alphanumeric),
            Some(next) => !continues(next),
            None => true,
        };
        ends && !origin.contains('/')
    })
}

/// Tells whether a character behind a path makes it another one.
fn continues(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_' | '~' | '%' | '{' | ':' | '<' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LiveCheck;

    fn section(file: &str, title: &str, content: &str) -> Section {
        Section {
            title: title.to_owned(),
            file: file.to_owned(),
            lines: [1, 9],
            content: content.to_owned(),
            relevance_score: 0.5,
            token_count: 1,
            truncated: false,
        }
    }

    #[test]
    fn a_path_is_mentioned_as_itself_only() {
        for line in [
            "check /api/users after it",
            "`GET /api/users`",
            "curl https://api.example.com/api/users",
            "$PROD_URL/api/users/",
            "/api/users, /api/orders",
            "It calls /api/users.",
            "/api/users?page=2",
        ] {
            assert!(mentions(line, "/api/users"), "{line}");
        }
        for line in
            ["/api/users-old", "/v2/api/users", "/api/users/42", "/api/users/{id}", "/api/users.json", "api/users"]
        {
            assert!(!mentions(line, "/api/users"), "{line}");
        }
    }

    #[test]
    fn endpoints_are_the_tasks_own_and_the_policys_each_once() {
        let item = |source, url: &str| ChecklistItem {
            not_counted: None,
            name: "x".to_owned(),
            source,
            required: true,
            counts: true,
            target: ChecklistTarget::Live(LiveCheck::get(url).into()),
        };
        let items = [
            item(ItemSource::Generic, "https://x.example/generic"),
            item(ItemSource::Task, "https://x.example/api/a?key=1"),
            item(ItemSource::Task, "https://x.example/api/a/"),
            item(ItemSource::Task, "https://x.example/"),
            item(ItemSource::Policy, "https://x.example/api/b"),
        ];
        assert_eq!(endpoints(&items), ["/api/a", "/api/b"]);
    }

    #[test]
    fn notes_that_mention_an_endpoint_come_first_and_each_endpoint_gets_one() {
        let paths = ["/a".to_owned(), "/b".to_owned()];
        let sections = [
            section("docs/deploy.md", "Deploy", "General words."),
            section("docs/one.md", "Deploy one", "# Deploy one\n\nThen call /a."),
            section("docs/two.md", "Deploy two", "call /a"),
            section("docs/three.md", "Rollback", "if /b fails"),
            section("docs/api.md", "Users", "call /a"),
            section("docs/api.md", "Style", "in production"),
            section("docs/one.md", "Deploy one", "twice"),
        ];
        let notes = chosen(&paths, &sections);
        let shown: Vec<_> = notes.iter().map(|note| (note.file.as_str(), note.endpoint.as_deref())).collect();
        let expected = [
            ("docs/one.md", Some("/a")),
            ("docs/three.md", Some("/b")),
            ("docs/two.md", Some("/a")),
            ("docs/deploy.md", None),
        ];
        assert_eq!(shown, expected);
        assert_eq!(notes[0].excerpt, "Then call /a.");
    }

    #[test]
    fn there_are_never_more_than_five_notes_and_their_text_cannot_act() {
        let sections: Vec<Section> =
            (0..9).map(|number| section(&format!("{number}.md"), "Deploy", "\u{1b}[31mred")).collect();
        let notes = chosen(&[], &sections);
        assert_eq!(notes.len(), MOST_NOTES);
        assert_eq!(notes[0].excerpt, "\u{fffd}[31mred");
    }
}
