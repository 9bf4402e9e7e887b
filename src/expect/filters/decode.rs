//! `urlDecode` and `base64Decode`.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

use super::Filter;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{ReadResult, Stop};
use crate::expect::operands::Word;
use crate::expect::reading::cannot_take;

/// RFC 4648 §4, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug)]
struct UrlDecode;

#[derive(Debug)]
struct Base64Decode;

pub(super) static WORDS: [Word<dyn Filter>; 2] = [
    Word { name: "urlDecode", takes: &[], make: |_| Ok(Box::new(UrlDecode)) },
    Word { name: "base64Decode", takes: &[], make: |_| Ok(Box::new(Base64Decode)) },
];

/// Decodes base64 (RFC 4648 §4).
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

impl Filter for UrlDecode {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Text(text) = &datum else { return Err(cannot_take("urlDecode", &datum)) };
        let decoded = percent_decode_str(text).decode_utf8();
        let decoded = decoded.map_err(|_| Stop::Failed(format!("{}, which does not decode to UTF-8", datum.told())))?;
        Ok(Datum::text(&*decoded).into())
    }
}

impl Filter for Base64Decode {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Text(text) = &datum else { return Err(cannot_take("base64Decode", &datum)) };
        let decoded =
            decode_base64(text).ok_or_else(|| Stop::Failed(format!("{}, which is no base64", datum.told())))?;
        Ok(Datum::Bytes(decoded.into()).into())
    }
}
