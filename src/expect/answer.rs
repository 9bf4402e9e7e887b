//! The view of an answer by which expectations are judged.

use std::fmt;
use std::sync::{Arc, OnceLock};

use url::Url;

use super::bounded;
use super::decoding::decode;
use super::found::Stop;
use super::html_page::HtmlPage;
use super::json_document::JsonDocument;
use crate::domain::{Redactor, Timestamp};

/// The longest page that is read, in bytes.
const MOST_PAGE_BYTES: usize = 2 * 1024 * 1024;

/// One answer, as plain values; what was not observed is `None` or empty. Text, JSON and page are read when they are
/// first asked for, once for all expectations.
pub struct AnswerView<'a> {
    /// The status.
    pub status: u16,
    /// The version of HTTP as Hurl writes it: `1.0`, `1.1`, `2`, `3`.
    pub http_version: &'a str,
    /// The fields of the head, as they came, `Set-Cookie` included.
    pub headers: &'a [(String, String)],
    /// The body, decompressed.
    pub body: &'a [u8],
    /// Whether the body goes on behind `body`: what needs all of it is then unverified.
    pub cut: bool,
    /// The SHA-256 of the whole body, where it was computed while the body was read.
    pub sha256: Option<[u8; 32]>,
    /// The address that answered, behind all redirects.
    pub url: &'a str,
    /// The targets of the redirects that were followed, in order.
    pub redirects: &'a [String],
    /// The address of the machine that answered.
    pub ip: Option<&'a str>,
    /// How long it took.
    pub duration_ms: u64,
    /// The server's certificate (DER); `None` without TLS.
    pub certificate: Option<&'a [u8]>,
    /// The commit or version that the answer tells.
    pub build: Option<&'a str>,
    /// The page's assets that do not answer as they should; `None` when they were not asked.
    pub broken_assets: Option<&'a [String]>,
    /// Whether it differs from the baseline; `None` without a baseline.
    pub differs_from_baseline: Option<bool>,
    /// The present time.
    pub now: Timestamp,
    /// Takes secrets out of what is told.
    pub redactor: &'a Redactor,
    text: OnceLock<Result<Arc<str>, Stop>>,
    json: OnceLock<Result<Arc<JsonDocument>, Stop>>,
    page: OnceLock<Result<Arc<HtmlPage>, Stop>>,
}

impl<'a> AnswerView<'a> {
    /// Makes an answer of HTTP/1.1 that took no time; the other fields are set on it.
    pub fn new(
        status: u16,
        headers: &'a [(String, String)],
        body: &'a [u8],
        now: Timestamp,
        redactor: &'a Redactor,
    ) -> Self {
        Self {
            status,
            http_version: "1.1",
            headers,
            body,
            cut: false,
            sha256: None,
            url: "",
            redirects: &[],
            ip: None,
            duration_ms: 0,
            certificate: None,
            build: None,
            broken_assets: None,
            differs_from_baseline: None,
            now,
            redactor,
            text: OnceLock::new(),
            json: OnceLock::new(),
            page: OnceLock::new(),
        }
    }

    /// Returns the values of a header field, in order; names are compared without case (RFC 9110 §5.1).
    pub fn header<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        self.headers.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the page that the body is, or one line why it cannot be read as one.
    ///
    /// # Errors
    /// When the body is cut, no text, too long or takes too long.
    pub fn page(&self) -> Result<&HtmlPage, String> {
        self.html().map_err(|stop| match stop {
            Stop::Failed(observed) => observed.clone(),
            Stop::Unverified { why, .. } => why.clone(),
        })
    }

    /// Returns the whole body.
    pub(crate) fn whole_body(&self) -> Result<&'a [u8], Stop> {
        if self.cut {
            let why = format!("the body is longer than the {} bytes that were read", self.body.len());
            return Err(Stop::unverified(why));
        }
        Ok(self.body)
    }

    pub(crate) fn text(&self) -> Result<&Arc<str>, Stop> {
        let read = || decode(self.whole_body()?, self.header("content-type").next()).map(Arc::from);
        self.text.get_or_init(read).as_ref().map_err(Stop::clone)
    }

    pub(crate) fn json(&self) -> Result<&Arc<JsonDocument>, Stop> {
        let read = || {
            let document = JsonDocument::read(self.text()?);
            document.map(Arc::new).map_err(|problem| Stop::Failed(format!("a body that is no JSON: {problem}")))
        };
        self.json.get_or_init(read).as_ref().map_err(Stop::clone)
    }

    pub(crate) fn html(&self) -> Result<&HtmlPage, &Stop> {
        let read = || {
            let text = Arc::clone(self.text()?);
            if text.len() > MOST_PAGE_BYTES {
                return Err(Stop::unverified(format!("the page is longer than {MOST_PAGE_BYTES} bytes")));
            }
            let base = Url::parse(self.url).ok();
            let page = bounded::run("reading the page", move || HtmlPage::read(&text, base.as_ref(), bounded::BOUND))?;
            page.map(Arc::new).ok_or_else(|| Stop::unverified("reading the page takes too long"))
        };
        self.page.get_or_init(read).as_ref().map(Arc::as_ref)
    }
}

impl fmt::Debug for AnswerView<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the body and the fields of the head: they may hold secrets.
        let mut shown = formatter.debug_struct("AnswerView");
        shown.field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
