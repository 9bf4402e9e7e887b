//! Enumerations and their words: with one spelling on the wire that is read in any case, or in that spelling only.

/// A word does not belong to an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {} {what}{}: known are {known}", article(what), meant.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default())]
pub struct UnknownWord {
    /// What kind of word was expected.
    pub what: &'static str,
    /// What was given, one line.
    pub given: String,
    /// What may have been meant.
    pub meant: Option<&'static str>,
    /// All words.
    pub known: String,
}

/// Returns the article of a name; "htask" is spoken with a vowel first.
fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o', 'u']) || what.starts_with("htask") { "an" } else { "a" }
}

/// Declares an enumeration: its name, what a reader calls it, and each variant with its word on the wire.
///
/// Words are read in any case, and with `-` for `_`; a level such as `N3_TASK` also by the part before its first `_`
/// when `short` is given.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* #[doc = concat!("`", $word, "`.")] $variant,)+
        }

        $crate::domain::words! { $name, as_str { $($variant = $word),+ } }

        impl $name {
            /// Reads a word in any case.
            ///
            /// # Errors
            /// When it is none of them; the error lists them and names the nearest.
            pub fn parse(given: &str) -> Result<Self, $crate::domain::UnknownWord> {
                let word = given.trim().replace('-', "_");
                Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(&word)).ok_or_else(|| {
                    let words = || Self::ALL.iter().map(|known| known.as_str());
                    $crate::domain::UnknownWord {
                        what: $what,
                        given: $crate::domain::one_line(given, 60),
                        meant: $crate::domain::nearest(&word, words()),
                        known: words().collect::<Vec<_>>().join(", "),
                    }
                })
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::UnknownWord;

            fn from_str(given: &str) -> Result<Self, Self::Err> {
                Self::parse(given)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let given = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&given).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": Self::ALL })
            }
        }
    };
}

/// Gives an enumeration its words, each with one spelling: `words! { Cause, as_str { Failed = "failed", … } }`.
macro_rules! words {
    ($name:ident, $word_of:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// Returns its word.
            pub const fn $word_of(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Finds the one that has this word.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|known| known.$word_of() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.$word_of())
            }
        }
    };
}

pub(super) use wire_enum;
pub(crate) use words;
