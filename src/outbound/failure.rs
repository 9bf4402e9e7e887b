//! Why no answer was observed: told apart by the types of errors, not by their texts.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};
use url::Url;

use super::connection::{BlockedAddress, LookupError};
use crate::domain::{BLOCKED_BY_POLICY, ProxyAddress, one_line, out_of_descriptors};

/// What is said of a server that is too old.
const NO_VERSION: &str = "the server speaks no TLS version or cipher that is safe (TLS 1.2 or 1.3)";

/// What is said of a server that was shown a client certificate.
const REFUSED_CERTIFICATE: &str = "the server does not take the client certificate that it was shown";

/// Which part of an exchange took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutPhase {
    /// Until the connection was open: name, TCP and TLS.
    Connect,
    /// Until the answer's head came.
    Response,
    /// Until the body's end came.
    Body,
}

/// Why no answer was observed, told apart by type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what it is")]
pub enum TransportFailure {
    #[error("{host} does not resolve: {reason}")]
    Dns { host: String, reason: String },
    #[error("connection refused by {host}:{port}")]
    Refused { host: String, port: u16 },
    #[error("connection reset: {reason}")]
    Reset { reason: String },
    #[error("TLS failed: {reason}")]
    Tls { reason: String },
    #[error("no {} within {timeout_ms} ms", match phase { TimeoutPhase::Connect => "connection", TimeoutPhase::Response => "answer", TimeoutPhase::Body => "complete body" })]
    Timeout { phase: TimeoutPhase, timeout_ms: u64 },
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("{}: {why}", BLOCKED_BY_POLICY)]
    Blocked { why: String, setting: String },
    #[error("more than {limit} redirects")]
    TooManyRedirects { limit: usize },
    #[error("not a valid HTTP answer: {reason}")]
    Protocol { reason: String },
    #[error("no connection can be opened from here: {reason}")]
    NoDescriptors { reason: String },
    #[error("the host is unreachable: {reason}")]
    Unreachable { reason: String },
    #[error("the proxy {proxy} {reason}")]
    Proxy { proxy: String, reason: String },
    #[error("{failure}")]
    BesideProxy { failure: Box<TransportFailure>, variables: String },
    #[error("cancelled")]
    Cancelled,
}

impl TransportFailure {
    /// Returns what to do about it, where that is known.
    pub fn fix(&self) -> Option<String> {
        let fix = match self {
            Self::BesideProxy { failure, variables } => {
                let own = failure.fix().map(|fix| format!("{fix}; ")).unwrap_or_default();
                return Some(format!(
                    "{own}the environment names a proxy that is not used ({variables}): a person sets proxy to \"environment\" \
                     (--proxy environment, or the key in trusted configuration)"
                ));
            }
            Self::Proxy { .. } => {
                "let the proxy run and let this call through; a person names another one with proxy (or --proxy), or \
                 lists the host in NO_PROXY"
            }
            Self::Dns { .. } => "check the spelling of the host, or give its address with resolve",
            Self::Refused { .. } => "start the service, or check host and port",
            Self::Tls { reason } if reason == NO_VERSION => "let the server speak TLS 1.2 or 1.3",
            Self::Tls { reason } if reason == REFUSED_CERTIFICATE => {
                "a person corrects client_certificate: the server trusts another authority, or the certificate has expired"
            }
            Self::Tls { reason } if reason.contains("client certificate") => {
                "a person sets client_certificate {certificate, key_env or key_file} in trusted configuration, or \
                 --client-certificate"
            }
            Self::Tls { reason } if reason.contains("intermediate") => {
                "let the server send its whole chain; a private authority goes into ca_file"
            }
            Self::Tls { .. } => "correct production's certificate; a private authority goes into ca_file",
            Self::Timeout { phase: TimeoutPhase::Connect, .. } => {
                "check that the host can be reached from here, or raise timeout_s"
            }
            Self::Timeout { .. } => "make the answer faster, or raise timeout_s",
            Self::TooLarge { .. } => "check an address with a smaller answer",
            Self::Blocked { setting, .. } => setting,
            Self::TooManyRedirects { .. } => "check the address that the redirects lead to",
            Self::NoDescriptors { .. } => {
                "this process may open too few files: raise its limit (`ulimit -n`), or let it do less at once"
            }
            Self::Unreachable { .. } => "check the network between here and the host",
            Self::Reset { .. } | Self::Protocol { .. } | Self::Cancelled => return None,
        };
        Some(fix.to_owned())
    }

    /// Returns the failure itself, without what was told beside it.
    pub fn bare(&self) -> &Self {
        match self {
            Self::BesideProxy { failure, .. } => failure.bare(),
            failure => failure,
        }
    }

