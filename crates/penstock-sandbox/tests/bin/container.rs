//! This process as it would be in a container of Docker's defaults
//! (<https://docs.docker.com/engine/security/seccomp/>): fewer capabilities, and a filter.

use std::io;

/// Refused with `EPERM` by Docker's filter to who lacks the capability each would take.
const REFUSED: [libc::c_long; 12] = [
    libc::SYS_add_key,
    libc::SYS_kcmp,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_unshare,
];

/// All of `CLONE_NEW…`, linux/sched.h.
const NEW_NAMESPACES: u32 = 0x7e02_0000;

/// What containers are given, capability(7): CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID,
/// SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP.
const GIVEN: u64 = 0xa804_25fb;

pub(crate) fn enter() -> io::Result<()> {
    let given = rustix::thread::CapabilitySet::from_bits_retain(GIVEN);
    let mut sets = rustix::thread::capabilities(None)?;
    for set in [&mut sets.effective, &mut sets.permitted, &mut sets.inheritable] {
        *set = set.intersection(given);
    }
    rustix::thread::set_capabilities(None, sets)?;
    rustix::thread::set_no_new_privs(true)?;
    let filter = filter();
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(io::Error::other)?,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: the program and what it points to live through the call, which copies them.
    let result = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Of `struct seccomp_data`, linux/seccomp.h: the call's number, and the low half of its first argument.
const NUMBER: u32 = 0;
const FIRST: u32 = 16;

fn filter() -> Vec<libc::sock_filter> {
    let code = |class: u32, rest: u32| u16::try_from(class | rest).unwrap_or_default();
    let load = |at| step(code(libc::BPF_LD, libc::BPF_W | libc::BPF_ABS), at, 0, 0);
    let equal =
        |what, yes, no| step(code(libc::BPF_JMP, libc::BPF_JEQ | libc::BPF_K), what, yes, no);
    let any =
        |bits, yes, no| step(code(libc::BPF_JMP, libc::BPF_JSET | libc::BPF_K), bits, yes, no);
    let end = |what| step(code(libc::BPF_RET, libc::BPF_K), what, 0, 0);
    let refuse = |errno: libc::c_int| end(libc::SECCOMP_RET_ERRNO | errno.unsigned_abs());
    let number = |call: libc::c_long| u32::try_from(call).unwrap_or(u32::MAX);
    let mut filter = vec![load(NUMBER)];
    for call in REFUSED {
        filter.extend([equal(number(call), 0, 1), refuse(libc::EPERM)]);
    }
    // Whose flags are in memory: programs then use the older call.
    filter.extend([equal(number(libc::SYS_clone3), 0, 1), refuse(libc::ENOSYS)]);
    filter.extend([
        equal(number(libc::SYS_clone), 0, 3),
        load(FIRST),
        any(NEW_NAMESPACES, 0, 1),
        refuse(libc::EPERM),
        end(libc::SECCOMP_RET_ALLOW),
    ]);
    filter
}

fn step(code: u16, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf, k }
}
