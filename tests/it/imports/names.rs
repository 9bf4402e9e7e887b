//! A tool's name stands as a literal in its own file only.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use snipara_orchestrator::tools::tools;
use syn::visit::{self, Visit};

use super::source::{attributes, is_test};
use super::{Source, assert_none, sources};

/// Where names of tools may stand: a folder or a file, the words (none: all of them), and why.
const ALLOWED: [(&str, &[&str], &str); 14] = [
    ("tools/", &[], "each tool's own file"),
    ("snipara/hosted/", &[], "the names of another server's tools"),
    ("snipara/catalog.rs", &[], "the names of another server's tools"),
    ("demo/", &[], "a client of ours, which calls tools as any client does"),
    ("cli/render/samples.rs", &[], "samples of tests"),
    ("mcp/prompts/catalog.rs", &[], "what prompts tell a model to call; a test there finds each among the tools"),
    ("mcp/logging.rs", &["run_task"], "the logger's name, which clients filter by"),
    ("orchestrator/checks.rs", &["validate_endpoint"], "the name of a single check in the ledger"),
    ("orchestrator/deployment_notes.rs", &["release"], "a word that documents use"),
    ("domain/opaque_id.rs", &["claim"], "how ids of claims begin"),
    ("domain/build/", &["release"], "a field in which servers tell their version"),
    ("snipara/embedded/htasks/", &["claim", "release"], "changes of an htask"),
    ("snipara/payload/error.rs", &["claim"], "what an error is about"),
    ("store/", &["swarm_events", "swarm_members"], "names of tables"),
];

/// Finds whole string literals, in what only a macro understands, too.
struct Literals {
    found: Vec<(String, usize)>,
}

impl Literals {
    fn of(source: &Source) -> Vec<(String, usize)> {
        let mut literals = Self { found: Vec::new() };
        literals.visit_file(&source.code());
        literals.found
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                        self.visit_lit_str(&text);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Literals {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.found.push((literal.value(), literal.span().start().line));
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.tokens(invocation.tokens.clone());
    }
}

#[test]
fn names_of_tools_stand_in_their_own_files_only() {
    let names: BTreeSet<&str> = tools().iter().map(|tool| tool.name).collect();
    let (mut breaches, mut used) = (Vec::new(), BTreeSet::new());
    for source in sources() {
        for (text, line) in Literals::of(&source).iter().filter(|(text, _)| names.contains(text.as_str())) {
            let allowed = ALLOWED.iter().position(|(place, words, _)| {
                source.file.starts_with(place) && (words.is_empty() || words.contains(&text.as_str()))
            });
            match allowed {
                Some(index) => drop(used.insert(index)),
                None => breaches.push(format!("src/{}:{line}: `{text}`", source.file)),
            }
        }
    }
    let idle = (0..ALLOWED.len()).filter(|index| !used.contains(index));
    breaches.extend(idle.map(|index| format!("{} needs no exception", ALLOWED[index].0)));
    assert_none(&breaches);
}

#[test]
fn a_name_in_a_macro_is_noticed_and_one_in_a_test_is_not() {
    let text = "fn f() { json!({ \"a\": [\"run_task\"] }); g(\"recall now\"); }\n\
                #[cfg(test)]\nmod tests { const X: &str = \"recall\"; }";
    let source = Source { file: "room/file.rs".to_owned(), text: text.to_owned() };
    assert_eq!(Literals::of(&source), [("a".into(), 1), ("run_task".into(), 1), ("recall now".into(), 1)]);
}
