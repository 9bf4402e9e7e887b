//! What can be wrong with a live check.

use crate::domain::field_name;

/// The most addresses that a check names.
pub(super) const MAX_ADDRESSES: usize = 16;

/// A live check cannot be what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LiveCheckError {
    /// The address is not a URL and not a path.
    #[error("url `{0}` is not a URL: give an absolute http(s) URL or a path such as /health")]
    NotAUrl(String),
    /// A host was given where a URL or a path is wanted: as a path of production it would be asked for in vain.
    #[error("url `{0}` begins with a host and names no scheme: write https://{0}, or a path that begins with /")]
    NoScheme(String),
    /// A path was given, and production's address is not known.
    #[error("url `{0}` is a path, but no prod_url is configured: give an absolute URL or set prod_url")]
    NoProduction(String),
    /// Something other than http or https.
    #[error("url scheme `{0}` is not supported: use http or https")]
    Scheme(String),
    /// A capture decides where a request goes.
    #[error("url: {{{{name}}}} of a capture can stand in path, query, headers and body, not in scheme, host or port")]
    CaptureInOrigin,
    /// A user name or password in the address would end in proofs.
    #[error("url must not contain a user name or password: use `user` or a header instead")]
    Credentials,
    /// A status that is neither a number, a list nor a class.
    #[error("expected_status `{0}` is not a status: use a number (200), a class (\"2xx\") or a list of them")]
    Status(String),
    /// No expected status at all.
    #[error("expected_status must name at least one status")]
    NoStatus,
    /// A check names users, and none of them, or one user beside them.
    #[error(
        "users must name at least one test user (or anonymous); it stands in the place of user, and the statuses that it gives in the place of expected_status"
    )]
    Users,
    /// One request is asked for, and several users shall ask.
    #[error("users: one request has one user: give `user`, or `users` in a check of run_task")]
    OneUser,
    /// A method that is not known.
    #[error("method `{0}` is not supported: use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS")]
    Method(String),
    /// A time-out, in milliseconds, that is nothing or too long.
    #[error("timeout_s is {}: it must lie between 0.001 and 600", *.0 as f64 / 1000.0)]
    Timeout(u64),
    /// A header's name or value that HTTP forbids.
    #[error("header `{0}` is not allowed: names are letters, digits and hyphens, values hold no control characters")]
    Header(String),
    /// Addresses of a check that is asked once.
    #[error(
        "addresses are asked one after the other, but this check is asked once: leave addresses or once out, or say safe: true"
    )]
    AddressesOfOneAsk,
    /// More addresses than a check may ask.
    #[error("addresses names {0}: at most {MAX_ADDRESSES} are asked")]
    TooManyAddresses(usize),
    /// A text that is not `[METHOD ]URL[ STATUS]`.
    #[error(
        "`{0}` is not a check: write [METHOD ]URL[ STATUS], such as \"POST /api/orders 201\", and no space in the URL"
    )]
    NotAShortForm(String),
    /// What was given is neither a JSON object nor a text.
    #[error("a check is one JSON object, such as {{\"url\": \"/health\"}}")]
    NotAnObject,
    /// A field that a check does not have.
    #[error("unknown field `{name}` ({hint})")]
    UnknownField {
        /// What was given.
        name: String,
        /// The nearest known field, or all of them.
        hint: String,
    },
    /// A field is missing, or holds a value of another kind.
    #[error("{problem}")]
    Field {
        /// The field, or the place inside of it; nothing when the message alone tells.
        field: Option<String>,
        /// What is wrong, with the field's name.
        problem: String,
    },
    /// Accepting both success and a server error proves nothing.
    #[error("expected_status accepts both success and 5xx: a check must be able to fail")]
    AcceptsEverything,
}

impl LiveCheckError {
    /// Returns the name of the check's field that is wrong, without the place inside of it.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::NotAUrl(_)
            | Self::NoScheme(_)
            | Self::NoProduction(_)
            | Self::Scheme(_)
            | Self::Credentials
            | Self::CaptureInOrigin => Some("url"),
            Self::Status(_) | Self::NoStatus | Self::AcceptsEverything => Some("expected_status"),
            Self::Users | Self::OneUser => Some("users"),
            Self::Method(_) => Some("method"),
            Self::Timeout(_) => Some("timeout_s"),
            Self::Header(_) => Some("headers"),
            Self::AddressesOfOneAsk | Self::TooManyAddresses(_) => Some("addresses"),
            Self::UnknownField { name, .. } => Some(name),
            Self::Field { field, .. } => field.as_deref().map(field_name),
            Self::NotAnObject | Self::NotAShortForm(_) => None,
        }
    }
}
