//! The third lock on "done": nobody writes the statuses that mean "proven" but the lifecycle, with a pass.

use syn::visit::{self, Visit};

use super::source::{attributes, is_test, joined};
use super::{Source, assert_none, sources};

/// Where `TaskStatus::ProdOk` and `TaskStatus::Done` may stand as values.
const WRITERS: [&str; 2] = ["domain/task.rs", "orchestrator/run/lifecycle.rs"];

/// Finds the statuses as values. As patterns, in `matches!` and beside `==` they are only read.
struct Statuses<'a> {
    file: &'a str,
    found: Vec<String>,
}

fn is_proven(path: &syn::Path) -> bool {
    let joined = joined(path);
    joined.ends_with("TaskStatus::ProdOk") || joined.ends_with("TaskStatus::Done")
}

impl Statuses<'_> {
    fn report(&mut self, span: proc_macro2::Span) {
        self.found.push(format!("src/{}:{}", self.file, span.start().line));
    }

    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        use proc_macro2::TokenTree;
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) if ident == "TaskStatus" => {
                    if let Some(TokenTree::Ident(variant)) = tokens.get(index + 3)
                        && (variant == "ProdOk" || variant == "Done")
                    {
                        self.report(variant.span());
                    }
                }
                _ => {}
            }
        }
    }
}

/// A side of a comparison that only names the status: `TaskStatus::Done` or `TaskStatus::Done.as_str()`.
fn only_names(side: &syn::Expr) -> bool {
    match side {
        syn::Expr::Path(_) => true,
        syn::Expr::MethodCall(call) => call.method == "as_str" && matches!(*call.receiver, syn::Expr::Path(_)),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Statuses<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if is_proven(&path.path) {
            self.report(path.path.segments[0].ident.span());
        }
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        if !matches!(pattern, syn::Pat::Path(_)) {
            visit::visit_pat(self, pattern);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let compares = matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_));
        for side in [&*binary.left, &*binary.right] {
            if !(compares && only_names(side)) {
                self.visit_expr(side);
            }
        }
    }

    fn visit_use_tree(&mut self, tree: &'ast syn::UseTree) {
        if let syn::UseTree::Path(path) = tree
            && path.ident == "TaskStatus"
        {
            self.report(path.ident.span());
        }
        if let syn::UseTree::Rename(rename) = tree
            && rename.ident == "TaskStatus"
        {
            self.report(rename.ident.span());
        }
        visit::visit_use_tree(self, tree);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        if invocation.path.is_ident("matches") {
            let first = invocation.parse_body_with(|input: syn::parse::ParseStream<'_>| {
                let value: syn::Expr = input.parse()?;
                let _rest: proc_macro2::TokenStream = input.parse()?;
                Ok(value)
            });
            if let Ok(value) = first {
                self.visit_expr(&value);
                return;
            }
        }
        self.tokens(invocation.tokens.clone());
    }
}

fn values_of_proven_statuses(source: &Source) -> Vec<String> {
    let mut statuses = Statuses { file: &source.file, found: Vec::new() };
    statuses.visit_file(&source.code());
    statuses.found
}

/// Literals that look like SQL which writes a proven status.
struct Writes {
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Writes {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        let text = literal.value().to_ascii_lowercase();
        let writes = text.contains("insert ") || text.contains("set status");
        if writes && (text.contains("'done'") || text.contains("'prod_ok'")) {
            self.found.push(literal.value());
        }
    }
}

#[test]
fn only_the_lifecycle_writes_the_proven_statuses() {
    let sources = sources();
    let elsewhere =
        sources.iter().filter(|source| !WRITERS.contains(&source.file.as_str()) && source.text.contains("TaskStatus"));
    assert_none(&elsewhere.flat_map(values_of_proven_statuses).collect::<Vec<_>>());
}

#[test]
fn no_sql_text_writes_a_proven_status() {
    let mut writes = Writes { found: Vec::new() };
    let names_one = |source: &Source| source.text.contains("'done'") || source.text.contains("'prod_ok'");
    for source in sources().iter().filter(|source| names_one(source)) {
        writes.visit_file(&source.code());
    }
    assert_none(&writes.found);
}

#[test]
fn a_written_status_is_noticed_and_a_read_one_is_not() {
    let source = |text: &str| Source { file: "cli/x.rs".to_owned(), text: text.to_owned() };
    for writing in [
        "fn f() { task.status = TaskStatus::Done; }",
        "fn f() -> S { crate::domain::TaskStatus::ProdOk }",
        "fn f() { g(vec![TaskStatus::Done]) }",
        "use crate::domain::TaskStatus::*;",
        "use crate::domain::TaskStatus as Other;",
        "fn f() { if task.finish(TaskStatus::Done) == x {} }",
    ] {
        assert_eq!(values_of_proven_statuses(&source(writing)), ["src/cli/x.rs:1"], "{writing}");
    }
    for reading in [
        "fn f() { match status { TaskStatus::Done | TaskStatus::ProdOk => 0, _ => 5 } }",
        "fn f() { if matches!(task.status, TaskStatus::Done) {} }",
        "fn f() -> bool { task.status == TaskStatus::Done && name != TaskStatus::ProdOk.as_str() }",
        "#[cfg(test)] mod tests { fn f() { x = TaskStatus::Done; } }",
    ] {
        assert_eq!(values_of_proven_statuses(&source(reading)), Vec::<String>::new(), "{reading}");
    }
}

