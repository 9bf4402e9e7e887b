//! Reads the sources of the crate: every path that the code names, without its tests.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// One file of `src/`.
pub(crate) struct Source {
    /// Relative to `src/`, with slashes.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// A path that the code names, such as `crate::domain::Task`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// Reads all files of `src/`, in order.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    assert!(files.len() > 30, "only {} files were found in src/", files.len());
    files
        .into_iter()
        .map(|path| {
            let file = path.strip_prefix(&root).expect("inside").to_str().expect("text").replace('\\', "/");
            let text = fs::read_to_string(&path).expect("readable");
            Source { file, text }
        })
        .collect()
}

/// Adds every Rust file below a folder.
pub(crate) fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

impl Source {
    /// The folder or file right under `src/`: `drift`, `app`, `lib`.
    pub(crate) fn room(&self) -> &str {
        self.file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Parses the text and leaves out what is compiled for tests only.
    pub(crate) fn code(&self) -> syn::File {
        let mut code = syn::parse_file(&self.text).unwrap_or_else(|error| panic!("src/{}: {error}", self.file));
        code.items.retain(|item| !is_test(attributes(item)));
        code
    }

    /// The module path: `drift::schema::check`.
    fn module(&self) -> Vec<String> {
        let plain = self.file.trim_end_matches(".rs");
        let mut parts: Vec<String> = plain.split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    }

    /// Every path that the code names, with `super` and `self` worked out to `crate`.
    pub(crate) fn paths(&self) -> Vec<NamedPath> {
        let mut collector = Collector { paths: Vec::new() };
        collector.visit_file(&self.code());
        let module = self.module();
        for path in &mut collector.paths {
            path.segments = absolute(&module, &path.segments);
        }
        collector.paths
    }
}

/// Works out leading `self`, `super` and the crate's own name.
fn absolute(module: &[String], segments: &[String]) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = segments;
    let mut relative = false;
    while let Some(first) = rest.first() {
        match first.as_str() {
            "self" if !relative && rest.len() > 1 => {}
            "super" => drop(base.pop()),
            "snipara_orchestrator" if !relative => base.clear(),
            _ => break,
        }
        relative = true;
        rest = &rest[1..];
    }
    if !relative {
        return segments.to_vec();
    }
    ["crate".to_owned()].into_iter().chain(base).chain(rest.iter().cloned()).collect()
}

pub(crate) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let plain = quoted(&attribute.meta).replace(' ', "");
        plain == "cfg(test)" || plain == "test" || plain.ends_with("::test") || plain.starts_with("cfg(all(test,")
    })
}

fn quoted(meta: &syn::Meta) -> String {
    match meta {
        syn::Meta::Path(path) => joined(path),
        syn::Meta::List(list) => format!("{}({})", joined(&list.path), list.tokens),
        syn::Meta::NameValue(pair) => joined(&pair.path),
    }
}

pub(crate) fn joined(path: &syn::Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

pub(crate) fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

struct Collector {
    paths: Vec<NamedPath>,
}

impl Collector {
    fn add(&mut self, segments: Vec<String>, line: usize) {
        self.paths.push(NamedPath { segments, line });
    }

    fn use_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| before.iter().cloned().chain([ident.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.add(before.to_vec(), line(name.ident.span())),
            syn::UseTree::Name(name) => self.add(with(&name.ident), line(name.ident.span())),
            syn::UseTree::Rename(rename) => self.add(with(&rename.ident), line(rename.ident.span())),
            syn::UseTree::Glob(glob) => {
                let segments = before.iter().cloned().chain(["*".to_owned()]).collect();
                self.add(segments, line(glob.star_token.spans[0]));
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(before, tree)),
        }
    }

    /// Finds `a::b::c` in what only a macro understands.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut current: Vec<String> = Vec::new();
        let (mut colons, mut at) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.flush(&mut current, at);
                        at = line(ident.span());
                    }
                    current.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.flush(&mut current, at);
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.flush(&mut current, at);
                    colons = 0;
                }
            }
        }
        self.flush(&mut current, at);
    }

    fn flush(&mut self, current: &mut Vec<String>, line: usize) {
        let segments = std::mem::take(current);
        if segments.len() > 1 {
            self.add(segments, line);
        }
    }
}

fn line(span: proc_macro2::Span) -> usize {
    span.start().line
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let at = path.segments.first().map_or(0, |segment| line(segment.ident.span()));
        self.add(segments, at);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_path(&invocation.path);
        self.tokens(invocation.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        self.visit_path(attribute.path());
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = "use crate::a::{self, b::C as D, *};\n#[derive(schemars::JsonSchema)]\nstruct X(super::e::Y);\n\
                fn f() { vec![std::env::var(\"x\"), if x { crate::g::h() }]; }\n\
                #[cfg(test)]\nmod tests { use crate::forbidden; }\n";
    let source = Source { file: "room/part/file.rs".to_owned(), text: text.to_owned() };
    let found: Vec<String> = source.paths().iter().map(|path| path.segments.join("::")).collect();
    for expected in [
        "crate::a",
        "crate::a::b::C",
        "crate::a::*",
        "schemars::JsonSchema",
        "crate::room::part::e::Y",
        "std::env::var",
        "crate::g::h",
    ] {
        assert!(found.iter().any(|path| path == expected), "{expected} in {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("forbidden")), "{found:?}");
}
