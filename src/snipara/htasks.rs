//! The trait for hierarchical tasks.

use std::fmt::Debug;

use super::Answer;
use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, CompleteRequest, Completed, Evidence, Feature, HTask, HTaskEvent,
    HTaskRef, HTaskTree, NewFeature, NewHTask, NextBatch, NextQuery, SwarmId, TreeQuery, UnblockRequest,
};

/// Keeps hierarchical tasks. The swarm that a request means stands beside it: one that names none means the project's
/// own, which only the caller knows.
pub trait HTasks: Send + Sync + Debug {
    /// Makes one htask.
    fn create(&self, swarm_id: SwarmId, task: NewHTask) -> Answer<'_, HTask>;
    /// Makes a feature with its workstreams, all or nothing.
    fn create_feature(&self, swarm_id: SwarmId, feature: NewFeature) -> Answer<'_, Feature>;
    /// Returns one htask.
    fn get(&self, task: HTaskRef) -> Answer<'_, HTask>;
    /// Recommends what to work on next, and claims it atomically when an agent is named.
    fn next(&self, swarm_id: SwarmId, query: NextQuery) -> Answer<'_, NextBatch>;
    /// Completes an N3 with evidence that was looked up already, whatever the request says of it.
    fn complete(&self, swarm_id: SwarmId, request: CompleteRequest, evidence: Vec<Evidence>) -> Answer<'_, Completed>;
    /// Adds evidence to an htask without completing it.
    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()>;
    /// Records that a completion was refused, and why; changes nothing else.
    fn note_refusal(&self, task: HTaskRef, evidence: Vec<Evidence>, why: String) -> Answer<'_, ()>;
    /// Returns trees.
    fn tree(&self, swarm_id: SwarmId, query: TreeQuery) -> Answer<'_, HTaskTree>;
    /// Blocks an htask, and with it every ancestor that waits for it.
    fn block(&self, swarm_id: SwarmId, request: BlockRequest) -> Answer<'_, BlockChange>;
    /// Unblocks an htask; what it was before is restored, and so are the ancestors.
    fn unblock(&self, swarm_id: SwarmId, request: UnblockRequest) -> Answer<'_, BlockChange>;
    /// Closes a parent.
    fn close(&self, swarm_id: SwarmId, request: CloseRequest) -> Answer<'_, Closed>;
    /// Returns what happened to an htask, oldest first.
    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>>;
}
