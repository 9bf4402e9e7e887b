//! How blocking and unblocking change the status of an htask and of its ancestors.
//!
//! An htask is blocked when it has a blocker of its own, or when a blocking htask with one stands somewhere under it.
//! Its status before is kept and comes back (snipara-wire.md §5.3; the public server forgets it, §S8).

use crate::domain::HTaskStatus;

/// The statuses of an htask that blocking changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its status.
    pub(super) status: HTaskStatus,
    /// Its status before it was blocked, as long as it is blocked.
    pub(super) status_before: Option<HTaskStatus>,
}

/// Returns its statuses once it has a reason to be blocked. A finished htask stays as it is.
pub(super) fn blocked(standing: Standing) -> Standing {
    if standing.status.is_terminal() || standing.status == HTaskStatus::Blocked {
        return standing;
    }
    Standing { status: HTaskStatus::Blocked, status_before: Some(standing.status) }
}

/// Returns its statuses once a reason to be blocked is gone: those before, unless another reason remains.
pub(super) fn released(standing: Standing, reason_remains: bool) -> Standing {
    match standing.status_before {
        Some(before) if standing.status == HTaskStatus::Blocked && !reason_remains => {
            Standing { status: before, status_before: None }
        }
        _ => standing,
    }
}

/// Returns its statuses once its lease has ended: it is pending again.
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
