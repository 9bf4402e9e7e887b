//! Words of the swarm commands; names and short flags are the seed's.

use clap::Args;

use crate::domain::SwarmRole;

/// `swarm-create`: answers the swarm of that name when there is one.
#[derive(Debug, Clone, Args)]
pub(crate) struct SwarmCreate {
    /// Its name.
    pub(crate) name: String,
    /// What it is for.
    #[arg(long, short = 'd', value_name = "TEXT", default_value = "")]
    pub(crate) description: String,
    /// How many agents at most.
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    pub(crate) max_agents: i64,
    /// How long a claimed htask is leased [default: 600].
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) task_timeout: Option<i64>,
    /// How long a claim holds [default: 300].
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) claim_timeout: Option<i64>,
}

/// `swarm-join`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SwarmJoin {
    /// The swarm.
    #[arg(long, short = 's', value_name = "ID")]
    pub(crate) swarm_id: String,
    /// The agent.
    #[arg(long, short = 'a', value_name = "ID")]
    pub(crate) agent_id: String,
    /// Its name for people.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What it does: coordinator, worker, observer.
    #[arg(long, short = 'r', default_value = "worker")]
    pub(crate) role: SwarmRole,
    /// What it can do; repeatable.
    #[arg(long, short = 'c', value_name = "TEXT")]
    pub(crate) capability: Vec<String>,
}
