//! Ways out by the network.

use std::{
    io::{self, ErrorKind},
    mem::{size_of, size_of_val, zeroed},
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
    path::Path,
    time::Duration,
};

use super::said::{self, checked};

/// Multipath TCP, linux/in.h.
const MPTCP: i32 = 262;

pub(super) fn main(arguments: &[&str]) -> io::Result<()> {
    match arguments {
        ["tcp", addresses @ ..] => {
            each(addresses, |to| TcpStream::connect_timeout(&to, Duration::from_secs(3)).map(drop))
        }
        ["mptcp", addresses @ ..] => each(addresses, |to| connect(to, libc::SOCK_STREAM, MPTCP)),
        ["udp-lite", addresses @ ..] => each(addresses, |to| {
            // IPPROTO_UDPLITE, linux/in.h.
            send(&socket(to, libc::SOCK_DGRAM, 136)?, to, How::To, 0)
        }),
        ["ping", addresses @ ..] => each(addresses, ping),
        ["udp-connect", addresses @ ..] => each(addresses, |to| {
            let socket = socket(to, libc::SOCK_DGRAM, 0)?;
            connect_to(&socket, to)?;
            let byte = *b"x";
            // SAFETY: one byte of a live array is read.
            checked(unsafe { libc::send(socket.as_raw_fd(), byte.as_ptr().cast(), 1, 0) } as i64)
                .map(drop)
        }),
        ["sendto", addresses @ ..] => datagrams(addresses, How::To),
        // Where every address is the step's own, sending is no success.
        ["sendto-own", address] => {
            let to = address.parse().map_err(io::Error::other)?;
            let socket = socket(to, libc::SOCK_DGRAM, 0);
            match socket.and_then(|socket| send(&socket, to, How::To, 0)) {
                Ok(()) => said::line(&format!("sent: {address}")),
                refused => said::tried(address, refused),
            }
        }
        ["sendmsg", addresses @ ..] => datagrams(addresses, How::Message),
        ["sendmmsg", addresses @ ..] => datagrams(addresses, How::Messages),
        ["fast-open", addresses @ ..] => each(addresses, |to| {
            let socket = socket(to, libc::SOCK_STREAM, 0)?;
            send(&socket, to, How::To, libc::MSG_FASTOPEN)
        }),
        ["fast-open-message", addresses @ ..] => each(addresses, |to| {
            let socket = socket(to, libc::SOCK_STREAM, 0)?;
            send(&socket, to, How::Message, libc::MSG_FASTOPEN)
        }),
        ["fast-open-connect", addresses @ ..] => each(addresses, |to| {
            let socket = socket(to, libc::SOCK_STREAM, 0)?;
            let on: i32 = 1;
            // TCP_FASTOPEN_CONNECT, linux/tcp.h.
            // SAFETY: the option reads an int, which lives through the call.
            checked(unsafe {
                let at = (&raw const on).cast();
                libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, 30, at, 4)
            })?;
            connect_to(&socket, to)
        }),
        ["race", real, harmless] => race(real.parse().map_err(io::Error::other)?, harmless),
        ["flood", count] => flood(count.parse().map_err(io::Error::other)?),
        ["interface"] => said::tried("lo", interface()),
        ["listen", address, go] => listen(address, Path::new(go)),
        ["name", names @ ..] => names.iter().try_for_each(|name| {
            use std::net::ToSocketAddrs as _;
            said::tried(name, (*name, 443).to_socket_addrs().map(drop))
        }),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

fn each(addresses: &[&str], attempt: impl Fn(SocketAddr) -> io::Result<()>) -> io::Result<()> {
    for address in addresses {
        let to = address.parse().map_err(io::Error::other)?;
        said::tried(address, attempt(to))?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum How {
    To,
    Message,
    Messages,
}

/// What a datagram on the step's own loopback interface becomes, the test sees at the other end.
fn datagrams(addresses: &[&str], how: How) -> io::Result<()> {
    for address in addresses {
        let to: SocketAddr = address.parse().map_err(io::Error::other)?;
        let sent = socket(to, libc::SOCK_DGRAM, 0).and_then(|socket| send(&socket, to, how, 0));
        if sent.is_ok() && to.ip().is_loopback() {
            said::line(&format!("sent: {address}"))?;
        } else {
            said::tried(address, sent)?;
        }
    }
    Ok(())
}

fn socket(to: SocketAddr, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
    let family = if to.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: socket(2) takes three integers.
    let fd = checked(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) })?;
    // SAFETY: the descriptor was made just now and is nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

fn connect(to: SocketAddr, kind: i32, protocol: i32) -> io::Result<()> {
    connect_to(&socket(to, kind, protocol)?, to)
}

fn connect_to(socket: &OwnedFd, to: SocketAddr) -> io::Result<()> {
    let (address, length) = raw(to);
    // SAFETY: the address lives through the call and is as long as is said.
    let result = unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), length) };
    checked(result).map(drop)
}

