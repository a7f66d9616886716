//! Kinds of sockets that are no way to talk to a package registry.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{Call, CallWith},
};

cases![
    raw =
        Case::new("raw IP", &["calls", "socket-raw", "socket-raw-flags"]).open_to_root().recorded(
            &[CallWith("socket", "AF_INET, SOCK_RAW"), CallWith("socket", "AF_INET6, SOCK_RAW"),]
        ),
    packet = Case::new("packets", &["calls", "socket-packet"])
        .open_to_root()
        .recorded(&[CallWith("socket", "AF_PACKET, SOCK_DGRAM")]),
    ping = Case::new("ICMP echo without a raw socket", &["network", "ping", "192.0.2.1:0"])
        .unrecorded("allowed by the filter; the step's network lets no group use it (icmp(7))")
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    virtual_machine = Case::new("the hypervisor (vsock)", &["calls", "socket-vsock"])
        .open_to_everybody()
        .recorded(&[CallWith("socket", "AF_VSOCK")]),
    kernel_netlink = Case::new(
        "netlink: audit, netfilter",
        &["calls", "socket-netlink-audit", "socket-netlink-netfilter"]
    )
    .open_to_everybody()
    .recorded(&[CallWith("socket", "AF_NETLINK, SOCK_RAW")]),
    kernel_crypto = Case::new("the kernel's ciphers (AF_ALG)", &["calls", "socket-alg"])
        .recorded(&[CallWith("socket", "AF_ALG")]),
    other_families = Case::new(
        "Bluetooth, CAN, XDP",
        &["calls", "socket-bluetooth", "socket-can", "socket-xdp"]
    )
    .recorded(&[
        CallWith("socket", "family 31"),
        CallWith("socket", "family 29, SOCK_DGRAM"),
        CallWith("socket", "family 44, SOCK_DGRAM"),
    ]),
    interfaces = Case::new("changing an interface", &["network", "interface"])
        .open_to_root()
        .unrecorded("refused by the kernel, which asks nobody"),
    io_uring =
        Case::new("io_uring, which makes calls that no filter sees", &["calls", "io_uring_setup"])
            .open_to_everybody()
            .recorded(&[Call("io_uring_setup")]),
];
