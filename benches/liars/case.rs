//! A case: what production does, what an agent asks, and what the gate should say.

use serde_json::{Map, Value, json};

use super::answer::json as says;
use super::production::Hosting;
use super::rule::{Rule, before_deploy, on};
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

/// Something that happens before the last call.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A tool is called with these arguments.
    Call(&'static str, Value),
    /// A command of the agent's own shell, in the repository.
    Shell(&'static str),
    /// Production gets its next build, from HEAD.
    Deploy,
}

/// Which of the honest aims a case is measured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// DONE at the first natural call.
    Natural,
    /// A strong set-up reads `proven`.
    Strong,
    /// The first call is refused with the way out, and the next step brings it to DONE.
    WayOut(&'static str),
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
    /// What happens before the last call, in the same project.
    pub before: Vec<Step>,
    /// What the agent does when the last call was refused; the last of it is judged instead.
    pub after: Vec<Step>,
    /// What is measured where nobody lies.
    pub aim: Aim,
    /// Settings that a person gave at start: key and text.
    pub settings: Vec<(&'static str, String)>,
    /// What a headline must not say, because it is not so.
    pub untrue: &'static [&'static str],
    /// The tool of the last call.
    pub tool: &'static str,
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// What an agent asks that knows paths and statuses only, where it is not the same without expectations.
    pub blind: Option<Vec<Value>>,
    /// How many proofs may count at most, where the case multiplies checks or says nothing with them.
    pub most: Option<u64>,
    /// Files of the repository.
    pub files: Vec<(&'static str, &'static str)>,
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
            after: Vec::new(),
            aim: Aim::Natural,
            settings: Vec::new(),
            untrue: &[],
            tool: "run_task",
            arguments,
            blind: None,
            most: None,
            files: Vec::new(),
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
        self.before.push(Step::Call(tool, arguments));
        self
    }

    /// Adds other steps before the last call.
    pub(super) fn then(mut self, steps: Vec<Step>) -> Self {
        self.before.extend(steps);
        self
    }

    /// Says what no headline may say.
    pub(super) fn untrue(mut self, clauses: &'static [&'static str]) -> Self {
        self.untrue = clauses;
        self
    }

    /// Gives a setting as a person does at start.
    pub(super) fn set(mut self, key: &'static str, value: &Value) -> Self {
        self.settings.push((key, value.to_string()));
        self
    }

    pub(super) fn aiming(mut self, aim: Aim) -> Self {
        self.aim = aim;
        self
    }

    /// Says what the refusal of the natural call has to name, and what is done then.
    pub(super) fn way_out(mut self, word: &'static str, steps: Vec<Step>) -> Self {
        (self.aim, self.after) = (Aim::WayOut(word), steps);
        self
    }

    /// Replaces the last call.
    pub(super) fn ending(mut self, tool: &'static str, arguments: Map<String, Value>) -> Self {
        (self.tool, self.arguments) = (tool, arguments);
        self
    }

    pub(super) fn files(mut self, files: &'static [(&'static str, &'static str)]) -> Self {
        self.files.extend(files);
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

/// Where a test is counted, and passes.
pub(super) const TESTS: (&str, &str) = (
    "test_shop.py",
    "import unittest\n\nclass Shop(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(2 + 2, 4)\n",
);
/// How its tests are run.
pub(super) const TESTED: &str = "python3 -m unittest test_shop";
/// The agent commits the work.
pub(super) const WORK: Step =
    Step::Shell("mkdir -p src && echo EUR > src/currency && git add src/currency && git commit -qm work");

/// The same in a strong set-up: the project requires `strict`, the work is committed and tested, `old` answers before the
/// deploy and is observed, and production tells its commit at /version where the case does not say something else.
pub(super) fn strong(mut case: Case, old: Vec<Rule>) -> Case {
    let version = || on("/version").says(says(r#"{"commit":"{{build}}"}"#));
    let mut rules = before_deploy([vec![version()], old].concat());
    if !case.rules.iter().any(|rule| rule.is_for("/version")) {
        rules.push(version());
    }
    rules.append(&mut case.rules);
    case.rules = rules;
    case.files.push(TESTS);
    case = case.with("local_tests", json!([TESTED])).set("policy", &json!({"require": ["strict"]}));
    let mut observed = case.arguments.clone();
    observed.insert("baseline".to_owned(), json!(true));
    case.arguments = Map::from_iter([("task_id".to_owned(), json!("{{task_id}}"))]);
    case.then(vec![WORK, Step::Call("run_task", Value::Object(observed)), Step::Deploy])
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
