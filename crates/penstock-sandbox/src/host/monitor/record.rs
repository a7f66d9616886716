//! The record of one step, bounded.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ffi::OsString,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use crate::{Attempt, Connection, Denial, Lost, Process, Protocol, Trace};

/// The longest lists that are kept. What is over is counted.
const MOST_PROCESSES: usize = 50_000;
const MOST_FILES: usize = 100_000;
const MOST_OTHERS: usize = 10_000;
/// The most bytes of paths and arguments together.
const MOST_BYTES: usize = 24 << 20;

pub(super) struct Record {
    pub(super) trace: Trace,
    /// The step's command, for the one program that cannot be looked into when it is started.
    command: Vec<String>,
    /// The thread that becomes that command.
    first: Option<u32>,
    /// The place in the trace of the program that a thread last started.
    programs: HashMap<u32, u32>,
    /// Threads whose program was started and not yet seen.
    unseen: HashSet<u32>,
    /// Threads that asked for a program we take for none, and its path.
    doubted: HashMap<u32, Vec<u8>>,
    read: HashSet<Vec<u8>>,
    connections: BTreeMap<(String, Protocol), (Option<String>, u64)>,
    denied: BTreeMap<Attempt, (Option<String>, u64)>,
    bytes: usize,
}

impl Record {
    pub(super) fn new(command: &[OsString]) -> Self {
        let command = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Self {
            trace: Trace::default(),
            command,
            first: None,
            programs: HashMap::new(),
            unseen: HashSet::new(),
            doubted: HashMap::new(),
            read: HashSet::new(),
            connections: BTreeMap::new(),
            denied: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Something happened whose name could not be read. Before the step's own command runs, it is our
    /// own doing.
    pub(super) fn unreadable(&mut self) {
        if !self.trace.processes.is_empty() {
            self.trace.lost.unreadable += 1;
        }
    }

    /// A program was started by a process that cannot be looked into: the step's own command, which
    /// is recorded once as it was asked for, along whatever search path it is found.
    pub(super) fn executed_unseen(&mut self, thread: u32) {
        if self.first == Some(thread) {
            return;
        }
        if self.first.is_some() || !self.trace.processes.is_empty() {
            self.unreadable();
            return;
        }
        self.first = Some(thread);
        let program = self.command.first().cloned().unwrap_or_default();
        let arguments = self.command.clone();
        let process = Process { parent: None, executable: None, program, arguments, cut: false };
        self.start(thread, process);
    }

    pub(super) fn executed(
        &mut self,
        thread: u32,
        program: &[u8],
        arguments: &[Vec<u8>],
        cut: bool,
    ) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let process = Process {
            parent: self.program_of(thread),
            executable: None,
            program: text(program),
            arguments: arguments.iter().map(|argument| text(argument)).collect(),
            cut,
        };
        self.start(thread, process);
    }

    /// A program was asked for that we cannot find: most often because it is not there. Whether it was
    /// started all the same is seen when the thread asks for something else.
    pub(super) fn doubt(&mut self, thread: u32, program: Vec<u8>) {
        if self.doubted.len() < MOST_OTHERS {
            self.doubted.insert(thread, program);
        } else {
            self.trace.lost.over_limit += 1;
        }
    }

    fn undoubt(&mut self, thread: u32) {
        let Some(program) = self.doubted.remove(&thread) else { return };
        let before = self.program_of(thread).and_then(|place| usize::try_from(place).ok());
        let before = before.and_then(|place| self.trace.processes.get(place));
        let Some(executable) = executable(thread) else { return };
        let before = before.and_then(|before| before.executable.as_ref());
        if before.is_some_and(|before| *before != executable) {
            let arguments = fs::read(format!("/proc/{thread}/cmdline")).unwrap_or_default();
            let arguments = arguments.strip_suffix(&[0]).unwrap_or(&arguments);
            let arguments: Vec<Vec<u8>> =
                arguments.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
            self.executed(thread, &program, &arguments, false);
        }
    }

    fn start(&mut self, thread: u32, process: Process) {
        self.doubted.remove(&thread);
        if let Some(place) = self.push(process) {
            self.programs.insert(thread, place);
            self.unseen.insert(thread);
        }
    }

    /// A thread that asks after it started a program runs that program, whose file the kernel names.
    ///
    /// `starts` says that it asks for a program again, as along a search path.
    pub(super) fn settle(&mut self, thread: u32, starts: bool) {
        if !starts && !self.doubted.is_empty() {
            self.undoubt(thread);
        }
        if self.unseen.is_empty() || !self.unseen.contains(&thread) {
            return;
        }
        let Some(executable) = executable(thread) else { return };
        self.unseen.remove(&thread);
        let place = self.programs.get(&thread).and_then(|place| usize::try_from(*place).ok());
        if let Some(process) = place.and_then(|place| self.trace.processes.get_mut(place)) {
            process.executable = Some(executable);
        }
    }

    pub(super) fn read(&mut self, path: Vec<u8>) {
        if self.read.contains(&path) {
            return;
        }
        if self.read.len() < MOST_FILES && self.takes(path.len()) {
            self.read.insert(path);
        } else {
            self.trace.lost.over_limit += 1;
        }
    }

    pub(super) fn connection(&mut self, thread: u32, destination: String, protocol: Protocol) {
        let key = (destination, protocol);
        if let Some((_, count)) = self.connections.get_mut(&key) {
            *count += 1;
        } else if self.connections.len() < MOST_OTHERS && self.takes(key.0.len()) {
            self.connections.insert(key, (executable(thread), 1));
        } else {
            self.trace.lost.over_limit += 1;
        }
    }

    pub(super) fn denied(&mut self, thread: u32, attempt: Attempt) {
        if let Some((_, count)) = self.denied.get_mut(&attempt) {
            *count += 1;
        } else if self.denied.len() < MOST_OTHERS && self.takes(256) {
            self.denied.insert(attempt, (executable(thread), 1));
        } else {
            self.trace.lost.over_limit += 1;
        }
    }

    pub(super) fn finish(mut self, datagrams: u64) -> Trace {
        // A file that is not there was not read: most names are tried along a search path. What lies
        // outside the step's own places is the host's and cannot have been changed by the step.
        let mut read: Vec<String> = self
            .read
            .drain()
            .filter(|path| Path::new(std::ffi::OsStr::from_bytes(path)).is_file())
            .map(|path| String::from_utf8_lossy(&path).into_owned())
            .collect();
        read.sort_unstable();
        let mut trace = self.trace;
        trace.read = read;
        trace.connections = self
            .connections
            .into_iter()
            .map(|((destination, protocol), (program, count))| Connection {
                destination,
                protocol,
                program,
                count,
            })
            .collect();
        trace.denied = self
            .denied
            .into_iter()
            .map(|(attempt, (program, count))| Denial { attempt, program, count })
            .collect();
        trace.lost = Lost { datagrams, ..trace.lost };
        trace
    }

    fn push(&mut self, process: Process) -> Option<u32> {
        let place = self.trace.processes.len();
        let bytes =
            process.program.len() + process.arguments.iter().map(String::len).sum::<usize>();
        if place < MOST_PROCESSES && self.takes(bytes) {
            self.trace.processes.push(process);
            u32::try_from(place).ok()
        } else {
            self.trace.lost.over_limit += 1;
            None
        }
    }

    fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.bytes + bytes <= MOST_BYTES;
        if fits {
            self.bytes += bytes;
        }
        fits
    }

