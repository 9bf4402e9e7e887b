//! One fact: nobody outside of the ledger reaches into what an entry says by string keys, or writes it so.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::source::{attributes, is_test};
use super::{Source, assert_none, sources};

/// The rooms that can reach the ledger, by the law or through the orchestrator.
const NEAR: [&str; 5] = ["gatekeeper", "orchestrator", "mcp", "cli", "app"];

/// What writes facts; none of them is handed JSON.
const WRITERS: [&str; 8] =
    ["append", "append_for", "record", "create_task", "start_run", "end_run", "interrupt", "redact"];

/// Finds field accesses and calls that a typed fact makes needless.
struct Reaches<'a> {
    file: &'a str,
    /// Whether the file's room can reach the ledger: elsewhere, what is recorded is something else's.
    is_near: bool,
    /// Whether the file knows entries of the ledger: elsewhere, `payload` is something else's.
    knows_entries: bool,
    found: Vec<String>,
}

impl Reaches<'_> {
    fn report(&mut self, what: &str, span: proc_macro2::Span) {
        self.found.push(format!("src/{}:{}: {what}", self.file, span.start().line));
    }
}

impl<'ast> Visit<'ast> for Reaches<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let syn::Member::Named(name) = &field.member
            && name == "payload"
            && self.knows_entries
        {
            self.report("reads `.payload`", name.span());
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.is_near && WRITERS.iter().any(|writer| call.method == writer) && call.args.iter().any(holds_json) {
            self.report(&format!("hands JSON to `{}`", call.method), call.method.span());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        let text = literal.value();
        let into_payload = text.starts_with("/payload") || text.contains("$.payload") || text.contains("'payload'");
        let key = self.knows_entries && matches!(text.as_str(), "payload" | "caller" | "production_origin");
        if into_payload || key {
            self.report(&format!("names `{text}`"), literal.span());
        }
    }
}

/// Tells whether an argument makes JSON on the spot.
fn holds_json(argument: &syn::Expr) -> bool {
    struct Json(bool);
    impl<'ast> Visit<'ast> for Json {
        fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
            self.0 |= invocation.path.segments.last().is_some_and(|last| last.ident == "json")
                || names_json(invocation.tokens.clone());
        }
    }
    let mut json = Json(false);
    json.visit_expr(argument);
    json.0
}

fn names_json(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "json",
        TokenTree::Group(group) => names_json(group.stream()),
        _ => false,
    })
}

/// Finds string keys in the ledger's own files, where a payload is carried but not looked into.
struct Keys<'a> {
    file: &'a str,
    found: Vec<String>,
}

const LOOKS: [&str; 5] = ["get", "get_mut", "pointer", "pointer_mut", "shift_remove"];

fn is_text(expression: &syn::Expr) -> bool {
    matches!(expression, syn::Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Str(_)))
}

impl<'ast> Visit<'ast> for Keys<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if LOOKS.iter().any(|look| call.method == look) && call.args.iter().any(is_text) {
            let line = call.method.span().start().line;
            self.found.push(format!("src/{}:{line}: `{}` with a key", self.file, call.method));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        if is_text(&index.index) {
            let line = index.bracket_token.span.open().start().line;
            self.found.push(format!("src/{}:{line}: an index with a key", self.file));
        }
        visit::visit_expr_index(self, index);
    }
}

fn reaches(source: &Source) -> Vec<String> {
    if source.file.starts_with("ledger/fact/") {
        return Vec::new();
    }
    if source.room() == "ledger" {
        let mut keys = Keys { file: &source.file, found: Vec::new() };
        keys.visit_file(&source.code());
        return keys.found;
    }
    let knows_entries = source.paths().iter().any(|path| {
        path.segments.starts_with(&["crate".to_owned(), "ledger".to_owned()])
            || path.segments.last().is_some_and(|last| last == "entries_since" || last == "StoredEntry")
    });
    let is_near = NEAR.contains(&source.room());
    let mut reaches = Reaches { file: &source.file, is_near, knows_entries, found: Vec::new() };
    reaches.visit_file(&source.code());
    reaches.found
}

#[test]
fn no_string_key_reaches_into_what_an_entry_says() {
    assert_none(&sources().iter().flat_map(reaches).collect::<Vec<_>>());
}

#[test]
fn an_entry_has_no_open_json() {
    let sources = sources();
    let entry = sources.iter().find(|source| source.file == "ledger/entry.rs").expect("the file of entries");
    let mut open = Vec::new();
    for item in entry.code().items {
        let syn::Item::Struct(item) = item else { continue };
        let is_public = matches!(item.vis, syn::Visibility::Public(_));
        for field in item.fields.iter().filter(|_| is_public) {
            if let syn::Type::Path(path) = &field.ty
                && path.path.segments.iter().any(|segment| segment.ident == "Value")
            {
                open.push(format!("{}: {}", item.ident, field.ident.as_ref().expect("a name")));
            }
        }
    }
    assert_none(&open);
}

#[test]
fn a_reach_into_a_payload_is_noticed() {
    let source = |text: &str| Source { file: "orchestrator/x.rs".to_owned(), text: text.to_owned() };
    for breach in [
        "use crate::ledger::Entry; fn f(entry: &Entry) { entry.payload.get(x); }",
        "use crate::ledger::Entry; fn f(entry: &Value) { entry.get(\"payload\"); }",
        "fn f() { entry.pointer(\"/payload/criteria_digest\"); }",
        "fn f() { ledger.append(None, vec![json!({ \"a\": 1 })]); }",
        "fn f() { recorder.record(Fact::from(serde_json::json!({}))); }",
        "const SQL: &str = \"SELECT json_extract(canonical, '$.payload.caller') FROM ledger_entries\";",
    ] {
        assert_eq!(reaches(&source(breach)).len(), 1, "{breach}");
    }
    for breach in ["fn f() { envelope.payload.get(\"caller\"); }", "fn f() { let x = &entry[\"payload\"]; }"] {
        let source = Source { file: "ledger/x.rs".to_owned(), text: breach.to_owned() };
        assert_eq!(reaches(&source).len(), 1, "{breach}");
    }
    for fine in [
        "use crate::domain::Swarm; fn f(event: Event) { event.payload.to_string(); }",
        "use crate::ledger::{Entry, Fact}; fn f(entry: &Entry) { if let Fact::Drift(drift) = &entry.fact {} }",
        "#[cfg(test)] mod tests { fn f() { ledger.append(json!({})); } }",
    ] {
        assert_eq!(reaches(&source(fine)), Vec::<String>::new(), "{fine}");
    }
}
