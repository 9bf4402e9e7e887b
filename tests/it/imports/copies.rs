//! No type says again what another one says.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

use super::source::{attributes, is_test};
use super::{Source, assert_none, sources};

/// From how many common fields on two structs are looked at.
const COMMON: usize = 5;

const VIEW: &str = "what a door shows of an answer: its fields grow by that door's own promise";
const ROW: &str = "a row of the store beside what it is checked as: the store knows no other room's types";
const CHAIN: &str = "what a hash is made of: each format of the ledger keeps its own fields for ever";

/// Pairs that may be alike, and why.
const ALLOWED: [(&str, &str, &str); 6] = [
    ("domain::verify_report::VerifyReport", "tools::catalog::verify_proofs::Verification", VIEW),
    ("orchestrator::deps::CutoverChecklist", "tools::catalog::cutover_checklist::Checklist", VIEW),
    ("ledger::chain::ChainColumns", "store::entries::NewRow", ROW),
    ("ledger::chain::Content", "ledger::chain::Envelope", CHAIN),
    ("ledger::chain::EntryLink", "ledger::chain::Envelope", CHAIN),
    ("ledger::chain::Content", "ledger::chain::EntryLink", CHAIN),
];

/// A struct and the names of its fields.
struct Fields {
    name: String,
    fields: BTreeSet<String>,
}

/// Finds structs with named fields.
struct Structs {
    module: String,
    found: Vec<Fields>,
}

impl<'ast> Visit<'ast> for Structs {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let fields = item.fields.iter().filter_map(|field| field.ident.as_ref()).map(ToString::to_string).collect();
        self.found.push(Fields { name: format!("{}::{}", self.module, item.ident), fields });
    }
}

fn structs(source: &Source) -> Vec<Fields> {
    let module = source.file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    let mut structs = Structs { module, found: Vec::new() };
    structs.visit_file(&source.code());
    structs.found
}

/// Tells whether two structs share five or more fields, and these are 7 of 10 of all that they have together.
fn alike(one: &Fields, other: &Fields) -> bool {
    let common = one.fields.intersection(&other.fields).count();
    let all = one.fields.union(&other.fields).count();
    common >= COMMON && common * 10 >= all * 7
}

/// Returns the pairs that are alike, each in the order of its names.
fn pairs(found: &[Fields]) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    for (index, one) in found.iter().enumerate() {
        for other in found[index + 1..].iter().filter(|other| alike(one, other)) {
            let (first, second) = (one.name.as_str(), other.name.as_str());
            pairs.push(if first < second { (first, second) } else { (second, first) });
        }
    }
    pairs
}

#[test]
fn no_two_structs_have_the_same_fields() {
    let found: Vec<Fields> = sources().iter().flat_map(structs).collect();
    let pairs = pairs(&found);
    let allowed: Vec<(&str, &str)> = ALLOWED.iter().map(|(one, other, _)| (*one, *other)).collect();
    let copies = pairs.iter().filter(|pair| !allowed.contains(pair));
    let mut breaches: Vec<String> = copies.map(|(one, other)| format!("{one} and {other} are alike")).collect();
    let idle = allowed.iter().filter(|pair| !pairs.contains(pair));
    breaches.extend(idle.map(|(one, other)| format!("{one} and {other} need no exception")));
    assert_none(&breaches);
}

#[test]
fn a_copy_is_noticed() {
    let source = |text: &str| Source { file: "room/file.rs".to_owned(), text: text.to_owned() };
    let text = "struct A { a: u8, b: u8, c: u8, d: u8, e: u8 }\nstruct B { a: u8, b: u8, c: u8, d: u8, e: u8, f: u8 }\n\
                struct C { a: u8, b: u8, c: u8, d: u8, e: u8, x: u8, y: u8, z: u8 }\nstruct D { a: u8, b: u8 }";
    assert_eq!(pairs(&structs(&source(text))), [("room::file::A", "room::file::B")]);
}
