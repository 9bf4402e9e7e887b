//! How files are shaped.

use super::{assert_none, sources};

const MOST_LINES: usize = 600;
const SAY_NOTHING: [&str; 8] = ["core", "common", "types", "utils", "util", "helpers", "services", "models"];

#[test]
fn no_file_is_longer_than_600_lines() {
    let long = sources().into_iter().filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > MOST_LINES).then(|| format!("src/{}: {lines} lines", source.file))
    });
    assert_none(&long.collect::<Vec<_>>());
}

#[test]
fn mod_files_hold_docs_and_re_exports_only() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.file.ends_with("mod.rs") || source.file == "lib.rs") {
        let code = source.code();
        let documented = code.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
        if !documented {
            breaches.push(format!("src/{}: says nothing about the room", source.file));
        }
        for item in &code.items {
            let good = match item {
                syn::Item::Use(_) => true,
                syn::Item::Mod(module) => module.content.is_none(),
                _ => false,
            };
            if !good {
                use syn::spanned::Spanned;
                breaches.push(format!("src/{}:{}: not a declaration", source.file, item.span().start().line));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn modules_are_named_for_a_notion() {
    let vague = sources().into_iter().filter(|source| {
        let plain = source.file.trim_end_matches(".rs");
        plain.split('/').any(|part| SAY_NOTHING.contains(&part))
    });
    assert_none(&vague.map(|source| format!("src/{}", source.file)).collect::<Vec<_>>());
}

#[test]
fn no_scaffold_is_left() {
    let mut left = Vec::new();
    for source in sources() {
        for (index, line) in source.text.lines().enumerate() {
            if line.contains("SCAFFOLD") || line.contains("todo!(") || line.contains("unimplemented!(") {
                left.push(format!("src/{}:{}", source.file, index + 1));
            }
        }
    }
    assert_none(&left);
}

#[test]
fn the_binaries_are_doors_only() {
    for name in ["main.rs", "bin/snipara.rs"] {
        let door = sources().into_iter().find(|source| source.file == name).expect(name);
        assert!(door.text.lines().count() <= 15, "{name} has more than 15 lines");
    }
}
