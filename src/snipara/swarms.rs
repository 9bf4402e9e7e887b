//! The trait for swarms: members, state, events, claims.

use std::fmt::Debug;

use super::Answer;
use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, JoinSwarm, LeftSwarm, NewSwarm, ReleaseRequest, Released,
    SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers,
};

/// Keeps swarms.
pub trait Swarms: Send + Sync + Debug {
    /// Makes a swarm, or answers the one of that name when reuse is asked for.
    fn create(&self, swarm: NewSwarm) -> Answer<'_, Swarm>;
    /// Makes the swarm of an id that somebody chose, where ids are ours to give and none is similar.
    fn make_of(&self, swarm_id: SwarmId) -> Answer<'_, ()>;
    /// Lets an agent join, or renews its membership.
    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember>;
    /// Removes an agent, its claims and its claimed htasks; it may join again.
    fn leave(&self, swarm_id: SwarmId, agent_id: String) -> Answer<'_, LeftSwarm>;
    /// Lists the agents.
    fn members(&self, swarm_id: SwarmId) -> Answer<'_, SwarmMembers>;
    /// Writes a key of the state.
    fn set_state(&self, state: SetState) -> Answer<'_, StateEntry>;
    /// Reads a key of the state; nothing when it is not there or has expired.
    fn get_state(&self, swarm_id: SwarmId, key: String) -> Answer<'_, Option<StateEntry>>;
    /// Appends an event.
    fn broadcast(&self, broadcast: Broadcast) -> Answer<'_, SwarmEvent>;
    /// Lists events: broadcasts and changes of htasks.
    fn events(&self, query: EventQuery) -> Answer<'_, EventPage>;
    /// Claims a resource; the holder's own repetition prolongs it.
    fn claim(&self, request: ClaimRequest) -> Answer<'_, Claim>;
    /// Gives a claim back.
    fn release(&self, request: ReleaseRequest) -> Answer<'_, Released>;
}
