//! The sockets of a step, in our hands for as long as they must be.

use std::{
    collections::VecDeque,
    fs, io,
    os::fd::{AsRawFd as _, OwnedFd},
};

use rustix::{
    fs::fstat,
    net::{AddressFamily, Protocol, SocketFlags, SocketType, socket_with},
    process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
};

use super::super::{Question, places::process_of};

/// The most sockets that are neither connected nor listened at and still known.
const MOST_OPEN: usize = 256;
/// The most that are remembered to be connected.
const MOST_DONE: usize = 4096;

/// How the step's own socket is had when it asks for something to be done with it.
pub(super) enum Sockets {
    /// Taken from the step; pidfd_getfd(2).
    Taken,
    /// Made for the step and kept until they are connected, where a container's filter bars that call
    /// and allows nothing else that gives a descriptor of another process: Docker's does
    /// (<https://docs.docker.com/engine/security/seccomp/>).
    Made(Made),
}

#[derive(Default)]
pub(super) struct Made {
    /// By inode, oldest first. A socket that was held for longer would not end when the step closes
    /// it.
    open: VecDeque<(u64, OwnedFd)>,
    /// Inodes of those that were let go.
    done: VecDeque<u64>,
}

/// Whether a socket can be taken from a step.
pub(in crate::host) fn can_be_taken() -> bool {
    let own = pidfd_open(getpid(), PidfdFlags::empty());
    // Of ourselves and surely there: what refuses is no missing right and no missing file.
    let taken = own.and_then(|own| pidfd_getfd(&own, own.as_raw_fd(), PidfdGetfdFlags::empty()));
    taken.is_ok()
}

impl Sockets {
    pub(super) fn new() -> Self {
        if can_be_taken() { Self::Taken } else { Self::Made(Made::default()) }
    }

    /// A socket like the one that is asked for, and whether it closes on exec. `None` where it is not
    /// ours to make: sockets that nothing is connected with by address.
    pub(super) fn make(&mut self, question: &Question) -> io::Result<Option<(OwnedFd, bool)>> {
        let Self::Made(made) = self else { return Ok(None) };
        let [family, kind, protocol, ..] = question.arguments;
        let family = match family as libc::c_int {
            libc::AF_INET => AddressFamily::INET,
            libc::AF_INET6 => AddressFamily::INET6,
            libc::AF_UNIX => AddressFamily::UNIX,
            _ => return Ok(None),
        };
        let flags = SocketFlags::from_bits_retain(kind as u32 & !0xf);
        // The low bits alone: what is denied by them was denied before.
        let kind = SocketType::from_raw(kind as u32 & 0xf);
        let protocol = rustix::net::RawProtocol::new(protocol as u32).map(Protocol::from_raw);
        let ours = socket_with(family, kind, flags | SocketFlags::CLOEXEC, protocol)?;
        let theirs = ours.try_clone()?;
        if made.open.len() == MOST_OPEN {
            made.open.pop_front();
        }
        made.open.push_back((fstat(&ours)?.st_ino, ours));
        Ok(Some((theirs, flags.contains(SocketFlags::CLOEXEC))))
    }

    /// The same open socket as the step's descriptor.
    pub(super) fn of(&self, thread: u32, descriptor: i32) -> io::Result<OwnedFd> {
        match self {
            Self::Taken => {
                let gone = || io::Error::from_raw_os_error(libc::ESRCH);
                let process = process_of(thread).ok_or_else(gone)?;
                let process = pidfd_open(process, PidfdFlags::empty())?;
                Ok(pidfd_getfd(process, descriptor, PidfdGetfdFlags::empty())?)
            }
            Self::Made(made) => {
                let inode = inode(thread, descriptor)?;
                if let Some((_, socket)) = made.open.iter().find(|(known, _)| *known == inode) {
                    return socket.try_clone();
                }
                let known = made.done.contains(&inode);
                Err(io::Error::from_raw_os_error(if known { libc::EISCONN } else { libc::EINVAL }))
            }
        }
    }

