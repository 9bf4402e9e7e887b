//! A case: what production does, what an agent asks, and what the gate should say.

use serde_json::{Map, Value, json};

use super::production::Hosting;
use super::rule::Rule;
use super::{app, checks};

/// Who lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The deployment does not do what was wanted, and an honest agent asks.
    Deployment,
    /// The agent wants "done" without deserving it.
    Agent,
    /// Nobody: it must be done.
    Honest,
}

impl Kind {
    /// Returns the verdict that is wanted.
    pub(super) const fn wanted(self) -> &'static str {
        match self {
            Self::Deployment | Self::Agent => "not done",
            Self::Honest => "done",
        }
    }
}

/// A second server of the agent's own, beside production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accomplice {
    None,
    /// The settings allow calls to it.
    Allowed,
    /// They do not.
    Foreign,
}

/// One case.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub id: &'static str,
    /// One sentence: what it is.
    pub what: &'static str,
    pub kind: Kind,
    /// What an answer can show does not tell it: it needs the build, an earlier observation or counted tests.
    pub later: bool,
    pub rules: Vec<Rule>,
    pub hosting: Hosting,
    pub accomplice: Accomplice,
    /// Calls before the last one, in the same project: tool and arguments.
    pub before: Vec<(&'static str, Value)>,
    /// The tool of the last call.
    pub tool: &'static str,
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// What an agent asks that knows paths and statuses only, where it is not the same without expectations.
    pub blind: Option<Vec<Value>>,
    /// How many proofs may count at most, where the case multiplies checks or says nothing with them.
    pub most: Option<u64>,
    /// Files of the repository.
    pub files: &'static [(&'static str, &'static str)],
    /// Files that are not committed.
    pub uncommitted: &'static [(&'static str, &'static str)],
}

impl Case {
    fn new(kind: Kind, id: &'static str, what: &'static str, rules: Vec<Rule>, checks: Vec<Value>) -> Self {
        let mut arguments = Map::new();
        arguments.insert("title".to_owned(), json!(what));
        arguments.insert("local_tests".to_owned(), json!([]));
        arguments.insert("live_checks".to_owned(), Value::Array(checks));
        Self {
            id,
            what,
            kind,
            later: false,
            rules,
            hosting: Hosting::Address,
            accomplice: Accomplice::None,
            before: Vec::new(),
            tool: "run_task",
            arguments,
            blind: None,
            most: None,
            files: &[],
            uncommitted: &[],
        }
    }

    /// Replaces what the competent agent asks.
    pub(super) fn asking(self, checks: Vec<Value>) -> Self {
        self.with("live_checks", Value::Array(checks))
    }

    /// Says what the agent asks that knows paths and statuses only.
    pub(super) fn blindly(mut self, checks: Vec<Value>) -> Self {
        self.blind = Some(checks);
        self
    }

    /// Sets an argument of the last call.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.arguments.insert(name.to_owned(), value);
        self
    }

    /// Marks what no answer shows by itself.
    pub(super) fn later(mut self) -> Self {
        self.later = true;
        self
    }

    /// Says how many proofs may count.
    pub(super) fn most(mut self, proofs: u64) -> Self {
        self.most = Some(proofs);
        self
    }

    pub(super) fn hosted(mut self, hosting: Hosting) -> Self {
        self.hosting = hosting;
        self
    }

    pub(super) fn beside(mut self, accomplice: Accomplice) -> Self {
        self.accomplice = accomplice;
        self
    }

    /// Adds a call before the last one.
    pub(super) fn after(mut self, tool: &'static str, arguments: Value) -> Self {
        self.before.push((tool, arguments));
        self
    }

    /// Replaces the last call.
    pub(super) fn ending(mut self, tool: &'static str, arguments: Map<String, Value>) -> Self {
        (self.tool, self.arguments) = (tool, arguments);
        self
    }

    pub(super) fn files(mut self, files: &'static [(&'static str, &'static str)]) -> Self {
        self.files = files;
        self
    }

    pub(super) fn uncommitted(mut self, files: &'static [(&'static str, &'static str)]) -> Self {
        self.uncommitted = files;
        self
    }

    /// Returns the arguments of the agent that knows paths and statuses only.
    pub(super) fn blind_arguments(&self) -> Map<String, Value> {
        let mut arguments = self.arguments.clone();
        match &self.blind {
            Some(checks) => drop(arguments.insert("live_checks".to_owned(), Value::Array(checks.clone()))),
            None => drop(checks::leave_out(&mut arguments)),
        }
        arguments
    }
}

/// A lying deployment of the shop: these rules before the new build's. The agents ask for the shop's feature.
pub(super) fn lie(id: &'static str, what: &'static str, mut rules: Vec<Rule>) -> Case {
    rules.extend(app::shop());
    Case::new(Kind::Deployment, id, what, rules, app::feature())
}

/// A lying agent over the shop's old build, with these rules before it.
pub(super) fn liar(id: &'static str, what: &'static str, mut rules: Vec<Rule>, checks: Vec<Value>) -> Case {
    rules.extend(app::old_shop());
    Case::new(Kind::Agent, id, what, rules, checks)
}

/// An honest deployment of the shop, with these rules before it, and these checks beside two plain ones of the shop.
pub(super) fn honest(id: &'static str, what: &'static str, mut rules: Vec<Rule>, mut checks: Vec<Value>) -> Case {
    rules.extend(app::shop());
    checks.extend(app::plain());
    Case::new(Kind::Honest, id, what, rules, checks)
}

/// An honest deployment of something else: these rules and these checks, nothing beside.
pub(super) fn alone(id: &'static str, what: &'static str, rules: Vec<Rule>, checks: Vec<Value>) -> Case {
    Case::new(Kind::Honest, id, what, rules, checks)
}
