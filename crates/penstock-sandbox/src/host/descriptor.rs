//! Descriptors from one process to another; unix(7), `SCM_RIGHTS`.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Sends a message with one descriptor. A message is never empty: on a stream, the descriptor would
/// be lost.
pub(crate) fn send(
    to: BorrowedFd<'_>,
    message: &[u8],
    descriptor: BorrowedFd<'_>,
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor];
    if !ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::from(io::ErrorKind::OutOfMemory));
    }
    let sent = sendmsg(to, &[IoSlice::new(message)], &mut ancillary, SendFlags::NOSIGNAL)?;
    if sent == message.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Receives a message of exactly this length with one descriptor.
pub(crate) fn receive(from: BorrowedFd<'_>, message: &mut [u8]) -> io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let wanted = message.len();
    let mut buffers = [IoSliceMut::new(message)];
    let received = loop {
        match recvmsg(from, &mut buffers, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    let mut found = None;
    for part in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = part {
            found = descriptors.into_iter().next();
        }
    }
    match found {
        Some(descriptor) if received.bytes == wanted => Ok(descriptor),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        os::{fd::AsFd as _, unix::net::UnixStream},
    };

    use super::*;

    #[test]
    fn a_descriptor_arrives_with_its_message() {
        let (near, far) = UnixStream::pair().unwrap();
        let (mut given, mut kept) = UnixStream::pair().unwrap();
        send(near.as_fd(), b"here", given.as_fd()).unwrap();
        given.write_all(b"x").unwrap();
        drop(given);
        let mut message = [0; 4];
        let mut received = UnixStream::from(receive(far.as_fd(), &mut message).unwrap());
        assert_eq!(&message, b"here");
        received.write_all(b"y").unwrap();
        drop(received);
        let mut said = String::new();
        kept.read_to_string(&mut said).unwrap();
        assert_eq!(said, "xy");
    }

    #[test]
    fn a_message_without_a_descriptor_is_an_error() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(b"here").unwrap();
        assert!(receive(far.as_fd(), &mut [0; 4]).is_err());
    }
}
