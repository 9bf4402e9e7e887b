//! Type names: one that is used outside of its file is not the name of another such type, so that an editor's "go to
//! type" and a reader's guess find the right one.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{attributes, is_test};
use super::{Source, assert_none, sources};

/// Collects the types that other files can name. A private type cannot be confused: it is read where it is written.
fn visible_types(items: &[syn::Item], names: &mut BTreeSet<String>) {
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        let (visibility, name) = match item {
            syn::Item::Enum(item) => (&item.vis, &item.ident),
            syn::Item::Struct(item) => (&item.vis, &item.ident),
            syn::Item::Trait(item) => (&item.vis, &item.ident),
            syn::Item::Type(item) => (&item.vis, &item.ident),
            syn::Item::Union(item) => (&item.vis, &item.ident),
            syn::Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    visible_types(items, names);
                }
                continue;
            }
            _ => continue,
        };
        if !matches!(visibility, syn::Visibility::Inherited) {
            names.insert(name.to_string());
        }
    }
}

/// Returns each name that several files define, with the files.
fn shared_names(sources: &[Source]) -> BTreeMap<String, Vec<String>> {
    let mut definitions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources {
        let mut names = BTreeSet::new();
        visible_types(&source.code().items, &mut names);
        for name in names {
            definitions.entry(name).or_default().push(source.file.clone());
        }
    }
    definitions.retain(|_, files| files.len() > 1);
    definitions
}

#[test]
fn a_type_that_other_files_use_has_a_name_of_its_own() {
    let shared = shared_names(&sources());
    assert_none(&shared.iter().map(|(name, files)| format!("{name}: {}", files.join(", "))).collect::<Vec<_>>());
}

#[test]
fn a_shared_name_is_noticed_and_a_private_one_is_not() {
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let shared = |first: &str, second: &str| {
        shared_names(&[source("a.rs", first), source("b.rs", second)]).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(shared("pub struct X;", "pub(super) enum X {}"), ["X"]);
    assert_eq!(shared("pub(crate) trait X {}", "mod inner { pub(in crate::b) type X = u8; }"), ["X"]);
    for fine in ["struct X;", "pub struct Y;", "#[cfg(test)] mod tests { pub struct X; }", "#[cfg(test)] pub struct X;"]
    {
        assert_eq!(shared("pub struct X;", fine), Vec::<String>::new(), "{fine}");
    }
}