/// Finds how the pass is declared, and who may make one.
struct Pass<'a> {
    file: &'a str,
    declared: usize,
    breaches: Vec<String>,
}

const FORBIDDEN_TRAITS: [&str; 4] = ["Clone", "Copy", "Deserialize", "Default"];

fn is_open(visibility: &syn::Visibility) -> bool {
    match visibility {
        syn::Visibility::Public(_) => true,
        syn::Visibility::Restricted(restricted) => joined(&restricted.path) == "crate",
        syn::Visibility::Inherited => false,
    }
}

fn mentions(signature: &syn::Signature, words: &[&str]) -> bool {
    use std::fmt::Write as _;
    let syn::ReturnType::Type(_, returned) = &signature.output else { return false };
    let mut text = String::new();
    write!(text, "{returned:?}").expect("a text can be written to");
    // `extra-traits` prints every identifier as `Ident { sym: Name, … }` or `Ident(Name)`.
    words.iter().any(|word| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == *word))
}

impl<'ast> Visit<'ast> for Pass<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if item.ident != "GatePass" {
            return;
        }
        self.declared += 1;
        for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let syn::Meta::List(list) = &attribute.meta else { continue };
            let derived = list.tokens.to_string();
            for word in FORBIDDEN_TRAITS {
                if derived.split(|c: char| !c.is_alphanumeric()).any(|part| part == word) {
                    self.breaches.push(format!("src/{}: GatePass derives {word}", self.file));
                }
            }
        }
        if item.fields.iter().any(|field| is_open(&field.vis)) || item.fields.is_empty() {
            self.breaches.push(format!("src/{}: GatePass can be made from its fields", self.file));
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let for_pass = matches!(&*item.self_ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "GatePass"));
        if for_pass {
            if let Some((_, path, _)) = &item.trait_
                && let Some(last) = path.segments.last()
                && (FORBIDDEN_TRAITS.contains(&last.ident.to_string().as_str()) || last.ident == "From")
            {
                self.breaches.push(format!("src/{}: GatePass implements {}", self.file, last.ident));
            }
            for part in &item.items {
                if let syn::ImplItem::Fn(function) = part
                    && is_open(&function.vis)
                    && mentions(&function.sig, &["Self", "GatePass"])
                {
                    self.breaches.push(format!("src/{}: GatePass::{} is open", self.file, function.sig.ident));
                }
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if joined(&path.path).contains("GatePass::") && !self.file.starts_with("gatekeeper/decide") {
            self.breaches.push(format!("src/{}: {} is called outside decide", self.file, joined(&path.path)));
        }
    }

    fn visit_expr_struct(&mut self, value: &'ast syn::ExprStruct) {
        if value.path.segments.last().is_some_and(|last| last.ident == "GatePass") {
            self.breaches.push(format!("src/{}: a GatePass is written out", self.file));
        }
        visit::visit_expr_struct(self, value);
    }
}

fn breaches_of_the_pass(sources: &[Source]) -> (usize, Vec<String>) {
    let (mut declared, mut breaches) = (0, Vec::new());
    for source in sources.iter().filter(|source| source.text.contains("GatePass")) {
        let mut pass = Pass { file: &source.file, declared: 0, breaches: Vec::new() };
        pass.visit_file(&source.code());
        declared += pass.declared;
        breaches.extend(pass.breaches);
    }
    (declared, breaches)
}

#[test]
fn a_pass_is_made_by_decide_alone_and_cannot_be_copied_or_read() {
    let (declared, breaches) = breaches_of_the_pass(&sources());
    assert_eq!(declared, 1, "GatePass is declared once");
    assert_none(&breaches);
}

#[test]
fn an_open_pass_is_noticed() {
    let text = "#[derive(Debug, Clone)] pub struct GatePass { pub task: T }\n\
                impl GatePass { pub fn new() -> Option<Self> { None } pub fn task(&self) -> &T { &self.task } }\n\
                fn f() { GatePass::new(); }";
    let source = Source { file: "gatekeeper/pass.rs".to_owned(), text: text.to_owned() };
    let (declared, breaches) = breaches_of_the_pass(&[source]);
    assert_eq!((declared, breaches.len()), (1, 4), "{breaches:?}");
}
