//! The trait for hierarchical tasks.

use std::fmt::Debug;

use super::Answer;
use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, Completed, Completion, Evidence, Feature, HTask, HTaskEvent,
    HTaskRef, HTaskTree, NewFeature, NewHTask, NextBatch, NextQuery, TreeQuery,
};

/// Keeps hierarchical tasks.
pub trait HTasks: Send + Sync + Debug {
    /// Makes one htask.
    fn create(&self, task: NewHTask) -> Answer<'_, HTask>;
    /// Makes a feature with its workstreams, all or nothing.
    fn create_feature(&self, feature: NewFeature) -> Answer<'_, Feature>;
    /// Returns one htask.
    fn get(&self, task: HTaskRef) -> Answer<'_, HTask>;
    /// Recommends what to work on next, and claims it atomically when an agent is named.
    fn next(&self, query: NextQuery) -> Answer<'_, NextBatch>;
    /// Completes an N3 with evidence that was looked up already.
    fn complete(&self, completion: Completion) -> Answer<'_, Completed>;
    /// Adds evidence to an htask without completing it.
    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()>;
    /// Records that a completion was refused, and why; changes nothing else.
    fn note_refusal(&self, task: HTaskRef, evidence: Vec<Evidence>, why: String) -> Answer<'_, ()>;
    /// Returns trees.
    fn tree(&self, query: TreeQuery) -> Answer<'_, HTaskTree>;
    /// Blocks an htask, and with it every ancestor that waits for it.
    fn block(&self, request: BlockRequest) -> Answer<'_, BlockChange>;
    /// Unblocks an htask; what it was before is restored, and so are the ancestors.
    fn unblock(&self, task: HTaskRef, resolution: Option<String>) -> Answer<'_, BlockChange>;
    /// Closes a parent.
    fn close(&self, request: CloseRequest) -> Answer<'_, Closed>;
    /// Returns what happened to an htask, oldest first.
    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>>;
}
