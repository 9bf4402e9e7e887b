//! What `init` proposes: out of what the sources tell and what production answers now.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::ProductionLook;
use crate::detect::Detected;
use crate::domain::{VERSION_PATHS, WELL_KNOWN_HEALTH_PATHS, names_health};

/// The most checks of a suite that is proposed.
const MAX_CHECKS: usize = 5;
/// The most routes that are asked before some are chosen.
const MAX_ASKED: usize = 20;

/// What is proposed, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Proposal {
    /// The frameworks that were recognised.
    pub(super) frameworks: Vec<String>,
    /// The OpenAPI documents that were read.
    pub(super) documents: Vec<String>,
    /// The commands that run the tests.
    pub(super) local_tests: Vec<String>,
    /// The status of production's own address; nothing when it does not answer.
    pub(super) production_status: Option<u16>,
    /// Why production does not answer, where it was asked.
    pub(super) silence: Option<String>,
    /// The health route that says that production is healthy.
    pub(super) health: Option<String>,
    /// Where production tells its commit.
    pub(super) version: Option<String>,
    /// The suite's name and its checks.
    pub(super) suite: String,
    pub(super) checks: Vec<String>,
    /// Routes that were found and do not answer as they should, with why.
    pub(super) left_out: Vec<(String, String)>,
    /// What a person should know beside it, one line each.
    pub(super) notes: Vec<String>,
}

/// Returns the routes to ask: those of the sources that are no health or version route, then the front page.
pub(super) fn routes_to_ask(detected: &Detected) -> Vec<String> {
    let own = detected.routes.iter().filter(|path| !tells_of_itself(path)).take(MAX_ASKED - 1).cloned();
    let mut routes: Vec<String> = own.collect();
    if !routes.iter().any(|path| path == "/") {
        routes.push("/".to_owned());
    }
    routes
}

/// Returns the paths that may be health routes: those of the sources, then those that the frameworks bring.
pub(super) fn health_routes(detected: &Detected) -> Vec<&str> {
    let own = detected.routes.iter().map(String::as_str).filter(|path| names_health(path));
    own.chain(detected.health.iter().copied()).take(4).collect()
}

fn tells_of_itself(path: &str) -> bool {
    names_health(path) || VERSION_PATHS.contains(&path)
}

impl Proposal {
    /// Chooses what is proposed. `asked` says what came of each of [`routes_to_ask`], where production was asked;
    /// `is_there` tells whether the program of a command is.
    pub(super) fn of(
        project: &str,
        detected: &Detected,
        look: Option<&ProductionLook>,
        is_there: impl Fn(&str) -> bool,
    ) -> Self {
        let mut proposal = Self {
            frameworks: detected.frameworks.iter().map(|name| (*name).to_owned()).collect(),
            documents: detected.documents.clone(),
            suite: project.to_owned(),
            notes: detected.unread.iter().map(|line| format!("cannot read {line}")).collect(),
            ..Self::default()
        };
        for command in &detected.test_commands {
            if is_there(command) {
                proposal.local_tests.push((*command).to_owned());
            } else {
                let program = command.split(' ').next().unwrap_or(command);
                proposal.notes.push(format!(
                    "`{command}` would run the tests, and `{program}` is not here: install it, then `snipara-orchestrator init --yes`"
                ));
            }
        }
        match look.filter(|look| look.status.is_some()) {
            Some(look) => proposal.take_look(detected, look),
            None => {
                proposal.silence = look.and_then(|look| look.silence.clone());
                let own = routes_to_ask(detected).into_iter().filter(|path| detected.routes.contains(path));
                proposal.checks = own.take(MAX_CHECKS).collect();
                if proposal.checks.is_empty() {
                    proposal.checks.extend(health_routes(detected).first().map(|path| (*path).to_owned()));
                }
            }
        }
        proposal
    }

    fn take_look(&mut self, detected: &Detected, look: &ProductionLook) {
        self.production_status = look.status;
        self.health.clone_from(&look.health);
        self.version = look.version.as_ref().map(|(path, _)| path.clone());
        for check in &look.checks {
            match &check.problem {
                None if self.checks.len() < MAX_CHECKS => self.checks.push(check.path.clone()),
                Some(why) if detected.routes.contains(&check.path) => {
                    self.left_out.push((check.path.clone(), why.clone()));
                }
                _ => {}
            }
        }
        // A service that offers nothing but its health is proven by that.
        if self.checks.is_empty() {
            self.checks.extend(look.health.clone());
        }
        if let Some(issue) = &look.unhealthy {
            self.notes.push(format!("{issue}: no task is DONE while it says so"));
        }
    }

