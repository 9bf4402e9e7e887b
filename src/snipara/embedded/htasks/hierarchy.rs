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

/// A point in the life of an htask: it can begin, or it is completed.
type Moment<'a> = (&'a str, bool);

/// Returns the ids on the way from the end of `start` to the beginning of `target` along "waits for", both included, or nothing
/// when there is none.
///
/// What an htask needs must be completed before it begins, and so before anything under it begins; a parent is completed after
/// its parts; and everything begins before it is completed.
fn waiting_path(waits: &[(String, String, String)], start: &str, target: &str) -> Option<Vec<String>> {
    let mut next: BTreeMap<Moment<'_>, Vec<Moment<'_>>> = BTreeMap::new();
    for (waiting, awaited, kind) in waits {
        let (from, to) = match kind.as_str() {
            "part" => ((waiting.as_str(), true), (awaited.as_str(), true)),
            "under" => ((waiting.as_str(), false), (awaited.as_str(), false)),
            _ => ((waiting.as_str(), false), (awaited.as_str(), true)),
        };
        next.entry(from).or_default().push(to);
    }
    let (start, target) = ((start, true), (target, false));
    let mut came_from: BTreeMap<Moment<'_>, Moment<'_>> = BTreeMap::new();
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([start]);
    while let Some(moment) = queue.pop_front() {
        if moment == target {
            let mut path = vec![moment.0.to_owned()];
            let mut step = moment;
            while let Some(before) = came_from.get(&step) {
                path.push(before.0.to_owned());
                step = *before;
            }
            path.reverse();
            path.dedup();
            return Some(path);
        }
        let begins = moment.1.then_some((moment.0, false));
        for awaited in begins.into_iter().chain(next.get(&moment).into_iter().flatten().copied()) {
            if seen.insert(awaited) {
                came_from.insert(awaited, moment);
                queue.push_back(awaited);
            }
        }
    }
    None
}

/// Refuses to let `waiting` wait for `awaited` when `awaited` already waits for `waiting`.
pub(super) fn check_no_cycle(
    waits: &[(String, String, String)],
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
        let waits = [("a", "b"), ("b", "c"), ("c", "d"), ("x", "a")]
            .map(|(from, to)| (from.to_owned(), to.to_owned(), "needs".to_owned()));
        let error = check_no_cycle(&waits, "depends_on", "d", "a").expect_err("a circle");
        assert_eq!(error.code(), "cycle");
        assert!(error.to_string().contains("d → a → b → c → d"), "{error}");
        check_no_cycle(&waits, "depends_on", "a", "d").expect("no circle");
        assert!(check_no_cycle(&waits, "blocked_by_task_id", "a", "a").is_err(), "oneself");
    }

    #[test]
    fn what_a_parent_waits_for_its_children_wait_for_and_a_parent_waits_for_its_parts() {
        let family = [("parent", "child", "part"), ("parent", "other", "part"), ("child", "parent", "under")]
            .into_iter()
            .chain([("other", "parent", "under"), ("stranger", "child", "needs")])
            .map(|(from, to, kind)| (from.to_owned(), to.to_owned(), kind.to_owned()))
            .collect::<Vec<_>>();
        let refused = |waiting, awaited| check_no_cycle(&family, "depends_on", waiting, awaited).is_err();
        assert!(refused("parent", "child"), "its own part cannot begin");
        assert!(refused("child", "parent"), "what it is a part of ends after it");
        assert!(refused("parent", "stranger"), "through what the stranger needs");
        assert!(!refused("child", "other") && !refused("other", "child"), "brothers may wait for each other");
    }
}
