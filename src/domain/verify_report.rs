//! What the verification of the ledger found.

use serde::{Deserialize, Serialize};

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether the whole chain holds.
    pub verified: bool,
    /// How many entries were looked at.
    pub entries: u64,
    /// Where the chain ends.
    pub head: Option<Head>,
    /// How many bodies were removed on purpose (and say so in the chain).
    pub redacted_bodies: u64,
    /// Where the chain rests on a person's word: a head that was accepted, a restore, a repair.
    pub notices: Vec<ChainNotice>,
    /// The first thing that is wrong.
    pub problem: Option<ChainProblem>,
}

/// An entry that says what no hash covers any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainNotice {
    /// The entry's number.
    pub seq: u64,
    /// What happened, one line.
    pub what: String,
}

/// The first broken link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainProblem {
    /// The entry's number, where it is about one.
    pub seq: Option<u64>,
    /// What is wrong, one line: `entry 12 was changed: …`.
    pub what: String,
}

impl ChainProblem {
    /// Makes a problem of the entry with this number.
    pub fn at(seq: i64, what: String) -> Self {
        Self { seq: u64::try_from(seq).ok(), what }
    }

    /// Makes a problem of what lies beside the chain.
    pub fn beside(what: String) -> Self {
        Self { seq: None, what }
    }
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one; of the empty chain, its genesis.
    pub hash: String,
}
