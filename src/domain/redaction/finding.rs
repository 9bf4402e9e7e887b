//! The places of a text that hold secrets.

use std::ops::Range;

/// Collects the places as they are found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    places: Vec<Range<usize>>,
}

impl Findings {
    pub(super) fn add(&mut self, place: Range<usize>) {
        if place.start < place.end {
            self.places.push(place);
        }
    }

    /// Tells whether the place that was found last covers a position: what stands there needs no second look, which
    /// keeps a text of one keyword after the other linear.
    pub(super) fn covers(&self, at: usize) -> bool {
        self.places.last().is_some_and(|last| last.contains(&at))
    }

    /// Returns the places in order, those that touch as one.
    pub(super) fn merged(mut self) -> Vec<Range<usize>> {
        self.places.sort_unstable_by_key(|place| place.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(self.places.len());
        for place in self.places {
            match merged.last_mut() {
                Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
                _ => merged.push(place),
            }
        }
        merged
    }
}

/// The bytes of a text after `from` that are looked at: a bounded window, which ends between two characters.
pub(super) fn window(text: &str, from: usize, bytes: usize) -> &str {
    let end = text.floor_char_boundary(from.saturating_add(bytes));
    text.get(from..end).unwrap_or_default()
}

/// The bytes of a text before `to` that are looked at.
pub(super) fn window_before(text: &str, to: usize, bytes: usize) -> &str {
    let start = text.ceil_char_boundary(to.saturating_sub(bytes));
    text.get(start..to).unwrap_or_default()
}

/// The part of the line before a position, at most 512 bytes of it.
pub(super) fn line_before(text: &str, to: usize) -> &str {
    let before = window_before(text, to, 512);
    before.rsplit('\n').next().unwrap_or(before)
}
