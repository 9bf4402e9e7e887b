//! What a page shows, loads and asks for.

use std::collections::HashSet;
use std::time::Duration;

use url::Url;

use super::html_tree::{HtmlNode, HtmlTree};
use crate::domain::Origin;

/// Elements whose content nobody sees.
const UNSEEN: [&str; 8] = ["head", "script", "style", "template", "noscript", "iframe", "object", "svg"];

/// Elements within a line; what is between others is apart.
const INLINE: [&str; 33] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "wbr",
];

/// A page, as far as a judgement needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlPage {
    /// The title, on one line.
    pub title: Option<String>,
    /// The first heading (`h1` to `h6`) that is seen, on one line.
    pub heading: Option<String>,
    /// What is seen, on one line: without scripts, styles, templates and what is hidden.
    pub text: String,
    /// Scripts, styles and preloads of the page's own origin, each once, in the order of the page.
    pub assets: Vec<Asset>,
    /// The first form with a field for a password.
    pub password_form: Option<PasswordForm>,
}

/// A file that a page loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its address.
    pub url: Url,
    /// What it is.
    pub kind: AssetKind,
}

/// What a page loads a file as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetKind {
    /// A script, or a module that is preloaded.
    Script,
    /// A style sheet.
    Style,
    /// Another file that is preloaded: a font, an image, data.
    Preload,
}

/// A form that asks for a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordForm {
    /// Where it is sent: the page's own address where the form names none, nothing where that is not known.
    pub action: Option<Url>,
    /// The method, in upper case.
    pub method: String,
}

impl HtmlPage {
    /// Reads a page (https://html.spec.whatwg.org); nothing when that takes longer than `bound`. `base` is the page's address.
    pub fn read(text: &str, base: Option<&Url>, bound: Duration) -> Option<Self> {
        let tree = HtmlTree::read(text, bound)?;
        let (mut title, mut elements) = (None, Vec::new());
        let collect = |id| {
            match tree.node(id) {
                HtmlNode::Element("title") => title = title.or(Some(id)),
                HtmlNode::Element(name @ ("base" | "script" | "link" | "input")) => elements.push((id, name)),
                _ => {}
            }
            true
        };
        tree.walk(HtmlTree::ROOT, collect, |_| {});
        let heading = first_heading(&tree);
        let declared =
            elements.iter().find(|(_, name)| *name == "base").and_then(|(id, _)| tree.attribute(*id, "href"));
        let resolved =
            declared.and_then(|href| base.map_or_else(|| Url::parse(href).ok(), |base| base.join(href).ok()));
        let resolve = |text: &str| {
            resolved.as_ref().or(base).map_or_else(|| Url::parse(text).ok(), |base| base.join(text.trim()).ok())
        };
        Some(Self {
            title: title.map(|id| seen_text(&tree, id)).filter(|title| !title.is_empty()),
            heading: heading.map(|id| seen_text(&tree, id)).filter(|heading| !heading.is_empty()),
            text: seen_text(&tree, HtmlTree::ROOT),
            assets: assets(&tree, &elements, base, resolve),
            password_form: password_form(&tree, &elements, base, resolve),
        })
    }
}

/// Returns the first heading that is seen.
fn first_heading(tree: &HtmlTree) -> Option<usize> {
    let mut heading = None;
    let enter = |id| {
        let seen = heading.is_none() && !is_unseen(tree, id);
        if seen && matches!(tree.node(id), HtmlNode::Element("h1" | "h2" | "h3" | "h4" | "h5" | "h6")) {
            heading = Some(id);
        }
        seen
    };
    tree.walk(HtmlTree::ROOT, enter, |_| {});
    heading
}

fn is_element(tree: &HtmlTree, id: usize, name: &str) -> bool {
    matches!(tree.node(id), HtmlNode::Element(other) if other == name)
}

/// Tells whether nobody sees an element: by what it is, or because the page hides it.
fn is_unseen(tree: &HtmlTree, id: usize) -> bool {
    let HtmlNode::Element(name) = tree.node(id) else { return false };
    let hides = |style: &str| {
        let style = style.to_ascii_lowercase().replace(char::is_whitespace, "");
        style.contains("display:none") || style.contains("visibility:hidden")
    };
    UNSEEN.contains(&name)
        || tree.attribute(id, "hidden").is_some()
        || tree.attribute(id, "style").is_some_and(hides)
        || (name == "dialog" && tree.attribute(id, "open").is_none())
}

/// Returns what is seen of an element, on one line.
fn seen_text(tree: &HtmlTree, from: usize) -> String {
    let text = std::cell::RefCell::new(String::new());
    let apart = |id: usize| {
        if matches!(tree.node(id), HtmlNode::Element(name) if !INLINE.contains(&name)) {
            text.borrow_mut().push(' ');
        }
    };
    let enter = |id: usize| {
        if let HtmlNode::Text(piece) = tree.node(id) {
            text.borrow_mut().push_str(piece);
        }
        apart(id);
        id == from || !is_unseen(tree, id)
    };
    tree.walk(from, enter, apart);
    text.into_inner().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assets(
    tree: &HtmlTree,
    elements: &[(usize, &str)],
    base: Option<&Url>,
    resolve: impl Fn(&str) -> Option<Url>,
) -> Vec<Asset> {
    let Some(origin) = base.and_then(|base| Origin::of(base).ok()) else { return Vec::new() };
    let (mut assets, mut listed) = (Vec::new(), HashSet::new());
    for (id, name) in elements {
        let (target, kind) = match *name {
            "script" => (tree.attribute(*id, "src"), Some(AssetKind::Script)),
            "link" => (tree.attribute(*id, "href"), link_kind(tree, *id)),
            _ => continue,
        };
        let (Some(target), Some(kind)) = (target.filter(|target| !target.trim().is_empty()), kind) else { continue };
        let Some(mut url) = resolve(target).filter(|url| origin.contains(url)) else { continue };
        url.set_fragment(None);
        if listed.insert(url.clone()) {
            assets.push(Asset { url, kind });
        }
    }
    assets
}

fn link_kind(tree: &HtmlTree, id: usize) -> Option<AssetKind> {
    let relations = tree.attribute(id, "rel")?.to_ascii_lowercase();
    let kind = |relation: &str| match relation {
        "stylesheet" => Some(AssetKind::Style),
        "modulepreload" => Some(AssetKind::Script),
        "preload" => Some(match tree.attribute(id, "as").map(str::to_ascii_lowercase).as_deref() {
            Some("script") => AssetKind::Script,
            Some("style") => AssetKind::Style,
            _ => AssetKind::Preload,
        }),
        _ => None,
    };
    relations.split_ascii_whitespace().find_map(kind)
}

fn password_form(
    tree: &HtmlTree,
    elements: &[(usize, &str)],
    base: Option<&Url>,
    resolve: impl Fn(&str) -> Option<Url>,
) -> Option<PasswordForm> {
    let is_password = |id: usize| tree.attribute(id, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"));
    let (field, _) = elements.iter().find(|(id, name)| *name == "input" && is_password(*id))?;
    let form = tree.ancestors(*field).find(|id| is_element(tree, *id, "form"));
    let attribute = |name| form.and_then(|form| tree.attribute(form, name)).filter(|value| !value.trim().is_empty());
    Some(PasswordForm {
        action: attribute("action").map_or_else(|| base.cloned(), resolve),
        method: attribute("method").unwrap_or("GET").trim().to_ascii_uppercase(),
    })
}
