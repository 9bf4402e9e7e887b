//! The tree of a page, as html5ever builds it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, expanded_name, local_name, ns, parse_document};

/// The page is handed on in pieces of this many bytes, so that a page that takes too long is left soon.
const PIECE_BYTES: usize = 1024;

/// One element, text or other node; nodes are linked, so that a move takes constant time.
#[derive(Debug, Default)]
struct Node {
    parent: Option<usize>,
    first: Option<usize>,
    last: Option<usize>,
    before: Option<usize>,
    after: Option<usize>,
    name: Option<Rc<QualName>>,
    attributes: Vec<(String, String)>,
    text: Option<StrTendril>,
}

/// A page as a tree.
#[derive(Debug)]
pub(crate) struct HtmlTree(Vec<Node>);

/// What stands at a place of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HtmlNode<'a> {
    /// An element with its name in lower case; what is drawn or computed is `svg` or `math`, whatever its name.
    Element(&'a str),
    /// A text.
    Text(&'a str),
    /// A comment, a doctype, the document itself.
    Other,
}

impl HtmlTree {
    /// The document.
    pub(crate) const ROOT: usize = 0;

    /// Reads a page; nothing when that takes longer than `bound`.
    pub(crate) fn read(text: &str, bound: Duration) -> Option<Self> {
        let started = Instant::now();
        let mut parser = parse_document(Builder(RefCell::new(vec![Node::default()])), ParseOpts::default());
        let mut rest = text;
        while !rest.is_empty() {
            if started.elapsed() > bound {
                return None;
            }
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES.min(rest.len())));
            parser.process(piece.into());
            rest = after;
        }
        Some(parser.finish())
    }

    /// Returns what stands at a place.
    pub(crate) fn node(&self, id: usize) -> HtmlNode<'_> {
        let node = &self.0[id];
        match (&node.name, &node.text) {
            (Some(name), _) if name.ns == ns!(svg) => HtmlNode::Element("svg"),
            (Some(name), _) if name.ns == ns!(mathml) => HtmlNode::Element("math"),
            (Some(name), _) => HtmlNode::Element(&name.local),
            (None, Some(text)) => HtmlNode::Text(text),
            (None, None) => HtmlNode::Other,
        }
    }

    /// Returns an attribute of an element, by its name in lower case.
    pub(crate) fn attribute(&self, id: usize, name: &str) -> Option<&str> {
        self.0[id].attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns what it is within, from inside.
    pub(crate) fn ancestors(&self, id: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.0[id].parent, |parent| self.0[*parent].parent)
    }

    /// Walks down from a place, in the order of the page; `enter` tells whether to go into an element.
    pub(crate) fn walk(&self, from: usize, mut enter: impl FnMut(usize) -> bool, mut leave: impl FnMut(usize)) {
        let mut at = from;
        loop {
            let first = if enter(at) { self.0[at].first } else { None };
            if let Some(first) = first {
                at = first;
                continue;
            }
            leave(at);
            loop {
                if at == from {
                    return;
                }
                if let Some(after) = self.0[at].after {
                    at = after;
                    break;
                }
                let Some(parent) = self.0[at].parent else { return };
                leave(parent);
                at = parent;
            }
        }
    }
}

/// Takes what html5ever's tree builder says.
struct Builder(RefCell<Vec<Node>>);

/// A node's number, with its name, which the tree builder asks for often.
#[derive(Debug, Clone)]
struct Handle {
    id: usize,
    name: Option<Rc<QualName>>,
}

impl Builder {
    fn add(&self, node: Node) -> Handle {
        let mut nodes = self.0.borrow_mut();
        let name = node.name.clone();
        nodes.push(node);
        Handle { id: nodes.len() - 1, name }
    }

    fn detach(&self, id: usize) {
        let nodes = &mut *self.0.borrow_mut();
        let (parent, before, after) = (nodes[id].parent.take(), nodes[id].before.take(), nodes[id].after.take());
        match (before, parent) {
            (Some(before), _) => nodes[before].after = after,
            (None, Some(parent)) => nodes[parent].first = after,
            (None, None) => {}
        }
        match (after, parent) {
            (Some(after), _) => nodes[after].before = before,
            (None, Some(parent)) => nodes[parent].last = before,
            (None, None) => {}
        }
    }

    /// Puts a node into a parent: before a child, or at the end.
    fn insert(&self, parent: usize, child: usize, after: Option<usize>) {
        self.detach(child);
        let nodes = &mut *self.0.borrow_mut();
        let before = after.map_or(nodes[parent].last, |after| nodes[after].before);
        nodes[child].parent = Some(parent);
        (nodes[child].before, nodes[child].after) = (before, after);
        match before {
            Some(before) => nodes[before].after = Some(child),
            None => nodes[parent].first = Some(child),
        }
        match after {
            Some(after) => nodes[after].before = Some(child),
            None => nodes[parent].last = Some(child),
        }
    }

    /// Puts a node or a text into a parent; a text joins the one that is already there.
    fn put(&self, parent: usize, child: NodeOrText<Handle>, after: Option<usize>) {
        let child = match child {
            NodeOrText::AppendNode(node) => node.id,
            NodeOrText::AppendText(text) => {
                let mut nodes = self.0.borrow_mut();
                let before = after.map_or(nodes[parent].last, |after| nodes[after].before);
                if let Some(present) = before.and_then(|before| nodes[before].text.as_mut()) {
                    present.push_tendril(&text);
                    return;
                }
                drop(nodes);
                self.add(Node { text: Some(text), ..Node::default() }).id
            }
        };
        self.insert(parent, child, after);
    }
}

fn pairs(attributes: Vec<Attribute>) -> impl Iterator<Item = (String, String)> {
    attributes.into_iter().map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
}

impl TreeSink for Builder {
    type Handle = Handle;
    type Output = HtmlTree;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> HtmlTree {
        HtmlTree(self.0.into_inner())
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { id: HtmlTree::ROOT, name: None }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        const NONE: ExpandedName<'static> = expanded_name!("", "");
        target.name.as_ref().map_or(NONE, |name| name.expanded())
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        self.add(Node { name: Some(Rc::new(name)), attributes: pairs(attributes).collect(), ..Node::default() })
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.add(Node::default())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.add(Node::default())
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(parent.id, child, None);
    }

    fn append_based_on_parent_node(&self, element: &Handle, before: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.0.borrow()[element.id].parent.is_some();
        if has_parent { self.append_before_sibling(element, child) } else { self.append(before, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    // What is in a template is not shown: it is kept apart from the page.
    fn get_template_contents(&self, _: &Handle) -> Handle {
        self.add(Node::default())
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let parent = self.0.borrow()[sibling.id].parent;
        if let Some(parent) = parent {
            self.put(parent, child, Some(sibling.id));
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let present = &mut self.0.borrow_mut()[target.id].attributes;
        for (name, value) in pairs(attributes) {
            if !present.iter().any(|(other, _)| *other == name) {
                present.push((name, value));
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        loop {
            let first = self.0.borrow()[node.id].first;
            let Some(first) = first else { return };
            self.insert(new_parent.id, first, None);
        }
    }
}
