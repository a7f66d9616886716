use std::net::Ipv4Addr;

use crate::{MAX_NAME_CHARS, Name};

/// The longest query: a head, a name, and the options that resolvers append (RFC 6891).
pub const MAX_QUERY_BYTES: usize = 1232;

/// How long, in seconds, an answer may be kept. It never changes during a run; a small number only
/// keeps caches that outlive the run from believing it for long.
const TTL_SECONDS: u32 = 30;

const HEADER_BYTES: usize = 12;
const CLASS_IN: u16 = 1;
/// Header flags (RFC 1035 section 4.1.1): response, recursion desired and available.
const QR: u16 = 0x8000;
const RD: u16 = 0x0100;
const RA: u16 = 0x0080;
const OPCODE: u16 = 0x7800;

/// A question for the address of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    id: u16,
    recursion_desired: bool,
    /// The question as it came, to be repeated.
    question: Vec<u8>,
    /// The name asked for; `None` when the bytes are a well-formed question but no host name.
    pub name: Option<Name>,
    /// What is asked of it.
    pub kind: Kind,
}

/// The type of a question (<https://www.iana.org/assignments/dns-parameters/>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An IPv4 address.
    A,
    /// Anything else: AAAA, HTTPS, SVCB, SRV, TXT, …
    Other,
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// That address.
    Address(Ipv4Addr),
    /// The name is there, but not with that type.
    NoData,
    /// There is no such name.
    NoName,
    /// There is no room for more names.
    Failure,
}

impl Query {
    /// Reads a query: RFC 1035 section 4, one question, no compression, options of RFC 6891 ignored.
    ///
    /// # Errors
    /// It is none that this resolver answers. The error knows the answer to send, if one is due.
    pub fn read(bytes: &[u8]) -> Result<Self, QueryError> {
        if bytes.len() > MAX_QUERY_BYTES {
            return Err(QueryError::Silent);
        }
        let Some((header, rest)) = bytes.split_at_checked(HEADER_BYTES) else {
            return Err(QueryError::Silent);
        };
        let field = |index: usize| match header.get(index * 2..index * 2 + 2) {
            Some([high, low]) => u16::from_be_bytes([*high, *low]),
            _ => 0,
        };
        let (id, flags) = (field(0), field(1));
        // A response: answering it could go on for ever between two resolvers.
        if flags & QR != 0 {
            return Err(QueryError::Silent);
        }
        if flags & OPCODE != 0 {
            return Err(QueryError::NotImplemented { id });
        }
        // One question, no answers. Additional records are options; authority ones are left alone.
        if field(2) != 1 || field(3) != 0 {
            return Err(QueryError::Format { id });
        }
        let format = QueryError::Format { id };
        let (text, name_bytes) = name(rest).ok_or(format)?;
        let question = rest.get(..name_bytes + 4).ok_or(format)?;
        let (kind, class) = match question.get(name_bytes..) {
            Some([k0, k1, c0, c1]) => {
                (u16::from_be_bytes([*k0, *k1]), u16::from_be_bytes([*c0, *c1]))
            }
            _ => return Err(format),
        };
        if class != CLASS_IN {
            return Err(QueryError::NotImplemented { id });
        }
        Ok(Self {
            id,
            recursion_desired: flags & RD != 0,
            question: question.to_vec(),
            name: Name::parse(&text).ok(),
            kind: if kind == 1 { Kind::A } else { Kind::Other },
        })
    }

    /// The answer's bytes. They hold one record at most and never need to be cut to 512.
    pub(crate) fn answer(&self, answer: Answer) -> Vec<u8> {
        let (code, count): (u16, u16) = match answer {
            Answer::Address(_) => (0, 1),
            Answer::NoData => (0, 0),
            Answer::Failure => (2, 0),
            Answer::NoName => (3, 0),
        };
        let desired = if self.recursion_desired { RD } else { 0 };
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.question.len() + 16);
        for field in [self.id, QR | desired | RA | code, 1, count, 0, 0] {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
        bytes.extend_from_slice(&self.question);
        if let Answer::Address(address) = answer {
            // The name is a pointer to the question, at offset 12 (RFC 1035 section 4.1.4).
            bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1]);
            bytes.extend_from_slice(&TTL_SECONDS.to_be_bytes());
            bytes.extend_from_slice(&[0, 4]);
            bytes.extend_from_slice(&address.octets());
        }
        bytes
    }
}

