//! Does the gate tell a deploy that works from one that does not? One fake production tells it lies, agents ask for too
//! little, and honest services answer as their frameworks do.
//!
//! Lives here: the cases as data ([`deployments`], [`agents`], [`honest`]), the production that they are told by
//! ([`production`]), how a case is judged by the product over MCP ([`judge`]), and the table ([`table`]). It is a
//! measurement and no test: it says how many are told apart, and `docs/design/liars.md` says how many should be.

mod agents;
mod answer;
mod app;
mod case;
mod checks;
mod deployments;
mod encoding;
mod honest;
mod judge;
mod measure;
mod production;
mod request;
mod rule;
mod session;
mod table;
mod wire;

pub(crate) use measure::measure;
