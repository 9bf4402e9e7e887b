//! `htask` and `swarm`: hierarchical tasks, and the agents that share them.

use clap::Subcommand;

use super::beyond::{HTaskClose, HTaskComplete, HTaskCreate, HTaskFeature, HTaskNext};
use super::request_args::RequestArgs;
use crate::domain::{BlockRequest, JoinSwarm, NewSwarm, TreeQuery, UnblockRequest};

/// `htask`.
#[derive(Debug, Subcommand)]
pub(crate) enum HTaskCommand {
    /// Recommend what to work on next.
    Next(HTaskNext),
    /// Show hierarchical tasks as trees.
    Tree(RequestArgs<TreeQuery>),
    /// Make one hierarchical task.
    Create(HTaskCreate),
    /// Make a feature with its workstreams.
    CreateFeature(HTaskFeature),
    /// Make a swarm where there is none, and in it a feature with an initiative, workstreams and starter tasks.
    Bootstrap(HTaskFeature),
    /// Complete a hierarchical task with evidence.
    Complete(HTaskComplete),
    /// Block a hierarchical task.
    Block(RequestArgs<BlockRequest>),
    /// Unblock a hierarchical task.
    Unblock(RequestArgs<UnblockRequest>),
    /// Close the parent of hierarchical tasks.
    Close(HTaskClose),
}

/// `swarm`.
#[derive(Debug, Subcommand)]
pub(crate) enum SwarmCommand {
    /// List the swarms of this project, newest first.
    List,
    /// Make a swarm, or find the one of that name.
    Create(RequestArgs<NewSwarm>),
    /// Let an agent join a swarm.
    Join(RequestArgs<JoinSwarm>),
}