    /// The program that a thread runs: its own, or that of the nearest process above it that started
    /// one.
    fn program_of(&self, thread: u32) -> Option<u32> {
        let mut at = thread;
        // Deeper than any tree of processes that has a use.
        for _ in 0..64 {
            if let Some(place) = self.programs.get(&at) {
                return Some(*place);
            }
            at = parent(at)?;
        }
        None
    }
}

/// The file a thread runs, by the kernel's word.
fn executable(thread: u32) -> Option<String> {
    let link = fs::read_link(format!("/proc/{thread}/exe")).ok()?;
    Some(String::from_utf8_lossy(link.as_os_str().as_bytes()).into_owned())
}

/// The process that started a thread's; proc_pid_stat(5).
pub(super) fn parent(thread: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).ok()?;
    // The name stands in parentheses and may hold anything, also parentheses.
    let after = stat.rsplit_once(')')?.1;
    after.split_whitespace().nth(1)?.parse().ok().filter(|parent| *parent != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record::new(&[OsString::from("make"), OsString::from("all")])
    }

    #[test]
    fn equal_things_are_counted_and_everything_is_sorted() {
        let mut record = record();
        let call = |name: &str| Attempt::Call { name: name.to_owned(), detail: None };
        for name in ["ptrace", "mount", "ptrace"] {
            record.denied(1, call(name));
        }
        record.read(b"/etc/passwd".to_vec());
        record.read(b"/bin/sh".to_vec());
        record.read(b"/no/such/file".to_vec());
        record.connection(1, "203.0.113.7:443".into(), Protocol::Tcp);
        record.connection(1, "203.0.113.7:443".into(), Protocol::Tcp);
        let trace = record.finish(3);
        let denied: Vec<_> = trace.denied.iter().map(|d| (d.attempt.clone(), d.count)).collect();
        assert_eq!(denied, [(call("mount"), 1), (call("ptrace"), 2)]);
        assert_eq!(trace.read, ["/bin/sh", "/etc/passwd"]);
        assert_eq!(trace.connections[0].count, 2);
        assert_eq!(trace.lost, Lost { datagrams: 3, ..Lost::default() });
    }

    #[test]
    fn what_is_over_a_bound_is_counted_not_forgotten() {
        let mut record = record();
        record.bytes = MOST_BYTES - 5;
        record.read(b"/bin/sh".to_vec());
        record.executed(1, b"/bin/true", &[b"true".to_vec()], false);
        record.denied(1, Attempt::Signal { signal: 9 });
        record.connection(1, "203.0.113.7:443".into(), Protocol::Tcp);
        assert_eq!(record.finish(0).lost.over_limit, 4);
    }

    #[test]
    fn a_program_knows_who_started_it() {
        let mut record = record();
        let own = std::process::id();
        record.executed(own, b"/bin/sh", &[b"sh".to_vec()], false);
        record.settle(own, false);
        record.executed(own, b"/bin/true", &[], false);
        let trace = record.finish(0);
        assert_eq!(trace.processes[0].parent, None);
        assert_eq!(trace.processes[1].parent, Some(0));
        let exe = std::env::current_exe().unwrap().canonicalize().unwrap();
        assert_eq!(trace.processes[0].executable.as_deref(), exe.to_str());
    }
}
