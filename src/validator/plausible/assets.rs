//! The files that a page loads: which ones are asked for, and which answers break the page. The pure half: somebody else
//! sends the requests.

use super::answered::{Family, essence, family};
use crate::expect::{Asset, AssetKind, HtmlPage};

/// The most files of a page that are asked for.
pub(crate) const MAX_ASSETS: usize = 20;

/// What a file of a page answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssetAnswer<'a> {
    /// The status, after redirects.
    pub(crate) status: u16,
    /// `Content-Type`; none where there is none.
    pub(crate) media_type: Option<&'a str>,
    /// Whether `X-Content-Type-Options: nosniff` stood there: browsers then take no script of another type.
    pub(crate) nosniff: bool,
}

/// Whether a page can use a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AssetVerdict {
    /// It can.
    Usable,
    /// It cannot; says what was observed.
    Broken(String),
    /// The answer says nothing about the file: it is told.
    Unknown(String),
}

/// Returns what is asked for: the page's own scripts, styles and preloads in its order, at most [`MAX_ASSETS`].
pub(crate) fn assets_to_ask(page: &HtmlPage) -> &[Asset] {
    page.assets.get(..MAX_ASSETS).unwrap_or(&page.assets)
}

/// Judges the answer of one file: it is usable with 2xx and a media type that browsers take for its kind (WHATWG Fetch,
/// "should response to request be blocked due to nosniff" and "due to its MIME type").
pub(crate) fn judge_asset(kind: AssetKind, answer: &AssetAnswer<'_>) -> AssetVerdict {
    let status = answer.status;
    if matches!(status, 408 | 425 | 429 | 502..=504) {
        return AssetVerdict::Unknown(format!("it answered {status}"));
    }
    // An empty 204 has no type; a script or a style of it is an empty one.
    if !(200..300).contains(&status) {
        return AssetVerdict::Broken(format!("it answered {status}"));
    }
    let media_type = essence(answer.media_type.unwrap_or_default());
    let is_usable = match (kind, family(&media_type)) {
        (_, Family::Html) => false,
        (_, Family::Unsaid) => !answer.nosniff,
        (AssetKind::Preload, _) => true,
        (AssetKind::Style, _) => media_type == "text/css",
        (AssetKind::Script, _) => is_script(&media_type) || (!answer.nosniff && is_taken_for_script(&media_type)),
    };
    if is_usable {
        return AssetVerdict::Usable;
    }
    let shown =
        if media_type.is_empty() { "no Content-Type".to_owned() } else { super::implausible::quoted(&media_type) };
    AssetVerdict::Broken(format!("it answered {status} with {shown}"))
}

/// The types of scripts (WHATWG MIME Sniffing §4.6), of WebAssembly and of JSON modules.
fn is_script(media_type: &str) -> bool {
    let (_, subtype) = media_type.split_once('/').unwrap_or_default();
    let subtype = subtype.strip_prefix("x-").unwrap_or(subtype);
    matches!(subtype, "javascript" | "ecmascript" | "jscript" | "livescript" | "wasm" | "json")
        || subtype.strip_prefix("javascript1.").is_some_and(|version| version.len() == 1)
}

/// Types under which browsers run a classic script all the same.
fn is_taken_for_script(media_type: &str) -> bool {
    matches!(media_type, "text/plain" | "application/octet-stream" | "binary/octet-stream")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn verdict(kind: AssetKind, status: u16, media_type: &str) -> AssetVerdict {
        let media_type = Some(media_type).filter(|media_type| !media_type.is_empty());
        judge_asset(kind, &AssetAnswer { status, media_type, nosniff: false })
    }

    #[test]
    fn a_file_that_browsers_do_not_take_breaks_the_page() {
        use AssetKind::{Preload, Script, Style};
        for (kind, status, media_type) in [
            (Script, 404, "text/javascript"),
            (Script, 200, "text/html; charset=utf-8"),
            (Script, 200, "image/png"),
            (Script, 200, "text/css"),
            (Script, 403, "application/xml"),
            (Style, 200, "text/html"),
            (Style, 200, "text/plain"),
            (Style, 500, "text/css"),
            (Style, 301, "text/css"),
            (Preload, 404, "font/woff2"),
            (Preload, 200, "text/html"),
        ] {
            let judged = verdict(kind, status, media_type);
            assert!(matches!(judged, AssetVerdict::Broken(_)), "{kind:?} {status} {media_type}: {judged:?}");
        }
        let strict = AssetAnswer { status: 200, media_type: Some("text/plain"), nosniff: true };
        let broken = AssetVerdict::Broken("it answered 200 with \"text/plain\"".to_owned());
        assert_eq!(judge_asset(AssetKind::Script, &strict), broken);
    }

    #[test]
    fn files_as_servers_send_them_are_usable() {
        use AssetKind::{Preload, Script, Style};
        for (kind, status, media_type) in [
            (Script, 200, "text/javascript"),
            (Script, 200, "application/javascript; charset=utf-8"),
            (Script, 200, "application/x-javascript"),
            (Script, 200, "TEXT/JavaScript"),
            (Script, 200, "application/ecmascript"),
            (Script, 200, "text/plain"),
            (Script, 200, "application/octet-stream"),
            (Script, 200, ""),
            (Style, 200, "text/css; charset=utf-8"),
            (Style, 206, "text/css"),
            (Style, 200, ""),
            (Preload, 200, "font/woff2"),
            (Preload, 200, "application/font-woff2"),
            (Preload, 200, "image/webp"),
            (Preload, 200, "application/json"),
            (Preload, 200, "application/octet-stream"),
        ] {
            assert_eq!(verdict(kind, status, media_type), AssetVerdict::Usable, "{kind:?} {status} {media_type}");
        }
        for status in [429, 503] {
            assert!(matches!(verdict(Script, status, "text/plain"), AssetVerdict::Unknown(_)));
        }
    }

    #[test]
    fn at_most_twenty_files_are_asked_for() {
        let base = Url::parse("https://shop.example.com/a/").expect("a URL");
        let scripts: String = (0..30).map(|number| format!("<script src=/s{number}.js></script>")).collect();
        let text =
            format!("<link rel=stylesheet href=main.css><script src=https://cdn.example.net/x.js></script>{scripts}");
        let page = HtmlPage::read(&text, Some(&base), super::super::answered::PAGE_BOUND).expect("a page");
        let asked = assets_to_ask(&page);
        assert_eq!(asked.len(), MAX_ASSETS);
        assert_eq!(asked[0].url.as_str(), "https://shop.example.com/a/main.css");
        assert!(asked.iter().all(|asset| asset.url.host_str() == Some("shop.example.com")));
    }
}
