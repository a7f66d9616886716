//! Answers the kernel's questions about a step's system calls, and keeps the record of them.
//!
//! What is denied is denied by its registers, which the program cannot change while it waits.
//! Everything else goes on whatever we read of its memory: the record is made here, the walls are the
//! mounts, the namespaces and Landlock.

mod address;
mod alone;
mod calls;
mod credentials;
mod listener;
mod memory;
mod places;
mod record;

use std::{
    io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::PathBuf,
};

use self::{
    address::Address,
    alone::{Alone, Looking, Loopback, Writable},
    listener::{Listener, Question},
    places::Places,
    record::Record,
};
use crate::{
    Attempt, Network, Protocol, Recording, StepSpec, Trace,
    filter::{Rules, matches},
    host::{identity, seccomp},
};

pub(super) use alone::{children, recorded_alone};
pub(super) use calls::recorded;

/// The longest path the kernel takes, linux/limits.h.
const PATH_MAX: usize = 4096;
/// What is kept of a program's arguments.
const ARGUMENTS: usize = 512;
const ARGUMENT_BYTES: usize = 32 << 10;

/// Answers for one step.
pub(super) struct Monitor {
    /// `None` when nobody is left to ask.
    listener: Option<Listener>,
    init: Option<u32>,
    denied: Rules,
    places: Places,
    recording: Recording,
    network: Network,
    record: Record,
    /// For a step that no namespace keeps apart.
    alone: Option<Alone>,
    /// User and group of a step that may be looked into as nobody else.
    look_as: Option<(u32, u32)>,
}

/// What becomes of a call.
enum Answer {
    /// The kernel carries it out.
    GoOn,
    /// It fails with this error number.
    Refuse(libc::c_int),
    /// We have carried it out.
    Done,
    /// It gives this descriptor, and whether that closes on exec.
    Add(OwnedFd, bool),
}

impl Monitor {
    /// `init` is the process of ours that started the step; what it does is none of the step's doing.
    pub(super) fn new(listener: OwnedFd, spec: &StepSpec, init: Option<u32>) -> Self {
        Self {
            listener: Some(Listener::new(listener)),
            init,
            denied: seccomp::denied(),
            places: Places::new(spec, None),
            recording: spec.recording,
            network: spec.network.clone(),
            record: Record::new(&spec.argv),
            alone: None,
            look_as: None,
        }
    }

    /// Answers for a step without namespaces, which has these places and nothing else to itself. It
    /// runs as `user` if that is another one than ours.
    pub(super) fn new_alone(
        listener: OwnedFd,
        spec: &StepSpec,
        own: &[PathBuf],
        user: Option<(u32, u32)>,
        egress: Option<OwnedFd>,
    ) -> Self {
        let mut places: Vec<PathBuf> = own.iter().map(|path| alone::canonical(path)).collect();
        places.push(spec.workspace.clone());
        let loopback = match (&spec.network, egress) {
            (Network::Proxy { ports }, Some(egress)) => Loopback::new(egress, ports).ok(),
            _ => None,
        };
        let mut denied = seccomp::denied();
        denied.extend(alone::denied_alone());
        let owner = user.map_or_else(|| rustix::process::geteuid().as_raw(), |(uid, _)| uid);
        let alone = Alone::new(Writable { places, user: owner }, loopback);
        Self {
            denied,
            places: Places::new(spec, Some(own)),
            alone: Some(alone),
            look_as: user.filter(|_| !identity::may_look_into_others()),
            ..Self::new(listener, spec, None)
        }
    }

