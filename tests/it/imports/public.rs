//! What the library promises to others: a few names, and no room as a whole.

use super::sources;

const MOST_NAMES: usize = 20;

fn names(tree: &syn::UseTree) -> usize {
    match tree {
        syn::UseTree::Path(path) => names(&path.tree),
        syn::UseTree::Group(group) => group.items.iter().map(names).sum(),
        syn::UseTree::Name(_) | syn::UseTree::Rename(_) => 1,
        syn::UseTree::Glob(_) => MOST_NAMES + 1,
    }
}

fn is_hidden(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|argument| argument == "hidden")
    })
}

#[test]
fn the_documented_library_is_at_most_twenty_names() {
    let sources = sources();
    let library = sources.iter().find(|source| source.file == "lib.rs").expect("the library").code();
    let mut promised = 0;
    for item in &library.items {
        match item {
            syn::Item::Use(exported) => promised += names(&exported.tree),
            syn::Item::Mod(room) if matches!(room.vis, syn::Visibility::Public(_)) => {
                assert!(is_hidden(&room.attrs), "the room {} is promised as a whole", room.ident);
            }
            _ => {}
        }
    }
    assert!((1..=MOST_NAMES).contains(&promised), "{promised} names are promised");
}