    /// Tells whether another try can end differently. It cannot when a policy forbids the call, when it was cancelled, or
    /// when the body is too large.
    pub const fn may_pass_later(&self) -> bool {
        !matches!(self, Self::Blocked { .. } | Self::Cancelled | Self::TooLarge { .. })
    }
}

/// How a request was sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Way<'a> {
    /// Through this proxy.
    pub(super) proxy: Option<&'a ProxyAddress>,
    /// Whether the server would be shown a client certificate.
    pub(super) has_certificate: bool,
}

/// Classifies what reqwest says about a request to `url`.
pub(super) fn classify(error: &reqwest::Error, url: &Url, way: Way<'_>) -> TransportFailure {
    let point = FailurePoint { url, connecting: error.is_connect(), has_certificate: way.has_certificate };
    if let (Some(proxy), true) = (way.proxy, error.is_connect()) {
        return at_proxy(error, &point, proxy);
    }
    if let Some(failure) = search(error, &point) {
        return failure;
    }
    if error.is_decode() {
        return TransportFailure::Protocol { reason: "the body cannot be decompressed".to_owned() };
    }
    TransportFailure::Protocol { reason: innermost(error) }
}

/// What fails before a connection stands fails at the proxy, but for TLS, which is spoken with the server behind it.
fn at_proxy(error: &reqwest::Error, point: &FailurePoint<'_>, proxy: &ProxyAddress) -> TransportFailure {
    let reason = match (tunnel_refusal(error), search(error, point)) {
        (Some(refusal), _) => refusal.to_owned(),
        (None, Some(failure @ (TransportFailure::Tls { .. } | TransportFailure::NoDescriptors { .. }))) => {
            return failure;
        }
        (None, Some(failure @ TransportFailure::Blocked { .. })) => return failure,
        (None, Some(TransportFailure::Dns { reason, .. })) => format!("does not resolve: {reason}"),
        (None, Some(TransportFailure::Refused { .. })) => "refuses the connection".to_owned(),
        (None, Some(other)) => format!("is not reached: {other}"),
        (None, None) => format!("is not reached: {}", innermost(error)),
    };
    TransportFailure::Proxy { proxy: proxy.to_string(), reason }
}

/// Finds what a proxy said to `CONNECT`. The type of that error is not public, so it is known by its text.
fn tunnel_refusal(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut current = Some(error);
    while let Some(error) = current {
        match error.to_string().strip_prefix("tunnel error: ") {
            Some("proxy authorization required") => return Some(ASKS_FOR_LOGIN),
            Some("unsuccessful") => return Some("refuses to connect to the host"),
            Some("unexpected end of file") => return Some("closes the connection"),
            _ => current = error.source(),
        }
    }
    None
}

/// What is said of a proxy that wants to know who calls.
pub(super) const ASKS_FOR_LOGIN: &str = "asks for a login (407): it goes into the proxy's address";

struct FailurePoint<'a> {
    url: &'a Url,
    connecting: bool,
    has_certificate: bool,
}

impl FailurePoint<'_> {
    fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }

    fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }
}

/// Walks the sources, and what is wrapped in I/O errors: `io::Error::source` skips the error that it wraps.
fn search(error: &(dyn Error + 'static), point: &FailurePoint<'_>) -> Option<TransportFailure> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            let wrapped = io.get_ref().and_then(|wrapped| {
                let wrapped: &(dyn Error + 'static) = wrapped;
                search(wrapped, point)
            });
            if let Some(failure) = wrapped.or_else(|| of_io(io, point)) {
                return Some(failure);
            }
        } else if let Some(failure) = of_known_type(error, point) {
            return Some(failure);
        }
        current = error.source();
    }
    None
}

