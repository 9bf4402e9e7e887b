//! Which pages in browsers may read answers: those of the configured origins, and no others.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::guard::Guard;

/// How long a browser may remember what it is allowed.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Makes the layer that tells browsers; without configured origins it tells them nothing.
pub(super) fn cors(guard: &Guard) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = guard.origins().iter().filter_map(|origin| origin.parse().ok()).collect();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([HeaderName::from_static("mcp-session-id"), header::WWW_AUTHENTICATE, header::RETRY_AFTER])
            .max_age(REMEMBERED)
    })
}
