//! Pages of lists, and how long clients may cache them.

use std::fmt::Write;

use rmcp::ErrorData;
use rmcp::model::{CacheScope, PaginatedRequestParams};

use crate::domain::one_line;

/// The cache scope of every answer: private, because answers differ by caller.
pub(super) const PRIVATE: CacheScope = CacheScope::Private;

/// How long a list that only a new start of the server changes may be kept, in milliseconds.
pub(super) const STATIC_TTL_MS: u64 = 300_000;

/// Refuses any cursor: the list has one page, so no answer ever gave one.
///
/// # Errors
/// When there is a cursor.
pub(super) fn only_page(request: Option<&PaginatedRequestParams>) -> Result<(), ErrorData> {
    match cursor_of(request) {
        None => Ok(()),
        Some(cursor) => Err(unknown(cursor)),
    }
}

/// Cuts the page that a request asks for out of a whole list, and returns it with the cursor of the next one.
///
/// A cursor names the last item of its page, so that new items in front do not shift the next page.
///
/// # Errors
/// When no page ended with the item that the cursor names.
pub(super) fn paginate<T>(
    all: Vec<T>,
    request: Option<&PaginatedRequestParams>,
    size: usize,
    key: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>), ErrorData> {
    let start = match cursor_of(request) {
        None => 0,
        Some(cursor) => {
            let place = all.iter().position(|item| cursor_for(key(item)) == cursor);
            place.map(|place| place + 1).ok_or_else(|| unknown(cursor))?
        }
    };
    let more = all.len() > start + size;
    let page: Vec<T> = all.into_iter().skip(start).take(size).collect();
    let next = page.last().filter(|_| more).map(|last| cursor_for(key(last)));
    Ok((page, next))
}

fn cursor_of(request: Option<&PaginatedRequestParams>) -> Option<&str> {
    request.and_then(|request| request.cursor.as_deref())
}

/// Makes a cursor, which is opaque to clients.
fn cursor_for(key: &str) -> String {
    key.bytes().fold(String::with_capacity(2 * key.len()), |mut cursor, byte| {
        // Writing to a String cannot fail.
        let _ = write!(cursor, "{byte:02x}");
        cursor
    })
}

fn unknown(cursor: &str) -> ErrorData {
    let message = format!("no list gave the cursor `{}`: ask without one for the first page", one_line(cursor, 40));
    ErrorData::invalid_params(message, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(cursor: Option<&str>) -> PaginatedRequestParams {
        PaginatedRequestParams::default().with_cursor(cursor.map(str::to_owned))
    }

    fn pages(mut all: Vec<&'static str>, size: usize, arriving: &'static str) -> Vec<Vec<&'static str>> {
        let (mut pages, mut cursor) = (Vec::new(), None);
        loop {
            let request = ask(cursor.as_deref());
            let (page, next) = paginate(all.clone(), Some(&request), size, |item| item).expect("a page");
            pages.push(page);
            cursor = next;
            if cursor.is_none() {
                return pages;
            }
            all.insert(0, arriving);
        }
    }

    #[test]
    fn pages_follow_each_other_though_new_items_arrive_in_front() {
        assert_eq!(pages(vec!["a", "b", "c"], 2, "new"), [vec!["a", "b"], vec!["c"]]);
        assert_eq!(pages(vec!["a", "b"], 2, "new"), [vec!["a", "b"]]);
        assert_eq!(pages(Vec::new(), 2, "new"), [Vec::<&str>::new()]);
    }

    #[test]
    fn a_cursor_that_no_list_gave_is_refused() {
        for cursor in ["", "x", "61", "\u{1b}[31m"] {
            assert!(paginate(vec!["b"], Some(&ask(Some(cursor))), 1, |item| item).is_err(), "{cursor}");
            let error = only_page(Some(&ask(Some(cursor)))).expect_err("refused");
            assert!(!error.message.contains('\u{1b}'), "{}", error.message);
        }
        assert!(only_page(None).is_ok() && only_page(Some(&ask(None))).is_ok());
    }
}
