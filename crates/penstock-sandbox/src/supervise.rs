use std::{os::fd::BorrowedFd, path::Path};

use crate::{CancelToken, Isolation, SandboxError, StepRecord, StepSpec};

/// Which of a step's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Tries in a child what confinement this machine allows, and reports what was applied. A machine
/// that bars it is rung 0 with the reason among its degradations.
///
/// `exe` is this executable: `exe step-host` must call [`crate::step_host_main`].
///
/// # Errors
/// When the step-host cannot be started or ends without an answer.
pub fn probe(exe: &Path) -> Result<Isolation, SandboxError> {
    #[cfg(target_os = "linux")]
    {
        linux::probe(exe)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = exe;
        Err(SandboxError::Unsupported)
    }
}

/// What starts a step, and what it is connected with.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// This executable: `exe step-host` must call [`crate::step_host_main`].
    pub exe: &'a Path,
    /// The proxy's control socket, for [`crate::Network::Proxy`]: listeners and connections of the
    /// step are handed to it (`SOCK_SEQPACKET`, one descriptor a packet).
    pub egress: Option<BorrowedFd<'a>>,
    /// What the step reads as its standard input: of any kind, since the step itself gets a pipe.
    /// Without, it reads an empty one.
    pub input: Option<BorrowedFd<'a>>,
}

impl<'a> Launch<'a> {
    /// Without a proxy, without input.
    pub fn new(exe: &'a Path) -> Self {
        Self { exe, egress: None, input: None }
    }
}

