//! `certificate NAME`: a field of the server's certificate (RFC 5280 §4.1).

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::Query;
use crate::domain::{Timestamp, nearest, one_line};
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult, Stop};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::{Takes, Word};

type Field = fn(&X509Certificate<'_>) -> Found;

/// Hurl's names.
const FIELDS: [(&str, Field); 6] = [
    ("Subject", |certificate| Datum::text(certificate.subject().to_string()).into()),
    ("Issuer", |certificate| Datum::text(certificate.issuer().to_string()).into()),
    ("Start-Date", |certificate| date(certificate.validity().not_before)),
    ("Expire-Date", |certificate| date(certificate.validity().not_after)),
    ("Serial-Number", |certificate| Datum::text(certificate.raw_serial_as_string()).into()),
    ("Subject-Alt-Name", alternative_names),
];

#[derive(Debug)]
struct Certificate(Field);

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word {
    name: "certificate",
    takes: &[Takes::Text("a field of the certificate")],
    make: |mut operands| {
        let name = operands.text()?;
        let known = FIELDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name));
        let (_, field) = known.ok_or_else(|| {
            let names = FIELDS.map(|(known, _)| known);
            let meant =
                nearest(&name, names).map_or_else(|| names.join(", "), |near| format!("did you mean `{near}`?"));
            format!("a certificate has no field `{}`; {meant}", one_line(&name, 40))
        })?;
        Ok(Box::new(Certificate(*field)))
    },
}];

fn date(time: ASN1Time) -> Found {
    Datum::Date(Timestamp::from_micros(time.timestamp().saturating_mul(1_000_000))).into()
}

/// Writes the names as OpenSSL and curl do: `DNS:a.example, IP Address:127.0.0.1`.
fn alternative_names(certificate: &X509Certificate<'_>) -> Found {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Found::Nothing("the certificate has no alternative names");
    };
    let names = names.value.general_names.iter().map(|name| match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(address), _) => format!("IP Address:{}", std::net::Ipv4Addr::from(address)),
            (_, Ok(address)) => format!("IP Address:{}", std::net::Ipv6Addr::from(address)),
            _ => "IP Address:<invalid>".to_owned(),
        },
        other => other.to_string(),
    });
    Datum::text(names.collect::<Vec<_>>().join(", ")).into()
}

impl Query for Certificate {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let Some(bytes) = answer.certificate else {
            return Ok(Found::Nothing("no certificate: the answer came without TLS"));
        };
        let read = X509Certificate::from_der(bytes);
        let (_, certificate) = read.map_err(|_| Stop::unverified("the server's certificate cannot be read"))?;
        Ok((self.0)(&certificate))
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Transport
    }
}
