//! Which tools a server offers: an upper bound, set at its start, that no caller can lift.

use crate::domain::{nearest, one_line};

use crate::tools::{self, ToolSpec, Toolset, tools};

/// What a server offers; an upper bound that no caller can lift.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// `--toolsets a,b|all`; the default profile when neither this nor `tools` is given.
    pub toolsets: Option<Vec<String>>,
    /// `--tools x,y`: exactly these, beside those of `toolsets` when both are given.
    pub tools: Option<Vec<String>>,
    /// `--read-only`: of the selected tools only those that neither write nor run commands.
    ///
    /// `validate_endpoint` and `check_drift` are left out: they record what they observed.
    pub read_only: bool,
    /// `--lockdown`: answers leave out what others wrote; a link leads to it.
    pub lockdown: bool,
    /// Whether a Snipara key is configured: without one the toolset `hosted` has nobody to call.
    pub hosted: bool,
}

/// The options name something that does not exist, or nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerOptionsError {
    /// No toolset has this name.
    #[error("unknown toolset `{name}`{}: known are {}", meant(.nearest.as_deref()), toolset_names())]
    UnknownToolset {
        /// What was given.
        name: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// No tool has this name.
    #[error("unknown tool `{name}`{}: known are {}", meant(.nearest.as_deref()), tool_names())]
    UnknownTool {
        /// What was given.
        name: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// The tool calls the Snipara service.
    #[error(
        "`{name}` calls the hosted Snipara service, and no key is configured: set SNIPARA_API_KEY, or leave it away"
    )]
    NeedsKey {
        /// The tool or toolset.
        name: String,
    },
    /// Nothing is left to offer.
    #[error("no tool is left to offer: name toolsets or tools{}", if *.read_only { " that only read, or leave --read-only away" } else { "" })]
    NothingLeft {
        /// Whether `--read-only` was given.
        read_only: bool,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

fn toolset_names() -> String {
    let mut names = Toolset::ALL.map(Toolset::name).to_vec();
    names.push("all");
    names.join(", ")
}

fn tool_names() -> String {
    tools().iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ")
}

impl ServerOptions {
    /// Returns the names of the offered tools.
    ///
    /// # Errors
    /// When an option names an unknown tool or toolset, or when nothing is left.
    pub fn offered_names(&self) -> Result<Vec<&'static str>, ServerOptionsError> {
        Ok(self.offered()?.into_iter().map(|tool| tool.name).collect())
    }

    /// Returns the offered tools, in the order in which they are listed.
    ///
    /// # Errors
    /// When an option names an unknown tool or toolset, or when nothing is left.
    pub(super) fn offered(&self) -> Result<Vec<&'static ToolSpec>, ServerOptionsError> {
        for name in self.toolsets.iter().flatten() {
            if name != "all" && Toolset::named(name).is_none() {
                let known = Toolset::ALL.into_iter().map(Toolset::name).chain(["all"]);
                let nearest = nearest(name, known).map(str::to_owned);
                return Err(ServerOptionsError::UnknownToolset { name: one_line(name, 60), nearest });
            }
        }
        for name in self.tools.iter().flatten() {
            if tools::find(name).is_none() {
                let nearest = nearest(name, tools().iter().map(|tool| tool.name)).map(str::to_owned);
                return Err(ServerOptionsError::UnknownTool { name: one_line(name, 60), nearest });
            }
        }
        let needs_key = |name: &str| {
            Toolset::named(name) == Some(Toolset::Hosted)
                || tools::find(name).is_some_and(|tool| tool.toolset == Toolset::Hosted)
        };
        let mut named = self.toolsets.iter().chain(&self.tools).flatten();
        if let Some(name) = named.find(|name| !self.hosted && needs_key(name)) {
            return Err(ServerOptionsError::NeedsKey { name: name.clone() });
        }
        let offered: Vec<_> = tools()
            .iter()
            .filter(|tool| self.hosted || tool.toolset != Toolset::Hosted)
            .filter(|tool| self.selects(tool) && (!self.read_only || tool.read_only()))
            .collect();
        if offered.is_empty() {
            return Err(ServerOptionsError::NothingLeft { read_only: self.read_only });
        }
        Ok(offered)
    }

    /// Tells whether callers may do what a tool does where no profile keeps the list short: all of it, unless tools were
    /// named or only reading is allowed.
    pub(super) fn lets(&self, name: &str) -> bool {
        let named = self.toolsets.is_some() || self.tools.is_some();
        let lets = |tool: &ToolSpec| (!named || self.selects(tool)) && (!self.read_only || tool.read_only());
        tools::find(name).is_some_and(lets)
    }

    fn selects(&self, tool: &ToolSpec) -> bool {
        if self.toolsets.is_none() && self.tools.is_none() {
            return tool.default;
        }
        let by_toolset = self.toolsets.iter().flatten().any(|name| name == "all" || name == tool.toolset.name());
        by_toolset || self.tools.iter().flatten().any(|name| name == tool.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scope;

    fn offered(options: &ServerOptions) -> Result<Vec<&'static str>, ServerOptionsError> {
        Ok(options.offered()?.into_iter().map(|tool| tool.name).collect())
    }

    fn names(list: &[&str]) -> Option<Vec<String>> {
        Some(list.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn the_default_profile_is_the_bold_tools_of_the_contract_with_a_key_and_without() {
        for hosted in [false, true] {
            let options = ServerOptions { hosted, ..ServerOptions::default() };
            let default: Vec<&str> = tools().iter().filter(|tool| tool.default).map(|tool| tool.name).collect();
            assert_eq!(offered(&options).expect("tools"), default);
        }
    }

    #[test]
    fn the_hosted_toolset_is_offered_only_with_a_key_and_who_asks_for_it_without_one_is_told() {
        let all = |hosted| ServerOptions { toolsets: names(&["all"]), hosted, ..ServerOptions::default() };
        assert!(!offered(&all(false)).expect("tools").contains(&"snipara_call"));
        assert!(offered(&all(true)).expect("tools").contains(&"snipara_call"));
        let toolset = ServerOptions { toolsets: names(&["hosted"]), ..ServerOptions::default() };
        let tool = ServerOptions { tools: names(&["run_task", "snipara_call"]), ..ServerOptions::default() };
        for (options, name) in [(toolset, "hosted"), (tool, "snipara_call")] {
            assert_eq!(offered(&options), Err(ServerOptionsError::NeedsKey { name: name.to_owned() }));
            let with_key = ServerOptions { hosted: true, ..options };
            assert!(offered(&with_key).expect("tools").contains(&"snipara_call"));
        }
    }

    #[test]
    fn read_only_leaves_only_tools_that_neither_write_nor_run() {
        let options = ServerOptions { toolsets: names(&["all"]), read_only: true, ..ServerOptions::default() };
        let reading = tools().iter().filter(|tool| tool.scope == Scope::Read && tool.toolset != Toolset::Hosted);
        assert_eq!(offered(&options).expect("tools"), reading.map(|tool| tool.name).collect::<Vec<_>>());
    }

    #[test]
    fn tools_are_exactly_those_named() {
        let options = ServerOptions { tools: names(&["verify_proofs", "run_task"]), ..ServerOptions::default() };
        assert_eq!(offered(&options).expect("tools"), ["run_task", "verify_proofs"]);
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest_and_an_empty_choice_as_such() {
        let wrong = ServerOptions { toolsets: names(&["validat"]), ..ServerOptions::default() };
        let message = offered(&wrong).expect_err("refused").to_string();
        assert_eq!(
            message,
            "unknown toolset `validat` (did you mean `validate`?): known are validate, memory, htask, context, swarm, \
             proofs, hosted, all"
        );
        let wrong = ServerOptions { tools: names(&["run_tasks"]), ..ServerOptions::default() };
        assert!(offered(&wrong).expect_err("refused").to_string().contains("did you mean `run_task`?"));
        let nothing = ServerOptions { tools: names(&["run_task"]), read_only: true, ..ServerOptions::default() };
        assert_eq!(offered(&nothing), Err(ServerOptionsError::NothingLeft { read_only: true }));
    }
}
