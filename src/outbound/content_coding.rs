//! Takes the content codings off a body, as browsers do (RFC 9110 §8.4). Pure: pieces in, pieces out.
//!
//! The client's own decoding (reqwest with tower-http) knows `gzip`, `br`, `zstd` and `deflate` with its zlib head, each
//! alone and in lower case. Browsers take more, and servers send it: `x-gzip`, other cases, two codings one after the
//! other, and `deflate` without a head (old IIS). The decoders are the same ones, of `compression-codecs`.

use std::io;

use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::{BrotliDecoder, DecodeV2, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};

/// The most codings of one body: more is no server but an attack.
const MAX_CODINGS: usize = 2;
/// How much is decoded at once. Whoever takes the pieces counts them and stops.
const PIECE_BYTES: usize = 16 * 1024;

/// A body cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodingError {
    /// `Content-Encoding` names a coding that no browser knows.
    #[error("the body has an unknown Content-Encoding")]
    Unknown,
    /// It names more codings than are taken off.
    #[error("the body has more than two content codings")]
    TooMany,
    /// The bytes are not what the coding says.
    #[error("the body cannot be decompressed")]
    Corrupt(#[source] io::Error),
    /// The body ends before the coding's end: it was cut.
    #[error("the compressed body was cut")]
    Cut,
    /// The one who takes the pieces wants no more.
    #[error("the decompressed body is longer than its bound")]
    TooLong,
}

/// One coding.
enum Coding {
    Known(Box<dyn DecodeV2 + Send>),
    /// `deflate` before its first two bytes: they tell whether it has a head (RFC 1950 §2.2).
    Deflate(Vec<u8>),
}

struct Layer {
    coding: Coding,
    /// Whether the coding came to its end. What follows is another member (gzip, zstd) or padding.
    ended: bool,
    any: bool,
}

/// Decodes one body, piece by piece, in constant memory.
pub(crate) struct BodyDecoder {
    /// In the order in which they are taken off.
    layers: Vec<Layer>,
}

impl std::fmt::Debug for BodyDecoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "BodyDecoder({} codings)", self.layers.len())
    }
}

impl BodyDecoder {
    /// Makes a decoder for a `Content-Encoding`; several fields of that name are joined with commas before.
    ///
    /// # Errors
    /// When it names a coding that is not known, or more than two.
    pub(crate) fn of(content_encoding: Option<&str>) -> Result<Self, CodingError> {
        let mut layers = Vec::new();
        // The last coding was applied last.
        for name in content_encoding.unwrap_or_default().rsplit(',') {
            let coding: Coding = match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" | "none" | "utf-8" => continue,
                "gzip" | "x-gzip" => Coding::Known(Box::new(GzipDecoder::new())),
                "deflate" | "x-deflate" => Coding::Deflate(Vec::new()),
                "br" => Coding::Known(Box::new(BrotliDecoder::new())),
                "zstd" => Coding::Known(Box::new(ZstdDecoder::new())),
                _ => return Err(CodingError::Unknown),
            };
            layers.push(Layer { coding, ended: false, any: false });
        }
        if layers.len() > MAX_CODINGS {
            return Err(CodingError::TooMany);
        }
        Ok(Self { layers })
    }

    /// Decodes a piece. `take` gets what comes of it, at most 16 KiB at once, and answers whether it wants more.
    ///
    /// # Errors
    /// When the bytes are not what the coding says, or `take` wants no more.
    pub(crate) fn feed(&mut self, piece: &[u8], take: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), CodingError> {
        feed(&mut self.layers, piece, take)
    }

    /// Ends the body.
    ///
    /// # Errors
    /// When a coding did not come to its end: the body was cut. An empty body is whole under any coding: servers label
    /// answers without a body, too.
    pub(crate) fn finish(self) -> Result<(), CodingError> {
        let is_cut = self.layers.iter().any(|layer| layer.any && !layer.ended);
        if is_cut { Err(CodingError::Cut) } else { Ok(()) }
    }
}

