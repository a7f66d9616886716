use serde::{Deserialize, Serialize};

/// What a step did, as the kernel asked us about it while it ran.
///
/// Paths and arguments are what the program handed to the kernel, read from its memory while it
/// waits. A program with several threads can change them in that instant: it can hide a name from
/// this record, never reach what its limits bar. What a program *is* (`executable`) is the kernel's
/// word. Text that is no UTF-8 is shown with replacement characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Programs, in the order they were started; empty without [`crate::Recording::Everything`].
    pub processes: Vec<Process>,
    /// Files opened for reading that are neither the step's own (workspace, home, temporary files)
    /// nor `/proc` and `/dev`; sorted, each once.
    pub read: Vec<String>,
    /// What it asked to connect to; sorted, each once.
    pub connections: Vec<Connection>,
    /// What it tried and was not let; sorted, each once. Also without full recording.
    pub denied: Vec<Denial>,
    /// How often the kernel asked.
    pub events: u64,
    /// What happened and is not in the lists.
    pub lost: Lost,
}

/// What a trace leaves out. All zero is a complete trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Over the bound on a list's length.
    pub over_limit: u64,
    /// The program was gone, or its memory could not be read, before the name was known.
    pub unreadable: u64,
    /// Datagrams to addresses where nobody listens, whose senders were not asked about
    /// (`Udp: NoPorts` of the step's own network).
    pub datagrams: u64,
}

impl Lost {
    /// Whether anything is missing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// One program that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The place in the list of the program that started it; `None` for the step's own command.
    pub parent: Option<u32>,
    /// The file the kernel runs; for a script, its interpreter. `None` where the program ended before
    /// it could be asked.
    pub executable: Option<String>,
    /// The path it was started by.
    pub program: String,
    /// Its arguments, the name it was called by first. Not masked: see [`crate::mask`].
    pub arguments: Vec<String>,
    /// How many arguments, or bytes of them, were left out.
    pub cut: bool,
}

/// An address a program asked to connect, or to send a datagram, to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Connection {
    /// `203.0.113.7:443`, `[2001:db8::1]:53`, `unix:/run/x.sock` or `unix:@name`.
    pub destination: String,
    /// How it was asked for.
    pub protocol: Protocol,
    /// The program that asked first.
    pub program: Option<String>,
    /// How often.
    pub count: u64,
}

/// What kind of socket it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// A stream over IP.
    Tcp,
    /// Datagrams over IP.
    Udp,
    /// A Unix socket.
    Unix,
    /// The socket could not be asked.
    Unknown,
}

/// Something a step tried and was not let.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Denial {
    /// What it was.
    pub attempt: Attempt,
    /// The program that tried it first.
    pub program: Option<String>,
    /// How often.
    pub count: u64,
}

/// What was tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Attempt {
    /// A system call that no step may make, or not with these arguments.
    Call {
        /// Its name: `ptrace`, `mount`, `socket`.
        name: String,
        /// What about its arguments, where that matters: `AF_PACKET`.
        detail: Option<String>,
    },
    /// Opening a file for writing where a step cannot write.
    Write {
        /// The file.
        path: String,
    },
    /// Opening a file of the host that a step is not shown.
    Read {
        /// The file.
        path: String,
    },
    /// Asking for a file where people and tools keep credentials, which no step is shown.
    Credential {
        /// The file.
        path: String,
    },
    /// An address that is out of reach.
    Network {
        /// As in [`Connection::destination`].
        destination: String,
        /// How it was asked for.
        protocol: Protocol,
    },
    /// A Unix socket outside the step's own places.
    Socket {
        /// `unix:/run/x.sock` or `unix:@name`.
        destination: String,
    },
    /// A signal to a process that is not the step's.
    Signal {
        /// Its number.
        signal: i32,
    },
    /// A change to a protected place that nothing kept it from. It was found after the step's end and
    /// put back; who made it is not known.
    PutBack {
        /// The file.
        path: String,
    },
}
