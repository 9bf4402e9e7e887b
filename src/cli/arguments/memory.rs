//! The arguments of the memory commands; names and short flags are the seed's.

use clap::Args;

use super::request_args::{Flags, RequestArgs, RequestFlags};
use crate::domain::{ForgetQuery, MemoryFilter, NewMemory, RecallQuery};

impl RequestFlags for RecallQuery {
    const FLAGS: Flags = Flags {
        positional: &["query"],
        short: &[("limit", 'l'), ("type", 't'), ("category", 'c')],
        long: &[],
        left_out: &[],
    };
}

impl RequestFlags for NewMemory {
    const FLAGS: Flags = Flags {
        positional: &["content"],
        short: &[("type", 't'), ("category", 'c')],
        long: &[("ttl_days", "ttl")],
        left_out: &[],
    };
}

impl RequestFlags for MemoryFilter {
    const FLAGS: Flags =
        Flags { positional: &[], short: &[("limit", 'l'), ("type", 't'), ("category", 'c')], long: &[], left_out: &[] };
}

impl RequestFlags for ForgetQuery {
    const FLAGS: Flags =
        Flags { positional: &["memory_id"], short: &[("type", 't'), ("category", 'c')], long: &[], left_out: &[] };
}

/// `remember`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Remember {
    #[command(flatten)]
    pub(crate) memory: RequestArgs<NewMemory>,
    /// Keep it for ever (so it is without this flag).
    #[arg(long, conflicts_with = "ttl_days")]
    pub(crate) permanent: bool,
}

/// `forget`: one memory, or all that match every filter.
#[derive(Debug, Clone, Args)]
pub(crate) struct Forget {
    #[command(flatten)]
    pub(crate) query: RequestArgs<ForgetQuery>,
    /// Remove many without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}