/// Runs one step, confined, to its end and returns when the last of its processes is gone.
///
/// `output` gets what the step writes as it is written, unmasked (see [`crate::mask::Masker`]). May be called from
/// several threads at once; the kernel kills the step if the calling thread ends before it returns.
///
/// # Errors
/// When the machine bars confinement, the specification cannot be carried out, or the step-host
/// ends without a record. A step that fails is no error: see [`StepRecord::outcome`].
pub fn run_step(
    launch: &Launch<'_>,
    spec: &StepSpec,
    cancel: &CancelToken,
    output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<StepRecord, SandboxError> {
    #[cfg(target_os = "linux")]
    {
        linux::run_step(launch, spec, cancel, output)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (launch, spec, cancel.readable(), output);
        Err(SandboxError::Unsupported)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        fs::File,
        io,
        net::Shutdown,
        os::{
            fd::{AsFd as _, OwnedFd},
            unix::{net::UnixStream, process::CommandExt as _},
        },
        process::{Child, Command, Stdio},
    };

    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;
    use crate::{
        Network, STEP_HOST_ARGUMENT,
        host::descriptor,
        input::Input,
        wire::{self, Answer, EGRESS, INPUT, Order},
    };

    pub(super) fn probe(exe: &Path) -> Result<Isolation, SandboxError> {
        let cancel = CancelToken::new().map_err(|error| cannot_start(exe, &error))?;
        let mut host = StepHost::start(exe, &Order::Probe)?;
        match host.attend(&cancel, None, &mut |_, _| {})? {
            Answer::Probed(isolation) => Ok(*isolation),
            other => Err(unexpected(other, "probe")),
        }
    }

    pub(super) fn run_step(
        launch: &Launch<'_>,
        spec: &StepSpec,
        cancel: &CancelToken,
        output: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<StepRecord, SandboxError> {
        let failed = |error: io::Error| cannot_start(launch.exe, &error);
        let spec = StepSpec { input: launch.input.is_some(), ..spec.clone() };
        let network = matches!(spec.network, Network::Proxy { .. });
        let (name, output_bytes) = (spec.name.clone(), spec.limits.output_bytes);
        let mut host = StepHost::start(launch.exe, &Order::Run(Box::new(spec)))?;
        if network {
            host.hand(EGRESS, launch.egress).map_err(failed)?;
        }
        let mut input = None;
        if let Some(from) = launch.input {
            let (relay, theirs) = Input::new(from).map_err(failed)?;
            host.hand(INPUT, Some(theirs.as_fd())).map_err(failed)?;
            input = Some(relay);
        }
        let mut left = output_bytes;
        let mut dropped = 0;
        let mut bounded = |stream: Stream, bytes: &[u8]| {
            let length = bytes.len() as u64;
            let keep = usize::try_from(length.min(left)).unwrap_or(usize::MAX);
            left -= length.min(left);
            dropped += length - keep as u64;
            if let Some(kept @ [_, ..]) = bytes.get(..keep) {
                output(stream, kept);
            }
        };
        match host.attend(cancel, input, &mut bounded)? {
            Answer::Ended(mut record) => {
                record.output_dropped_bytes = dropped;
                Ok(*record)
            }
            other => Err(unexpected(other, &name)),
        }
    }

    fn unexpected(answer: Answer, step: &str) -> SandboxError {
        match answer {
            Answer::Barred(barrier) => SandboxError::Barred { barrier },
            Answer::Setup { reason } => SandboxError::Setup { step: step.to_owned(), reason },
            Answer::Ended(_) | Answer::Probed(_) => {
                SandboxError::NoRecord { status: "it answered another order".to_owned() }
            }
        }
    }

    fn cannot_start(exe: &Path, error: &io::Error) -> SandboxError {
        SandboxError::StepHost { program: exe.to_owned(), reason: error.to_string() }
    }

    /// A started step-host. Dropping it closes the socket, which kills the step.
    struct StepHost {
        child: Child,
        control: UnixStream,
    }

    impl StepHost {
        fn start(exe: &Path, order: &Order) -> Result<Self, SandboxError> {
            let failed = |error: io::Error| cannot_start(exe, &error);
            let (control, theirs) = UnixStream::pair().map_err(failed)?;
            let child = Command::new(exe)
                .arg(STEP_HOST_ARGUMENT)
                .env_clear()
                .current_dir("/")
                // A process group of its own: Ctrl-C at the terminal reaches the caller, which
                // cancels; it must not end the step-host first.
                .process_group(0)
                .stdin(Stdio::from(OwnedFd::from(theirs)))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(failed)?;
            let mut host = Self { child, control };
            // A step-host that is gone already is told apart by its missing answer.
            match wire::send(&mut host.control, order) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(error)),
                _ => Ok(host),
            }
        }

        /// Hands a descriptor over, after the order.
        fn hand(&self, what: &[u8], descriptor: Option<BorrowedFd<'_>>) -> io::Result<()> {
            match descriptor {
                None => Ok(()),
                Some(descriptor) => descriptor::send(self.control.as_fd(), what, descriptor),
            }
        }

        /// Passes input and output on until the step-host has answered and all pipes of the output
        /// have ended.
        fn attend(
            &mut self,
            cancel: &CancelToken,
            mut input: Option<Input<'_>>,
            output: &mut dyn FnMut(Stream, &[u8]),
        ) -> Result<Answer, SandboxError> {
            let mut streams = [
                (Stream::Stdout, self.child.stdout.take().map(|s| File::from(OwnedFd::from(s)))),
                (Stream::Stderr, self.child.stderr.take().map(|s| File::from(OwnedFd::from(s)))),
            ];
            let mut answer = Vec::new();
            let mut answered = false;
            let mut cancelled = false;
            let mut buffer = vec![0; 64 << 10];
            while !answered || streams.iter().any(|(_, stream)| stream.is_some()) {
                let mut fds = Vec::with_capacity(4);
                let mut who = Vec::with_capacity(4);
                if !answered {
                    fds.push(PollFd::from_borrowed_fd(self.control.as_fd(), PollFlags::IN));
                    who.push(Source::Control);
                }
                if !cancelled {
                    fds.push(PollFd::from_borrowed_fd(cancel.readable(), PollFlags::IN));
                    who.push(Source::Cancel);
                }
                for (index, (_, stream)) in streams.iter().enumerate() {
                    if let Some(stream) = stream {
                        fds.push(PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN));
                        who.push(Source::Output(index));
                    }
                }
                let awaited = input.as_ref().map(Input::awaits).unwrap_or_default();
                for fd in awaited {
                    fds.push(fd);
                    who.push(Source::Input);
                }
                match poll(&mut fds, None) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(errno) => return Err(SandboxError::NoRecord { status: errno.to_string() }),
                }
                let ready: Vec<Source> = fds
                    .iter()
                    .zip(who)
                    .filter(|(fd, _)| !fd.revents().is_empty())
                    .map(|(_, source)| source)
                    .collect();
                for source in ready {
                    match source {
                        Source::Cancel => {
                            cancelled = true;
                            // The end of our side is the order to kill.
                            let _ = self.control.shutdown(Shutdown::Write);
                        }
                        Source::Control => match read(&mut self.control, &mut buffer) {
                            Some(bytes) => answer.extend_from_slice(bytes),
                            None => answered = true,
                        },
                        Source::Input => {
                            if let Some(input) = &mut input {
                                input.pass();
                            }
                        }
                        Source::Output(index) => {
                            let Some((which, slot)) = streams.get_mut(index) else { continue };
                            let Some(stream) = slot else { continue };
                            match read(stream, &mut buffer) {
                                Some(bytes) => output(*which, bytes),
                                None => *slot = None,
                            }
                        }
                    }
                }
            }
            let status = self.child.wait();
            wire::receive(&mut answer.as_slice()).map_err(|_| SandboxError::NoRecord {
                status: status.map_or_else(|error| error.to_string(), |status| status.to_string()),
            })
        }
    }

    enum Source {
        Cancel,
        Control,
        Input,
        Output(usize),
    }

    /// `None` is the end; a broken stream has ended too.
    fn read<'b>(from: &mut impl io::Read, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        loop {
            match from.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return None,
                Ok(count) => return buffer.get(..count),
            }
        }
    }
}
