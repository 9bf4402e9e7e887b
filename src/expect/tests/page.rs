//! Reading pages.

use std::time::Duration;

use url::Url;

use super::{NOW, headers, line, told};
use crate::domain::Redactor;
use crate::expect::{AnswerView, AssetKind, HtmlPage};

const PAGE: &str = r#"<!doctype html><html><head><title> Orders
 – Shop</title><base href="/app/"><link rel="stylesheet" href="a.css#x"><link rel=preload as=font href=/f.woff2>
<link rel=icon href=/favicon.ico><script src="https://cdn.test/x.js"></script><script type=module src="main.js?v=1"></script>
<script>document.write("no")</script><style>p{}</style></head><body><div hidden><h1>Hidden</h1></div><svg><title>Icon</title></svg>
<h2>Your <b>ord</b>ers</h2><p>One</p><p>Two&nbsp;&amp; three</p><template><p>no</p></template><noscript>no</noscript>
<p style="display: none">no</p><dialog>no</dialog><script src="main.js?v=1"></script>
<form action="/login" method=post><input name=u><div><input type=Password></div></form></body></html>"#;

fn read(text: &str) -> HtmlPage {
    let base = Url::parse("https://shop.test/app/orders").expect("a URL");
    HtmlPage::read(text, Some(&base), Duration::from_secs(60)).expect("in time")
}

#[test]
fn a_page_is_read_as_people_see_it() {
    let page = read(PAGE);
    assert_eq!(page.title.as_deref(), Some("Orders – Shop"));
    assert_eq!(page.heading.as_deref(), Some("Your orders"));
    assert_eq!(page.text, "Your orders One Two & three");
}

#[test]
fn the_assets_of_its_own_origin_are_listed_once() {
    let assets: Vec<_> = read(PAGE).assets.iter().map(|asset| (asset.url.to_string(), asset.kind)).collect();
    let own = |path: &str, kind| (format!("https://shop.test{path}"), kind);
    assert_eq!(
        assets,
        [
            own("/app/a.css", AssetKind::Style),
            own("/f.woff2", AssetKind::Preload),
            own("/app/main.js?v=1", AssetKind::Script),
        ]
    );
}

#[test]
fn a_form_with_a_password_says_where_it_is_sent() {
    let form = read(PAGE).password_form.expect("a form");
    assert_eq!(
        (form.action.map(String::from).as_deref(), form.method.as_str()),
        (Some("https://shop.test/login"), "POST")
    );
    let form = read("<form><input type=password></form>").password_form.expect("a form");
    assert_eq!(form.action.map(String::from).as_deref(), Some("https://shop.test/app/orders"));
    assert_eq!(read("<form><input type=text></form>").password_form, None);
}

#[test]
fn a_broken_page_is_read_too() {
    assert_eq!(read("<p>a<b>b<p>c</b>d<table>e<tr><td>f").text, "ab cde f");
    assert_eq!(read("").text, "");
    assert_eq!(read("plain & simple").text, "plain & simple");
    let deep = "<div><p>".repeat(2_000);
    assert_eq!(read(&deep).text, "");
}

#[test]
fn title_and_text_are_queries() {
    let headers = headers(&[("Content-Type", "text/html; charset=utf-8")]);
    let redactor = Redactor::default();
    let answer = AnswerView::new(200, &headers, PAGE.as_bytes(), NOW, &redactor);
    for text in ["title == 'Orders – Shop'", "text contains 'Your orders'", "text not contains no", "body contains no"]
    {
        assert_eq!(told(line(text).evaluate(&answer)), "passed", "{text}");
    }
}
