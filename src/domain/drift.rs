//! How the environment differs from what the repository says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BuildStanding, Request, RouteKey, Timestamp, words, yes};

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// A route of production.
    Route,
    /// Production's health routes, together.
    Health,
    /// The database schema.
    Schema,
    /// The deployed version.
    Version,
    /// The files that production's pages load.
    Assets,
}

// In the order in which a report lists them.
words! { DriftKind, as_str {
    Route = "route", Health = "health", Version = "version", Assets = "assets", Schema = "schema",
} }

impl DriftKind {
    /// Tells whether a finding is about one route, and thus explains only the failure of a check of that route; any
    /// other finding may explain every failure.
    pub const fn concerns_one_route(self) -> bool {
        matches!(self, Self::Route | Self::Health)
    }
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum DriftAnswer {
    /// It differs: a finding.
    Found {
        /// What differs, one line.
        issue: String,
        /// What to do about it, one line.
        recommendation: String,
    },
    /// It was compared and does not differ.
    Clean,
    /// It could not be compared.
    Unverified {
        /// Why.
        why: String,
        /// How to make it possible.
        fix: String,
    },
    /// There is nothing of the kind here to compare.
    NotApplicable {
        /// What is not here.
        why: String,
    },
}

impl DriftAnswer {
    /// Makes a finding: what differs, and what to do about it, one line each.
    pub fn found(issue: impl Into<String>, recommendation: impl Into<String>) -> Self {
        Self::Found { issue: issue.into(), recommendation: recommendation.into() }
    }

    /// Makes the answer of a comparison that is not possible: why, and how to make it possible.
    pub fn unverified(why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Unverified { why: why.into(), fix: fix.into() }
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftCheck {
    /// What was compared.
    pub kind: DriftKind,
    /// What exactly: a route as asked for, a schema file, a version address.
    pub subject: String,
    /// The absolute URL, for routes, without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The route that was asked: a finding explains a failing check of it. It is not recorded.
    #[serde(skip)]
    #[schemars(skip)]
    pub route: Option<RouteKey>,
    /// The status, when an answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
    /// What was found.
    #[serde(flatten)]
    pub answer: DriftAnswer,
    /// For the version: the build that production told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<DeployedBuild>,
    /// Whether the caller named it: unverified then means "could not" (exit code 3).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explicit: bool,
}

/// The build that production told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeployedBuild {
    /// The commit: hexadecimal digits, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What it is to the repository's HEAD.
    pub standing: BuildStanding,
    /// One clause: `/version answers 37b73f8`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub told: String,
    /// One clause about what this rests on, where somebody else may have written it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<String>,
}

/// All comparisons of one drift check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftReport {
    /// Every comparison, in the order of [`DriftKind::ALL`].
    pub checks: Vec<DriftCheck>,
    /// When the last comparison ended.
    pub checked_at: Timestamp,
}

impl DriftReport {
    /// Tells whether any comparison is a finding.
    pub fn has_drift(&self) -> bool {
        self.checks.iter().any(|check| matches!(check.answer, DriftAnswer::Found { .. }))
    }

    /// Returns the build that production told: a commit before what files say, and anything before what says nothing.
    pub fn build(&self) -> Option<&DeployedBuild> {
        let told = || self.checks.iter().filter_map(|check| check.build.as_ref());
        let is_known = |build: &&DeployedBuild| build.standing != BuildStanding::Unknown;
        told().find(|build| build.commit.is_some()).or_else(|| told().find(is_known)).or_else(|| told().next())
    }

    /// Returns the path of the health route that said something good.
    pub fn healthy_route(&self, production: &super::Production) -> Option<String> {
        let clean = |check: &&DriftCheck| check.kind == DriftKind::Health && check.answer == DriftAnswer::Clean;
        let url = self.checks.iter().find(clean)?.url.as_ref()?;
        production.path_of(&url::Url::parse(url).ok()?)
    }

    /// Tells whether at least one comparison could be made.
    pub fn checked_anything(&self) -> bool {
        self.checks.iter().any(|check| matches!(check.answer, DriftAnswer::Found { .. } | DriftAnswer::Clean))
    }

    /// Returns the findings, one line each.
    pub fn issues(&self) -> Vec<String> {
        self.lines(|check| match &check.answer {
            DriftAnswer::Found { issue, .. } => Some(issue.clone()),
            _ => None,
        })
    }

    /// Returns what to do about the findings, one line each.
    pub fn recommendations(&self) -> Vec<String> {
        self.lines(|check| match &check.answer {
            DriftAnswer::Found { recommendation, .. } => Some(recommendation.clone()),
            _ => None,
        })
    }

    /// Returns what could not be compared, with reason and fix, one line each.
    pub fn unverified(&self) -> Vec<String> {
        self.lines(|check| match &check.answer {
            DriftAnswer::Unverified { why, fix } => Some(format!("{}: {why} ({fix})", check.label())),
            _ => None,
        })
    }

    /// Returns what does not exist here, one line each.
    pub fn not_applicable(&self) -> Vec<String> {
        self.lines(|check| match &check.answer {
            DriftAnswer::NotApplicable { why } => Some(format!("{}: {why}", check.label())),
            _ => None,
        })
    }

    /// Returns what was compared, one line each.
    pub fn checked(&self) -> Vec<String> {
        self.lines(|check| match &check.answer {
            DriftAnswer::Found { .. } | DriftAnswer::Clean => Some(check.label()),
            _ => None,
        })
    }

    fn lines(&self, line: impl Fn(&DriftCheck) -> Option<String>) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for text in self.checks.iter().filter_map(line) {
            if !lines.contains(&text) {
                lines.push(text);
            }
        }
        lines
    }
}

impl DriftCheck {
    /// Returns `kind subject`, or the kind alone when it has no subject of its own.
    pub fn label(&self) -> String {
        if self.subject.is_empty() {
            self.kind.as_str().to_owned()
        } else {
            format!("{} {}", self.kind.as_str(), self.subject)
        }
    }
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftQuery {
    /// The routes: paths on production or URLs.
    #[serde(default)]
    #[schemars(extend("x-model" = "Paths on production, or URLs."))]
    pub routes: Vec<String>,
    /// Whether to compare the schema.
    #[serde(default = "yes")]
    #[schemars(description = "Do not compare the schema.")]
    pub check_schema: bool,
    /// Whether to look at health routes.
    #[serde(default = "yes")]
    #[schemars(description = "Do not look at the health routes.")]
    pub check_health: bool,
    /// Whether to compare the version.
    #[serde(default = "yes")]
    #[schemars(extend("x-model" = "All three default to true."))]
    pub check_version: bool,
    /// Whether to ask all health and version routes that are known, not only those that a run guesses.
    #[serde(default)]
    #[schemars(extend("x-unlisted" = true))]
    pub all: bool,
}

impl Request for DriftQuery {}
