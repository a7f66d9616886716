use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// The longest host name in text form, without a trailing dot (RFC 1035 section 2.3.4 allows 255
/// octets on the wire, which are 253 characters).
pub const MAX_NAME_CHARS: usize = 253;

/// The longest label (RFC 1035 section 2.3.4).
const MAX_LABEL_CHARS: usize = 63;

/// Names under which clouds serve credentials to whoever can ask. No rule may name them and no
/// connection goes there, whatever they resolve to.
///
/// Google: <https://cloud.google.com/compute/docs/metadata/querying-metadata>; Amazon:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>; Tencent:
/// <https://www.tencentcloud.com/document/product/213/4934>.
const METADATA_NAMES: [&str; 8] = [
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.azure.internal",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.platformequinix.com",
    "metadata.tencentyun.com",
];

/// A DNS name in the one form that is compared: lower case, no trailing dot, ASCII.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Name(String);

impl Name {
    /// Reads a name in any case, with or without one trailing dot.
    ///
    /// # Errors
    /// It is no DNS name, or it could be read as an address.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        match text.parse()? {
            Host::Name(name) => Ok(name),
            Host::Address(_) => Err(HostError::Address),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its labels, the most specific first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }

    /// Whether a cloud serves instance credentials under this name.
    pub fn is_metadata(&self) -> bool {
        METADATA_NAMES.contains(&self.as_str())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// What a connection is asked for: a name or a literal address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A DNS name.
    Name(Name),
    /// An IP address, written as one.
    Address(IpAddr),
}

impl FromStr for Host {
    type Err = HostError;

    /// Reads a host as it stands in a URL, a `Host` field, a SOCKS request or a rule.
    ///
    /// Of the many notations that system libraries take for an IPv4 address (inet_aton(3): one to
    /// four parts, each decimal, octal or hexadecimal) only four plain decimal parts are read. What
    /// else could be such an address is refused instead of resolved, so that no two readers can
    /// understand it differently. The test is the one of the URL standard, "ends in a number":
    /// <https://url.spec.whatwg.org/#ends-in-a-number-checker>.
    fn from_str(text: &str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(HostError::Brackets)?;
            return address_v6(inner);
        }
        if text.contains(':') {
            return address_v6(text);
        }
        if !text.is_ascii() {
            return Err(HostError::NotAscii);
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        if text.len() > MAX_NAME_CHARS {
            return Err(HostError::TooLong);
        }
        if text.rsplit('.').next().is_some_and(is_number) {
            // Rust's own reader refuses leading zeros, which others read as octal.
            let address: Ipv4Addr = text.parse().map_err(|_| HostError::AmbiguousAddress)?;
            return Ok(Self::Address(address.into()));
        }
        for label in text.split('.') {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if label.is_empty() || label.len() > MAX_LABEL_CHARS {
                return Err(HostError::Label);
            }
            if !label.bytes().all(known) {
                return Err(HostError::Character);
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(HostError::Label);
            }
        }
        Ok(Self::Name(Name(text.to_ascii_lowercase())))
    }
}

/// Whether a last label makes the whole host an address: digits only, or hexadecimal.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn address_v6(text: &str) -> Result<Host, HostError> {
    if text.contains('%') {
        return Err(HostError::Zone);
    }
    let address: Ipv6Addr = text.parse().map_err(|_| HostError::AmbiguousAddress)?;
    Ok(Host::Address(address.into()))
}

