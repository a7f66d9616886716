//! What the step-host does for a step that no namespace keeps apart.
//!
//! Nothing here lets the kernel go on with a call whose arguments lie in the step's memory: what is
//! allowed is done by us, on descriptors that are taken from the step and arguments that were copied
//! once, and the step is given the result.

mod connect;
mod files;
mod looking;
mod processes;
mod sockets;

use std::{io, os::fd::OwnedFd};

use rustix::fs::{Mode, OFlags, open};

use super::{Answer, Question};
use crate::{
    Attempt, Protocol, Recording,
    filter::{Condition, Rules, always, has, is, is_not, low_bits, not_null},
};

pub(super) use connect::Loopback;
pub(super) use files::{Writable, canonical};
pub(super) use looking::Looking;
pub(in crate::host) use processes::children;
use sockets::Sockets;

/// Asked about beside what is denied on every rung.
pub(in crate::host) fn recorded_alone(recording: Recording) -> Rules {
    let mut rules = super::calls::recorded(recording);
    let all = [
        libc::SYS_bind,
        libc::SYS_connect,
        libc::SYS_listen,
        libc::SYS_kill,
        libc::SYS_tgkill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_pidfd_send_signal,
        libc::SYS_pidfd_open,
    ];
    rules.extend(all.into_iter().chain(files::CHANGES.iter().copied()).map(always));
    rules.extend(denied_alone());
    // One's own process first, which is nearly every use.
    for call in processes::BY_NUMBER {
        rules.insert(*call, vec![vec![is_not(0, 0)]]);
    }
    rules.insert(libc::SYS_setpriority, vec![vec![is_not(1, 0)]]);
    if !sockets::can_be_taken() {
        rules.extend([always(libc::SYS_socket)]);
    }
    rules
}

/// Denied where namespaces would make them harmless.
pub(super) fn denied_alone() -> Rules {
    let mut rules: Rules = ALWAYS.iter().map(|(_, call)| always(*call)).collect();
    rules.insert(libc::SYS_socket, sockets());
    let fast_open = libc::MSG_FASTOPEN.unsigned_abs();
    rules.insert(libc::SYS_sendto, vec![vec![has(3, fast_open)], vec![not_null(4)]]);
    rules.insert(libc::SYS_sendmsg, vec![vec![has(2, fast_open)]]);
    rules.insert(libc::SYS_sendmmsg, vec![vec![has(3, fast_open)]]);
    // F_SETOWN and F_SETOWN_EX make the kernel send signals to others.
    rules.insert(libc::SYS_fcntl, vec![vec![is(1, 8)], vec![is(1, 15)]]);
    rules
}

/// Memory and queues that the host's processes of the same user share; priorities of others.
pub(super) const ALWAYS: &[(&str, i64)] = &[
    ("SYS_mq_open", libc::SYS_mq_open),
    ("SYS_mq_unlink", libc::SYS_mq_unlink),
    ("SYS_msgget", libc::SYS_msgget),
    ("SYS_semget", libc::SYS_semget),
    ("SYS_shmat", libc::SYS_shmat),
    ("SYS_shmget", libc::SYS_shmget),
    ("SYS_ioprio_set", libc::SYS_ioprio_set),
    ("SYS_process_mrelease", libc::SYS_process_mrelease),
];

/// Streams over IP by TCP alone, Unix streams, and the list of interfaces. A datagram needs no
/// connection that could be judged.
fn sockets() -> Vec<Vec<Condition>> {
    let number = libc::c_int::unsigned_abs;
    let kinds = |kind: libc::c_int| low_bits(1, 0xf, number(kind));
    let mut ways = crate::host::seccomp::sockets();
    for family in [libc::AF_INET, libc::AF_INET6] {
        ways.push(vec![is(0, number(family)), kinds(libc::SOCK_DGRAM)]);
        ways.push(vec![is(0, number(family)), kinds(libc::SOCK_SEQPACKET)]);
        ways.push(vec![is(0, number(family)), is_not(2, 0), is_not(2, number(libc::IPPROTO_TCP))]);
    }
    ways.push(vec![is(0, number(libc::AF_UNIX)), kinds(libc::SOCK_DGRAM)]);
    ways
}

/// Answers for a step without namespaces.
pub(super) struct Alone {
    pub(super) writable: Writable,
    /// For a step that has a proxy.
    pub(super) loopback: Option<Loopback>,
    pub(super) step_host: u32,
    sockets: Sockets,
}

/// An answer, and what is recorded of it.
pub(super) struct Judged {
    pub(super) answer: Answer,
    pub(super) attempt: Option<Attempt>,
    /// What it asked to connect to, let or not.
    pub(super) connection: Option<(String, Protocol)>,
}

impl Judged {
    fn refused(errno: libc::c_int, attempt: Option<Attempt>) -> Self {
        Self { answer: Answer::Refuse(errno), attempt, connection: None }
    }

    fn done(result: io::Result<()>) -> Self {
        let answer = match result {
            Ok(()) => Answer::Done,
            Err(error) => Answer::Refuse(error.raw_os_error().unwrap_or(libc::EIO)),
        };
        Self { answer, attempt: None, connection: None }
    }

    fn of_connection(self, destination: String, protocol: Protocol) -> Self {
        Self { connection: Some((destination, protocol)), ..self }
    }
}

impl Alone {
    pub(super) fn new(writable: Writable, loopback: Option<Loopback>) -> Self {
        Self { writable, loopback, step_host: std::process::id(), sockets: Sockets::new() }
    }

    /// Judges a call; `None` when it is none of those that are judged here.
    pub(super) fn judge(&mut self, question: &Question) -> Option<Judged> {
        match question.call {
            libc::SYS_socket => self.socket(question),
            libc::SYS_connect => Some(self.connect(question)),
            libc::SYS_bind => Some(self.bind(question)),
            libc::SYS_listen => Some(self.listen(question)),
            call if files::CHANGES.contains(&call) => Some(self.writable.change(question)),
            call => processes::target(call, &question.arguments)
                .map(|target| processes::judge(question, target, self.step_host)),
        }
    }
}

/// The file that a descriptor of the step is open at, to be named and changed, not to be read.
fn file(thread: u32, descriptor: i32) -> io::Result<OwnedFd> {
    let path = format!("/proc/{thread}/fd/{descriptor}");
    Ok(open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?)
}
