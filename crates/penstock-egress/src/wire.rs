//! What is said on the control socket, byte for byte.
//!
//! The socket is `AF_UNIX`, `SOCK_SEQPACKET`; the proxy process has one end as its standard input.
//! Every packet is one JSON document of at most [`MAX_PACKET_BYTES`] without anything around it. The
//! first is the specification and comes from whoever started the process; with one by which TLS is
//! opened comes exactly one descriptor, of a file that holds the trusted certificates in PEM. After
//! it, in any order:
//!
//! | packet | descriptors (`SCM_RIGHTS`) |
//! |---|---|
//! | `{"listener":{"role":"proxy"}}` | exactly one: a TCP socket that listens |
//! | `{"listener":{"role":"socks"}}` | likewise |
//! | `{"listener":{"role":"transparent"}}` | likewise; where a connection was going is the local address of what it accepts |
//! | `{"listener":{"role":"dns-tcp"}}` | likewise |
//! | `{"listener":{"role":"dns-udp"}}` | exactly one: a bound UDP socket |
//! | `{"connection":{"role":"proxy"}}` | exactly one: a connected stream socket, TCP or Unix |
//! | `{"connection":{"role":"socks"}}` | likewise |
//! | `{"connection":{"role":"transparent","destination":"203.0.113.7:443"}}` | likewise; where the program was connecting to, IPv6 as `"[2001:db8::1]:443"` |
//! | `"finish"` | none |
//!
//! A packet that is none of these, or has another number of descriptors, ends the process without a
//! record; so does the end of the socket, which comes when every descriptor of the other end is
//! closed. Nothing is said in the other direction: what the process tells, it tells on its standard
//! output, which nobody but its parent reads. An empty packet is the end, too.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    net::SocketAddr,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};

/// The longest packet, well below what the kernel takes in one without being asked
/// (`net.core.wmem_default`, 208 KiB with its own overhead).
pub const MAX_PACKET_BYTES: usize = 128 * 1024;

/// A packet after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Message {
    /// A socket to accept from, which comes with it.
    Listener(Listener),
    /// A connection to serve, which comes with it.
    Connection(Connection),
    /// The end: close everything, write the record.
    Finish,
}

/// A listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// What its clients speak.
    pub role: ListenerRole,
}

/// One connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// What its client speaks.
    pub role: ConnectionRole,
    /// Where the program was connecting to. Needed for [`ConnectionRole::Transparent`], absent else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<SocketAddr>,
}

/// What the clients of a listening socket speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerRole {
    /// HTTP to a proxy.
    Proxy,
    /// SOCKS5.
    Socks,
    /// DNS over UDP.
    DnsUdp,
    /// DNS over TCP.
    DnsTcp,
    /// Whatever they would say to the address they connect to.
    Transparent,
}

/// What the client of a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionRole {
    /// HTTP to a proxy.
    Proxy,
    /// SOCKS5.
    Socks,
    /// Whatever it would say to the destination.
    Transparent,
}

/// Sends a listening TCP socket, or for [`ListenerRole::DnsUdp`] a bound UDP socket.
///
/// # Errors
/// The system's answer.
pub fn send_listener(
    control: impl AsFd,
    role: ListenerRole,
    socket: BorrowedFd<'_>,
) -> io::Result<()> {
    send(control, &Message::Listener(Listener { role }), Some(socket))
}

/// Sends a connected stream socket.
///
/// # Errors
/// The system's answer.
pub fn send_connection(
    control: impl AsFd,
    connection: Connection,
    socket: BorrowedFd<'_>,
) -> io::Result<()> {
    send(control, &Message::Connection(connection), Some(socket))
}

/// Says that the run has ended.
///
/// # Errors
/// The system's answer.
pub(crate) fn send_finish(control: impl AsFd) -> io::Result<()> {
    send(control, &Message::Finish, None)
}

/// Sends one document, with a descriptor if there is one.
pub(crate) fn send(
    control: impl AsFd,
    document: &impl Serialize,
    descriptor: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let bytes = serde_json::to_vec(document)?;
    if bytes.len() > MAX_PACKET_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too long for one packet"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control_data = SendAncillaryBuffer::new(&mut space);
    let descriptors = descriptor.as_slice();
    if !descriptors.is_empty() && !control_data.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    sendmsg(control, &[IoSlice::new(&bytes)], &mut control_data, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// A packet with its descriptors.
pub(crate) struct Packet {
    /// Empty at the end of the socket.
    pub(crate) bytes: Vec<u8>,
    pub(crate) descriptors: Vec<OwnedFd>,
}

/// Waits for one packet.
pub(crate) fn receive(control: impl AsFd) -> io::Result<Packet> {
    let mut bytes = vec![0; MAX_PACKET_BYTES + 1];
    // Room for one more than is allowed, so that too many are seen.
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control_data = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = recvmsg(control, &mut [IoSliceMut::new(&mut bytes)], &mut control_data, flags)?;
    let mut descriptors = Vec::new();
    for message in control_data.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    if received.bytes > MAX_PACKET_BYTES
        || received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC)
    {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a packet over the limits"));
    }
    bytes.truncate(received.bytes);
    Ok(Packet { bytes, descriptors })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_these() {
        for (message, json) in [
            (
                Message::Listener(Listener { role: ListenerRole::DnsUdp }),
                r#"{"listener":{"role":"dns-udp"}}"#,
            ),
            (
                Message::Connection(Connection {
                    role: ConnectionRole::Transparent,
                    destination: Some("203.0.113.7:443".parse().unwrap()),
                }),
                r#"{"connection":{"role":"transparent","destination":"203.0.113.7:443"}}"#,
            ),
            (
                Message::Connection(Connection { role: ConnectionRole::Socks, destination: None }),
                r#"{"connection":{"role":"socks"}}"#,
            ),
            (Message::Finish, r#""finish""#),
        ] {
            assert_eq!(serde_json::to_string(&message).unwrap(), json);
            assert_eq!(serde_json::from_str::<Message>(json).unwrap(), message);
        }
        assert!(serde_json::from_str::<Message>(r#"{"listener":{"role":"proxy","x":1}}"#).is_err());
    }
}