/// The labels of a name as text, and how many bytes it takes. A pointer has nothing before it to
/// point to but itself.
fn name(bytes: &[u8]) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut rest = bytes;
    loop {
        let (length, after) = rest.split_first()?;
        if *length == 0 {
            return Some((text, bytes.len() - after.len()));
        }
        // The two high bits are a pointer or reserved.
        if *length > 63 {
            return None;
        }
        let (label, after) = after.split_at_checked(usize::from(*length))?;
        if !text.is_empty() {
            text.push('.');
        }
        for byte in label {
            // A dot within a label must not become one between labels.
            match byte {
                b'.' => text.push('\u{fffd}'),
                _ => text.push(char::from(*byte)),
            }
        }
        if text.chars().count() > MAX_NAME_CHARS {
            return None;
        }
        rest = after;
    }
}

/// Why a query is not answered as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Malformed, or more than one question.
    #[error("not one well-formed question")]
    Format {
        /// Of the query.
        id: u16,
    },
    /// An operation or class that is not served.
    #[error("only standard queries of class IN are answered")]
    NotImplemented {
        /// Of the query.
        id: u16,
    },
    /// Nothing that can be answered.
    #[error("no query")]
    Silent,
}

impl QueryError {
    /// The answer to send: a header with the code and nothing else.
    pub(crate) fn answer(self) -> Option<Vec<u8>> {
        let (id, code) = match self {
            Self::Silent => return None,
            Self::Format { id } => (id, 1),
            Self::NotImplemented { id } => (id, 4),
        };
        let fields: [u16; 6] = [id, QR | RA | code, 0, 0, 0, 0];
        Some(fields.into_iter().flat_map(u16::to_be_bytes).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &[u8], kind: u16) -> Vec<u8> {
        let head = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        [&head[..], name, &kind.to_be_bytes(), &[0, 1]].concat()
    }

    #[test]
    fn a_question_is_read_and_answered() {
        let bytes = query(b"\x03WWW\x07example\0", 1);
        let query = Query::read(&bytes).unwrap();
        assert_eq!(query.name, Some(Name::parse("www.example").unwrap()));
        assert_eq!(query.kind, Kind::A);
        let answer = query.answer(Answer::Address(Ipv4Addr::new(198, 18, 0, 1)));
        let expected = [
            &[0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0][..],
            b"\x03WWW\x07example\0\0\x01\0\x01",
            &[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 198, 18, 0, 1],
        ];
        assert_eq!(answer, expected.concat());
        assert_eq!(query.answer(Answer::NoName)[2..8], [0x81, 0x83, 0, 1, 0, 0]);
        assert_eq!(query.answer(Answer::NoData)[2..8], [0x81, 0x80, 0, 1, 0, 0]);
    }

    #[test]
    fn options_are_tolerated() {
        let mut bytes = query(b"\x01a\x07example\0", 28);
        bytes[11] = 1;
        bytes.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Query::read(&bytes).unwrap().kind, Kind::Other);
    }

    #[test]
    fn a_dot_within_a_label_is_no_separator() {
        let bytes = query(b"\x09a.example\0", 1);
        assert_eq!(Query::read(&bytes).unwrap().name, None);
        let bytes = query(b"\x03a\0b\x07example\0", 1);
        assert_eq!(Query::read(&bytes).unwrap().name, None);
    }

    #[test]
    fn what_is_no_single_question_is_refused() {
        let id = 0x1234;
        for name in [&b"\xc0\x0c"[..], b"\x01a\xc0\x0c", b"\x40a\0", b"\x05a", b""] {
            assert_eq!(Query::read(&query(name, 1)), Err(QueryError::Format { id }), "{name:?}");
        }
        let long = [&b"\x3f"[..], &[b'a'; 63]].concat().repeat(4);
        assert_eq!(
            Query::read(&query(&[&long[..], b"\0"].concat(), 1)),
            Err(QueryError::Format { id })
        );
        for (at, value) in [(5, 0), (5, 2), (7, 1)] {
            let mut bytes = query(b"\x01a\0", 1);
            bytes[at] = value;
            assert_eq!(Query::read(&bytes), Err(QueryError::Format { id }));
        }
        let mut chaos = query(b"\x01a\0", 16);
        *chaos.last_mut().unwrap() = 3;
        assert_eq!(Query::read(&chaos), Err(QueryError::NotImplemented { id }));
        let mut update = query(b"\x01a\0", 6);
        update[2] = 0x28;
        let error = Query::read(&update).unwrap_err();
        assert_eq!(error.answer().unwrap(), [0x12, 0x34, 0x80, 0x84, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_response_is_not_answered() {
        let mut bytes = query(b"\x01a\0", 1);
        bytes[2] = 0x81;
        assert_eq!(Query::read(&bytes), Err(QueryError::Silent));
        assert_eq!(QueryError::Silent.answer(), None);
        assert_eq!(Query::read(&[0; 11]), Err(QueryError::Silent));
        assert_eq!(Query::read(&[0; MAX_QUERY_BYTES + 1]), Err(QueryError::Silent));
    }
}
