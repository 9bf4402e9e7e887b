//! Answers out of caches, and the way past them. Pure.

use url::Url;

use crate::outbound::Exchange;

/// The parameter that makes an address one that no cache holds.
const PARAMETER: &str = "snipara-cache-bust";
/// Headers in which caches say what they did (RFC 9211; Varnish, CloudFront, Fastly, Cloudflare, Vercel, nginx).
const SAYS_CACHE: [&str; 8] = [
    "cache-status",
    "x-cache",
    "x-cache-status",
    "x-proxy-cache",
    "cf-cache-status",
    "x-vercel-cache",
    "x-cache-hits",
    "cdn-cache",
];

/// Tells whether a cache gave an answer: it has an age (RFC 9111 §5.1), or a cache says that it hit or that it is stale.
pub(crate) fn answered_by_a_cache(exchange: &Exchange) -> bool {
    let age = exchange.header("age").and_then(|age| age.trim().parse::<u64>().ok());
    let says = |name: &&str| {
        let said = exchange.header(name).unwrap_or_default().to_ascii_lowercase();
        said.split(|character: char| !character.is_ascii_alphanumeric()).any(|word| word == "hit" || word == "stale")
    };
    age.is_some_and(|age| age > 0) || SAYS_CACHE.iter().any(says)
}

/// Returns the same address with a parameter that no cache has seen.
pub(crate) fn past_the_cache(url: &Url) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair(PARAMETER, &uuid::Uuid::new_v4().simple().to_string());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_known_by_an_age_or_by_its_own_word() {
        let with =
            |headers: &[(&str, &str)]| answered_by_a_cache(&Exchange::answered("http://a.test/", 200, headers, b""));
        for said in
            [("age", "3"), ("x-cache", "HIT from edge"), ("cache-status", "edge; hit"), ("cf-cache-status", "STALE")]
        {
            assert!(with(&[said]), "{said:?}");
        }
        for said in
            [("age", "0"), ("x-cache", "MISS"), ("cf-cache-status", "DYNAMIC"), ("x-cache", "whit"), ("etag", "hit")]
        {
            assert!(!with(&[said]), "{said:?}");
        }
    }

    #[test]
    fn the_way_past_a_cache_keeps_the_query_and_is_new_each_time() {
        let url = Url::parse("http://a.test/x?a=b").expect("a URL");
        let (one, other) = (past_the_cache(&url), past_the_cache(&url));
        assert!(one.as_str().starts_with("http://a.test/x?a=b&snipara-cache-bust=") && one != other, "{one}");
    }
}
