//! The trait over the store.

use std::sync::Arc;

use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, Completed, Completion, Evidence, Feature, HTask, HTaskEvent,
    HTaskRef, HTaskTree, NewFeature, NewHTask, NextBatch, NextQuery, TreeQuery,
};
use crate::snipara::embedded::EmbeddedSettings;
use crate::snipara::{Answer, HTasks};

/// The trait [`HTasks`] over the store.
#[derive(Debug)]
pub struct EmbeddedHTasks {
    settings: Arc<EmbeddedSettings>,
}

impl EmbeddedHTasks {
    /// Makes it; nothing is read or written.
    pub fn new(settings: Arc<EmbeddedSettings>) -> Self {
        Self { settings }
    }
}

impl HTasks for EmbeddedHTasks {
    fn create(&self, _task: NewHTask) -> Answer<'_, HTask> {
        todo!()
    }

    fn create_feature(&self, _feature: NewFeature) -> Answer<'_, Feature> {
        todo!()
    }

    fn get(&self, _task: HTaskRef) -> Answer<'_, HTask> {
        todo!()
    }

    fn next(&self, _query: NextQuery) -> Answer<'_, NextBatch> {
        todo!()
    }

    fn complete(&self, _completion: Completion) -> Answer<'_, Completed> {
        todo!()
    }

    fn attach_evidence(&self, _task: HTaskRef, _evidence: Vec<Evidence>) -> Answer<'_, ()> {
        todo!()
    }

    fn note_refusal(&self, _task: HTaskRef, _evidence: Vec<Evidence>, _why: String) -> Answer<'_, ()> {
        todo!()
    }

    fn tree(&self, _query: TreeQuery) -> Answer<'_, HTaskTree> {
        todo!()
    }

    fn block(&self, _request: BlockRequest) -> Answer<'_, BlockChange> {
        todo!()
    }

    fn unblock(&self, _task: HTaskRef, _resolution: Option<String>) -> Answer<'_, BlockChange> {
        todo!()
    }

    fn close(&self, _request: CloseRequest) -> Answer<'_, Closed> {
        todo!()
    }

    fn audit_trail(&self, _task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        todo!()
    }
}