    /// Returns what is written, by key.
    pub(super) fn keys(&self) -> Map<String, Value> {
        let mut keys = Map::new();
        if !self.local_tests.is_empty() {
            keys.insert("policy".to_owned(), json!({ "local_tests": self.local_tests }));
        }
        // Routes that every run guesses are not fixed: a task may count them all.
        if let Some(path) = self.health.as_ref().filter(|path| !WELL_KNOWN_HEALTH_PATHS.contains(&path.as_str())) {
            keys.insert("health_paths".to_owned(), json!([path]));
        }
        if let Some(path) = &self.version {
            keys.insert("version".to_owned(), json!({ "path": path }));
        }
        if !self.checks.is_empty() {
            keys.insert("suites".to_owned(), json!({ &self.suite: self.checks }));
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::CheckLook;

    fn detected(routes: &[&str]) -> Detected {
        Detected {
            frameworks: vec!["FastAPI"],
            test_commands: vec!["pytest"],
            routes: routes.iter().map(|path| (*path).to_owned()).collect(),
            ..Detected::default()
        }
    }

    fn look(checks: &[(&str, Option<&str>)]) -> ProductionLook {
        let check = |(path, problem): &(&str, Option<&str>)| CheckLook {
            path: (*path).to_owned(),
            problem: problem.map(str::to_owned),
        };
        ProductionLook { status: Some(200), checks: checks.iter().map(check).collect(), ..ProductionLook::default() }
    }

    #[test]
    fn what_production_answers_now_is_proposed_and_the_rest_is_told() {
        let detected = detected(&["/orders", "/admin", "/health", "/version"]);
        assert_eq!(routes_to_ask(&detected), ["/orders", "/admin", "/"]);
        assert_eq!(health_routes(&detected), ["/health"]);
        let look = ProductionLook {
            health: Some("/up".into()),
            version: Some(("/version".into(), "/version answers 37b73f8".into())),
            ..look(&[
                ("/orders", None),
                ("/admin", Some("expected 2xx, got 401")),
                ("/", Some("expected 2xx, got 404")),
            ])
        };
        let proposal = Proposal::of("shop", &detected, Some(&look), |_| true);
        assert_eq!(
            Value::Object(proposal.keys()),
            json!({
                "policy": {"local_tests": ["pytest"]}, "health_paths": ["/up"], "version": {"path": "/version"},
                "suites": {"shop": ["/orders"]}
            })
        );
        let guessed = Proposal { health: Some("/health".into()), ..proposal.clone() };
        assert!(!guessed.keys().contains_key("health_paths"), "every run asks it, and more like it");
        assert_eq!(proposal.left_out, [("/admin".to_owned(), "expected 2xx, got 401".to_owned())]);
    }

    #[test]
    fn without_an_answer_the_sources_alone_are_proposed_and_health_is_not_fixed() {
        let detected = detected(&["/a", "/b", "/c", "/d", "/e", "/f", "/healthz"]);
        let silent = ProductionLook { silence: Some("connection refused".into()), ..ProductionLook::default() };
        let proposal = Proposal::of("shop", &detected, Some(&silent), |_| false);
        assert_eq!(Value::Object(proposal.keys()), json!({"suites": {"shop": ["/a", "/b", "/c", "/d", "/e"]}}));
        assert!(proposal.notes[0].starts_with("`pytest` would run the tests"), "{:?}", proposal.notes);
        assert_eq!(Proposal::of("shop", &Detected::default(), None, |_| true).keys(), Map::new());
    }

    #[test]
    fn a_service_with_nothing_but_its_health_is_proven_by_that() {
        let look = ProductionLook { health: Some("/healthz".into()), ..look(&[("/", Some("expected 2xx, got 404"))]) };
        let proposal = Proposal::of("shop", &detected(&["/healthz"]), Some(&look), |_| true);
        assert_eq!(proposal.checks, ["/healthz"]);
    }
}
