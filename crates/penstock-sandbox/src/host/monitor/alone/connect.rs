//! Sockets of a step: connected by us, to nothing but the proxy and the step's own Unix sockets.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    os::fd::{AsFd as _, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    net::{AddressFamily, SocketAddrUnix, connect, sockopt},
};

use super::{Alone, Answer, Judged, Question};
use crate::{
    Attempt, Protocol,
    host::{
        descriptor,
        monitor::{
            address::{self, Address},
            memory,
        },
    },
};

/// The ports at which programs expect their proxy.
const PROXY: u16 = 3128;
const SOCKS: u16 = 1080;

/// Of a program that knows of no proxy.
const TRANSPARENT: &str = "transparent";

/// Two listeners of the step-host's own on the loopback. A socket of the step is connected with one
/// of them by us, and the accepted end is handed to the proxy with the address that was meant.
pub(in crate::host::monitor) struct Loopback {
    v4: TcpListener,
    v6: Option<TcpListener>,
    egress: OwnedFd,
    /// Ports that are led to the proxy at every address.
    ports: Vec<u16>,
}

impl Loopback {
    pub(in crate::host::monitor) fn new(egress: OwnedFd, ports: &[u16]) -> io::Result<Self> {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok();
        for listener in [Some(&v4), v6.as_ref()].into_iter().flatten() {
            listener.set_nonblocking(true)?;
        }
        Ok(Self { v4, v6, egress, ports: ports.to_vec() })
    }

    /// Connects the step's socket with the proxy.
    fn lead(&self, socket: &OwnedFd, role: &str, meant: SocketAddr) -> io::Result<()> {
        let listener = match sockopt::socket_domain(socket)? {
            AddressFamily::INET => &self.v4,
            _ => self.v6.as_ref().ok_or(io::ErrorKind::NetworkUnreachable)?,
        };
        match connect(socket, &listener.local_addr()?) {
            // The loopback is there at once; who asked for no waiting is told so all the same.
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
            Err(errno) => return Err(errno.into()),
        }
        let own = rustix::net::getsockname(socket)?;
        let own = SocketAddr::try_from(own).map_err(|_| io::ErrorKind::InvalidData)?;
        // Anybody on the machine may connect here: only the one that we connected is let through.
        let accepted = loop {
            let (accepted, peer) = listener.accept()?;
            if peer == own {
                break accepted;
            }
        };
        self.hand(&accepted, role, meant)
    }

