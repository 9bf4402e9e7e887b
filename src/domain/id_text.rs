//! What people write in the place of an id: a whole one, its beginning, or `@`. Pure.

/// What has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// A task.
    Task,
    /// A hierarchical task.
    HTask,
    /// A swarm.
    Swarm,
}

impl IdKind {
    /// Returns what it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::HTask => "htask",
            Self::Swarm => "swarm",
        }
    }
}

/// An id of ours, with what it is the id of: the newest come first where there are several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownId {
    /// The id.
    pub id: String,
    /// The title or name.
    pub title: String,
}

/// What a text in the place of an id means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdText {
    /// A whole id of ours, or one of somebody else's: it is taken as it is.
    AsItIs,
    /// `@`: the newest.
    Newest,
    /// The beginning of an id of ours, such as `task_0193`; `0193` says the same.
    Beginning(String),
}

/// How many digits our ids have.
const DIGITS: usize = 32;
/// From which likeness on an id may have been meant: one digit of four is mistyped, or two have changed places.
const LIKE: f64 = 0.7;

impl IdText {
    /// Reads a text in the place of an id.
    pub fn read(kind: IdKind, text: &str) -> Self {
        if text == "@" {
            return Self::Newest;
        }
        let name = kind.name();
        let digits = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('_')).unwrap_or(text);
        let is_beginning = (1..DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if is_beginning { Self::Beginning(format!("{name}_{}", digits.to_ascii_lowercase())) } else { Self::AsItIs }
    }
}

/// Returns the id that is likest to a beginning which none has; `known` are the newest first.
pub fn nearest_id<'a>(beginning: &str, known: &'a [KnownId]) -> Option<&'a str> {
    // What all ids of a kind begin with is no likeness.
    let digits = |text: &'a str| text.split_once('_').map_or(text, |(_, digits)| digits);
    let typed = beginning.split_once('_').map_or(beginning, |(_, digits)| digits);
    let likeness = |id: &'a str| {
        let begins = digits(id).get(..typed.len()).unwrap_or_default();
        strsim::normalized_damerau_levenshtein(begins, typed)
    };
    let ids = known.iter().map(|known| known.id.as_str());
    // Of several that are as like the first one stays: the newest.
    let best = ids.rev().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(best) >= LIKE).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_read_with_and_without_the_kind_before_it() {
        let begins = |text: &str| Some(IdText::Beginning(text.to_owned()));
        for (kind, text, meant) in [
            (IdKind::Task, "task_0193AB", begins("task_0193ab")),
            (IdKind::Task, "0193ab", begins("task_0193ab")),
            (IdKind::HTask, "htask_f", begins("htask_f")),
            (IdKind::Swarm, "@", Some(IdText::Newest)),
            (IdKind::Task, "task_", None),
            (IdKind::Task, "", None),
            (IdKind::Task, "nonsense", None),
            (IdKind::HTask, "clx9f2zz", None),
            (IdKind::HTask, "htask_task_001", None),
            (IdKind::Task, "task_0193aaaabbbbccccddddeeeeffff0001", None),
        ] {
            assert_eq!(IdText::read(kind, text), meant.unwrap_or(IdText::AsItIs), "{text}");
        }
    }

    #[test]
    fn a_mistyped_beginning_has_a_nearest_id_and_nonsense_has_none() {
        let known =
            ["task_0193aaaa0001", "task_0193bbbb0002"].map(|id| KnownId { id: id.into(), title: String::new() });
        assert_eq!(nearest_id("task_0193baa", &known), Some("task_0193aaaa0001"));
        assert_eq!(nearest_id("task_ffff", &known), None);
        assert_eq!(nearest_id("task_0193", &[]), None);
    }
}