    /// Answers one question; to be called when the descriptor is readable.
    pub(super) fn attend(&mut self) -> io::Result<()> {
        let Some(listener) = &self.listener else { return Ok(()) };
        let Some(question) = listener.receive()? else { return Ok(()) };
        let answer = if Some(question.thread) == self.init {
            Answer::GoOn
        } else {
            self.record.trace.events += 1;
            let _looking = self.look_as.map(Looking::as_user);
            self.answer(&question)
        };
        if let Some(listener) = &self.listener {
            match answer {
                Answer::GoOn => listener.go_on(&question),
                Answer::Refuse(errno) => listener.refuse(&question, errno),
                Answer::Done => listener.done(&question),
                Answer::Add(descriptor, close_on_exec) => {
                    listener.add(&question, &descriptor, close_on_exec);
                }
            }
        }
        Ok(())
    }

    /// Where questions arrive, as long as somebody can ask.
    pub(super) fn listener(&self) -> Option<BorrowedFd<'_>> {
        self.listener.as_ref().map(|listener| listener.as_fd())
    }

    /// Nobody is left to ask. What would still ask fails.
    pub(super) fn close(&mut self) {
        self.listener = None;
    }

    /// What was recorded, with datagrams that nobody was asked about.
    pub(super) fn finish(self, datagrams: u64) -> Trace {
        self.record.finish(datagrams)
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let starts = calls::execution(question.call, &question.arguments);
        self.record.settle(question.thread, starts.is_some());
        if matches(&self.denied, question.call, &question.arguments) {
            let (name, detail) = calls::described(question.call, &question.arguments);
            self.record.denied(question.thread, Attempt::Call { name, detail });
            return Answer::Refuse(libc::EPERM);
        }
        if let Some(judged) = self.alone.as_mut().and_then(|alone| alone.judge(question)) {
            if let Some((destination, protocol)) = judged.connection {
                self.record.connection(question.thread, destination, protocol);
            }
            if let Some(attempt) = judged.attempt {
                self.record.denied(question.thread, attempt);
            }
            return judged.answer;
        }
        if calls::limits_ours(question.call, &question.arguments) {
            let (name, _) = calls::described(question.call, &question.arguments);
            let detail = Some("of another process".to_owned());
            self.record.denied(question.thread, Attempt::Call { name, detail });
            return Answer::Refuse(libc::EPERM);
        }
        if let Some(open) = calls::Open::of(question.call, &question.arguments) {
            self.opened(question.thread, &open);
        } else if let Some((directory, path, arguments)) = starts {
            self.executed(question.thread, directory, path, arguments);
        } else if let Some((descriptor, at, length)) =
            calls::destination(question.call, &question.arguments)
        {
            self.connected(question.thread, descriptor, at, length);
        } else if let Some((descriptor, at, count)) =
            calls::messages(question.call, &question.arguments)
        {
            self.sent(question.thread, descriptor, at, count);
        } else if let Some(signal) = calls::signal(question.call, &question.arguments) {
            self.record.denied(question.thread, Attempt::Signal { signal });
        } else {
            let makes = calls::makes_directory(question.call);
            for (directory, path) in calls::changes(question.call, &question.arguments) {
                self.changed(question.thread, directory, path, makes);
            }
        }
        Answer::GoOn
    }

    fn opened(&mut self, thread: u32, open: &calls::Open) {
        // Without full recording a few ways of opening are asked about for their mode alone.
        if self.recording != Recording::Everything {
            return;
        }
        let Ok((path, _)) = memory::text(thread, open.path, PATH_MAX) else {
            self.record.unreadable();
            return;
        };
        let Some(path) = places::absolute(thread, open.directory, &path) else { return };
        let in_workspace = self.places.is_in_workspace(&path);
        let text = || String::from_utf8_lossy(&path).into_owned();
        let in_own_root = self.places.is_in_own_root(thread, &path);
        if !in_workspace && credentials::asked_for(&path) && !in_own_root {
            self.record.denied(thread, Attempt::Credential { path: text() });
        } else if open.writes && self.places.is_closed(&path) {
            self.record.denied(thread, Attempt::Write { path: text() });
        } else if open.writes || self.places.is_own(&path) || in_own_root {
            // Its own to do with what it likes, or declared.
        } else if self.places.is_shown(&path) {
            self.record.read(path);
        } else if places::is_on_the_host(&path) {
            self.record.denied(thread, Attempt::Read { path: text() });
        }
    }

    /// A name that is made, moved or removed.
    fn changed(&mut self, thread: u32, directory: i32, path: u64, makes_directory: bool) {
        let Ok((path, _)) = memory::text(thread, path, PATH_MAX) else {
            self.record.unreadable();
            return;
        };
        let path = places::absolute(thread, directory, &path);
        if let Some(path) = path.filter(|path| self.places.is_fixed(path)) {
            // Programs that want a folder make each above it, there or not.
            if makes_directory && places::is_there(thread, &path) {
                return;
            }
            let path = String::from_utf8_lossy(&path).into_owned();
            self.record.denied(thread, Attempt::Write { path });
        }
    }

    fn executed(&mut self, thread: u32, directory: i32, path: u64, arguments: u64) {
        let Ok((path, _)) = memory::text(thread, path, PATH_MAX) else {
            self.record.executed_unseen(thread);
            return;
        };
        if !places::is_program(thread, directory, &path) {
            self.record.doubt(thread, path);
            return;
        }
        match memory::texts(thread, arguments, ARGUMENTS, ARGUMENT_BYTES) {
            Ok((arguments, cut)) => self.record.executed(thread, &path, &arguments, cut),
            Err(_) => self.record.unreadable(),
        }
    }

    /// Messages, each of which may have an address of its own.
    fn sent(&mut self, thread: u32, descriptor: i32, at: u64, count: usize) {
        for index in 0..count {
            let at = at.wrapping_add((index * size_of::<libc::mmsghdr>()) as u64);
            // Address and length of the name come first; struct msghdr of linux/socket.h.
            let mut head = [0; 12];
            if memory::read_exact(thread, at, &mut head).is_err() {
                self.record.unreadable();
                return;
            }
            let (name, length) = head.split_at(8);
            let name = name.try_into().map(u64::from_ne_bytes).unwrap_or_default();
            let length = length.try_into().map(u32::from_ne_bytes).unwrap_or_default();
            if name != 0 && length != 0 {
                self.connected(thread, descriptor, name, length.into());
            }
        }
    }

    fn connected(&mut self, thread: u32, descriptor: i32, at: u64, length: u64) {
        let mut bytes = [0; address::MOST];
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get_mut(..length).unwrap_or_default();
        if memory::read_exact(thread, at, bytes).is_err() {
            self.record.unreadable();
            return;
        }
        let Some(address) = Address::parse(bytes) else { return };
        let Some(destination) = address.shown() else { return };
        match address {
            Address::Ip(to) if to.ip().is_loopback() => {}
            Address::Ip(to) => {
                let protocol = places::protocol(thread, descriptor);
                // Asking the kernel which way it would take, without sending anything.
                if to.port() == 0 {
                    return;
                }
                self.record.connection(thread, destination.clone(), protocol);
                if !self.listens(to.port()) {
                    self.record.denied(thread, Attempt::Network { destination, protocol });
                }
            }
            Address::Path(path) => {
                let path = places::absolute(thread, libc::AT_FDCWD, &path);
                let own = path.is_none_or(|path| self.places.is_own(&path));
                if own {
                    // Whoever listens there need not be the step: the workspace may be a person's.
                    self.record.connection(thread, destination, Protocol::Unix);
                } else {
                    self.record.denied(thread, Attempt::Socket { destination });
                }
            }
            Address::Abstract(_) => {
                self.record.connection(thread, destination, Protocol::Unix);
            }
            Address::Other => {}
        }
    }

    /// Whether the proxy is behind this port at every address.
    fn listens(&self, port: u16) -> bool {
        match &self.network {
            Network::None => false,
            Network::Proxy { ports } => ports.contains(&port),
        }
    }
}
