//! Htasks to block, unblock and close.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounds::MAX_NOTE_BYTES;
use crate::domain::{
    BlockerType, FieldError, HTaskId, InvalidRequest, MAX_TEXT_BYTES, Request, SwarmId, check_length, check_text,
};

/// An htask to block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRequest {
    /// The swarm; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// The htask.
    #[schemars(extend("x-model" = true))]
    pub task_id: HTaskId,
    /// What kind of thing is in the way.
    pub blocker_type: BlockerType,
    /// What it is.
    pub blocker_reason: String,
    /// The htask that is in the way.
    #[schemars(extend("x-model" = true))]
    pub blocked_by_task_id: Option<HTaskId>,
    /// What somebody must give.
    #[schemars(extend("x-model" = true))]
    pub required_input: Option<String>,
    /// When it is expected to be out of the way.
    pub eta_recovery: Option<String>,
    /// Who is asked for help.
    #[schemars(extend("x-model" = true))]
    pub escalation_to: Option<String>,
    /// Who blocks it.
    pub agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it.
    #[schemars(extend("x-model" = "Of your claim."))]
    pub fencing_token: Option<i64>,
}

impl BlockRequest {
    /// Blocks for a reason and says no more.
    pub fn new(
        swarm_id: impl Into<Option<SwarmId>>,
        task_id: HTaskId,
        blocker_type: BlockerType,
        blocker_reason: impl Into<String>,
    ) -> Self {
        Self {
            swarm_id: swarm_id.into(),
            task_id,
            blocker_type,
            blocker_reason: blocker_reason.into(),
            blocked_by_task_id: None,
            required_input: None,
            eta_recovery: None,
            escalation_to: None,
            agent_id: None,
            fencing_token: None,
        }
    }
}

impl Request for BlockRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_text("blocker_reason", &self.blocker_reason, MAX_TEXT_BYTES)?;
        for (field, text) in [
            ("required_input", &self.required_input),
            ("eta_recovery", &self.eta_recovery),
            ("escalation_to", &self.escalation_to),
        ] {
            text.as_deref().map_or(Ok(()), |text| check_length(field, text, MAX_NOTE_BYTES))?;
        }
        Ok(())
    }
}

/// An htask to unblock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnblockRequest {
    /// The swarm; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// The htask.
    pub task_id: HTaskId,
    /// How it was solved.
    #[schemars(extend("x-model" = true))]
    pub resolution: Option<String>,
}

impl Request for UnblockRequest {}

/// A parent to close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseRequest {
    /// The swarm; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// The htask: N0 to N2.
    pub task_id: HTaskId,
    /// Why it is closed although children are open.
    #[schemars(extend("x-model" = true))]
    pub waiver_reason: Option<String>,
    /// Who allows that.
    #[schemars(extend("x-model" = true))]
    pub waiver_approved_by: Option<String>,
}

impl CloseRequest {
    /// Returns the same request without its waiver.
    #[must_use]
    pub fn unwaived(self) -> Self {
        Self { waiver_reason: None, waiver_approved_by: None, ..self }
    }

    /// Refuses half a waiver, and one that says nothing.
    ///
    /// # Errors
    /// Names the field.
    pub fn check_waiver(&self) -> Result<(), FieldError> {
        let (reason, approver) = (&self.waiver_reason, &self.waiver_approved_by);
        if reason.is_none() && approver.is_none() {
            return Ok(());
        }
        for (field, text) in [("waiver_reason", reason), ("waiver_approved_by", approver)] {
            let Some(text) = text else {
                return Err(FieldError::new(field, "is missing", "a waiver needs a reason and who approved it"));
            };
            check_text(field, text, MAX_NOTE_BYTES)?;
        }
        Ok(())
    }
}

impl Request for CloseRequest {
    /// A waiver may come without an approver: where a person can be asked, the one who is asked is it.
    fn check(&self) -> Result<(), InvalidRequest> {
        let nobody = || "nobody".to_owned();
        let approver = self.waiver_reason.as_ref().map(|_| self.waiver_approved_by.clone().unwrap_or_else(nobody));
        let waiver_approved_by = approver.or_else(|| self.waiver_approved_by.clone());
        Ok(Self { waiver_approved_by, ..self.clone() }.check_waiver()?)
    }
}
