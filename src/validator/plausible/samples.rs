//! Answers to judge: what frameworks answer, and lies.

use url::Url;

use super::judge::Plausibility;
use super::{JudgedAnswer, judge};
use crate::domain::Method;
use crate::expect::AnswerPlace;

/// One answer in a test. It is asked for on `https://shop.example.com` unless its path is an address.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    path: String,
    method: Method,
    accept: Option<&'static str>,
    htmx: bool,
    status: u16,
    media_type: String,
    body: Vec<u8>,
    is_whole: bool,
    login_page: Option<String>,
}

impl Sample {
    fn asked(method: Method, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            method,
            accept: None,
            htmx: false,
            status: 200,
            media_type: String::new(),
            body: Vec::new(),
            is_whole: true,
            login_page: None,
        }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::asked(Method::Get, path)
    }

    pub(super) fn head(path: &str) -> Self {
        Self::asked(Method::Head, path)
    }

    pub(super) fn post(path: &str) -> Self {
        Self::asked(Method::Post, path)
    }

    pub(super) fn delete(path: &str) -> Self {
        Self::asked(Method::Delete, path)
    }

    pub(super) fn typed(self, media_type: &str, body: &[u8]) -> Self {
        Self { media_type: media_type.to_owned(), body: body.to_vec(), ..self }
    }

    pub(super) fn json(self, body: &str) -> Self {
        self.typed("application/json", body.as_bytes())
    }

    pub(super) fn page(self, body: &str) -> Self {
        self.typed("text/html; charset=utf-8", body.as_bytes())
    }

    pub(super) fn at(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    pub(super) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn accept(self, accept: &'static str) -> Self {
        Self { accept: Some(accept), ..self }
    }

    pub(super) fn htmx(self) -> Self {
        Self { htmx: true, ..self }
    }

    pub(super) fn cut(self) -> Self {
        Self { is_whole: false, ..self }
    }

    pub(super) fn login_page(self, page: &str) -> Self {
        Self { login_page: Some(page.to_owned()), ..self }
    }

    pub(super) fn with<T>(&self, read: impl FnOnce(&JudgedAnswer<'_>) -> T) -> T {
        let base = Url::parse("https://shop.example.com").expect("a URL");
        let url = base.join(&self.path).expect("a path");
        let headers = [("content-type".to_owned(), self.media_type.clone())];
        read(&JudgedAnswer {
            method: self.method,
            url: &url,
            sent_accept: self.accept,
            is_htmx: self.htmx,
            status: self.status,
            headers: &headers[usize::from(self.media_type.is_empty())..],
            body: &self.body,
            is_whole: self.is_whole,
            login_page: self.login_page.as_deref().map(str::as_bytes),
        })
    }

    fn judged(&self) -> Plausibility {
        self.with(|answered| judge(answered, |_: &AnswerPlace| false))
    }
}

pub(super) fn rule_of(sample: &Sample) -> Option<&'static str> {
    sample.judged().implausible.map(|found| found.rule)
}

pub(super) fn told_of(sample: &Sample) -> Vec<String> {
    sample.judged().told
}

/// Holds that a rule, and no other, finds each answer.
pub(super) fn assert_lies(rule: &str, samples: impl IntoIterator<Item = Sample>) {
    for sample in samples {
        let judged = sample.judged();
        let found = judged.implausible.as_ref().map(|found| found.rule);
        assert_eq!(found, Some(rule), "{sample:?}");
    }
}

/// Holds that no rule finds an answer.
pub(super) fn assert_honest(samples: impl IntoIterator<Item = Sample>) {
    for sample in samples {
        assert_eq!(sample.judged().implausible, None, "{sample:?}");
    }
}
