//! What blocking and unblocking do to the status of an htask and of what is above it.
//!
//! An htask is blocked when it has a blocker of its own, or when a blocking htask with one stands somewhere under it.
//! What it was before is kept and comes back (snipara-wire.md §5.3; the public server forgets it, §S8).

use crate::domain::HTaskStatus;

/// As what an htask stands, as far as blocking goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Where it stands.
    pub(super) status: HTaskStatus,
    /// What it was before it was blocked; only while it is.
    pub(super) status_before: Option<HTaskStatus>,
}

/// Returns what it is once it has a reason to be blocked. What is finished stays as it is.
pub(super) fn blocked(standing: Standing) -> Standing {
    if standing.status.is_terminal() || standing.status == HTaskStatus::Blocked {
        return standing;
    }
    Standing { status: HTaskStatus::Blocked, status_before: Some(standing.status) }
}

/// Returns what it is once a reason to be blocked is gone: what it was before, unless another one remains.
pub(super) fn released(standing: Standing, reason_remains: bool) -> Standing {
    match standing.status_before {
        Some(before) if standing.status == HTaskStatus::Blocked && !reason_remains => {
            Standing { status: before, status_before: None }
        }
        _ => standing,
    }
}

/// Returns what it is once its lease has ended: work on it has not begun any more.
pub(super) fn lease_ended(standing: Standing) -> Standing {
    match (standing.status, standing.status_before) {
        (HTaskStatus::InProgress, _) => Standing { status: HTaskStatus::Pending, status_before: None },
        (status, Some(HTaskStatus::InProgress)) => Standing { status, status_before: Some(HTaskStatus::Pending) },
        _ => standing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn standing(status: HTaskStatus, status_before: Option<HTaskStatus>) -> Standing {
        Standing { status, status_before }
    }

    #[test]
    fn what_it_was_before_comes_back_when_the_last_reason_is_gone() {
        for before in [HTaskStatus::Pending, HTaskStatus::InProgress] {
            let once = blocked(standing(before, None));
            assert_eq!(once, standing(HTaskStatus::Blocked, Some(before)));
            assert_eq!(blocked(once), once, "a second reason forgets nothing");
            assert_eq!(released(once, true), once);
            assert_eq!(released(once, false), standing(before, None));
        }
    }

    #[test]
    fn what_is_finished_is_neither_blocked_nor_released() {
        let done = standing(HTaskStatus::Completed, None);
        assert_eq!((blocked(done), released(done, false), lease_ended(done)), (done, done, done));
    }

    #[test]
    fn a_lease_that_ends_while_blocked_is_seen_when_it_is_unblocked() {
        let blocked = blocked(standing(HTaskStatus::InProgress, None));
        assert_eq!(released(lease_ended(blocked), false), standing(HTaskStatus::Pending, None));
        assert_eq!(lease_ended(standing(HTaskStatus::InProgress, None)), standing(HTaskStatus::Pending, None));
    }
}
