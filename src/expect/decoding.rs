//! A body's bytes as text.

use encoding_rs::{Encoding, UTF_8};

use super::found::Stop;
use crate::domain::one_line;

/// How far into a page its own charset is looked for (<https://html.spec.whatwg.org>).
const META_BYTES: usize = 1024;

/// Decodes a body: by its byte order mark, by the charset of its media type, as UTF-8, or as the page itself says.
pub(crate) fn decode(body: &[u8], content_type: Option<&str>) -> Result<String, Stop> {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return decode_as(encoding, body.get(length..).unwrap_or_default());
    }
    if let Some(label) = content_type.and_then(charset) {
        let unknown = || Stop::unverified(format!("the charset `{}` of the answer is not known", one_line(label, 40)));
        return decode_as(Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?, body);
    }
    let encoding = if std::str::from_utf8(body).is_ok() { UTF_8 } else { page_encoding(body).unwrap_or(UTF_8) };
    decode_as(encoding, body)
}

fn decode_as(encoding: &'static Encoding, body: &[u8]) -> Result<String, Stop> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(body);
    text.map(Into::into).ok_or_else(|| Stop::Failed(format!("a body that is not {}", encoding.name())))
}

/// Returns the charset parameter of a media type (RFC 9110 §8.3.1).
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

fn page_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(body.get(..META_BYTES).unwrap_or(body)).to_ascii_lowercase();
    let (_, label) = head.split_once("charset=")?;
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find(['"', '\'', '>', ' ', '/', ';']).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_in_its_own_charset() {
        let utf16: Vec<u8> = [0xfeff].into_iter().chain("né".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for (body, media_type) in [
            ("né".as_bytes(), None),
            ("né".as_bytes(), Some("application/json; charset=UTF-8")),
            (b"\xef\xbb\xbfn\xc3\xa9", Some("text/plain; charset=latin1")),
            (b"n\xe9", Some("text/plain; Charset=\"iso-8859-1\"")),
            (&utf16, None),
        ] {
            assert_eq!(decode(body, media_type), Ok("né".to_owned()), "{media_type:?}");
        }
        assert!(decode(b"<meta charset='windows-1252'>n\xe9", None).is_ok_and(|text| text.ends_with("né")));
    }

    #[test]
    fn what_cannot_be_decoded_is_no_text() {
        assert_eq!(decode(b"n\xe9", None), Err(Stop::Failed("a body that is not UTF-8".to_owned())));
        assert!(matches!(decode(b"n", Some("text/plain; charset=x-y")), Err(Stop::Unverified { .. })));
    }
}
