//! Which task, htask or swarm a text means: a whole id, the beginning of one, or `@` for the newest.

use super::{InvalidError, Orchestrator, OrchestratorError};
use crate::domain::{HTaskId, IdKind, IdText, KnownId, SwarmId, TaskId, nearest_id};
use crate::snipara::SniparaKind;

/// How many ids are compared with one that is not there.
const COMPARED: u32 = 200;
/// How many candidates are named.
const NAMED: usize = 5;

impl Orchestrator {
    /// Returns the task that a text means, which the caller may know of; whether a whole id is there is not looked at.
    ///
    /// # Errors
    /// When several ids begin like this, or none does.
    pub async fn task_meant(&self, text: &str) -> Result<TaskId, OrchestratorError> {
        let meant = self.meant(IdKind::Task, text, self.only()).await?;
        let id = TaskId::parse(meant.as_deref().unwrap_or(text))?;
        self.must_see(&id).await?;
        Ok(id)
    }

    /// Returns the swarm that a text means.
    ///
    /// # Errors
    /// When several ids begin like this.
    pub(super) async fn swarm_meant(&self, id: SwarmId) -> Result<SwarmId, OrchestratorError> {
        match self.meant(IdKind::Swarm, id.as_str(), None).await? {
            Some(meant) => Ok(SwarmId::parse(&meant)?),
            None => Ok(id),
        }
    }

    /// Returns the htask of a swarm that a text means.
    ///
    /// # Errors
    /// When several ids begin like this.
    pub(super) async fn htask_meant(&self, swarm_id: &SwarmId, id: HTaskId) -> Result<HTaskId, OrchestratorError> {
        match self.meant(IdKind::HTask, id.as_str(), Some(swarm_id.as_str())).await? {
            Some(meant) => Ok(HTaskId::parse(&meant)?),
            None => Ok(id),
        }
    }

    /// Returns production's origin, where one is configured.
    pub fn production_origin(&self) -> Option<String> {
        self.deps.production.as_ref().map(|production| production.origin.to_string())
    }

    /// Lists the newest ids of a kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn known_ids(&self, kind: IdKind, limit: u32) -> Result<Vec<KnownId>, OrchestratorError> {
        let within = if kind == IdKind::Task { self.only() } else { None };
        Ok(self.deps.ledger.store().known_ids(kind, "", within, limit).await?)
    }

    /// Returns the id that is meant where the text is none: the neighbour knows its own ids, and says what it misses.
    async fn meant(&self, kind: IdKind, text: &str, within: Option<&str>) -> Result<Option<String>, OrchestratorError> {
        let store = self.deps.ledger.store();
        let (beginning, is_newest) = match IdText::read(kind, text) {
            IdText::AsItIs => return Ok(None),
            // The hosted service has ids of its own.
            _ if kind != IdKind::Task && self.deps.snipara.kind == SniparaKind::Hosted => return Ok(None),
            IdText::Newest => (String::new(), true),
            IdText::Beginning(beginning) => (beginning, false),
        };
        let found = store.known_ids(kind, &beginning, within, COMPARED).await?;
        let name = kind.name();
        match found.as_slice() {
            [one] => Ok(Some(one.id.clone())),
            [newest, ..] if is_newest => Ok(Some(newest.id.clone())),
            [] if is_newest => Err(not_found(format!("there is no {name} yet"), format!("make a {name} first"))),
            [] if kind != IdKind::Task => Ok(None),
            [] => {
                let known = store.known_ids(kind, "", within, COMPARED).await?;
                let hint = match nearest_id(&beginning, &known) {
                    Some(near) => format!("did you mean {near}? @ is the newest task"),
                    None => "@ is the newest task".to_owned(),
                };
                Err(not_found(format!("no task begins with `{beginning}`"), hint))
            }
            several => {
                let named: Vec<&str> = several.iter().take(NAMED).map(|known| known.id.as_str()).collect();
                let more = if several.len() > NAMED { " and others" } else { "" };
                Err(OrchestratorError::invalid(
                    format!("several {name}s begin with `{beginning}`: {}{more}", named.join(", ")),
                    format!("give more digits; @ is the newest {name}"),
                ))
            }
        }
    }
}

fn not_found(message: String, hint: String) -> OrchestratorError {
    InvalidError::NotFound { message, hint }.into()
}