impl fmt::Display for Host {
    /// As in a URL: IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Why text is no host that could be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// A name was wanted.
    #[error("an address where a name belongs")]
    Address,
    /// Decimal, octal, hexadecimal or short.
    #[error(
        "readers differ on which address this is; write four decimal numbers without leading zeros"
    )]
    AmbiguousAddress,
    /// One bracket only.
    #[error("`[` without `]`; an IPv6 address is written `[2001:db8::1]`")]
    Brackets,
    /// A character that is in no host name.
    #[error("only letters, digits, `-`, `_` and `.` make a host name")]
    Character,
    /// Nothing.
    #[error("the host is missing")]
    Empty,
    /// An empty label, one that is too long, or one with a hyphen at its edge.
    #[error("a part between dots is empty, over 63 characters, or begins or ends with `-`")]
    Label,
    /// Letters, digits or dots outside ASCII, which mappings turn into other names.
    #[error("not ASCII; write an international name in its `xn--` form")]
    NotAscii,
    /// Over [`MAX_NAME_CHARS`].
    #[error("over 253 characters")]
    TooLong,
    /// `fe80::1%eth0`.
    #[error("an address with a zone is of one link only; leave `%…` out")]
    Zone,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Result<String, HostError> {
        text.parse::<Host>().map(|host| host.to_string())
    }

    #[test]
    fn a_name_has_one_form() {
        for text in ["Registry.NPMJS.org", "registry.npmjs.org.", "registry.npmjs.org"] {
            assert_eq!(host(text).as_deref(), Ok("registry.npmjs.org"));
        }
        assert_eq!(host("xn--bcher-kva.example").as_deref(), Ok("xn--bcher-kva.example"));
        assert_eq!(host("0x.example").as_deref(), Ok("0x.example"));
        assert_eq!(host("a_b.example").as_deref(), Ok("a_b.example"));
    }

    #[test]
    fn every_other_notation_of_an_address_is_refused() {
        let ambiguous = [
            "2130706433",
            "0x7f000001",
            "0X7F000001",
            "0177.0.0.1",
            "017700000001",
            "127.1",
            "127.0.1",
            "0x7f.1",
            "127.0.0.0x1",
            "127.0.0.01",
            "256.0.0.1",
            "1.2.3.4.5",
            "0",
            "0x",
            "example.1",
            "[127.0.0.1]",
            "[::1",
            "1::2::3",
            "::ffff:127.0.0.1.1",
            "127.0.0.1..",
            "%31%32%37.0.0.1",
        ];
        for text in ambiguous {
            assert!(host(text).is_err(), "{text}: {:?}", host(text));
        }
        assert_eq!(host("127.0.0.1.").as_deref(), Ok("127.0.0.1"));
        assert_eq!(host("[::FFFF:7f00:1]").as_deref(), Ok("[::ffff:127.0.0.1]"));
        assert_eq!(host("0:0:0:0:0:0:0:1").as_deref(), Ok("[::1]"));
        assert_eq!(host("[fe80::1%25eth0]"), Err(HostError::Zone));
        assert_eq!(host("fe80::1%eth0"), Err(HostError::Zone));
    }

    #[test]
    fn what_other_readers_would_map_is_refused() {
        // Full-width and circled digits, an ideographic full stop, a soft hyphen.
        for text in ["１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "exa\u{ad}mple.org"] {
            assert_eq!(host(text), Err(HostError::NotAscii), "{text}");
        }
        for text in ["a b", "a\0b", "user@host", "a/b", "a\\b", "a#b", "*.b"] {
            assert_eq!(host(text), Err(HostError::Character), "{text}");
        }
        for text in [".a", "a..b", "-a.b", "a-.b", &"a".repeat(64)] {
            assert_eq!(host(text), Err(HostError::Label), "{text}");
        }
        assert_eq!(host(""), Err(HostError::Empty));
        assert_eq!(host("."), Err(HostError::Empty));
        assert_eq!(host(&"a.".repeat(127)).map(|name| name.len()), Ok(253));
        assert_eq!(host(&"a.".repeat(128)), Err(HostError::TooLong));
    }

    #[test]
    fn metadata_names_are_known_in_every_form() {
        for text in ["metadata.google.internal", "METADATA.google.internal.", "metadata"] {
            assert!(Name::parse(text).unwrap().is_metadata(), "{text}");
        }
        assert!(!Name::parse("metadata.example.org").unwrap().is_metadata());
    }
}
