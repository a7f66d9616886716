use std::fmt;

use crate::{Host, HostError};

/// The longest text that is looked at.
const MAX_CHARS: usize = 300;

/// A host and a port, as in `CONNECT host:port`, a `Host` field or the URL of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Authority {
    /// Who is asked for.
    pub host: Host,
    /// The TCP port, never 0.
    pub port: u16,
}

impl Authority {
    /// Reads `host:port` or, where there is a default, `host`. RFC 3986 section 3.2 without user
    /// information, which hides the true host from whoever reads the line.
    ///
    /// # Errors
    /// It is none, or readers could differ on which.
    pub fn parse(text: &str, default_port: Option<u16>) -> Result<Self, AuthorityError> {
        if text.len() > MAX_CHARS {
            return Err(AuthorityError::TooLong);
        }
        if text.contains('@') {
            return Err(AuthorityError::UserInformation);
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (inner, after) = rest.split_once(']').ok_or(HostError::Brackets)?;
                let port = match after {
                    "" => None,
                    _ => Some(after.strip_prefix(':').ok_or(HostError::Brackets)?),
                };
                // Only IPv6 may stand in brackets.
                if !inner.contains(':') {
                    return Err(HostError::Brackets.into());
                }
                (inner, port)
            }
            None => match text.split_once(':') {
                Some((_, port)) if port.contains(':') => return Err(AuthorityError::BareIpv6),
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let host = host.parse()?;
        let port = match port {
            Some(port) => read_port(port)?,
            None => default_port.ok_or(AuthorityError::NoPort)?,
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A port without signs, spaces or leading zeros.
fn read_port(text: &str) -> Result<u16, AuthorityError> {
    let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or(AuthorityError::Port)
}

/// Why text is no host and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// `::1:443`: where does the address end?
    #[error("an IPv6 address before a port is written in brackets, `[2001:db8::1]:443`")]
    BareIpv6,
    /// The host is none.
    #[error(transparent)]
    Host(#[from] HostError),
    /// No port where one must be said.
    #[error("the port is missing; write `host:port`")]
    NoPort,
    /// No port number.
    #[error("a port is a number from 1 to 65535, without leading zeros")]
    Port,
    /// Longer than a host and a port can be.
    #[error("too long for a host and a port")]
    TooLong,
    /// `user@host`.
    #[error("user information (`…@`) is not taken; write host and port only")]
    UserInformation,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, AuthorityError> {
        Authority::parse(text, Some(443)).map(|authority| authority.to_string())
    }

    #[test]
    fn host_and_port_are_told_apart() {
        assert_eq!(read("Example.org:8443").as_deref(), Ok("example.org:8443"));
        assert_eq!(read("example.org").as_deref(), Ok("example.org:443"));
        assert_eq!(read("[2001:DB8::1]:8443").as_deref(), Ok("[2001:db8::1]:8443"));
        assert_eq!(read("[2001:db8::1]").as_deref(), Ok("[2001:db8::1]:443"));
        assert_eq!(Authority::parse("example.org", None), Err(AuthorityError::NoPort));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in ["example.org@127.0.0.1:443", "user:pass@example.org", "@example.org"] {
            assert_eq!(read(text), Err(AuthorityError::UserInformation), "{text}");
        }
        for text in ["a:", "a:0", "a:0443", "a:+443", "a: 443", "a:65536", "a:443 ", "a:４４３"]
        {
            assert_eq!(read(text), Err(AuthorityError::Port), "{text}");
        }
        assert_eq!(read("::1:443"), Err(AuthorityError::BareIpv6));
        assert_eq!(read("a:443:80"), Err(AuthorityError::BareIpv6));
        for text in ["[127.0.0.1]:443", "[example.org]", "[::1]443", "[::1"] {
            assert_eq!(read(text), Err(HostError::Brackets.into()), "{text}");
        }
        for text in [" example.org:443", "exa mple.org", "example.org\t:443", "a%2eb", "a/b:443"] {
            assert_eq!(read(text), Err(HostError::Character.into()), "{text}");
        }
    }
}
