//! The answer as the rules see it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::domain::Method;
use crate::expect::HtmlPage;

/// The longest time for reading a page. One that takes longer is not judged as a page.
pub(super) const PAGE_BOUND: Duration = Duration::from_millis(250);

/// One answer to one request, with what was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JudgedAnswer<'a> {
    /// The method.
    pub(crate) method: Method,
    /// The address as it was asked for, before redirects.
    pub(crate) url: &'a Url,
    /// The `Accept` that the check itself sent; none where the client chose.
    pub(crate) sent_accept: Option<&'a str>,
    /// Whether the check sent `HX-Request`, which asks for a fragment of HTML.
    pub(crate) is_htmx: bool,
    /// The status.
    pub(crate) status: u16,
    /// The headers, names in lower case.
    pub(crate) headers: &'a [(String, String)],
    /// The body without its content codings: all of it, or its start.
    pub(crate) body: &'a [u8],
    /// Whether [`JudgedAnswer::body`] is all of it.
    pub(crate) is_whole: bool,
    /// What production answers at its sign-in path, where that is known; decoded, too.
    pub(crate) login_page: Option<&'a [u8]>,
}

impl<'a> JudgedAnswer<'a> {
    /// Returns a header's value by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the segments of the path that was asked for, in lower case.
    pub(super) fn segments(&self) -> Vec<String> {
        self.url.path().to_lowercase().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Tells whether the check's own `Accept` names a page.
    pub(super) fn asks_for_page(&self) -> bool {
        self.is_htmx || self.sent_accept.is_some_and(|accept| names(accept, &["text/html", "application/xhtml+xml"]))
    }

    /// Tells whether the check's own `Accept` names JSON.
    pub(super) fn asks_for_json(&self) -> bool {
        self.sent_accept.is_some_and(|accept| accept.split(',').any(|range| family(range) == Family::Json))
    }
}

fn names(accept: &str, wanted: &[&str]) -> bool {
    accept.split(',').any(|range| wanted.contains(&essence(range).as_str()))
}

/// Returns a media type without its parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The kinds of media types that the rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// One JSON document (RFC 8259, RFC 6839 §3.1); not a stream of them.
    Json,
    /// XML (RFC 7303), without pages and pictures.
    Xml,
    /// A page.
    Html,
    /// Other text, scripts and styles.
    Text,
    /// No type at all.
    Unsaid,
    /// Anything else.
    Other,
}

/// Returns the family of a media type.
pub(super) fn family(media_type: &str) -> Family {
    match essence(media_type).as_str() {
        "" => Family::Unsaid,
        "text/html" | "application/xhtml+xml" => Family::Html,
        // Several documents, one a line, under names that end like one document's.
        "application/stream+json" | "application/x-json-stream" | "application/json-seq" => Family::Other,
        "application/json" | "text/json" | "text/x-json" => Family::Json,
        "application/xml" | "text/xml" => Family::Xml,
        kind if kind.ends_with("+json") => Family::Json,
        kind if kind.ends_with("+xml") => Family::Xml,
        "application/javascript" | "application/x-javascript" | "application/ecmascript" => Family::Text,
        kind if kind.starts_with("text/") => Family::Text,
        _ => Family::Other,
    }
}

/// What can be read of the answer. Each part is read once, when the first rule asks for it.
pub(in crate::validator) struct ReadAnswer<'a> {
    pub(super) family: Family,
    /// The text; what cannot be decoded became U+FFFD.
    pub(super) text: Cow<'a, str>,
    json: OnceCell<Result<Value, String>>,
    page: OnceCell<Option<HtmlPage>>,
    answered: JudgedAnswer<'a>,
}

impl<'a> ReadAnswer<'a> {
    pub(in crate::validator) fn of(answered: &JudgedAnswer<'a>) -> Self {
        let media_type = answered.header("content-type").unwrap_or_default();
        Self {
            family: family(media_type),
            text: text_of(answered.body, media_type),
            json: OnceCell::new(),
            page: OnceCell::new(),
            answered: *answered,
        }
    }

