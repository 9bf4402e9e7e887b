//! `status`, `url`, `redirects`, `duration`, `ip`, `version`: how the answer came.

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::Word;

/// A value that every answer has.
#[derive(Debug, Clone, Copy)]
enum Transport {
    Status,
    Url,
    Redirects,
    Duration,
    Ip,
    Version,
}

pub(super) static WORDS: [Word<dyn Query>; 6] = [
    Word { name: "status", takes: &[], make: |_| Ok(Box::new(Transport::Status)) },
    Word { name: "url", takes: &[], make: |_| Ok(Box::new(Transport::Url)) },
    Word { name: "redirects", takes: &[], make: |_| Ok(Box::new(Transport::Redirects)) },
    Word { name: "duration", takes: &[], make: |_| Ok(Box::new(Transport::Duration)) },
    Word { name: "ip", takes: &[], make: |_| Ok(Box::new(Transport::Ip)) },
    Word { name: "version", takes: &[], make: |_| Ok(Box::new(Transport::Version)) },
];

impl Query for Transport {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let datum = match self {
            Self::Status => Datum::Integer(answer.status.into()),
            Self::Url => Datum::text(answer.url),
            Self::Redirects => {
                Datum::List(answer.redirects.iter().map(|target| Datum::text(target.as_str())).collect())
            }
            Self::Duration => Datum::Integer(answer.duration_ms.into()),
            Self::Ip => {
                return Ok(answer.ip.map_or(Found::Nothing("no address is known"), |ip| Datum::text(ip).into()));
            }
            Self::Version => Datum::text(answer.http_version),
        };
        Ok(datum.into())
    }

    fn place(&self) -> AnswerPlace {
        match self {
            Self::Status => AnswerPlace::Status,
            _ => AnswerPlace::Transport,
        }
    }
}
