use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is good for, in the eyes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressClass {
    /// On the Internet.
    Public,
    /// Of this machine or of a private network: loopback, RFC 1918, RFC 6598, unique local. Only for
    /// rules that say `private`.
    Private,
    /// Never connected to: link-local, multicast, broadcast, unspecified, benchmarking,
    /// reserved, and IPv6 addresses that carry an IPv4 address within.
    Barred,
    /// A cloud hands out credentials there. Never connected to and not for a rule to allow.
    Metadata,
}

/// Addresses of cloud metadata services that are in no range barred anyway, or worth their own word.
///
/// Amazon, Azure, Google and most others: 169.254.169.254; containers on ECS 169.254.170.2; Azure's
/// host channel 168.63.129.16
/// (<https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16>);
/// Alibaba 100.100.100.200; Oracle 192.0.0.192; Tencent 169.254.0.23.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 0, 23),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];

/// Ranges of the IANA IPv4 special-purpose registry that no rule may reach
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry/>): network, prefix length.
const BARRED_V4: [(Ipv4Addr, u32); 7] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast, then what is reserved, with the broadcast address at its end.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Those for documentation (RFC 5737) are not among them: nobody's own network has them, and where one
/// answers, a laboratory lets it stand for the Internet.
const PRIVATE_V4: [(Ipv4Addr, u32); 5] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// Within 2000::/3, what is not for connecting to
/// (<https://www.iana.org/assignments/iana-ipv6-special-registry/>): protocol assignments with
/// Teredo, benchmarking and ORCHID in them, documentation, 6to4, documentation again.
const BARRED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl AddressClass {
    /// The class of an address.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let within = |ranges: &[(Ipv4Addr, u32)]| {
            ranges.iter().any(|(network, prefix)| {
                let shift = 32 - prefix;
                u32::from(*network) >> shift == u32::from(address) >> shift
            })
        };
        if METADATA_V4.contains(&address) {
            Self::Metadata
        } else if within(&BARRED_V4) {
            Self::Barred
        } else if within(&PRIVATE_V4) {
            Self::Private
        } else {
            Self::Public
        }
    }

    /// Everything outside 2000::/3 but unique local addresses and loopback is barred: IPv4-mapped and
    /// -compatible, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), discard-only, link-local, site-local,
    /// multicast, and what has not been assigned.
    fn of_v6(address: Ipv6Addr) -> Self {
        let within = |(network, prefix): (Ipv6Addr, u32)| {
            let shift = 128 - prefix;
            u128::from(network) >> shift == u128::from(address) >> shift
        };
        let [first, second, ..] = address.segments();
        if let Some(inner) = embedded(address)
            && Self::of_v4(inner) == Self::Metadata
        {
            return Self::Metadata;
        }
        if address == Ipv6Addr::LOCALHOST {
            return Self::Private;
        }
        match (first, second) {
            // Amazon's fd00:ec2::/32 (metadata ::254, pod identity ::23) and Google's fd20:ce::/32.
            (0xfd00, 0x0ec2) | (0xfd20, 0x00ce) => Self::Metadata,
            (0xfc00..=0xfdff, _) => Self::Private,
            (0x2000..=0x3fff, _) if !BARRED_V6.into_iter().any(within) => Self::Public,
            _ => Self::Barred,
        }
    }
}

/// The IPv4 address within an IPv6 address, for the forms that are more than a way of writing.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = address.segments();
    let pair = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (s0, s1) {
        // ::a.b.c.d (compatible) and ::ffff:a.b.c.d (mapped), RFC 4291 section 2.5.5.
        (0, 0) if (s2, s3, s4) == (0, 0, 0) && (s5 == 0 || s5 == 0xffff) => Some(pair(s6, s7)),
        // NAT64, RFC 6052 and RFC 8215.
        (0x64, 0xff9b) => Some(pair(s6, s7)),
        // 6to4, RFC 3056.
        (0x2002, high) => Some(pair(high, s2)),
        // Teredo, RFC 4380 section 4: the client's address inverted.
        (0x2001, 0) => Some(pair(!s6, !s7)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> AddressClass {
        AddressClass::of(text.parse().unwrap())
    }

    #[test]
    fn the_internet_is_public() {
        for text in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "169.253.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "168.63.129.17",
            "2606:4700::1111",
            "2001:4860::8888",
            "2a00::1",
            "2001:200::1",
        ] {
            assert_eq!(class(text), AddressClass::Public, "{text}");
        }
    }

    #[test]
    fn what_a_rule_must_ask_for_is_private() {
        for text in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "::1",
            "fc00::1",
            "fdff::1",
        ] {
            assert_eq!(class(text), AddressClass::Private, "{text}");
        }
    }

    #[test]
    fn what_no_rule_may_reach_is_barred() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.1.1",
            "192.0.0.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::7f00:1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:1::10.0.0.1",
            "2002:7f00:1::",
            "2002:0101:0101::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "3fff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "4000::1",
            "5f00::1",
        ] {
            assert_eq!(class(text), AddressClass::Barred, "{text}");
        }
    }

    #[test]
    fn metadata_is_known_in_every_wrapping() {
        for text in [
            "169.254.169.254",
            "169.254.170.2",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2001:0:0:0:0:0:5601:5601",
        ] {
            assert_eq!(class(text), AddressClass::Metadata, "{text}");
        }
    }
}