    /// Lets a socket go that is now connected, or listened at.
    pub(super) fn let_go(&mut self, socket: &OwnedFd) {
        let Self::Made(made) = self else { return };
        let Ok(inode) = fstat(socket).map(|stat| stat.st_ino) else { return };
        made.open.retain(|(known, _)| *known != inode);
        if made.done.len() == MOST_DONE {
            made.done.pop_front();
        }
        made.done.push_back(inode);
    }
}

/// The number of a socket that a descriptor of a thread is; proc_pid_fd(5).
fn inode(thread: u32, descriptor: i32) -> io::Result<u64> {
    let link = fs::read_link(format!("/proc/{thread}/fd/{descriptor}"))
        .map_err(|_| io::Error::from_raw_os_error(libc::EBADF))?;
    let name = link.to_string_lossy();
    let number = name.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| io::Error::from_raw_os_error(libc::ENOTSOCK))
}

#[cfg(test)]
mod tests {
    use rustix::net::sockopt;

    use super::*;

    fn ask(family: libc::c_int, kind: libc::c_int) -> Question {
        let arguments = [family as u64, kind as u64, 0, 0, 0, 0];
        Question { id: 0, thread: std::process::id(), call: libc::SYS_socket, arguments }
    }

    fn made() -> Sockets {
        Sockets::Made(Made::default())
    }

    #[test]
    fn a_socket_is_known_until_it_is_let_go() {
        let mut sockets = made();
        let question = ask(libc::AF_INET6, libc::SOCK_STREAM | libc::SOCK_CLOEXEC);
        let (theirs, close_on_exec) = sockets.make(&question).unwrap().unwrap();
        assert!(close_on_exec);
        let own = std::process::id();
        // By whichever descriptor of it.
        let again = theirs.try_clone().unwrap();
        let ours = sockets.of(own, again.as_raw_fd()).unwrap();
        assert_eq!(fstat(&ours).unwrap().st_ino, fstat(&theirs).unwrap().st_ino);
        assert_eq!(sockopt::socket_domain(&ours).unwrap(), AddressFamily::INET6);
        sockets.let_go(&ours);
        let errno = |result: io::Result<OwnedFd>| result.unwrap_err().raw_os_error();
        assert_eq!(errno(sockets.of(own, theirs.as_raw_fd())), Some(libc::EISCONN));
    }

    #[test]
    fn sockets_not_made_here_and_other_files_are_none() {
        let sockets = made();
        let own = std::process::id();
        let (foreign, _far) = std::os::unix::net::UnixStream::pair().unwrap();
        let errno = |descriptor| sockets.of(own, descriptor).unwrap_err().raw_os_error();
        assert_eq!(errno(foreign.as_raw_fd()), Some(libc::EINVAL));
        let file = tempfile::tempfile().unwrap();
        assert_eq!(errno(file.as_raw_fd()), Some(libc::ENOTSOCK));
        assert_eq!(errno(-7), Some(libc::EBADF));
    }

    #[test]
    fn what_is_made_has_the_flags_that_were_asked_for() {
        let mut sockets = made();
        let question = ask(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_NONBLOCK);
        let (socket, close_on_exec) = sockets.make(&question).unwrap().unwrap();
        assert!(!close_on_exec);
        let flags = rustix::fs::fcntl_getfl(&socket).unwrap();
        assert!(flags.contains(rustix::fs::OFlags::NONBLOCK));
        assert!(sockets.make(&ask(libc::AF_NETLINK, libc::SOCK_RAW)).unwrap().is_none());
        assert!(Sockets::Taken.make(&question).unwrap().is_none());
    }

    #[test]
    fn as_many_are_held_as_there_is_place_for_and_the_oldest_go() {
        let mut sockets = made();
        let mut theirs = Vec::new();
        for _ in 0..=MOST_OPEN {
            let question = ask(libc::AF_UNIX, libc::SOCK_STREAM);
            theirs.push(sockets.make(&question).unwrap().unwrap().0);
        }
        let own = std::process::id();
        assert!(sockets.of(own, theirs[0].as_raw_fd()).is_err());
        assert!(sockets.of(own, theirs[1].as_raw_fd()).is_ok());
    }
}
