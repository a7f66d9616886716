//! One request to the kernel's routing table; rtnetlink(7).

use std::{io, os::fd::AsFd as _};

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

/// The loopback interface's number in every network.
const LOOPBACK: u32 = 1;

/// Makes every address of a family the loopback's own: `ip route add local default dev lo`.
pub(super) fn everything_is_local(family: AddressFamily) -> io::Result<()> {
    let family = u8::try_from(family.as_raw()).map_err(io::Error::other)?;
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        // NETLINK_ROUTE is number 0, which is the family's default.
        None,
    )?;
    send(&socket, &request(family), SendFlags::empty())?;
    let mut answer = [0; 512];
    let (count, _) = recv(socket.as_fd(), &mut answer, RecvFlags::empty())?;
    match error(answer.get(..count).unwrap_or_default()) {
        Some(0) => Ok(()),
        Some(errno) => Err(io::Error::from_raw_os_error(errno)),
        None => Err(io::Error::from(io::ErrorKind::InvalidData)),
    }
}

/// `nlmsghdr`, `rtmsg` and one attribute, the outgoing interface.
fn request(family: u8) -> Vec<u8> {
    // NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, linux/netlink.h.
    const FLAGS: u16 = 0x1 | 0x4 | 0x400;
    // linux/rtnetlink.h.
    const TABLE_LOCAL: u8 = 255;
    const PROTOCOL_STATIC: u8 = 4;
    const SCOPE_HOST: u8 = 254;
    const TYPE_LOCAL: u8 = 2;
    let mut message = Vec::new();
    message.extend(36_u32.to_ne_bytes());
    message.extend(libc::RTM_NEWROUTE.to_ne_bytes());
    message.extend(FLAGS.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([family, 0, 0, 0, TABLE_LOCAL, PROTOCOL_STATIC, SCOPE_HOST, TYPE_LOCAL]);
    message.extend(0_u32.to_ne_bytes());
    message.extend(8_u16.to_ne_bytes());
    message.extend(libc::RTA_OIF.to_ne_bytes());
    message.extend(LOOPBACK.to_ne_bytes());
    message
}

/// The error number of an acknowledgement, positive; 0 is success.
fn error(answer: &[u8]) -> Option<i32> {
    const ERROR: u16 = 2;
    let kind = u16::from_ne_bytes(*answer.get(4..)?.first_chunk()?);
    let number = i32::from_ne_bytes(*answer.get(16..)?.first_chunk()?);
    (kind == ERROR).then_some(-number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_as_long_as_it_says() {
        let message = request(2);
        assert_eq!(u32::from_ne_bytes(message[..4].try_into().unwrap()), 36);
        assert_eq!(message.len(), 36);
    }

    #[test]
    fn an_answer_is_an_acknowledgement_or_nothing() {
        let mut answer = vec![36, 0, 0, 0, 2, 0];
        answer.extend([0; 10]);
        answer.extend((-17_i32).to_ne_bytes());
        assert_eq!(error(&answer), Some(17));
        assert_eq!(error(&answer[..19]), None);
        answer[4] = 3;
        assert_eq!(error(&answer), None);
    }
}
