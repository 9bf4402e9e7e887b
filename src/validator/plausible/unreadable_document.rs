//! A body that is not what its label says: no JSON, no XML, bytes instead of a page, or a document that was cut.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::answered::{Family, JudgedAnswer, ReadAnswer};
use super::compressed_twice::coding_of;
use super::implausible::{Implausible, quoted};
use crate::expect::AnswerPlace;

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    // A part of a document (206) is none, and what is compressed has a rule of its own.
    if reading.document().is_empty() || answered.status == 206 || coding_of(answered.body).is_some() {
        return None;
    }
    let (expected, why) = match reading.family {
        Family::Json if answered.is_whole => ("JSON, as its Content-Type says", reading.json().err()?.to_owned()),
        Family::Xml if answered.is_whole => ("XML, as its Content-Type says", xml_problem(reading.document())?),
        Family::Html => ("a page, as its Content-Type says", page_problem(answered, reading)?),
        _ => return None,
    };
    Some(Implausible {
        rule: "unreadable_document",
        place: AnswerPlace::Body,
        expected,
        observed: format!("{} ({why})", quoted(reading.document())),
        overruled_by: "expect: body startsWith and how the body begins".to_owned(),
    })
}

/// Says what keeps a text from being well-formed XML (XML 1.0 §2.1): tags that do not match, no root, a cut end.
fn xml_problem(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Ok(Event::Empty(_)) => roots += usize::from(depth == 0),
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if depth > 0 => return Some("it ends before its root is closed".to_owned()),
            Ok(Event::Eof) => return (roots != 1).then(|| "it has no root".to_owned()),
            Ok(_) => {}
            Err(_) => return Some(format!("it is not well-formed at byte {}", reader.error_position())),
        }
    }
}

fn page_problem(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<String> {
    let text = reading.document();
    // The escape character stays: ISO-2022-JP is made of it.
    let is_binary = |character: &char| matches!(character, '\0'..='\u{8}' | '\u{e}'..='\u{1a}' | '\u{1c}'..='\u{1f}');
    let start: Vec<char> = text.chars().take(4_096).collect();
    if start.iter().filter(|character| is_binary(character)).count() * 20 > start.len() {
        return Some("it is not text".to_owned());
    }
    let begins = text.get(..9).unwrap_or_default().to_ascii_lowercase();
    let is_document = begins == "<!doctype" || begins.starts_with("<html");
    let last_tag = text.rfind('<').and_then(|at| text.get(at..)).unwrap_or_default();
    let opens =
        last_tag.as_bytes().get(1).is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'!' | b'/'));
    let is_cut = is_document && answered.is_whole && opens && !last_tag.contains('>');
    is_cut.then(|| "it ends within a tag".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};

    #[test]
    fn what_is_not_what_its_label_says_fails() {
        let json = |body: &str| Sample::get("/x").json(body);
        let xml = |body: &str| Sample::get("/feed").typed("application/xml", body.as_bytes());
        assert_lies(
            "unreadable_document",
            [
                json(r#"{"items": [1, 2"#),
                json(r#"{"items": [1, 2]}}"#),
                json("OK"),
                json("<html><body>Hello</body></html>"),
                json("{'items': []}"),
                json(r#"{"ratio": NaN}"#),
                json("undefined"),
                json("Warning: foo() in /srv/x.php on line 3\n{\"a\":1}"),
                json("[object Object]"),
                xml("<rss><channel><title>News</title>"),
                xml("<a><b></a></b>"),
                xml("not xml at all"),
                xml(r#"<?xml version="1.0"?>"#),
                Sample::get("/x").typed("text/html", &[0, 1, 2, 3, 0x89, b'P', b'N', b'G', 0, 0, 0, 13]),
                Sample::get("/x").page("<!doctype html><html><head><title>Shop</title></head><body><div cla"),
            ],
        );
    }

    #[test]
    fn documents_that_clients_read_pass() {
        let json = |body: &str| Sample::get("/x").json(body);
        let xml = |body: &str| Sample::get("/feed").typed("application/xml; charset=utf-8", body.as_bytes());
        let utf_16: Vec<u8> = r#"{"a":1}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_honest([
            json("\u{feff}{\"a\":1}"),
            json(")]}',\n{\"a\":1}"),
            json("for(;;);{\"payload\":null}"),
            json("{\"stream\":\"Step 1/2\"}\r\n{\"stream\":\"Step 2/2\"}\r\n"),
            json("12"),
            Sample::get("/x").typed("application/json", &utf_16),
            Sample::get("/x").typed("application/x-ndjson", b"{\"a\":1}\n{\"a\":2}\n"),
            Sample::get("/x").typed("application/stream+json", b"{\"a\":1}\n{\"a\":2}\n"),
            Sample::get("/x").typed("application/json", br#"{"a": [1"#).cut(),
            Sample::get("/x").typed("application/json", br#"a":1}"#).status(206),
            xml("<?xml version=\"1.0\"?>\n<!-- feed --><rss version=\"2.0\"><channel/></rss>\n"),
            xml("<!DOCTYPE plist><plist><dict/></plist>"),
            xml("<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body/></soap:Envelope>"),
            xml("<a><![CDATA[1 < 2]]></a>"),
            Sample::get("/logo.svg").typed("image/svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path/></svg>"),
            Sample::get("/ping").typed("text/html; charset=utf-8", b"ok"),
            Sample::get("/").page("<!doctype html><html lang=en><title>Minified</title><p>No closing tags"),
            Sample::get("/").typed("text/html; charset=Shift_JIS", b"<html><p>\x93\xfa\x96\x7b\x8c\xea</p></html>"),
            Sample::get("/").page("<!doctype html><html><script>if (a<b && c > d) { run() }</script></html>"),
        ]);
    }
}
