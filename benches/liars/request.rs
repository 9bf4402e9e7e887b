//! What the production was asked.

/// A request as it came in, with what the production knows about it.
#[derive(Debug)]
pub(super) struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Which ask of this path it is, from 1.
    pub count: u64,
    /// Which connection it came on, from 1.
    pub connection: u64,
    /// Which of production's addresses was asked, from 0.
    pub node: usize,
    /// How many deploys there were before.
    pub deploys: u64,
}

impl Request {
    /// Reads a request's head; count, connection and node are the production's to fill in.
    pub(super) fn read(head: &str) -> Option<Self> {
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
        let query = query.to_owned();
        Some(Self { method, path, query, headers, body: String::new(), count: 1, connection: 1, node: 0, deploys: 0 })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns how many bytes the body has.
    pub(super) fn length(&self) -> usize {
        self.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}