fn of_known_type(error: &(dyn Error + 'static), point: &FailurePoint<'_>) -> Option<TransportFailure> {
    if let Some(blocked) = error.downcast_ref::<BlockedAddress>() {
        return Some(TransportFailure::Blocked { why: blocked.why.clone(), setting: blocked.setting.clone() });
    }
    if let Some(LookupError(cause)) = error.downcast_ref::<LookupError>() {
        if out_of_descriptors(cause) {
            return of_io(cause, point);
        }
        return Some(TransportFailure::Dns { host: point.host(), reason: one_line(&cause.to_string(), 120) });
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(TransportFailure::Tls { reason: tls_reason(tls, &point.host(), point.has_certificate) });
    }
    let hyper = error.downcast_ref::<hyper::Error>()?;
    if hyper.is_parse() || hyper.is_parse_too_large() {
        return Some(TransportFailure::Protocol { reason: one_line(&hyper.to_string(), 120) });
    }
    if hyper.is_incomplete_message() {
        return Some(TransportFailure::Reset { reason: "closed before the answer was complete".to_owned() });
    }
    // The source may be an I/O error that says more, so it is read first.
    if hyper.source().is_none() && (hyper.is_closed() || hyper.is_canceled()) {
        return Some(TransportFailure::Reset { reason: one_line(&hyper.to_string(), 120) });
    }
    None
}

fn of_io(error: &io::Error, point: &FailurePoint<'_>) -> Option<TransportFailure> {
    let reason = || one_line(&error.to_string(), 120);
    if out_of_descriptors(error) {
        return Some(TransportFailure::NoDescriptors { reason: reason() });
    }
    Some(match error.kind() {
        io::ErrorKind::ConnectionRefused => TransportFailure::Refused { host: point.host(), port: point.port() },
        io::ErrorKind::UnexpectedEof if point.connecting && point.url.scheme() == "https" => {
            TransportFailure::Tls { reason: "the connection was closed during the handshake".to_owned() }
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => TransportFailure::Reset { reason: reason() },
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::TimedOut => TransportFailure::Unreachable { reason: reason() },
        _ => return None,
    })
}

pub(super) fn tls_reason(error: &rustls::Error, host: &str, has_certificate: bool) -> String {
    use AlertDescription as Alert;
    match error {
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError,
        ) if has_certificate => REFUSED_CERTIFICATE.to_owned(),
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet".to_owned()
            }
            CertificateError::UnknownIssuer => {
                "the certificate comes from an unknown issuer, or the server sends no intermediate certificate"
                    .to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the certificate is for another name than {host}")
            }
            CertificateError::Revoked => "the certificate was revoked".to_owned(),
            other => format!("the certificate is not valid: {}", one_line(&other.to_string(), 120)),
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::BadCertificate) => {
            "the server asks for a client certificate".to_owned()
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => NO_VERSION.to_owned(),
        rustls::Error::AlertReceived(alert) => format!("the server refused the handshake ({alert:?})"),
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS on this port".to_owned(),
        rustls::Error::PeerIncompatible(_) => NO_VERSION.to_owned(),
        other => one_line(&other.to_string(), 120),
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    one_line(&current.to_string(), 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(error: &(dyn Error + 'static), connecting: bool) -> Option<TransportFailure> {
        let url = Url::parse("https://prod.example.test/").expect("a URL");
        search(error, &FailurePoint { url: &url, connecting, has_certificate: false })
    }

    #[test]
    fn an_error_that_an_io_error_wraps_is_found() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        assert_eq!(
            found(&wrapped, true),
            Some(TransportFailure::Tls { reason: "the certificate has expired".to_owned() })
        );
    }

    #[test]
    fn kinds_of_io_errors_are_told_apart() {
        let of = |kind: io::ErrorKind| found(&io::Error::from(kind), false);
        assert_eq!(
            of(io::ErrorKind::ConnectionRefused),
            Some(TransportFailure::Refused { host: "prod.example.test".to_owned(), port: 443 })
        );
        assert!(matches!(of(io::ErrorKind::ConnectionReset), Some(TransportFailure::Reset { .. })));
        assert!(matches!(of(io::ErrorKind::HostUnreachable), Some(TransportFailure::Unreachable { .. })));
        assert!(matches!(
            found(&io::Error::from(io::ErrorKind::UnexpectedEof), true),
            Some(TransportFailure::Tls { .. })
        ));
        assert_eq!(of(io::ErrorKind::Other), None);
        let shortage = found(&io::Error::from_raw_os_error(24), true);
        #[cfg(unix)]
        assert!(matches!(shortage, Some(TransportFailure::NoDescriptors { .. })), "{shortage:?}");
        #[cfg(not(unix))]
        drop(shortage);
    }

    #[test]
    fn every_failure_that_a_person_can_change_says_how() {
        let blocked = TransportFailure::Blocked { why: "w".to_owned(), setting: "--allow-host x".to_owned() };
        assert_eq!(blocked.fix().as_deref(), Some("--allow-host x"));
        assert!(!blocked.may_pass_later());
        let refused = TransportFailure::Refused { host: "x".to_owned(), port: 1 };
        let beside =
            TransportFailure::BesideProxy { failure: Box::new(refused.clone()), variables: "HTTP_PROXY".to_owned() };
        assert_eq!((beside.to_string(), beside.bare()), (refused.to_string(), &refused));
        assert!(beside.fix().is_some_and(|fix| fix.contains("names a proxy that is not used (HTTP_PROXY)")));
        let asked = TransportFailure::Tls { reason: "the server asks for a client certificate".to_owned() };
        assert!(asked.fix().is_some_and(|fix| fix.contains("client_certificate")));
        let slow = TransportFailure::Timeout { phase: TimeoutPhase::Body, timeout_ms: 1500 };
        assert_eq!(slow.to_string(), "no complete body within 1500 ms");
        assert!(slow.fix().is_some_and(|fix| fix.contains("timeout_s")) && slow.may_pass_later());
    }
}
