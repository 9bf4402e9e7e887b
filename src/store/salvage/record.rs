//! A row as it lies in a page (<https://www.sqlite.org/fileformat2.html#record_format>). Pure.

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row with its number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SalvagedRow {
    pub(super) rowid: i64,
    pub(super) values: Vec<Value>,
}

/// Reads a number of 1 to 9 bytes and what follows it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(9) {
        let rest = bytes.get(place + 1..)?;
        if place == 8 {
            return Some((number << 8 | u64::from(*byte), rest));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, rest));
        }
    }
    None
}

/// Reads the values of a record; `None` when it is not whole.
pub(super) fn values(record: &[u8]) -> Option<Vec<Value>> {
    let (header_bytes, _) = varint(record)?;
    let (header, mut body) = record.split_at_checked(usize::try_from(header_bytes).ok()?)?;
    let (_, mut header) = varint(header)?;
    let mut values = Vec::new();
    while !header.is_empty() {
        let (kind, rest) = varint(header)?;
        header = rest;
        let (value, rest) = value(kind, body)?;
        body = rest;
        values.push(value);
    }
    body.is_empty().then_some(values)
}

fn value(kind: u64, body: &[u8]) -> Option<(Value, &[u8])> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - 12) / 2).ok()?,
    };
    let (bytes, rest) = body.split_at_checked(length)?;
    let value = match kind {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        1..=6 => Value::Integer(integer(bytes)),
        7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        _ if kind.is_multiple_of(2) => Value::Blob(bytes.to_vec()),
        _ => Value::Text(std::str::from_utf8(bytes).ok()?.to_owned()),
    };
    Some((value, rest))
}

/// Reads a signed number, the most significant byte first.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_of_value_is_read() {
        let record = [8, 0, 1, 2, 8, 9, 15, 14, 0xff, 0x01, 0x00, b'a', 0x07];
        let expected = [
            Value::Null,
            Value::Integer(-1),
            Value::Integer(256),
            Value::Integer(0),
            Value::Integer(1),
            Value::Text("a".into()),
            Value::Blob(vec![7]),
        ];
        assert_eq!(values(&record).as_deref(), Some(&expected[..]));
        assert_eq!(values(&record[..12]), None, "it is cut off");
    }

    #[test]
    fn a_long_number_has_nine_bytes() {
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, &[][..])));
        assert_eq!(varint(&[0x81, 0x00, 5]), Some((128, &[5][..])));
        assert_eq!(varint(&[0x80]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = values(&bytes);
        }
    }
}
