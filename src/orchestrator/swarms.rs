//! Swarms: members, state, events, claims.

use super::{Orchestrator, OrchestratorError};
use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, InvalidRequest, JoinSwarm, LeftSwarm, NewSwarm,
    ReleaseRequest, Released, Request, SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers,
    SwarmPlacement,
};

impl Orchestrator {
    /// Returns the swarm that a call names, or else the project's own, which is made when it is not there.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn swarm_or_default(&self, swarm_id: Option<&SwarmId>) -> Result<SwarmId, OrchestratorError> {
        match swarm_id {
            Some(id) => self.swarm_meant(id.clone()).await,
            None => self.default_swarm().await,
        }
    }

    /// Returns the project's own swarm; made and joined once a project, and remembered.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn default_swarm(&self) -> Result<SwarmId, OrchestratorError> {
        Ok(self.project_swarm().await?)
    }

    /// Returns the swarm that a call means: the one that is named by its id, else one by name, which is made when it is not
    /// there, else none, which is the project's own.
    ///
    /// # Errors
    /// No id where the call wants none made, bad input, or nobody answers.
    pub async fn placed_swarm(
        &self,
        named: Option<SwarmId>,
        placement: SwarmPlacement,
    ) -> Result<Option<SwarmId>, OrchestratorError> {
        placement.check_named(named.as_ref()).map_err(InvalidRequest::from)?;
        let name = placement.swarm_name.filter(|name| named.is_none() && !name.trim().is_empty());
        let Some(name) = name else { return Ok(named) };
        let mut swarm = NewSwarm::named(name);
        swarm.description = placement.swarm_description.unwrap_or_default();
        swarm.max_agents = placement.swarm_max_agents.unwrap_or(swarm.max_agents);
        Ok(Some(self.create_swarm(swarm).await?.swarm_id))
    }

    /// Makes the swarm of an id that a person or a script chose, where the store of this machine answers and has neither it
    /// nor one of a similar name or id; the hosted service gives ids itself.
    ///
    /// # Errors
    /// A similar one is there, or nobody answers.
    pub async fn make_swarm_of(&self, id: &SwarmId) -> Result<(), OrchestratorError> {
        Ok(self.deps.snipara.swarms.make_of(id.clone()).await?)
    }

    /// Makes a swarm, or answers the one of that name when reuse is asked for.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn create_swarm(&self, swarm: NewSwarm) -> Result<Swarm, OrchestratorError> {
        swarm.check()?;
        let redactor = &self.deps.redactor;
        let (name, description) = (redactor.text(&swarm.name), redactor.text(&swarm.description));
        Ok(self.deps.snipara.swarms.create(NewSwarm { name, description, ..swarm }).await?)
    }

    /// Lets an agent join, or renews its membership.
    ///
    /// # Errors
    /// Bad input, no such swarm, a full swarm, or nobody answers.
    pub async fn join_swarm(&self, join: JoinSwarm) -> Result<SwarmMember, OrchestratorError> {
        join.check()?;
        let redactor = &self.deps.redactor;
        let (name, capabilities) = (redactor.optional(join.name), redactor.texts(&join.capabilities));
        let swarm_id = self.swarm_meant(join.swarm_id).await?;
        Ok(self.deps.snipara.swarms.join(JoinSwarm { swarm_id, name, capabilities, ..join }).await?)
    }

    /// Removes an agent, its claims and its claimed htasks.
    ///
    /// # Errors
    /// No such swarm, or nobody answers.
    pub async fn leave_swarm(&self, swarm_id: SwarmId, agent_id: String) -> Result<LeftSwarm, OrchestratorError> {
        let swarm_id = self.swarm_meant(swarm_id).await?;
        Ok(self.deps.snipara.swarms.leave(swarm_id, agent_id).await?)
    }

    /// Lists the agents of a swarm.
    ///
    /// # Errors
    /// No such swarm, or nobody answers.
    pub async fn swarm_members(&self, swarm_id: SwarmId) -> Result<SwarmMembers, OrchestratorError> {
        let swarm_id = self.swarm_meant(swarm_id).await?;
        Ok(self.deps.snipara.swarms.members(swarm_id).await?)
    }

    /// Writes a key of a swarm's state; secrets in it are taken out first.
    ///
    /// # Errors
    /// Bad input, no such swarm, another version, or nobody answers.
    pub async fn set_state(&self, state: SetState) -> Result<StateEntry, OrchestratorError> {
        state.check()?;
        let value = self.deps.redactor.json(&state.value);
        let swarm_id = self.swarm_meant(state.swarm_id).await?;
        Ok(self.deps.snipara.swarms.set_state(SetState { swarm_id, value, ..state }).await?)
    }

    /// Reads a key of a swarm's state; nothing when it is not there or has expired.
    ///
    /// # Errors
    /// No such swarm, or nobody answers.
    pub async fn get_state(&self, swarm_id: SwarmId, key: String) -> Result<Option<StateEntry>, OrchestratorError> {
        let swarm_id = self.swarm_meant(swarm_id).await?;
        Ok(self.deps.snipara.swarms.get_state(swarm_id, key).await?)
    }

    /// Appends an event to a swarm's stream; secrets in it are taken out first.
    ///
    /// # Errors
    /// Bad input, no such swarm, or nobody answers.
    pub async fn broadcast(&self, broadcast: Broadcast) -> Result<SwarmEvent, OrchestratorError> {
        broadcast.check()?;
        let redactor = &self.deps.redactor;
        let (event_type, payload) = (redactor.text(&broadcast.event_type), redactor.json(&broadcast.payload));
        let swarm_id = self.swarm_meant(broadcast.swarm_id).await?;
        Ok(self.deps.snipara.swarms.broadcast(Broadcast { swarm_id, event_type, payload, ..broadcast }).await?)
    }

    /// Lists events of a swarm: broadcasts and changes of htasks.
    ///
    /// # Errors
    /// Bad input, no such swarm, or nobody answers.
    pub async fn swarm_events(&self, query: EventQuery) -> Result<EventPage, OrchestratorError> {
        query.check()?;
        let swarm_id = self.swarm_meant(query.swarm_id).await?;
        Ok(self.deps.snipara.swarms.events(EventQuery { swarm_id, ..query }).await?)
    }

    /// Claims a resource; the holder's own repetition prolongs it.
    ///
    /// # Errors
    /// Bad input, no such swarm, no member, held by somebody else, or nobody answers.
    pub async fn claim(&self, request: ClaimRequest) -> Result<Claim, OrchestratorError> {
        request.check()?;
        let swarm_id = self.swarm_meant(request.swarm_id).await?;
        Ok(self.deps.snipara.swarms.claim(ClaimRequest { swarm_id, ..request }).await?)
    }

    /// Gives a claim back.
    ///
    /// # Errors
    /// Bad input, no such swarm, somebody else's claim, or nobody answers.
    pub async fn release(&self, request: ReleaseRequest) -> Result<Released, OrchestratorError> {
        request.check()?;
        let swarm_id = self.swarm_meant(request.swarm_id).await?;
        Ok(self.deps.snipara.swarms.release(ReleaseRequest { swarm_id, ..request }).await?)
    }
}