fn send(socket: &OwnedFd, to: SocketAddr, how: How, flags: i32) -> io::Result<()> {
    let (mut address, length) = raw(to);
    let mut byte = *b"x";
    let fd = socket.as_raw_fd();
    if matches!(how, How::To) {
        // SAFETY: buffer and address live through the call and are as long as is said.
        let sent = unsafe {
            libc::sendto(fd, byte.as_ptr().cast(), 1, flags, (&raw const address).cast(), length)
        };
        return checked(sent as i64).map(drop);
    }
    let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
    // SAFETY: both are plain C structures, for which all zeros is a value.
    let mut message: libc::mmsghdr = unsafe { zeroed() };
    message.msg_hdr.msg_name = (&raw mut address).cast();
    message.msg_hdr.msg_namelen = length;
    message.msg_hdr.msg_iov = &raw mut part;
    message.msg_hdr.msg_iovlen = 1;
    // SAFETY: everything the structure points to lives through the calls.
    let sent = unsafe {
        match how {
            How::Messages => i64::from(libc::sendmmsg(fd, &raw mut message, 1, flags)),
            _ => libc::sendmsg(fd, &raw const message.msg_hdr, flags) as i64,
        }
    };
    checked(sent).map(drop)
}

fn raw(to: SocketAddr) -> (libc::sockaddr_storage, u32) {
    // SAFETY: a plain C structure, for which all zeros is a value.
    let mut storage: libc::sockaddr_storage = unsafe { zeroed() };
    let length = match to {
        SocketAddr::V4(to) => {
            let address = libc::sockaddr_in {
                sin_family: libc::AF_INET as u16,
                sin_port: to.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(to.ip().octets()) },
                sin_zero: [0; 8],
            };
            // SAFETY: the storage is larger than any address and as strictly aligned.
            unsafe { (&raw mut storage).cast::<libc::sockaddr_in>().write(address) };
            size_of_val(&address)
        }
        SocketAddr::V6(to) => {
            let address = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as u16,
                sin6_port: to.port().to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr { s6_addr: to.ip().octets() },
                sin6_scope_id: 0,
            };
            // SAFETY: as above.
            unsafe { (&raw mut storage).cast::<libc::sockaddr_in6>().write(address) };
            size_of_val(&address)
        }
    };
    (storage, length as u32)
}

/// An echo request without a raw socket; icmp(7).
fn ping(to: SocketAddr) -> io::Result<()> {
    let protocol = if to.is_ipv4() { libc::IPPROTO_ICMP } else { libc::IPPROTO_ICMPV6 };
    send(&socket(to, libc::SOCK_DGRAM, protocol)?, to, How::To, 0)
}

/// Connects to an address of its own that another thread turns into `real` while the kernel asks.
fn race(real: SocketAddr, harmless: &str) -> io::Result<()> {
    use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
    const LENGTH: usize = size_of::<libc::sockaddr_in>();
    let bytes = |to: SocketAddr| {
        let (address, _) = raw(to);
        // SAFETY: the storage is longer than that, and all of it is initialized.
        unsafe { (&raw const address).cast::<[u8; LENGTH]>().read() }
    };
    let (real, harmless) = (bytes(real), bytes(harmless.parse().map_err(io::Error::other)?));
    let shared: Vec<AtomicU8> = harmless.iter().map(|byte| AtomicU8::new(*byte)).collect();
    let over = AtomicBool::new(false);
    let reached = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for address in [&real, &harmless] {
                    for (to, from) in shared.iter().zip(address) {
                        to.store(*from, Ordering::Relaxed);
                    }
                }
            }
        });
        let mut reached = 0;
        for _ in 0..3000 {
            let Ok(socket) = socket(([127, 0, 0, 1], 1).into(), libc::SOCK_STREAM, 0) else {
                break;
            };
            // SAFETY: the array outlives the call and has that length.
            let result =
                unsafe { libc::connect(socket.as_raw_fd(), shared.as_ptr().cast(), LENGTH as u32) };
            reached += u32::from(result == 0);
        }
        over.store(true, Ordering::Relaxed);
        reached
    });
    if reached > 0 { said::through("race", &format!("{reached} times")) } else { Ok(()) }
}

/// More different addresses than any list is long.
fn flood(count: u32) -> io::Result<()> {
    let mut through = 0;
    for number in 0..count {
        let [_, _, high, low] = number.to_be_bytes();
        let to = SocketAddr::from(([203, 0, 113, 1 + high % 200], 1000 + u16::from(low)));
        through += u32::from(connect(to, libc::SOCK_DGRAM, 0).is_ok());
    }
    if through > 0 { said::through("flood", &format!("{through} of {count}")) } else { Ok(()) }
}

/// Sets the loopback interface to what it is; netdevice(7).
fn interface() -> io::Result<()> {
    let socket = socket(([127, 0, 0, 1], 1).into(), libc::SOCK_STREAM, 0)?;
    // SAFETY: a plain C structure, for which all zeros is a value.
    let mut request: libc::ifreq = unsafe { zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = from.cast_signed() as libc::c_char;
    }
    // SAFETY: both requests use the structure, which lives through the calls.
    unsafe {
        checked(libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS as _, &raw mut request))?;
        checked(libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request))?;
    }
    Ok(())
}

/// Waits at every interface until the other side says that it has tried.
fn listen(address: &str, go: &Path) -> io::Result<()> {
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) => return said::tried(address, Err(error)),
    };
    said::line(&format!("listening {}", listener.local_addr()?.port()))?;
    while !go.exists() {
        std::thread::yield_now();
    }
    listener.set_nonblocking(true)?;
    said::tried(address, listener.accept().map(drop))
}
