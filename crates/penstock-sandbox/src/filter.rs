//! The words seccomp filters are written in, and how they are loaded.

mod rules;

use std::{
    io,
    os::fd::{FromRawFd as _, OwnedFd},
};

use penstock_model::Sha256;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompFilter, TargetArch, apply_filter, sock_filter,
};

pub(crate) use rules::{Condition, Rules, always, has, is, is_not, low_bits, matches, not_null};

/// The highest system call number known to be judged below: `file_setattr` (Linux 6.17). All
/// architectures share the numbers from 424 on.
pub(crate) const NEWEST_KNOWN: u32 = 469;

/// What a program answers where one of its rules matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The call fails with this error number.
    Errno(libc::c_int),
    /// Whoever holds the listener decides; without a listener the call fails with `ENOSYS`.
    Ask,
}

/// The data of a `SECCOMP_RET_TRACE` that stands for asking until the program is compiled: the
/// library has no word for it. Ours alone, since nothing here traces.
const ASK: u32 = 0x5ec;

/// Loads programs for this thread and all it starts, for good; the kernel takes the strictest answer
/// of all. Returns the digest of their instructions.
///
/// # Errors
/// The kernel refuses.
pub(crate) fn load(programs: &[BpfProgram]) -> io::Result<Sha256> {
    for program in programs {
        apply_filter(program).map_err(io::Error::other)?;
    }
    Ok(digest(programs))
}

/// Loads one program and returns the descriptor at which its questions are answered
/// (`SECCOMP_FILTER_FLAG_NEW_LISTENER`, seccomp_unotify(2)). A thread can have one such program.
///
/// # Errors
/// The kernel refuses, or there is such a program already.
pub(crate) fn load_with_listener(program: &BpfProgram) -> io::Result<OwnedFd> {
    // Signals wait until an answer is there, where the kernel can do that (Linux 5.19): else a
    // program that gets many signals asks the same question again and again.
    let wait = libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    match listen(program, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | wait) {
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            listen(program, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)
        }
        other => other,
    }
}

fn listen(program: &BpfProgram, flags: libc::c_ulong) -> io::Result<OwnedFd> {
    let length = libc::c_ushort::try_from(program.len()).map_err(io::Error::other)?;
    let filter = libc::sock_fprog { len: length, filter: program.as_ptr().cast_mut().cast() };
    // SAFETY: the structure and the program it points to live through the call, which copies them;
    // `sock_filter` of the library has the layout of the kernel's.
    let result = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const filter)
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    let descriptor = libc::c_int::try_from(result).map_err(io::Error::other)?;
    // SAFETY: the call made this descriptor for us, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// SHA-256 of the instructions as the kernel gets them: code, jt, jf, k in native byte order.
pub(crate) fn digest(programs: &[BpfProgram]) -> Sha256 {
    let mut bytes = Vec::new();
    for instruction in programs.iter().flatten() {
        bytes.extend_from_slice(&instruction.code.to_ne_bytes());
        bytes.extend_from_slice(&[instruction.jt, instruction.jf]);
        bytes.extend_from_slice(&instruction.k.to_ne_bytes());
    }
    Sha256::of(&bytes)
}

/// A program that gives `verdict` where a rule matches and lets everything else pass.
///
/// # Errors
/// The architecture is not known, or a rule cannot be compiled.
pub(crate) fn compile(rules: &Rules, verdict: Verdict) -> Result<BpfProgram, Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let action = match verdict {
        Verdict::Errno(errno) => SeccompAction::Errno(errno.unsigned_abs()),
        Verdict::Ask => SeccompAction::Trace(ASK),
    };
    let rules = rules::compiled(rules)?;
    let mut program: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()?;
    for instruction in &mut program {
        let returns = u32::from(instruction.code) == libc::BPF_RET | libc::BPF_K;
        if returns && instruction.k == libc::SECCOMP_RET_TRACE | ASK {
            instruction.k = libc::SECCOMP_RET_USER_NOTIF;
        }
    }
    Ok(program)
}

/// Answers "no such call" to numbers beyond [`NEWEST_KNOWN`], among them the x32 calls of x86-64,
/// which have bit 30 set and would slip past every other rule. The architecture is checked by the
/// other programs, which kill.
pub(crate) fn known_numbers() -> BpfProgram {
    let no_such_call = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
    let statement = |code: u32, k| sock_filter { code: code as u16, jt: 0, jf: 0, k };
    vec![
        // seccomp_data.nr is the first field.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K) as u16,
            jt: 0,
            jf: 1,
            k: NEWEST_KNOWN,
        },
        statement(libc::BPF_RET | libc::BPF_K, no_such_call),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_is_in_the_program_and_tracing_is_not() {
        let rules = Rules::from([always(libc::SYS_getpid)]);
        let answers = |verdict| -> Vec<u32> {
            let program = compile(&rules, verdict).unwrap();
            let returns = |code: u16| u32::from(code) == libc::BPF_RET | libc::BPF_K;
            program.iter().filter(|i| returns(i.code)).map(|i| i.k).collect()
        };
        let asks = answers(Verdict::Ask);
        assert!(asks.contains(&libc::SECCOMP_RET_USER_NOTIF));
        assert!(asks.iter().all(|k| k & libc::SECCOMP_RET_ACTION != libc::SECCOMP_RET_TRACE));
        assert!(answers(Verdict::Errno(1)).contains(&(libc::SECCOMP_RET_ERRNO | 1)));
    }
}
