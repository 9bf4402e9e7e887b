//! A feature to make.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounds::{MAX_ITEMS, MAX_TITLE_BYTES, check_items, check_words};
use crate::domain::{HTaskId, InvalidRequest, Request, SwarmId, check_text};

/// A feature to make: an N1 with its workstreams.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeature {
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Who answers for it.
    #[schemars(extend("x-model" = true))]
    pub owner: String,
    /// The swarm; the project's own when not given.
    #[schemars(extend("x-model" = "Default the project's."))]
    pub swarm_id: Option<SwarmId>,
    /// The N0 that it is under.
    #[schemars(extend("x-model" = "An N0."))]
    pub parent_id: Option<HTaskId>,
    /// A workstream: a type such as API, or a label; the five usual ones when not given (snipara-wire.md §4.6).
    #[schemars(extend("x-model" = "Default API, FRONTEND, QA, BUGFIX_HARDENING, DEPLOY_PROD_VERIFY."))]
    pub workstreams: Option<Vec<String>>,
    /// The label of a workstream of your own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-model" = "Labels of your own."))]
    pub custom_workstreams: Vec<String>,
    /// The owner of a workstream, by type or CUSTOM:label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-model" = "By type or CUSTOM:label; default owner."))]
    pub workstream_owners: BTreeMap<String, String>,
    /// Give each workstream a starter task.
    #[serde(default)]
    #[schemars(extend("x-model" = "A starter task in each; default false."))]
    pub create_actionable_tasks: bool,
}

impl NewFeature {
    /// Makes a feature with the five usual workstreams and no starter tasks.
    pub fn new(
        swarm_id: impl Into<Option<SwarmId>>,
        title: impl Into<String>,
        description: impl Into<String>,
        owner: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            owner: owner.into(),
            swarm_id: swarm_id.into(),
            ..Self::default()
        }
    }
}

/// The N0 above a feature, where one is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
pub struct NewInitiative {
    /// Make an N0 above it, unless it has a parent.
    #[serde(default)]
    pub create_initiative: bool,
    /// The title of that N0; the feature's when not given.
    pub initiative_title: Option<String>,
    /// What that N0 is about; as the feature when not given.
    pub initiative_description: Option<String>,
}

impl Request for NewInitiative {}

impl Request for NewFeature {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_words(&self.title, &self.description, &self.owner)?;
        let labels = self.workstreams.iter().flatten().chain(&self.custom_workstreams);
        check_items("workstreams", labels.clone().count(), MAX_ITEMS)?;
        for label in labels {
            check_text("workstreams", label, MAX_TITLE_BYTES)?;
        }
        Ok(())
    }
}