    fn hand(&self, accepted: &TcpStream, role: &str, meant: SocketAddr) -> io::Result<()> {
        // Who speaks to the proxy itself says there where to.
        let destination = match role {
            TRANSPARENT => format!(r#","destination":"{meant}""#),
            _ => String::new(),
        };
        let message = format!(r#"{{"connection":{{"role":"{role}"{destination}}}}}"#);
        descriptor::send(self.egress.as_fd(), message.as_bytes(), accepted.as_fd())
    }
}

impl Alone {
    /// A socket that we shall have to connect.
    pub(super) fn socket(&mut self, question: &Question) -> Option<Judged> {
        let answer = match self.sockets.make(question) {
            Ok(None) => return None,
            Ok(Some((socket, close_on_exec))) => Answer::Add(socket, close_on_exec),
            Err(error) => Answer::Refuse(error.raw_os_error().unwrap_or(libc::EMFILE)),
        };
        Some(Judged { answer, attempt: None, connection: None })
    }

    pub(super) fn connect(&mut self, question: &Question) -> Judged {
        let [descriptor, at, length, ..] = question.arguments;
        let mut bytes = [0; address::MOST];
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get_mut(..length).unwrap_or_default();
        if memory::read_exact(question.thread, at, bytes).is_err() {
            return Judged::refused(libc::EFAULT, None);
        }
        let Some(address) = Address::parse(bytes) else {
            return Judged::refused(libc::EINVAL, None);
        };
        let socket = match self.sockets.of(question.thread, descriptor as i32) {
            Ok(socket) => socket,
            Err(error) => {
                return Judged::refused(error.raw_os_error().unwrap_or(libc::EBADF), None);
            }
        };
        let judged = match address {
            Address::Ip(meant) if meant.ip().is_loopback() => self.connect_ip(&socket, meant),
            // Asking the kernel which way it would take, without sending anything.
            Address::Ip(meant) if meant.port() == 0 => self.connect_ip(&socket, meant),
            Address::Ip(meant) => {
                self.connect_ip(&socket, meant).of_connection(meant.to_string(), Protocol::Tcp)
            }
            Address::Path(path) => self.connect_path(question.thread, &socket, &path),
            Address::Abstract(_) => {
                let destination = address.shown().unwrap_or_default();
                Judged::refused(libc::ECONNREFUSED, Some(Attempt::Socket { destination }))
            }
            // Dissolving a connection; it is never made anew without asking.
            Address::Other => Judged::refused(libc::EAFNOSUPPORT, None),
        };
        if matches!(judged.answer, Answer::Done) {
            self.sockets.let_go(&socket);
        }
        judged
    }

    fn connect_ip(&self, socket: &OwnedFd, meant: SocketAddr) -> Judged {
        let refused = |errno| {
            let (destination, protocol) = (meant.to_string(), Protocol::Tcp);
            Judged::refused(errno, Some(Attempt::Network { destination, protocol }))
        };
        let Some(loopback) = &self.loopback else { return refused(libc::ENETUNREACH) };
        let role = match (meant.ip().is_loopback(), meant.port()) {
            (true, PROXY) => "proxy",
            (true, SOCKS) => "socks",
            (false, port) if loopback.ports.contains(&port) => TRANSPARENT,
            _ => return refused(libc::ECONNREFUSED),
        };
        Judged::done(loopback.lead(socket, role, meant))
    }

    /// A Unix socket is reached where the step could have made it.
    fn connect_path(&self, thread: u32, socket: &OwnedFd, path: &[u8]) -> Judged {
        let found = self.writable.find(thread, libc::AT_FDCWD, path, true);
        match found {
            // Whoever listens there need not be the step: the workspace may be a person's.
            Ok(found) => Judged::done(connect_now(socket, &found.by_descriptor()))
                .of_connection(format!("unix:{}", String::from_utf8_lossy(path)), Protocol::Unix),
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                let destination = format!("unix:{}", String::from_utf8_lossy(path));
                Judged::refused(libc::ECONNREFUSED, Some(Attempt::Socket { destination }))
            }
            Err(error) => Judged::refused(error.raw_os_error().unwrap_or(libc::ENOENT), None),
        }
    }

    /// A name in the file system is Landlock's to judge; at an address, somebody else could call.
    pub(super) fn bind(&mut self, question: &Question) -> Judged {
        self.serve(question, |_| Answer::GoOn)
    }

    /// Done by us: the kernel would take whatever the descriptor has become in the meantime, and give
    /// a TCP socket without an address one of its choice.
    pub(super) fn listen(&mut self, question: &Question) -> Judged {
        let [_, backlog, ..] = question.arguments;
        self.serve(question, |socket| match rustix::net::listen(socket, backlog as i32) {
            Ok(()) => Answer::Done,
            Err(errno) => Answer::Refuse(errno.raw_os_error()),
        })
    }

    fn serve(&mut self, question: &Question, unix: impl FnOnce(&OwnedFd) -> Answer) -> Judged {
        let [descriptor, ..] = question.arguments;
        let socket = match self.sockets.of(question.thread, descriptor as i32) {
            Ok(socket) => socket,
            Err(error) => {
                return Judged::refused(error.raw_os_error().unwrap_or(libc::EBADF), None);
            }
        };
        match sockopt::socket_domain(&socket) {
            Ok(AddressFamily::UNIX | AddressFamily::NETLINK) => {
                let answer = unix(&socket);
                if matches!(answer, Answer::Done) {
                    self.sockets.let_go(&socket);
                }
                Judged { answer, attempt: None, connection: None }
            }
            _ => {
                let name = if question.call == libc::SYS_bind { "bind" } else { "listen" };
                let (name, detail) = (name.to_owned(), Some("at an address".to_owned()));
                Judged::refused(libc::EACCES, Some(Attempt::Call { name, detail }))
            }
        }
    }
}

/// Never waits: a listener that takes no more would stop us, and with us the whole step.
fn connect_now(socket: &OwnedFd, path: &Path) -> io::Result<()> {
    let address = SocketAddrUnix::new(path)?;
    let flags = fcntl_getfl(socket)?;
    fcntl_setfl(socket, flags | OFlags::NONBLOCK)?;
    let result = connect(socket, &address);
    fcntl_setfl(socket, flags)?;
    Ok(result?)
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        os::unix::net::{UnixListener, UnixStream},
    };

    use rustix::net::{SocketType, socket};

    use super::*;

    #[test]
    fn a_socket_is_connected_with_the_proxy_and_says_where_it_wanted_to_go() {
        let (egress, proxy) = UnixStream::pair().unwrap();
        let loopback = Loopback::new(egress.into(), &[443]).unwrap();
        let meant = "203.0.113.7:443".parse().unwrap();
        let own = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        loopback.lead(&own, "transparent", meant).unwrap();
        let expected = r#"{"connection":{"role":"transparent","destination":"203.0.113.7:443"}}"#;
        let mut message = vec![0; expected.len()];
        let far = descriptor::receive(proxy.as_fd(), &mut message).unwrap();
        assert_eq!(String::from_utf8(message).unwrap(), expected);
        rustix::io::write(&far, b"hello").unwrap();
        drop(far);
        let mut said = String::new();
        TcpStream::from(own).read_to_string(&mut said).unwrap();
        assert_eq!(said, "hello");
    }

    #[test]
    fn a_full_listener_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let sockets: Vec<OwnedFd> = (0..8)
            .map(|_| socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap())
            .collect();
        let results: Vec<bool> =
            sockets.iter().map(|socket| connect_now(socket, &path).is_ok()).collect();
        assert!(results[0] && !results[7], "{results:?}");
    }
}
