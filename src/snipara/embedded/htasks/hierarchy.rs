//! The rules for parents and dependencies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::{HTask, HTaskLevel, one_line};
use crate::snipara::{SniparaError, not_allowed};

/// Refuses a parent that is archived, finished, or not of a higher level. Levels may be skipped (snipara-wire.md §S9).
pub(super) fn check_parent(parent: &HTask, child: HTaskLevel) -> Result<(), SniparaError> {
    let parent_text = format!("{} ({})", parent.task_id, one_line(&parent.title, 60));
    if parent.level >= child {
        return Err(SniparaError::NotAllowed {
            code: "wrong_level",
            message: format!("an {child} cannot be under {parent_text}, which is an {}", parent.level),
            hint: above(child),
        });
    }
    if parent.archived_at.is_some() {
        let message = format!("the parent {parent_text} is archived");
        return Err(not_allowed("wrong_status", message, "give a parent that is open, or none"));
    }
    if parent.status.is_terminal() {
        let message = format!("the parent {parent_text} is {}: nothing is added under it any more", parent.status);
        return Err(not_allowed("wrong_status", message, "give a parent that is open, or none"));
    }
    Ok(())
}

fn above(child: HTaskLevel) -> String {
    let levels: Vec<&str> =
        HTaskLevel::ALL.iter().filter(|level| **level < child).map(|level| level.as_str()).collect();
    if levels.is_empty() {
        return "leave parent_id out: nothing is above it".to_owned();
    }
    format!("give a parent of level {}, or none", levels.join(" or "))
}

/// Returns the path from `start` to `target` along "waits for", both included, or nothing when there is none.
///
/// In each pair of `waits` the first waits for the second.
pub(super) fn waiting_path(waits: &[(String, String)], start: &str, target: &str) -> Option<Vec<String>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (waiting, awaited) in waits {
        next.entry(waiting).or_default().push(awaited);
    }
    let mut seen = BTreeSet::from([start]);
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        if id == target {
            let mut path = vec![id.to_owned()];
            let mut step = id;
            while let Some(before) = came_from.get(step) {
                path.push((*before).to_owned());
                step = before;
            }
            path.reverse();
            return Some(path);
        }
        for awaited in next.get(id).into_iter().flatten() {
            if seen.insert(awaited) {
                came_from.insert(awaited, id);
                queue.push_back(awaited);
            }
        }
    }
    None
}

/// Refuses to let `waiting` wait for `awaited` when `awaited` already waits for `waiting`.
pub(super) fn check_no_cycle(
    waits: &[(String, String)],
    field: &str,
    waiting: &str,
    awaited: &str,
) -> Result<(), SniparaError> {
    let Some(path) = waiting_path(waits, awaited, waiting) else { return Ok(()) };
    Err(SniparaError::NotAllowed {
        code: "cycle",
        message: format!(
            "{field} {awaited} would close a circle, in which each waits for the next: {waiting} → {}",
            path.join(" → ")
        ),
        hint: format!("name another htask in {field}, one that does not wait for this one"),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{HTaskId, HTaskStatus, Priority, Timestamp};

    pub(in super::super) fn htask(id: &str, level: HTaskLevel, status: HTaskStatus) -> HTask {
        HTask {
            task_id: HTaskId::parse(id).expect("an id"),
            swarm_id: None,
            level,
            parent_id: None,
            sequence_number: 1,
            workstream_type: None,
            custom_workstream_type: None,
            title: format!("title of {id}"),
            description: String::new(),
            owner: String::new(),
            execution_target: None,
            priority: Priority::P1,
            eta_target: None,
            acceptance_criteria: Vec::new(),
            context_refs: Vec::new(),
            depends_on: Vec::new(),
            evidence_required: Vec::new(),
            evidence_provided: Vec::new(),
            status,
            is_blocking: true,
            blocker: None,
            waiver: None,
            claim: None,
            result: None,
            created_at: None,
            started_at: None,
            completed_at: None,
            archived_at: None,
        }
    }

    #[test]
    fn a_parent_stands_above_its_child_and_levels_may_be_skipped() {
        for parent in HTaskLevel::ALL {
            for child in HTaskLevel::ALL {
                let given = htask("p", parent, HTaskStatus::Pending);
                let answer = check_parent(&given, child);
                assert_eq!(answer.is_ok(), parent < child, "{child} under {parent}");
                if let Err(error) = answer {
                    assert_eq!(error.code(), "wrong_level");
                    let message = error.to_string();
                    assert!(message.contains(parent.as_str()) && message.contains(child.as_str()), "{message}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_put_under_what_is_finished_or_archived() {
        for status in [HTaskStatus::Completed, HTaskStatus::Failed, HTaskStatus::Cancelled] {
            let parent = htask("p", HTaskLevel::N1, status);
            assert_eq!(check_parent(&parent, HTaskLevel::N3).expect_err("refused").code(), "wrong_status");
        }
        let parent = HTask {
            archived_at: Some(Timestamp::from_micros(1)),
            ..htask("p", HTaskLevel::N1, HTaskStatus::InProgress)
        };
        assert!(check_parent(&parent, HTaskLevel::N3).expect_err("refused").to_string().contains("archived"));
    }

    #[test]
    fn a_circle_is_found_over_several_steps_and_named() {
        let waits: Vec<(String, String)> =
            [("a", "b"), ("b", "c"), ("c", "d"), ("x", "a")].map(|(from, to)| (from.into(), to.into())).into();
        let error = check_no_cycle(&waits, "depends_on", "d", "a").expect_err("a circle");
        assert_eq!(error.code(), "cycle");
        assert!(error.to_string().contains("d → a → b → c → d"), "{error}");
        check_no_cycle(&waits, "depends_on", "a", "d").expect("no circle");
        assert!(check_no_cycle(&waits, "blocked_by_task_id", "a", "a").is_err(), "oneself");
    }
}
