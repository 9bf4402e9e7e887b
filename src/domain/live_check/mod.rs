//! What is asked of production: one request and the answer that is expected.
//!
//! Lives here: the check as callers write it ([`LiveCheck`], read the same way through every door), the check that can be
//! sent ([`ResolvedCheck`]), their parts, and what can be wrong with them. Does not live here: how a check is stored (`stored_check`), how it is sent (`outbound`), and
//! what an answer means (`validator`). Used by every room that asks for, sends or records a check.

mod check;
mod error;
mod expected_status;
mod method;
mod resolved;
mod users;

pub(in crate::domain) use self::check::one_or_more;
pub use self::{check::*, error::*, expected_status::*, method::*, resolved::*, users::*};
