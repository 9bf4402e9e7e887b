//! Htasks to look at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{HTaskId, InvalidRequest, Request, SwarmId, check_range, integer, yes};

/// How many levels are shown when the question does not say.
const DEFAULT_DEPTH: i64 = 4;

/// An htask of a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-model" = true))]
pub struct HTaskRef {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The htask.
    pub task_id: HTaskId,
}

impl Request for HTaskRef {}

/// Which trees to show; by default every root, four levels deep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TreeQuery {
    /// The swarm; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// The root; every root when not given.
    #[schemars(extend("x-model" = "Default every root."))]
    pub task_id: Option<HTaskId>,
    /// How many levels at most.
    #[serde(default = "integer::<DEFAULT_DEPTH>")]
    #[schemars(range(min = 1, max = 10), extend("x-model" = "Default 4."))]
    pub max_depth: i64,
    /// Show archived ones, too.
    #[serde(default)]
    pub include_archived: bool,
    /// Leave completed and cancelled ones out.
    #[serde(default = "yes")]
    #[schemars(extend("x-model" = "Default true."))]
    pub include_completed: bool,
}

impl TreeQuery {
    /// Asks for every root, four levels deep.
    pub fn new(swarm_id: impl Into<Option<SwarmId>>) -> Self {
        Self {
            swarm_id: swarm_id.into(),
            task_id: None,
            max_depth: DEFAULT_DEPTH,
            include_archived: false,
            include_completed: true,
        }
    }
}

impl Request for TreeQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        Ok(check_range("max_depth", self.max_depth, 1..=10)?)
    }
}
