//! By the network. Addresses out there are those of RFC 5737 and RFC 3849, which lead nowhere.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{Call, CallWith, Connection, Network, Socket, Unheard},
    Scene,
};

/// An address of the step's own network and a service of the host look alike from within.
const OWN: &str = "the step's own loopback: asking there is no attempt at anything";

cases![
    tcp_to_an_address = Case::new("TCP to an address", &["network", "tcp", "203.0.113.7:443"])
        .recorded(&[Network("203.0.113.7:443")]),
    tcp_over_ipv6 = Case::new("TCP over IPv6", &["network", "tcp", "[2001:db8::7]:443"])
        .recorded(&[Network("[2001:db8::7]:443")]),
    tcp_to_a_mapped_address = Case::new(
        "TCP to an IPv4 address in IPv6's form",
        &["network", "tcp", "[::ffff:203.0.113.7]:443"]
    )
    .recorded(&[Network("203.0.113.7:443")]),
    multipath_tcp = Case::new("Multipath TCP", &["network", "mptcp", "203.0.113.7:443"])
        .recorded(&[Network("203.0.113.7:443")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET")])),
    metadata_service =
        Case::new("the cloud's metadata service", &["network", "tcp", "169.254.169.254:80"])
            .recorded(&[Network("169.254.169.254:80")]),
    tcp_to_the_hosts_loopback = Case::new(
        "TCP to a service at the host's loopback",
        &["network", "tcp", "127.0.0.1:{port}"]
    )
    .at(Scene::Service)
    .open_to_everybody()
    .unrecorded(OWN)
    .but_at_rung_2(Recorded(&[Network("127.0.0.1:{port}")])),
    mapped_loopback =
        Case::new("the same in IPv6's form", &["network", "tcp", "[::ffff:127.0.0.1]:{port}"],)
            .at(Scene::Service)
            .open_to_everybody()
            .unrecorded(OWN)
            .but_at_rung_2(Recorded(&[Network("127.0.0.1:{port}")])),
    tcp_to_no_address =
        Case::new("the same by the address 0.0.0.0", &["network", "tcp", "0.0.0.0:{port}"])
            .at(Scene::Service)
            .open_to_everybody()
            .recorded(&[Network("0.0.0.0:{port}")]),
    fast_open = Case::new("TCP Fast Open by sendto", &["network", "fast-open", "203.0.113.7:443"])
        .recorded(&[Network("203.0.113.7:443")])
        .but_at_rung_2(Recorded(&[Call("sendto")])),
    fast_open_by_message =
        Case::new("TCP Fast Open by sendmsg", &["network", "fast-open-message", "203.0.113.7:443"])
            .recorded(&[Network("203.0.113.7:443")])
            .but_at_rung_2(Recorded(&[Call("sendmsg")])),
    fast_open_by_option =
        Case::new("TCP Fast Open by option", &["network", "fast-open-connect", "203.0.113.7:443"])
            .recorded(&[Connection("203.0.113.7:443")])
            .but_at_rung_2(Recorded(&[Network("203.0.113.7:443")])),
    dns_over_udp = Case::new("DNS over UDP", &["network", "udp-connect", "192.0.2.53:53"])
        .recorded(&[Network("192.0.2.53:53")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    dns_over_tcp = Case::new("DNS over TCP", &["network", "tcp", "192.0.2.53:53"])
        .recorded(&[Network("192.0.2.53:53")]),
    dns_over_https = Case::new("DNS over HTTPS", &["network", "tcp", "192.0.2.54:443"])
        .recorded(&[Network("192.0.2.54:443")]),
    // No resolver is configured; the C library asks a daemon that is not there.
    a_name = Case::new("a secret as a name to look up", &["network", "name", "secret.example.com"])
        .recorded(&[Socket("unix:/var/run/nscd/socket")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    udp_by_sendto = Case::new("UDP by sendto", &["network", "sendto", "198.51.100.1:53"])
        .recorded(&[Network("198.51.100.1:53")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    udp_by_sendmsg = Case::new("UDP by sendmsg", &["network", "sendmsg", "198.51.100.1:53"])
        .recorded(&[Network("198.51.100.1:53")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    udp_by_sendmmsg = Case::new("UDP by sendmmsg", &["network", "sendmmsg", "198.51.100.1:53"])
        .recorded(&[Network("198.51.100.1:53")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    udp_lite = Case::new("UDP-Lite", &["network", "udp-lite", "198.51.100.1:53"])
        .recorded(&[Network("198.51.100.1:53")])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    udp_to_the_hosts_loopback = Case::new(
        "UDP to a service at the host's loopback",
        &["network", "sendto", "127.0.0.1:{port}"],
    )
    .at(Scene::Datagrams)
    .open_to_everybody()
    .recorded(&[Unheard])
    .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    listening_to_the_world = Case::new(
        "listening at every interface for somebody outside",
        &["network", "listen", "0.0.0.0:0", "{go}"],
    )
    .at(Scene::Visitor)
    .open_to_everybody()
    .unrecorded("its network is its own: who listens there has tried nothing")
    .but_at_rung_2(Recorded(&[CallWith("bind", "at an address")])),
    an_allowed_host =
        Case::new("secrets to a host that is allowed", &["network", "tcp", "{allowed}"])
            .at(Scene::AllowedHost)
            .residual("what may be reached may be told everything", &[Connection("{allowed}")]),
    beside_an_allowed_host =
        Case::new("another port of an allowed host", &["network", "tcp", "203.0.113.7:22"])
            .at(Scene::AllowedHost)
            .recorded(&[Network("203.0.113.7:22")]),
];
