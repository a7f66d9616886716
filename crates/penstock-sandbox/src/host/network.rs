//! The step's own, otherwise empty network: a loopback interface and, for a step that reaches
//! something, the listeners of its proxy.
//!
//! With a proxy every address is the step's own (a `local` route for everything), so that a program
//! that knows of no proxy arrives at a listener all the same; which address it meant is the local
//! address of the connection. Nothing leaves: the proxy accepts here and connects outside.

mod routes;

use std::{
    fs, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    os::fd::{AsFd as _, AsRawFd as _, OwnedFd},
};

use rustix::net::{AddressFamily, SocketType, bind, listen, socket, sockopt};

use super::descriptor;

/// Where the proxy listens for programs that know of it: HTTP, SOCKS 5, DNS.
const PROXY: u16 = 3128;
const SOCKS: u16 = 1080;
const DNS: u16 = 53;

/// Connections that wait for the proxy to take them.
const BACKLOG: i32 = 1024;

/// Brings `lo` up: tests of a service may talk to it; nothing else answers there, because the
/// network namespace is the step's own.
pub(super) fn up() -> io::Result<()> {
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    // SAFETY: ifreq is a plain C structure of integers and unions of them; all zeros is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = from.cast_signed() as libc::c_char;
    }
    let up = libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).unwrap_or_default();
    request.ifr_ifru.ifru_flags = up;
    // SAFETY: SIOCSIFFLAGS reads an ifreq, and this one lives through the call (netdevice(7)).
    let result =
        unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Makes every address the step's own, listens, and hands the listeners to the proxy.
pub(super) fn lead_to(egress: &OwnedFd, ports: &[u16]) -> io::Result<()> {
    routes::everything_is_local(AddressFamily::INET)?;
    let v6 = routes::everything_is_local(AddressFamily::INET6).is_ok();
    let hand = |role: &str, listener: OwnedFd| {
        let message = format!(r#"{{"listener":{{"role":"{role}"}}}}"#);
        descriptor::send(egress.as_fd(), message.as_bytes(), listener.as_fd())
    };
    let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    hand("proxy", stream(here(PROXY))?)?;
    hand("socks", stream(here(SOCKS))?)?;
    hand("dns-tcp", stream(here(DNS))?)?;
    let datagrams = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    bind(&datagrams, &here(DNS))?;
    hand("dns-udp", datagrams)?;
    for port in ports {
        hand("transparent", stream(SocketAddr::from((Ipv4Addr::UNSPECIFIED, *port)))?)?;
        if v6 {
            hand("transparent", stream(SocketAddr::from((Ipv6Addr::UNSPECIFIED, *port)))?)?;
        }
    }
    Ok(())
}

fn stream(at: SocketAddr) -> io::Result<OwnedFd> {
    let family = if at.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let listener = socket(family, SocketType::STREAM, None)?;
    if at.is_ipv6() {
        sockopt::set_ipv6_v6only(&listener, true)?;
    }
    bind(&listener, &at)?;
    listen(&listener, BACKLOG)?;
    Ok(listener)
}

/// Datagrams that arrived in this network where nobody listens: all that did not go to one of the
/// step's own sockets or to the proxy. `Udp: NoPorts` of /proc/net/snmp and its like for IPv6.
pub(super) fn unheard() -> u64 {
    let v4 = fs::read_to_string("/proc/net/snmp").unwrap_or_default();
    let v6 = fs::read_to_string("/proc/net/snmp6").unwrap_or_default();
    column(&v4, "Udp:", "NoPorts") + line(&v6, "Udp6NoPorts")
}

/// One number of a table whose first line names its columns.
fn column(table: &str, name: &str, column: &str) -> u64 {
    let mut lines = table.lines().filter(|line| line.split_whitespace().next() == Some(name));
    let (Some(names), Some(values)) = (lines.next(), lines.next()) else { return 0 };
    let mut both = names.split_whitespace().zip(values.split_whitespace());
    both.find(|(name, _)| *name == column).and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

/// The number on the line of this name.
fn line(table: &str, name: &str) -> u64 {
    let mut fields = table.lines().map(str::split_whitespace);
    fields
        .find_map(|mut fields| (fields.next() == Some(name)).then(|| fields.next()).flatten())
        .and_then(|value| value.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_name() {
        let v4 = "Ip: A B\nIp: 1 2\nUdp: InDatagrams NoPorts InErrors\nUdp: 5 7 0\nUdpLite: NoPorts\nUdpLite: 9\n";
        assert_eq!(column(v4, "Udp:", "NoPorts"), 7);
        assert_eq!(column(v4, "Tcp:", "NoPorts"), 0);
        assert_eq!(line("Udp6InDatagrams  1\nUdp6NoPorts    \t3\n", "Udp6NoPorts"), 3);
        assert_eq!(line("", "Udp6NoPorts"), 0);
    }
}
