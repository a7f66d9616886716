//! The words seccomp filters are written in, and how they are loaded.

use std::{collections::BTreeMap, io};

use penstock_model::Sha256;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter, sock_filter,
};

/// The highest system call number known to be judged below: `file_setattr` (Linux 6.17). All
/// architectures share the numbers from 424 on.
pub(crate) const NEWEST_KNOWN: u32 = 469;

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

/// A program that answers `errno` where a rule matches and lets everything else pass.
///
/// # Errors
/// The architecture is not known, or a rule cannot be compiled.
pub(crate) fn compile(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    errno: libc::c_int,
) -> Result<BpfProgram, Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let errno = SeccompAction::Errno(errno.unsigned_abs());
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, errno, arch)?.try_into()?)
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

pub(crate) fn rule<const N: usize>(
    conditions: [Result<SeccompCondition, Error>; N],
) -> Result<SeccompRule, Error> {
    Ok(SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?)?)
}

pub(crate) fn condition(
    argument: u8,
    how: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value)?)
}

pub(crate) fn is(argument: u8, value: u64) -> Result<SeccompCondition, Error> {
    condition(argument, SeccompCmpOp::Eq, value)
}

pub(crate) fn is_not(argument: u8, value: u64) -> Result<SeccompCondition, Error> {
    condition(argument, SeccompCmpOp::Ne, value)
}

pub(crate) fn has(argument: u8, bits: u64) -> Result<SeccompCondition, Error> {
    condition(argument, SeccompCmpOp::MaskedEq(bits), bits)
}
