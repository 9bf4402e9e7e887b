//! What to work on next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{FieldError, HTaskId, InvalidRequest, Request, SwarmId, Workstream, check_range, check_text, yes};

/// How many htasks are listed when the question does not say.
const DEFAULT_LIMIT: i64 = 5;

/// What to work on next. The contract has no argument for `lease_seconds`, `renew_task_id` and `fencing_token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextQuery {
    /// The swarm; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// How many at most; 5 when not given, or 1 when they are claimed.
    #[schemars(range(min = 1, max = 100), extend("x-model" = "Default 5, or 1 when you claim."))]
    pub limit: Option<i64>,
    /// Of this owner only.
    pub owner: Option<String>,
    /// Under this feature only.
    pub feature_id: Option<HTaskId>,
    /// In workstreams of this type only.
    #[schemars(with = "Option<String>")]
    pub workstream_type: Option<Workstream>,
    /// Claim what is listed for this agent.
    #[schemars(extend("x-model" = "Your agent id: claims what is answered."))]
    pub claim_for_agent: Option<String>,
    /// How long the claim is leased, in seconds; the swarm's task time-out when not given.
    #[schemars(range(min = 1, max = 86400))]
    pub lease_seconds: Option<i64>,
    /// A claimed htask whose lease to prolong instead.
    #[schemars(extend("x-model" = "Prolong your claim on this one instead."))]
    pub renew_task_id: Option<HTaskId>,
    /// The token of that claim.
    #[schemars(extend("x-model" = "Of that claim."))]
    pub fencing_token: Option<i64>,
    /// List blocked ones, too; they are never claimed.
    #[serde(default = "yes")]
    #[schemars(extend("x-unlisted" = true))]
    pub exclude_blocked: bool,
    /// This htask only; only the embedded store can pick one.
    #[serde(skip)]
    pub only: Option<HTaskId>,
}

impl NextQuery {
    /// Asks without claiming.
    pub fn new(swarm_id: impl Into<Option<SwarmId>>) -> Self {
        Self {
            swarm_id: swarm_id.into(),
            limit: None,
            owner: None,
            feature_id: None,
            workstream_type: None,
            claim_for_agent: None,
            lease_seconds: None,
            renew_task_id: None,
            fencing_token: None,
            exclude_blocked: true,
            only: None,
        }
    }

    /// Returns how many are answered at most: whoever claims takes one unless it asks for more.
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(if self.claim_for_agent.is_some() { 1 } else { DEFAULT_LIMIT })
    }

    /// Returns the same question as the published contract asks it: five, claimed or not, unless told otherwise.
    #[must_use]
    pub fn with_contract_limit(self) -> Self {
        Self { limit: self.limit.or(Some(DEFAULT_LIMIT)), ..self }
    }

    /// Returns the claim to renew: the htask and the token, which must still be the right one.
    pub fn renewal(&self) -> Option<(&HTaskId, i64)> {
        self.renew_task_id.as_ref().zip(self.fencing_token)
    }
}

impl Request for NextQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_range("limit", self.limit(), 1..=100)?;
        if let Some(agent) = &self.claim_for_agent {
            check_text("claim_for_agent", agent, 256)?;
        }
        let refused = |field: &str, problem: &str, fix: &str| Err(FieldError::new(field, problem, fix).into());
        match (&self.renew_task_id, self.fencing_token) {
            (Some(_), None) => {
                return refused("fencing_token", "is missing for a renewal", "give the token that the claim answered");
            }
            (None, Some(_)) => {
                let fix = "give renew_task_id, or leave fencing_token out";
                return refused("fencing_token", "is given without renew_task_id", fix);
            }
            _ => {}
        }
        if self.renew_task_id.is_some() && self.claim_for_agent.is_none() {
            let fix = "give the agent that holds the lease";
            return refused("claim_for_agent", "is missing for a renewal", fix);
        }
        Ok(check_range("lease_seconds", self.lease_seconds, 1..=86_400)?)
    }
}
