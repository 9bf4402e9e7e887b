//! Which paths are invented, and in which folders.

use url::Url;

/// The most folders that a run asks for control answers.
pub(crate) const MAX_FOLDERS: usize = 3;
/// How long an invented name is.
const NAME_LENGTH: usize = 18;
/// No vowels, so that no word comes out; no digits, so that no route for numbers takes it.
const ALPHABET: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";

/// Returns the folder that an address lies in: its path up to the last slash, without query.
pub(crate) fn folder_of(url: &Url) -> Url {
    let mut folder = url.clone();
    let end = url.path().rfind('/').map_or(0, |slash| slash + 1);
    folder.set_path(url.path().get(..end).unwrap_or("/"));
    folder.set_query(None);
    folder.set_fragment(None);
    folder
}

/// Returns two addresses in a folder that cannot exist, which production cannot know before.
pub(crate) fn invented_paths(folder: &Url) -> [Url; 2] {
    control_paths(folder, uuid::Uuid::new_v4().as_u64_pair().0)
}

/// Returns two addresses in a folder that cannot exist, of equal length and alphabet. Another `seed` gives others.
pub(super) fn control_paths(folder: &Url, seed: u64) -> [Url; 2] {
    let mut state = seed;
    [(); 2].map(|()| {
        let name: String = (0..NAME_LENGTH).map(|_| letter(&mut state)).collect();
        let mut url = folder_of(folder);
        let path = format!("{}{name}", url.path());
        url.set_path(&path);
        url
    })
}

/// SplitMix64 (Steele, Lea, Flood 2014): the seed is the secret, the steps only spread it.
fn letter(state: &mut u64) -> char {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let index = usize::try_from((mixed ^ (mixed >> 31)) % ALPHABET.len() as u64).unwrap_or_default();
    ALPHABET.get(index).map_or('x', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://shop.example.com").and_then(|base| base.join(path)).expect("a URL")
    }

    #[test]
    fn two_invented_paths_differ_in_nothing_but_their_letters() {
        let [one, other] = control_paths(&url("/api/orders/7?page=2"), 42);
        assert_ne!(one, other);
        for invented in [&one, &other] {
            let name = invented.path().strip_prefix("/api/orders/").expect("in the folder");
            assert_eq!((name.len(), invented.query()), (NAME_LENGTH, None));
            assert!(name.bytes().all(|letter| ALPHABET.contains(&letter)), "{name}");
        }
        assert_eq!(control_paths(&url("/api/"), 42), control_paths(&url("/api/x"), 42));
        assert_ne!(control_paths(&url("/api/"), 42), control_paths(&url("/api/"), 43));
        assert_eq!(folder_of(&url("/")).as_str(), "https://shop.example.com/");
    }
}
