//! The loopback interface of the step's own, otherwise empty network.

use std::{io, os::fd::AsRawFd as _};

use rustix::net::{AddressFamily, SocketType, socket};

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
