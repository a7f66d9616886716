use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, Write as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::process::CommandExt as _,
    },
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::{self, JoinHandle},
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
};

use crate::{
    EgressEvent, EgressRecord, EgressSpec, SpecError,
    process::{Line, SUBCOMMAND},
    wire,
    wire_spec::FirstPacket,
};

/// The longest line the process may say. A full record has some megabytes.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;

/// A running proxy process. It ends with this value.
#[derive(Debug)]
pub struct Egress {
    child: Child,
    control: OwnedFd,
    reader: Option<JoinHandle<Result<EgressRecord, EgressError>>>,
    events: Receiver<EgressEvent>,
    certificate: Option<String>,
}

impl Egress {
    /// Starts `exe egress` with an empty environment, in a process group of its own and at `/`, and
    /// gives it the specification. With one by which TLS is opened, waits for its certificate.
    ///
    /// # Errors
    /// The specification is none, the process cannot be started, or TLS cannot be opened.
    pub fn start(exe: &Path, spec: &EgressSpec) -> Result<Self, EgressError> {
        spec.validate()?;
        let system = |error: io::Error| EgressError::Start(error.to_string());
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .map_err(|error| system(error.into()))?;
        let mut command = Command::new(exe);
        command.arg(SUBCOMMAND).env_clear().current_dir("/").process_group(0);
        command.stdin(Stdio::from(theirs)).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(system)?;
        let (tell, events) = channel();
        let (show, shown) = channel();
        let reader = child.stdout.take().map(|stdout| {
            thread::spawn(move || {
                read(stdout, |told| {
                    // Nobody may be interested.
                    match told {
                        Told::Authority(certificate) => _ = show.send(certificate),
                        Told::Event(event) => _ = tell.send(event),
                    }
                })
            })
        });
        // Its other end is the child's alone now: the command held the last of ours.
        drop(command);
        let mut egress = Self { child, control: ours, reader, events, certificate: None };
        let roots = if spec.intercept { Some(file(&spec.roots).map_err(system)?) } else { None };
        let roots = roots.as_ref().map(OwnedFd::as_fd);
        wire::send(&egress.control, &FirstPacket::Spec(spec.into()), roots).map_err(system)?;
        if spec.intercept {
            match shown.recv() {
                Ok(certificate) => egress.certificate = Some(certificate),
                // It ended instead, and says why.
                Err(_) => return Err(egress.finish().err().unwrap_or(EgressError::Line)),
            }
        }
        Ok(egress)
    }

    /// The certificate of the authority by which TLS is opened, in PEM: what the step must trust.
    /// Its key does not leave the process.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Another descriptor of the control socket, for whoever makes the listeners. The process ends
    /// without a record when all are closed.
    ///
    /// # Errors
    /// The system's answer.
    pub fn handoff(&self) -> io::Result<OwnedFd> {
        self.control.as_fd().try_clone_to_owned()
    }

    /// What was told since the last time, without waiting.
    pub fn events(&self) -> impl Iterator<Item = EgressEvent> {
        self.events.try_iter()
    }

    /// Ends the run and takes the record.
    ///
    /// # Errors
    /// The process ended before, or in disorder; there is no record then.
    pub fn finish(mut self) -> Result<EgressRecord, EgressError> {
        // If it is gone its last line says why.
        _ = wire::send_finish(&self.control);
        let reader = self.reader.take().map(JoinHandle::join);
        let record = match reader {
            Some(Ok(record)) => record?,
            _ => return Err(EgressError::Line),
        };
        match self.child.wait() {
            Ok(status) if status.success() => Ok(record),
            Ok(status) => Err(EgressError::Ended(status.to_string())),
            Err(error) => Err(EgressError::Ended(error.to_string())),
        }
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        // After `finish` both do nothing.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A file without a name that holds these bytes.
fn file(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create("roots", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

/// What the process tells before its last line.
enum Told {
    Authority(String),
    Event(EgressEvent),
}

fn read(stdout: ChildStdout, mut tell: impl FnMut(Told)) -> Result<EgressRecord, EgressError> {
    let mut lines = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
        if count.is_err() || line.last() != Some(&b'\n') {
            return Err(EgressError::NoRecord);
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Authority(certificate)) => tell(Told::Authority(certificate)),
            Ok(Line::Event(event)) => tell(Told::Event(event)),
            Ok(Line::Record(record)) => return Ok(record),
            Ok(Line::Error(error)) => return Err(EgressError::Failed(error)),
            Err(_) => return Err(EgressError::Line),
        }
    }
}

/// Why there is no proxy, or no record of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// It ended in disorder after its record.
    #[error("the proxy process ended in disorder ({0}); what it recorded is not used")]
    Ended(String),
    /// It said why it ended.
    #[error("the proxy process ended: {0}")]
    Failed(String),
    /// What it said is not of its protocol.
    #[error("the proxy process answered out of turn; is it the same version of penstock?")]
    Line,
    /// It ended without a word.
    #[error("the proxy process ended without a record; what went through it is not known")]
    NoRecord,
    /// The specification.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// It could not be started.
    #[error("the proxy process cannot be started: {0}")]
    Start(String),
}
