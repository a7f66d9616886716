//! Ways out by sockets of the same machine.

use std::{
    fs::File,
    io::{self, ErrorKind, Read as _},
    mem::zeroed,
    os::{
        fd::{AsRawFd as _, FromRawFd as _},
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram, UnixStream},
    },
};

use super::said::{self, checked};

pub(super) fn main(arguments: &[&str]) -> io::Result<()> {
    match arguments {
        ["path", paths @ ..] => {
            paths.iter().try_for_each(|path| said::tried(path, UnixStream::connect(path).map(drop)))
        }
        ["datagram", path] => {
            let sent = UnixDatagram::unbound().and_then(|socket| socket.send_to(b"x", path));
            said::tried(path, sent.map(drop))
        }
        ["abstract", names @ ..] => names.iter().try_for_each(|name| {
            let connected = SocketAddr::from_abstract_name(name)
                .and_then(|name| UnixStream::connect_addr(&name));
            said::tried(name, connected.map(drop))
        }),
        ["shared-memory", key] => {
            let key = key.parse::<i32>().map_err(io::Error::other)?;
            // SAFETY: these calls take integers and an address of the kernel's choice.
            let at = unsafe {
                checked(libc::shmget(key, 0, 0))
                    .map(|segment| libc::shmat(segment as i32, std::ptr::null(), libc::SHM_RDONLY))
            };
            said::tried("segment", at.and_then(|at| checked(at as i64).map(drop)))
        }
        ["receive", path] => match UnixStream::connect(path).and_then(|from| receive(&from)) {
            Ok(mut file) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                said::through(path, &text)
            }
            Err(error) => said::tried(path, Err(error)),
        },
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

/// A descriptor that somebody outside hands in; unix(7), `SCM_RIGHTS`.
fn receive(from: &UnixStream) -> io::Result<File> {
    let mut byte = [0_u8; 1];
    let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
    let mut space = [0_u64; 8];
    // SAFETY: a plain C structure, for which all zeros is a value.
    let mut message: libc::msghdr = unsafe { zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = space.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&space) as _;
    // SAFETY: everything the structure points to lives through the call.
    checked(unsafe { libc::recvmsg(from.as_raw_fd(), &raw mut message, 0) } as i64)?;
    // SAFETY: the kernel filled the structure; the macros look within its bounds.
    let header = unsafe { libc::CMSG_FIRSTHDR(&raw const message) };
    if header.is_null() {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    // SAFETY: the header is not null and lies in our space; data of SCM_RIGHTS are descriptors.
    let descriptor = unsafe { libc::CMSG_DATA(header).cast::<i32>().read_unaligned() };
    // SAFETY: the kernel made this descriptor for us.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}
