//! Whether the files that production's pages load are those of a build folder (docs/design/gate.md G20). Pure.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Paths below which hosts put scripts of their own; no build holds them.
const OF_THE_HOST: [&str; 4] = ["/cdn-cgi/", "/_vercel/", "/.netlify/", "/.well-known/"];

/// The build folder that a person named, and the pages whose files are compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetSource {
    /// The folder, relative to the repository.
    pub folder: String,
    /// The pages, as paths on production.
    pub pages: Vec<String>,
}

/// A file of the build folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltFile {
    /// Its path in the folder, `/` between parts.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was written last.
    pub written: Timestamp,
}

/// What a file that production's pages load is to the build folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetMatch {
    /// The folder holds a file of these very bytes, written at this time.
    Same(Timestamp),
    /// The folder holds a file of this name with other bytes.
    Differs,
    /// The folder does not hold it; `has_kin` where it holds one that is named alike but for a digest.
    Missing {
        /// Whether the folder holds a file of that name with another digest in it.
        has_kin: bool,
    },
    /// It did not answer as a file.
    Unanswered(String),
}

/// A file that a page loads, and what it is to the build folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAsset {
    /// Its path on production.
    pub path: String,
    /// What it is.
    pub is: AssetMatch,
}

/// What the files of production's pages are together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetStanding {
    /// All are the folder's; the one that was written first was written then.
    Current(Timestamp),
    /// What a cache answers is not the folder's, and what production answers past it is. Names one.
    StaleEdge(String),
    /// None is the folder's: production serves other bytes for its names, or names that only another build has. Names one.
    StaleOrigin(String),
    /// Some are the folder's and some are not. Names one that is not.
    Partial {
        /// How many are the folder's.
        same: usize,
        /// One that is not.
        other: String,
    },
    /// None has anything to do with the folder.
    WrongBuild,
    /// Not known; says why.
    Unverified(String),
}

/// Tells whether a path is one at which hosts put scripts of their own.
pub fn is_of_the_host(path: &str) -> bool {
    OF_THE_HOST.iter().any(|below| path.starts_with(below))
}

/// Returns the file of the folder that an asset's path names: a folder may be served below another path, so parts before
/// are left out one by one.
pub fn named_file<'a>(files: &'a [BuiltFile], path: &str) -> Option<&'a BuiltFile> {
    let mut rest = path.trim_start_matches('/');
    loop {
        if let Some(file) = files.iter().find(|file| file.path == rest) {
            return Some(file);
        }
        rest = rest.split_once('/')?.1;
    }
}

/// Tells whether the folder holds a file that is named alike but for what a build puts in between: `index-4f2a.js`.
pub fn has_kin(files: &[BuiltFile], path: &str) -> bool {
    let wanted = family(path);
    files.iter().any(|file| family(&file.path) == wanted)
}

/// The first word of a file's name and its ending.
fn family(path: &str) -> (&str, &str) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    (name.split(['.', '-', '_']).next().unwrap_or(name), end)
}

/// Judges what production's pages load; `past_cache` is the same look past every cache, where the first one differed.
pub fn judge_assets(seen: &[SeenAsset], past_cache: Option<&[SeenAsset]>) -> AssetStanding {
    let standing = judged(seen);
    let is_current = |look: &[SeenAsset]| matches!(judged(look), AssetStanding::Current(_));
    match past_cache {
        Some(look)
            if !matches!(standing, AssetStanding::Current(_) | AssetStanding::Unverified(_)) && is_current(look) =>
        {
            AssetStanding::StaleEdge(first_other(seen))
        }
        _ => standing,
    }
}