    /// Returns the text without what stands before a document: blanks, a byte order mark, the guard against inclusion as
    /// a script (Angular, Google, Facebook, Spring).
    pub(in crate::validator) fn document(&self) -> &str {
        let text = self.text.trim_start_matches('\u{feff}').trim();
        let guard = [")]}',", ")]}'", ")]}", "while(1);", "for(;;);", "while (1);", "for (;;);", "{} &&"];
        guard.iter().find_map(|guard| text.strip_prefix(guard)).unwrap_or(text).trim_start()
    }

    /// Returns the JSON that the body is, or why it is none. Several documents behind each other are a list.
    pub(in crate::validator) fn json(&self) -> Result<&Value, &str> {
        let read = self.json.get_or_init(|| read_json(self.document(), self.answered.is_whole));
        read.as_ref().map_err(String::as_str)
    }

    /// Returns the top level of the document, when it is a JSON object, whatever its label.
    pub(super) fn object(&self) -> Option<&serde_json::Map<String, Value>> {
        if !self.document().starts_with('{') {
            return None;
        }
        self.json().ok().and_then(Value::as_object)
    }

    /// Tells whether the answer is a page: by its label, or without a label by its first tag; never plain text or JSON
    /// under the wrong label, which browsers and `res.send('ok')` of Express make.
    pub(in crate::validator) fn is_page(&self) -> bool {
        let begins = self.document().get(..15).unwrap_or(self.document()).to_ascii_lowercase();
        let says_html = begins.starts_with("<!doctype html") || begins.starts_with("<html");
        match self.family {
            Family::Html => has_tag(self.document()) && !is_json_text(self),
            Family::Unsaid => says_html,
            _ => false,
        }
    }

    /// Returns what the page shows.
    pub(super) fn page(&self) -> Option<&HtmlPage> {
        self.page.get_or_init(|| HtmlPage::read(&self.text, Some(self.answered.url), PAGE_BOUND)).as_ref()
    }
}

fn is_json_text(reading: &ReadAnswer<'_>) -> bool {
    reading.document().starts_with(['{', '[', '"']) && reading.json().is_ok()
}

/// Tells whether a text holds something that looks like a tag.
pub(super) fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let next = text.as_bytes().get(at + 1).copied().unwrap_or_default();
        next.is_ascii_alphabetic() || matches!(next, b'!' | b'/')
    })
}

fn read_json(text: &str, is_whole: bool) -> Result<Value, String> {
    let mut documents = Vec::new();
    // A document that is deeper than serde_json goes is one that was read as far as the rules look.
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match document {
            Ok(document) => documents.push(document),
            Err(_) if !is_whole => return Err("it is longer than what was read".to_owned()),
            Err(error) => return Err(crate::domain::json_problem(&error)),
        }
    }
    match documents.len() {
        0 => Err("it is empty".to_owned()),
        1 => Ok(documents.swap_remove(0)),
        _ => Ok(Value::Array(documents)),
    }
}

/// Decodes as browsers do: a byte order mark wins over the charset (WHATWG Encoding §6).
fn text_of<'a>(body: &'a [u8], media_type: &str) -> Cow<'a, str> {
    let charset = media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    });
    let named = charset.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    named.or_else(|| utf_16_without_mark(body)).unwrap_or(encoding_rs::UTF_8).decode(body).0
}

/// JSON begins with two ASCII characters, so that UTF-16 without a mark shows by its zeros (RFC 4627 §3).
fn utf_16_without_mark(body: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match *body.get(..4)? {
        [0, first, 0, second] if first != 0 && second != 0 => Some(encoding_rs::UTF_16BE),
        [first, 0, second, 0] if first != 0 && second != 0 => Some(encoding_rs::UTF_16LE),
        _ => None,
    }
}
