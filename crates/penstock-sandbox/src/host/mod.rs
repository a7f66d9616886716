//! The step-host: a process of its own, single-threaded, that starts one step, waits for its end
//! and tells the caller what became of it.

mod alone;
mod barrier;
mod cgroup;
pub(crate) mod descriptor;
mod etc;
mod handover;
mod identity;
mod init;
mod inputs;
mod kept;
mod landlock;
mod monitor;
mod mount;
mod network;
mod own_root;
mod privilege;
mod process;
mod report;
mod root;
mod running;
pub(crate) mod seccomp;
mod step;
mod watch;

use std::{
    io::{self, Write as _},
    os::{fd::AsFd as _, unix::net::UnixStream},
    process::ExitCode,
};

use rustix::{
    fs::{CWD, Mode, OFlags, openat},
    process::{Signal, set_parent_process_death_signal},
};

use crate::{
    Network,
    wire::{self, EGRESS, INPUT, Order},
};

pub(crate) fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => {
            let _ = io::stderr().write_all(b"step-host: started by penstock itself, not by hand\n");
            ExitCode::from(2)
        }
    }
}

fn serve() -> io::Result<()> {
    process::close_inherited()?;
    // If the caller is gone already, its end of the socket is closed and reading the order fails.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let control = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let null = openat(CWD, "/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    let mut control = UnixStream::from(control);
    let answer = match wire::receive(&mut control)? {
        Order::Probe => step::probe(),
        Order::Run(spec) => {
            let egress = match spec.network {
                Network::None => None,
                Network::Proxy { .. } => {
                    Some(descriptor::receive(control.as_fd(), &mut [0; EGRESS.len()])?)
                }
            };
            if spec.input {
                let input = descriptor::receive(control.as_fd(), &mut [0; INPUT.len()])?;
                rustix::stdio::dup2_stdin(&input)?;
            }
            step::run(*spec, egress, &control)
        }
    };
    wire::send(&mut control, &answer)
}