fn judged(seen: &[SeenAsset]) -> AssetStanding {
    let unanswered = seen.iter().find_map(|asset| match &asset.is {
        AssetMatch::Unanswered(why) => Some(format!("{}: {why}", asset.path)),
        _ => None,
    });
    if let Some(why) = unanswered {
        return AssetStanding::Unverified(why);
    }
    let written: Vec<Timestamp> = seen
        .iter()
        .filter_map(|asset| match asset.is {
            AssetMatch::Same(written) => Some(written),
            _ => None,
        })
        .collect();
    let Some(first) = written.iter().min() else {
        let is_another_build =
            |asset: &SeenAsset| matches!(asset.is, AssetMatch::Differs | AssetMatch::Missing { has_kin: true });
        return match seen.iter().find(|asset| is_another_build(asset)) {
            Some(asset) => AssetStanding::StaleOrigin(asset.path.clone()),
            None if seen.is_empty() => {
                AssetStanding::Unverified("the pages load no file of their own origin".to_owned())
            }
            None => AssetStanding::WrongBuild,
        };
    };
    match written.len() == seen.len() {
        true => AssetStanding::Current(*first),
        false => AssetStanding::Partial { same: written.len(), other: first_other(seen) },
    }
}

fn first_other(seen: &[SeenAsset]) -> String {
    seen.iter()
        .find(|asset| !matches!(asset.is, AssetMatch::Same(_)))
        .map(|asset| asset.path.clone())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: Timestamp = Timestamp::from_micros(1);
    const LATE: Timestamp = Timestamp::from_micros(2);

    fn seen(all: &[AssetMatch]) -> Vec<SeenAsset> {
        all.iter().map(|is| SeenAsset { path: "/a.js".to_owned(), is: is.clone() }).collect()
    }

    fn files(paths: &[&str]) -> Vec<BuiltFile> {
        paths.iter().map(|path| BuiltFile { path: (*path).to_owned(), bytes: 1, written: EARLY }).collect()
    }

    #[test]
    fn each_standing_is_told_by_what_the_files_are() {
        let (same, differs) = (AssetMatch::Same(LATE), AssetMatch::Differs);
        let gone = |has_kin| AssetMatch::Missing { has_kin };
        let judge = |all: &[AssetMatch]| judge_assets(&seen(all), None);
        assert_eq!(judge(&[same.clone(), AssetMatch::Same(EARLY)]), AssetStanding::Current(EARLY));
        assert_eq!(judge(&[differs.clone(), gone(false)]), AssetStanding::StaleOrigin("/a.js".to_owned()));
        assert_eq!(judge(&[gone(false), gone(true)]), AssetStanding::StaleOrigin("/a.js".to_owned()));
        assert!(matches!(judge(&[same.clone(), gone(false)]), AssetStanding::Partial { same: 1, .. }));
        assert_eq!(judge(&[gone(false)]), AssetStanding::WrongBuild);
        assert!(matches!(judge(&[]), AssetStanding::Unverified(_)));
        assert!(matches!(judge(&[same, AssetMatch::Unanswered("503".into())]), AssetStanding::Unverified(_)));
    }

    #[test]
    fn what_is_current_past_the_cache_alone_is_a_stale_edge() {
        let (old, new) = (seen(&[AssetMatch::Differs]), seen(&[AssetMatch::Same(EARLY)]));
        assert_eq!(judge_assets(&old, Some(&new)), AssetStanding::StaleEdge("/a.js".to_owned()));
        assert_eq!(judge_assets(&old, Some(&old)), AssetStanding::StaleOrigin("/a.js".to_owned()));
    }

    #[test]
    fn a_file_is_found_below_another_path_and_by_its_family() {
        let files = files(&["assets/index-4f2a91bc.js", "static/app.css"]);
        assert!(named_file(&files, "/shop/assets/index-4f2a91bc.js").is_some());
        assert!(named_file(&files, "/index-4f2a91bc.js").is_none() && named_file(&files, "/app.css").is_none());
        assert!(has_kin(&files, "/assets/index-ffffffff.js"));
        assert!(!has_kin(&files, "/assets/index-ffffffff.css") && !has_kin(&files, "/assets/vendor.js"));
        assert!(is_of_the_host("/cdn-cgi/scripts/email.js") && !is_of_the_host("/assets/cdn-cgi/x.js"));
    }
}