fn feed(layers: &mut [Layer], piece: &[u8], take: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), CodingError> {
    let Some((layer, inner)) = layers.split_first_mut() else {
        let wants_more = piece.is_empty() || take(piece);
        return if wants_more { Ok(()) } else { Err(CodingError::TooLong) };
    };
    if piece.is_empty() {
        return Ok(());
    }
    layer.any = true;
    let held;
    let piece = match &mut layer.coding {
        Coding::Deflate(start) => {
            start.extend_from_slice(piece);
            let [first, second, ..] = start[..] else { return Ok(()) };
            // The method is 8, and both bytes are a multiple of 31.
            let has_head =
                first & 0x0f == 8 && first >> 4 <= 7 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0;
            held = std::mem::take(start);
            layer.coding = if has_head {
                Coding::Known(Box::new(ZlibDecoder::new()))
            } else {
                Coding::Known(Box::new(DeflateDecoder::new()))
            };
            held.as_slice()
        }
        Coding::Known(_) => piece,
    };
    let Coding::Known(decoder) = &mut layer.coding else { return Ok(()) };
    let mut input = PartialBuffer::new(piece);
    let mut room = vec![0_u8; PIECE_BYTES];
    loop {
        if layer.ended {
            // Bytes behind the end are another member, or padding, which begins with a zero.
            if input.unwritten().first().is_none_or(|byte| *byte == 0) {
                return Ok(());
            }
            decoder.reinit().map_err(CodingError::Corrupt)?;
            layer.ended = false;
        }
        let mut output = WriteBuffer::new_initialized(&mut room);
        let before = input.written_len();
        let ended = decoder.decode(&mut input, &mut output);
        let decoded = output.written_len();
        layer.ended = match ended {
            // Asked once more because the room was full, and there was nothing more.
            Err(_) if input.unwritten().is_empty() && input.written_len() == before && decoded == 0 => return Ok(()),
            ended => ended.map_err(CodingError::Corrupt)?,
        };
        let is_full = output.has_no_spare_space();
        feed(inner, room.get(..decoded).unwrap_or_default(), take)?;
        let moved = input.written_len() > before || decoded > 0;
        if !layer.ended && ((input.unwritten().is_empty() && !is_full) || !moved) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"orders\":[1,2,3,4,5,6,7,8,9,10,11,12]}";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn raw(text: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn encoded(mut encoder: impl compression_codecs::EncodeV2, text: &[u8]) -> Vec<u8> {
        let mut room = vec![0; 4_096];
        let mut output = WriteBuffer::new_initialized(&mut room);
        encoder.encode(&mut PartialBuffer::new(text), &mut output).expect("encoded");
        assert!(encoder.finish(&mut output).expect("finished"));
        output.written().to_vec()
    }

    fn brotli(text: &[u8]) -> Vec<u8> {
        encoded(
            compression_codecs::BrotliEncoder::new(compression_codecs::brotli::params::EncoderParams::default()),
            text,
        )
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        encoded(compression_codecs::ZstdEncoder::new(3), text)
    }

    /// Decodes in pieces of `piece` bytes, at most `most` bytes.
    fn decoded(name: &str, body: &[u8], piece: usize, most: usize) -> Result<Vec<u8>, CodingError> {
        let mut decoder = BodyDecoder::of(Some(name))?;
        let mut text = Vec::new();
        for piece in body.chunks(piece) {
            decoder.feed(piece, &mut |decoded| {
                text.extend_from_slice(decoded);
                text.len() <= most
            })?;
        }
        decoder.finish().map(|()| text)
    }

    #[test]
    fn every_coding_that_browsers_take_is_taken_off() {
        for (name, body) in [
            ("gzip", gzip(TEXT)),
            ("x-gzip", gzip(TEXT)),
            ("GZIP", gzip(TEXT)),
            ("deflate", zlib(TEXT)),
            ("deflate", raw(TEXT)),
            ("br", brotli(TEXT)),
            ("zstd", zstd(TEXT)),
            ("identity", TEXT.to_vec()),
            ("", TEXT.to_vec()),
            ("gzip, br", brotli(&gzip(TEXT))),
            ("deflate, gzip", gzip(&raw(TEXT))),
            ("gzip", [gzip(&TEXT[..10]), gzip(&TEXT[10..])].concat()),
            ("gzip", [gzip(TEXT), vec![0; 32]].concat()),
        ] {
            for piece in [1, 3, 4_096] {
                let text = decoded(name, &body, piece, 4_096).expect(name);
                assert_eq!(text, TEXT, "{name} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_was_cut_or_is_no_such_coding_is_an_error() {
        for (name, body) in [
            ("gzip", gzip(TEXT)),
            ("deflate", zlib(TEXT)),
            ("deflate", raw(TEXT)),
            ("br", brotli(TEXT)),
            ("zstd", zstd(TEXT)),
        ] {
            let cut = decoded(name, &body[..body.len() - 3], 7, 4_096);
            assert!(matches!(cut, Err(CodingError::Cut)), "{name}: {cut:?}");
        }
        assert!(matches!(decoded("gzip", b"plain text", 4, 64), Err(CodingError::Corrupt(_))));
        assert!(matches!(decoded("compress", b"", 4, 64), Err(CodingError::Unknown)));
        assert!(matches!(decoded("gzip, gzip, gzip", b"", 4, 64), Err(CodingError::TooMany)));
        assert_eq!(decoded("gzip", b"", 4, 64).expect("no body at all"), b"");
    }

    #[test]
    fn a_bomb_ends_at_the_bound_of_who_takes_it() {
        let bomb = gzip(&gzip(&vec![0; 64 * 1024 * 1024]));
        let mut taken = 0;
        let mut decoder = BodyDecoder::of(Some("gzip, gzip")).expect("known");
        let ended = decoder.feed(&bomb, &mut |piece| {
            taken += piece.len();
            taken <= 1024 * 1024
        });
        assert!(matches!(ended, Err(CodingError::TooLong)));
        assert!(taken <= 1024 * 1024 + PIECE_BYTES, "{taken}");
    }
}
