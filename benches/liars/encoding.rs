//! Bodies as servers encode them.

use std::io::{Read, Result};

use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};

pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    all_of(GzEncoder::new(body, Compression::default()))
}

/// As two layers of a stack do that both compress.
pub(super) fn gzip_twice(body: &[u8]) -> Vec<u8> {
    gzip(&gzip(body))
}

/// With zlib's head, as RFC 9110 §8.4.1.2 says.
pub(super) fn deflate(body: &[u8]) -> Vec<u8> {
    all_of(ZlibEncoder::new(body, Compression::default()))
}

/// Without it, as some servers do.
pub(super) fn bare_deflate(body: &[u8]) -> Vec<u8> {
    all_of(DeflateEncoder::new(body, Compression::default()))
}

/// One frame with one raw block (RFC 8878 §3.1.1); at most 255 bytes.
pub(super) fn zstd(body: &[u8]) -> Vec<u8> {
    let length = body.len().min(255) as u32;
    let block = (length << 3) | 1;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, length as u8];
    frame.extend(&block.to_le_bytes()[..3]);
    frame.extend(&body[..length as usize]);
    frame
}

/// One uncompressed meta-block and the empty last one (RFC 7932 §9.2); at most 65,536 bytes.
pub(super) fn brotli(body: &[u8]) -> Vec<u8> {
    let head = (((body.len() as u32) - 1) << 4) | (1 << 20);
    let mut stream = head.to_le_bytes()[..3].to_vec();
    stream.extend(body);
    stream.push(0b11);
    stream
}

/// Nothing: the label lies.
pub(super) fn plain(body: &[u8]) -> Vec<u8> {
    body.to_vec()
}

/// UTF-16 with its byte order mark, little end first.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn all_of(mut encoder: impl Read) -> Vec<u8> {
    let mut encoded = Vec::new();
    let read: Result<usize> = encoder.read_to_end(&mut encoded);
    debug_assert!(read.is_ok(), "memory can be read");
    encoded
}
