//! What is asked of the ledger.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{FieldError, IdKind, IdText, InvalidRequest, Request, TaskId};

/// A request to verify the whole ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {}

impl Request for VerifyRequest {}

/// A request for the receipt of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRequest {
    /// The task.
    pub task_id: String,
    /// The attempt, counted from 1; `None` is the last one.
    #[schemars(with = "Option<i64>", extend("x-model" = "Default the last."))]
    pub attempt: Option<u32>,
}

impl Request for ReceiptRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        if IdText::read(IdKind::Task, &self.task_id) == IdText::AsItIs
            && let Err(error) = TaskId::parse(&self.task_id)
        {
            return Err(FieldError::new("task_id", error.to_string(), "give a task's id").into());
        }
        if self.attempt == Some(0) {
            let fix = "attempts count from 1; leave it out for the last";
            return Err(FieldError::new("attempt", "is 0", fix).into());
        }
        Ok(())
    }
}
