//! HTTP methods.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::LiveCheckError;
use crate::domain::{one_line, words};

/// An HTTP method (RFC 9110 §9, RFC 5789).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(missing_docs, reason = "the names are the methods themselves")]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

words! {
    Method, as_str {
        Get = "GET", Head = "HEAD", Post = "POST", Put = "PUT", Patch = "PATCH", Delete = "DELETE",
        Options = "OPTIONS",
    }
}

impl Method {
    /// Tells whether the method only looks (GET, HEAD, OPTIONS; RFC 9110 §9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }
}

impl FromStr for Method {
    type Err = LiveCheckError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::named(&text.to_ascii_uppercase()).ok_or_else(|| LiveCheckError::Method(one_line(text, 40)))
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
