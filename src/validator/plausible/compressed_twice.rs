//! Text that is still compressed after it was decoded: a proxy compressed what the application had compressed.

use super::answered::{Family, JudgedAnswer, ReadAnswer};
use super::implausible::Implausible;
use crate::expect::AnswerPlace;

/// The first bytes of gzip (RFC 1952 §2.3.1) and of zstd (RFC 8878 §3.1.1). Brotli has none.
const MAGIC: [(&[u8], &str); 2] = [(&[0x1f, 0x8b, 0x08], "gzip"), (&[0x28, 0xb5, 0x2f, 0xfd], "zstd")];

/// The endings of files that are compressed themselves, under whatever label they are served.
const COMPRESSED_FILES: [&str; 6] = [".gz", ".tgz", ".svgz", ".zst", ".zstd", ".gzip"];

/// Tells how a body is compressed, by its first bytes.
pub(super) fn coding_of(body: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| body.starts_with(magic)).map(|(_, coding)| *coding)
}

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    let coding = coding_of(answered.body)?;
    let path = answered.url.path().to_ascii_lowercase();
    let is_file = COMPRESSED_FILES.iter().any(|ending| path.ends_with(ending));
    if is_file || matches!(reading.family, Family::Other | Family::Unsaid) {
        return None;
    }
    Some(Implausible {
        rule: "compressed_twice",
        place: AnswerPlace::Body,
        expected: "text, as its Content-Type says",
        observed: format!("{coding} data after the content coding was taken off (it was compressed twice)"),
        overruled_by: "expect: bytes startsWith hex,1f8b;".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};

    const GZIP: &[u8] = &[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56];
    const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x61, 0];

    #[test]
    fn what_is_still_compressed_under_the_label_of_text_fails() {
        let labels = [
            "application/json",
            "text/html",
            "text/html; charset=utf-8",
            "text/plain",
            "text/css",
            "application/javascript",
            "application/xml",
            "application/vnd.api+json",
        ];
        assert_lies("compressed_twice", labels.map(|label| Sample::get("/api/orders").typed(label, GZIP)));
        assert_lies("compressed_twice", labels.map(|label| Sample::get("/docs").typed(label, ZSTD)));
    }

    #[test]
    fn archives_and_text_are_not_compressed_twice() {
        assert_honest([
            Sample::get("/backup").typed("application/gzip", GZIP),
            Sample::get("/backup").typed("application/x-gzip", GZIP),
            Sample::get("/download/1").typed("application/octet-stream", GZIP),
            Sample::get("/layers/7").typed("application/vnd.oci.image.layer.v1.tar+gzip", GZIP),
            Sample::get("/sitemap.xml.gz").typed("text/xml", GZIP),
            Sample::get("/app-1.0.tgz").typed("text/plain", GZIP),
            Sample::get("/logo.svgz").typed("image/svg+xml", GZIP),
            Sample::get("/dump.sql.zst").typed("text/plain", ZSTD),
            Sample::get("/blob").typed("application/zstd", ZSTD),
            Sample::get("/plain").typed("text/plain", b"(\xb5 micro"),
            Sample::get("/raw").typed("", GZIP),
            Sample::head("/backup").typed("text/plain", b""),
        ]);
    }
}
