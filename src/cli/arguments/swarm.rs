//! The arguments of the swarm commands; names and short flags are the seed's.

use super::request_args::{Flags, RequestFlags};
use crate::domain::{JoinSwarm, NewSwarm};

impl RequestFlags for NewSwarm {
    const FLAGS: Flags = Flags {
        positional: &["name"],
        short: &[("description", 'd')],
        long: &[],
        // The command answers the swarm of that name when there is one.
        left_out: &["reuse_existing"],
    };
}

impl RequestFlags for JoinSwarm {
    const FLAGS: Flags = Flags {
        positional: &[],
        short: &[("swarm_id", 's'), ("agent_id", 'a'), ("role", 'r'), ("capabilities", 'c')],
        long: &[("capabilities", "capability")],
        left_out: &[],
    };
}
