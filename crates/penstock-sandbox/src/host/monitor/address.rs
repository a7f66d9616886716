//! Socket addresses as programs hand them to the kernel; ip(7), ipv6(7), unix(7).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a program wants to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Ip(SocketAddr),
    /// A Unix socket in the file system.
    Path(Vec<u8>),
    /// A Unix socket in the network's own table of names.
    Abstract(Vec<u8>),
    /// No address that leads anywhere: `AF_UNSPEC` dissolves a connection; netlink is the kernel.
    Other,
}

/// The most bytes of an address that are looked at: `sockaddr_un` has 110.
pub(super) const MOST: usize = 128;

impl Address {
    /// Reads an address; `None` when it is too short for its family.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (family, rest) = bytes.split_first_chunk()?;
        match i32::from(u16::from_ne_bytes(*family)) {
            libc::AF_INET => {
                let (port, rest) = rest.split_first_chunk()?;
                let ip = Ipv4Addr::from(*rest.first_chunk::<4>()?);
                Some(Self::Ip(SocketAddr::new(IpAddr::V4(ip), u16::from_be_bytes(*port))))
            }
            libc::AF_INET6 => {
                let (port, rest) = rest.split_first_chunk()?;
                // Four bytes of flow information.
                let ip = Ipv6Addr::from(*rest.get(4..)?.first_chunk::<16>()?);
                // The kernel takes the IPv4 way for these.
                let ip = ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4);
                Some(Self::Ip(SocketAddr::new(ip, u16::from_be_bytes(*port))))
            }
            libc::AF_UNIX => Some(match rest {
                [] => Self::Other,
                [0, name @ ..] => Self::Abstract(name.to_vec()),
                path => {
                    let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
                    Self::Path(path.get(..end)?.to_vec())
                }
            }),
            _ => Some(Self::Other),
        }
    }

    /// As it is shown.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Ip(address) => Some(address.to_string()),
            Self::Path(path) => Some(format!("unix:{}", String::from_utf8_lossy(path))),
            Self::Abstract(name) => Some(format!("unix:@{}", String::from_utf8_lossy(name))),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(family: i32, rest: &[u8]) -> Option<Address> {
        Address::parse(&[&u16::try_from(family).unwrap().to_ne_bytes()[..], rest].concat())
    }

    #[test]
    fn every_family_is_read_as_the_kernel_reads_it() {
        let shown = |family, rest: &[u8]| parsed(family, rest).and_then(|address| address.shown());
        assert_eq!(shown(libc::AF_INET, &[0, 80, 203, 0, 113, 7]).unwrap(), "203.0.113.7:80");
        let v6 = [&[1, 187, 9, 9, 9, 9][..], &[0x20, 1, 0xd, 0xb8], &[0; 11], &[1]].concat();
        assert_eq!(shown(libc::AF_INET6, &v6).unwrap(), "[2001:db8::1]:443");
        let mapped = [&[0, 53, 0, 0, 0, 0][..], &[0; 10], &[255, 255, 127, 0, 0, 1]].concat();
        assert_eq!(shown(libc::AF_INET6, &mapped).unwrap(), "127.0.0.1:53");
        assert_eq!(shown(libc::AF_UNIX, b"/run/x\0junk").unwrap(), "unix:/run/x");
        assert_eq!(shown(libc::AF_UNIX, b"\0name").unwrap(), "unix:@name");
        assert_eq!(parsed(libc::AF_UNSPEC, &[0; 14]), Some(Address::Other));
    }

    #[test]
    fn what_is_too_short_is_no_address() {
        assert_eq!(Address::parse(&[2]), None);
        assert_eq!(parsed(libc::AF_INET, &[0, 80, 203, 0, 113]), None);
        assert_eq!(parsed(libc::AF_INET6, &[0; 21]), None);
    }
}
