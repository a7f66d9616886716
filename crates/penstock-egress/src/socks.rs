use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Authority, Host, HostError};

/// The version of every message (RFC 1928).
const VERSION: u8 = 5;
const CONNECT: u8 = 1;
const NO_AUTHENTICATION: u8 = 0;

/// The methods a client offers, the first thing it says (RFC 1928 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocksGreeting {
    /// Whether "no authentication" is among them, the only one taken.
    pub anonymous: bool,
    /// How many bytes it takes.
    pub length: usize,
}

impl SocksGreeting {
    /// Reads the greeting at the beginning of `bytes`; `None` when more are needed.
    ///
    /// # Errors
    /// It is not SOCKS5.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, SocksError> {
        match bytes {
            [] => Ok(None),
            [4, ..] => Err(SocksError::Version4),
            [VERSION] => Ok(None),
            [VERSION, count, rest @ ..] => {
                let Some(methods) = rest.get(..usize::from(*count)) else { return Ok(None) };
                let anonymous = methods.contains(&NO_AUTHENTICATION);
                Ok(Some(Self { anonymous, length: 2 + methods.len() }))
            }
            _ => Err(SocksError::NotSocks),
        }
    }
}

/// What a client asks for after the greeting (RFC 1928 section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocksRequest {
    /// Where it wants to be connected to.
    pub authority: Authority,
    /// How many bytes it takes.
    pub length: usize,
}

impl SocksRequest {
    /// Reads the request at the beginning of `bytes`; `None` when more are needed.
    ///
    /// An address in the field for names is an address: some clients put all there.
    ///
    /// # Errors
    /// It is none, or nothing that is served. The error knows the code to answer with.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, SocksError> {
        let [version, command, reserved, kind, rest @ ..] = bytes else { return Ok(None) };
        if *version != VERSION || *reserved != 0 {
            return Err(SocksError::NotSocks);
        }
        if *command != CONNECT {
            return Err(SocksError::Command);
        }
        let (address, port) = match *kind {
            1 => (4, rest),
            4 => (16, rest),
            3 => match rest {
                [] => return Ok(None),
                [0, ..] => return Err(SocksError::Host(HostError::Empty)),
                [length, rest @ ..] => (usize::from(*length), rest),
            },
            _ => return Err(SocksError::AddressType),
        };
        let Some((address, port)) = port.split_at_checked(address) else { return Ok(None) };
        let [high, low, after @ ..] = port else { return Ok(None) };
        let port = u16::from_be_bytes([*high, *low]);
        if port == 0 {
            return Err(SocksError::Port);
        }
        let host = match *kind {
            1 => {
                <[u8; 4]>::try_from(address).ok().map(|v4| Host::Address(Ipv4Addr::from(v4).into()))
            }
            4 => {
                let address = <[u8; 16]>::try_from(address).ok().map(Ipv6Addr::from);
                address.map(|v6| Host::Address(IpAddr::V6(v6)))
            }
            _ => {
                let text = std::str::from_utf8(address).map_err(|_| HostError::NotAscii)?;
                Some(text.parse()?)
            }
        };
        let host = host.ok_or(SocksError::AddressType)?;
        let length = bytes.len() - after.len();
        Ok(Some(Self { authority: Authority { host, port }, length }))
    }
}

/// Why SOCKS is not answered with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SocksError {
    /// None of the three.
    #[error("an address type that RFC 1928 does not know")]
    AddressType,
    /// BIND, UDP ASSOCIATE.
    #[error("only the SOCKS command CONNECT is served")]
    Command,
    /// The name.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Nothing like SOCKS.
    #[error("not SOCKS5")]
    NotSocks,
    /// Port 0.
    #[error("port 0")]
    Port,
    /// SOCKS4, with which names are resolved elsewhere.
    #[error("SOCKS4 is not served; use `socks5h://`")]
    Version4,
}

impl SocksError {
    /// The code of the answer (RFC 1928 section 6).
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Command => 7,
            Self::AddressType | Self::Host(_) => 8,
            Self::NotSocks | Self::Port | Self::Version4 => 1,
        }
    }
}

/// An answer to a request. The address is one that says nothing.
pub(crate) fn reply(code: u8) -> [u8; 10] {
    [VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(bytes: &[u8]) -> Result<Option<String>, SocksError> {
        SocksRequest::read(bytes).map(|found| found.map(|request| request.authority.to_string()))
    }

    #[test]
    fn the_three_addresses_are_read() {
        let whole = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(request(b"\x05\x01\0\x01\x01\x02\x03\x04\x01\xbb"), whole("1.2.3.4:443"));
        let v6 = [&b"\x05\x01\0\x04"[..], &[0; 15], &[1, 0, 80]].concat();
        assert_eq!(request(&v6), whole("[::1]:80"));
        let name = b"\x05\x01\0\x03\x09A.example\0\x16left";
        assert_eq!(request(name), whole("a.example:22"));
        assert_eq!(SocksRequest::read(name).unwrap().unwrap().length, name.len() - 4);
        for end in 0..name.len() - 4 {
            assert_eq!(request(&name[..end]), Ok(None), "{end}");
        }
        // An address as a name is judged as an address.
        assert_eq!(request(b"\x05\x01\0\x03\x09127.0.0.1\0\x50"), whole("127.0.0.1:80"));
    }

    #[test]
    fn everything_else_is_refused() {
        let name = |name: &[u8]| {
            let length = [u8::try_from(name.len()).unwrap()];
            [&b"\x05\x01\0\x03"[..], &length, name, &[0, 80]].concat()
        };
        for (bytes, error) in [
            (&b"\x05\x02\0\x01\x01\x02\x03\x04\0\x50"[..], SocksError::Command),
            (b"\x05\x03\0\x01\x01\x02\x03\x04\0\x50", SocksError::Command),
            (b"\x05\x01\0\x02\x01\x02\x03\x04\0\x50", SocksError::AddressType),
            (b"\x05\x01\x01\x01\x01\x02\x03\x04\0\x50", SocksError::NotSocks),
            (b"\x04\x01\0\x50\x01\x02\x03\x04\0", SocksError::NotSocks),
            (b"\x05\x01\0\x01\x01\x02\x03\x04\0\0", SocksError::Port),
            (b"\x05\x01\0\x03\0\0\x50", SocksError::Host(HostError::Empty)),
        ] {
            assert_eq!(request(bytes), Err(error), "{bytes:?}");
        }
        for text in ["2130706433", "0x7f.1", "a.example\0.evil.test", "a b", "u@a.example", "[::1"]
        {
            assert!(matches!(request(&name(text.as_bytes())), Err(SocksError::Host(_))), "{text}");
        }
        assert_eq!(request(&name(b"\xff")), Err(SocksError::Host(HostError::NotAscii)));
    }

    #[test]
    fn the_greeting_offers_methods() {
        let read = |bytes: &[u8]| SocksGreeting::read(bytes);
        assert_eq!(
            read(b"\x05\x02\0\x02x"),
            Ok(Some(SocksGreeting { anonymous: true, length: 4 }))
        );
        assert_eq!(read(b"\x05\x01\x02"), Ok(Some(SocksGreeting { anonymous: false, length: 3 })));
        assert_eq!(read(b"\x05\0"), Ok(Some(SocksGreeting { anonymous: false, length: 2 })));
        assert_eq!(read(b"\x05\x02\0"), Ok(None));
        assert_eq!(read(b"\x05"), Ok(None));
        assert_eq!(read(b"\x04\x01"), Err(SocksError::Version4));
        assert_eq!(read(b"GET"), Err(SocksError::NotSocks));
    }
}
