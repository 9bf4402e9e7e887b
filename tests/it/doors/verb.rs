//! One row of the table: a verb, how each door is asked for it, and what may differ.

use std::collections::BTreeSet;

use serde_json::Value;
use snipara_orchestrator::domain::{Clock, SystemClock};

use super::project::{Call, Door, Ground};
use super::stored::{Stored, known, stored};

/// A verb as every door knows it.
pub(super) struct Verb {
    pub(super) name: &'static str,
    before: Vec<(&'static str, Value)>,
    pub(super) calls: Vec<(Door, Call)>,
    is_refused: bool,
    differences: Vec<Difference>,
}

/// What a door is meant to store differently.
struct Difference {
    door: Door,
    /// `table.column`, or `table` for all of it.
    place: &'static str,
    reason: &'static str,
}

/// Begins a row.
pub(super) fn verb(name: &'static str) -> Verb {
    Verb { name, before: Vec::new(), calls: Vec::new(), is_refused: false, differences: Vec::new() }
}

impl Verb {
    /// Calls this tool before, in every project alike.
    pub(super) fn after(mut self, tool: &'static str, arguments: Value) -> Self {
        self.before.push((tool, arguments));
        self
    }

    /// Asks over MCP, on pipes and over HTTP.
    pub(super) fn mcp(mut self, tool: &'static str, arguments: Value) -> Self {
        self.calls.push((Door::Stdio, Call::Tool(tool, arguments.clone())));
        self.calls.push((Door::Http, Call::Tool(tool, arguments)));
        self
    }

    /// Asks on the command line.
    pub(super) fn cli(mut self, words: &[&'static str]) -> Self {
        self.calls.push((Door::CommandLine, Call::Words(words.to_vec())));
        self
    }

    /// Asks on Snipara's routes, by a name without prefix.
    pub(super) fn snipara(mut self, tool: &'static str, arguments: Value) -> Self {
        self.calls.push((Door::SniparaRpc, Call::Tool(tool, arguments.clone())));
        self.calls.push((Door::SniparaRest, Call::Tool(tool, arguments)));
        self
    }

    /// Every door must refuse.
    pub(super) fn refused(mut self) -> Self {
        self.is_refused = true;
        self
    }

    /// A door stores this differently, for a reason.
    pub(super) fn differs(mut self, doors: &[Door], place: &'static str, reason: &'static str) -> Self {
        self.differences.extend(doors.iter().map(|door| Difference { door: *door, place, reason }));
        self
    }

    /// Carries the verb out through each door on a project of its own; returns what is wrong.
    pub(super) async fn problems(&self, ground: &Ground) -> Vec<String> {
        let before = ground.project(&self.name.replace(' ', "-"));
        if !self.before.is_empty() {
            for (step, answer) in self.before.iter().zip(before.over_stdio(&self.before).await) {
                answer.unwrap_or_else(|error| panic!("{}: {step:?}: {error}", self.name));
            }
        }
        let known = if self.before.is_empty() { BTreeSet::new() } else { known(&before) };
        let (mut problems, mut first) = (Vec::new(), None::<(Door, Stored)>);
        for (door, call) in &self.calls {
            let project = before.copy(&format!("{}-{door:?}", self.name.replace(' ', "-")));
            let now_us = SystemClock.now().as_micros();
            let answer = project.through(*door, call).await;
            if answer.is_err() != self.is_refused {
                problems.push(format!("{}, {door:?}: {answer:?}", self.name));
                continue;
            }
            let found = stored(&project, &known, now_us);
            match &first {
                None => first = Some((*door, found)),
                Some((reference, expected)) => {
                    let said = self.compared(*door, expected.clone(), found);
                    problems.extend(
                        said.into_iter().map(|line| format!("{}, {reference:?} and {door:?}: {line}", self.name)),
                    );
                }
            }
        }
        problems
    }

    fn compared(&self, door: Door, mut expected: Stored, mut found: Stored) -> Vec<String> {
        let mut problems = Vec::new();
        for Difference { place, reason, .. } in self.differences.iter().filter(|difference| difference.door == door) {
            let (one, other) = (taken(&mut expected, place), taken(&mut found, place));
            if one == other {
                problems.push(format!("{place} is the same, although it should differ: {reason}"));
            }
        }
        let tables: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
        for table in tables {
            let rows = |stored: &Stored| {
                let mut rows = stored.get(table).cloned().unwrap_or_default();
                rows.sort();
                rows
            };
            let (one, other) = (rows(&expected), rows(&found));
            if one.len() != other.len() {
                problems.push(format!("{table} has {} rows and {}: {one:#?} {other:#?}", one.len(), other.len()));
                continue;
            }
            for (one, other) in one.iter().zip(&other) {
                let columns: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                let differing = columns.into_iter().filter(|column| one.get(*column) != other.get(*column));
                problems
                    .extend(differing.map(|column| {
                        format!("{table}.{column} is {:?} and {:?}", one.get(column), other.get(column))
                    }));
            }
        }
        problems
    }
}

/// Takes a table or one of its columns out, and returns what stood there.
fn taken(stored: &mut Stored, place: &str) -> Vec<String> {
    let Some((table, column)) = place.split_once('.') else {
        return stored.remove(place).into_iter().flatten().map(|row| format!("{row:?}")).collect();
    };
    let rows = stored.get_mut(table).into_iter().flatten();
    let mut found: Vec<String> = rows.map(|row| row.remove(column).unwrap_or_default()).collect();
    found.sort();
    found
}
