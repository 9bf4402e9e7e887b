//! What can be expected of an answer, one file a kind.

mod status;

pub(super) use status::judge_status;
