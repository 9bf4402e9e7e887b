//! Words of the memory commands; names and short flags are the seed's.

use clap::Args;

use crate::domain::{MemoryScope, MemoryType};

/// `recall`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Recall {
    /// The question.
    pub(crate) query: String,
    /// How many memories at most.
    #[arg(long, short = 'l', default_value_t = 5, allow_negative_numbers = true)]
    pub(crate) limit: i64,
    /// Of this type only: fact, decision, learning, preference, todo, context.
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) memory_type: Option<MemoryType>,
    /// Of this category only.
    #[arg(long, short = 'c')]
    pub(crate) category: Option<String>,
    /// The least relevance, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    pub(crate) min_relevance: f64,
    /// Show invalidated and superseded memories in the list, too.
    #[arg(long)]
    pub(crate) include_inactive: bool,
}

/// `remember`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Remember {
    /// What to remember.
    pub(crate) content: String,
    /// Its type: fact, decision, learning, preference, todo, context.
    #[arg(long = "type", short = 't', value_name = "TYPE", default_value = "fact")]
    pub(crate) memory_type: MemoryType,
    /// Its category.
    #[arg(long, short = 'c')]
    pub(crate) category: Option<String>,
    /// How many days it lives [default: for ever].
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    pub(crate) ttl: Option<i64>,
    /// Keep it for ever (so it is without this flag).
    #[arg(long, conflicts_with = "ttl")]
    pub(crate) permanent: bool,
    /// Whom it is for: project, team, user, or agent with --agent-id.
    #[arg(long, default_value = "project")]
    pub(crate) scope: MemoryScope,
    /// The agent, for `--scope agent`.
    #[arg(long, value_name = "ID")]
    pub(crate) agent_id: Option<String>,
    /// The memory that it replaces.
    #[arg(long, value_name = "MEMORY_ID")]
    pub(crate) supersedes: Option<String>,
}

/// `memories`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Memories {
    /// How many at most.
    #[arg(long, short = 'l', default_value_t = 20, allow_negative_numbers = true)]
    pub(crate) limit: i64,
    /// How many to leave out at the beginning.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) offset: i64,
    /// Of this type only.
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) memory_type: Option<MemoryType>,
    /// Of this category only.
    #[arg(long, short = 'c')]
    pub(crate) category: Option<String>,
    /// Holding this text only.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// List invalidated and superseded ones, too.
    #[arg(long)]
    pub(crate) include_inactive: bool,
}

/// `forget`: one memory, or all that match every filter.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Forget {
    /// The memory.
    pub(crate) memory_id: Option<String>,
    /// Those of this type.
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) memory_type: Option<MemoryType>,
    /// Those of this category.
    #[arg(long, short = 'c')]
    pub(crate) category: Option<String>,
    /// Those made longer ago than this.
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    pub(crate) older_than_days: Option<i64>,
    /// Keep it, but mark it as not valid any more.
    #[arg(long, requires = "memory_id", conflicts_with_all = ["memory_type", "category", "older_than_days"])]
    pub(crate) invalidate: bool,
    /// Why it is not valid any more.
    #[arg(long, requires = "invalidate", value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Remove many without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}
