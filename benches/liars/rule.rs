//! When the production gives which answer: the first rule that fits is the one.

use super::answer::Answer;
use super::request::Request;

/// What must hold for a rule; all of its conditions at once.
#[derive(Debug, Clone)]
pub(super) enum When {
    Path(&'static str),
    Under(&'static str),
    /// Anything else than these paths.
    NotPaths(&'static [&'static str]),
    Method(&'static str),
    /// The query holds this text; an empty one means that there is any query.
    Query(&'static str),
    /// The header is there and holds this text.
    Header(&'static str, &'static str),
    Body(&'static str),
    /// This path was asked more often than that before.
    AfterAsks(u64),
    /// Each ask of this path whose number divides by this.
    Every(u64),
    OddConnection,
    Node(usize),
    /// So many deploys were made before: the old build answers until the first.
    Deploys(u64),
}

impl When {
    fn holds(&self, request: &Request) -> bool {
        match self {
            Self::Path(path) => request.path == *path,
            Self::Under(folder) => request.path.starts_with(folder),
            Self::NotPaths(paths) => !paths.contains(&request.path.as_str()),
            Self::Method(method) => request.method == *method,
            Self::Query("") => !request.query.is_empty(),
            Self::Query(text) => request.query.contains(text),
            Self::Header(name, text) => request.header(name).is_some_and(|value| value.contains(text)),
            Self::Body(text) => request.body.contains(text),
            Self::AfterAsks(asks) => request.count > *asks,
            Self::Every(number) => request.count.is_multiple_of(*number),
            Self::OddConnection => !request.connection.is_multiple_of(2),
            Self::Node(node) => request.node == *node,
            Self::Deploys(deploys) => request.deploys == *deploys,
        }
    }
}

/// A rule of a production.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    when: Vec<When>,
    pub answer: Answer,
}

impl Rule {
    /// Tells whether it is about this path alone.
    pub(super) fn is_for(&self, path: &str) -> bool {
        self.when.iter().any(|when| matches!(when, When::Path(known) if *known == path))
    }

    /// Adds a condition.
    pub(super) fn needs(&mut self, condition: When) {
        self.when.push(condition);
    }

    pub(super) fn fits(&self, request: &Request) -> bool {
        self.when.iter().all(|when| when.holds(request))
    }
}

/// These rules hold before the first deploy only.
pub(super) fn before_deploy(rules: Vec<Rule>) -> Vec<Rule> {
    let old = |mut rule: Rule| {
        rule.when.push(When::Deploys(0));
        rule
    };
    rules.into_iter().map(old).collect()
}

/// A rule that still needs its answer.
#[derive(Debug, Clone)]
pub(super) struct Condition(Vec<When>);

impl Condition {
    /// Adds a condition.
    pub(super) fn and(mut self, when: When) -> Self {
        self.0.push(when);
        self
    }

    pub(super) fn says(self, answer: Answer) -> Rule {
        Rule { when: self.0, answer }
    }
}

/// For one path.
pub(super) fn on(path: &'static str) -> Condition {
    Condition(vec![When::Path(path)])
}

/// For a folder and all below.
pub(super) fn under(folder: &'static str) -> Condition {
    Condition(vec![When::Under(folder)])
}

/// For every path but the health route, so that a case shows what it is about.
pub(super) fn anywhere() -> Condition {
    Condition(vec![When::NotPaths(&["/health"])])
}
