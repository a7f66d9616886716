//! Seccomp: system calls a build has no need of and an escape has.
//!
//! Three programs, loaded in this order; the kernel takes the strictest answer of all. A list of
//! what is denied, not of what is allowed: toolchains use nearly everything else. What is younger
//! than this list does not exist for the step.

use std::{io, os::fd::OwnedFd};

use penstock_model::Sha256;
use seccompiler::{BpfProgram, Error};

use crate::filter::{
    Condition, Rules, Verdict, always, compile, digest, has, is, is_not, known_numbers, load,
    load_with_listener, low_bits,
};

/// Namespace flags of clone(2) and unshare(2).
const NEW_NAMESPACES: [libc::c_int; 8] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    // CLONE_NEWTIME: for unshare only; in clone it is part of the exit signal.
    0x80,
];

/// Loads the filters for this process and all it starts, for good. What is denied, and the calls of
/// `recorded`, are asked about at the descriptor that comes back: who holds it denies the ones
/// (whose arguments all are in registers) and lets the others go on.
///
/// # Errors
/// The architecture is not known or the kernel refuses.
pub(super) fn apply(recorded: &Rules) -> io::Result<(Sha256, OwnedFd)> {
    let unconditional = unconditional().map_err(io::Error::other)?;
    let asking = asking(recorded).map_err(io::Error::other)?;
    load(&unconditional)?;
    let listener = load_with_listener(&asking)?;
    Ok((digest(&[unconditional, vec![asking]].concat()), listener))
}

/// Programs that need nobody's answer.
fn unconditional() -> Result<Vec<BpfProgram>, Error> {
    Ok(vec![known_numbers(), compile(&absent(), Verdict::Errno(libc::ENOSYS))?])
}

/// The program whose questions the monitor answers.
fn asking(recorded: &Rules) -> Result<BpfProgram, Error> {
    let mut rules = denied();
    for (call, ways) in recorded {
        match rules.get_mut(call) {
            // No way at all is every way, and stays so.
            Some(denied) if ways.is_empty() => denied.clear(),
            Some(denied) if !denied.is_empty() => denied.extend_from_slice(ways),
            Some(_) => {}
            None => {
                rules.insert(*call, ways.clone());
            }
        }
    }
    compile(&rules, Verdict::Ask)
}

/// Calls whose arguments lie in memory, where a filter cannot judge them. Programs fall back to
/// their older forms.
fn absent() -> Rules {
    Rules::from([always(libc::SYS_clone3), always(libc::SYS_openat2)])
}

/// Names of system calls with their numbers here.
macro_rules! calls {
    ($($(#[$when:meta])? $name:ident),* $(,)?) => {
        &[$($(#[$when])? (stringify!($name), libc::$name)),*]
    };
}

/// Denied whatever their arguments.
pub(crate) const ALWAYS: &[(&str, i64)] = calls![
    // Other processes: their memory, descriptors and state.
    SYS_kcmp,
    SYS_pidfd_getfd,
    SYS_process_madvise,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_ptrace,
    // Mounts and roots.
    SYS_chroot,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fsopen,
    SYS_fspick,
    SYS_mount,
    SYS_mount_setattr,
    SYS_move_mount,
    SYS_open_tree,
    SYS_pivot_root,
    SYS_umount2,
    // Namespaces of others.
    SYS_setns,
    // Wide doors into the kernel.
    SYS_bpf,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_io_uring_setup,
    SYS_lookup_dcookie,
    SYS_perf_event_open,
    SYS_userfaultfd,
    // Keys, which are not in any namespace of the step's.
    SYS_add_key,
    SYS_keyctl,
    SYS_request_key,
    // Files by handle, watching others' files.
    SYS_fanotify_init,
    SYS_open_by_handle_at,
    // The machine.
    SYS_acct,
    SYS_clock_settime,
    SYS_delete_module,
    SYS_finit_module,
    SYS_init_module,
    SYS_kexec_file_load,
    SYS_kexec_load,
    SYS_migrate_pages,
    SYS_move_pages,
    SYS_nfsservctl,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_reboot,
    SYS_setdomainname,
    SYS_sethostname,
    SYS_settimeofday,
    SYS_swapoff,
    SYS_swapon,
    SYS_syslog,
    SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    SYS_uselib,
];

/// `fchmodat2` (Linux 6.6), the same number everywhere.
const SYS_FCHMODAT2: i64 = 452;

/// Pushes characters into a terminal's input; asm-generic/ioctls.h.
const TIOCSTI: u32 = 0x5412;
/// Reads and pastes a console's selection, ioctl_console(2).
const TIOCLINUX: u32 = 0x541c;

/// `open_tree_attr` (Linux 6.15), the same number everywhere.
const SYS_OPEN_TREE_ATTR: i64 = 467;

/// What no step may do.
pub(crate) fn denied() -> Rules {
    let mut rules: Rules = ALWAYS.iter().map(|(_, call)| always(*call)).collect();
    rules.extend([always(SYS_OPEN_TREE_ATTR)]);
    for flag in NEW_NAMESPACES {
        let flag = flag.unsigned_abs();
        let new_time = flag == 0x80;
        if !new_time {
            rules.entry(libc::SYS_clone).or_default().push(vec![has(0, flag)]);
        }
        rules.entry(libc::SYS_unshare).or_default().push(vec![has(0, flag)]);
    }
    rules.insert(libc::SYS_socket, sockets());
    rules.insert(libc::SYS_socketpair, sockets());
    rules.insert(libc::SYS_personality, personalities());
    rules.insert(libc::SYS_ioctl, vec![vec![is(1, TIOCSTI)], vec![is(1, TIOCLINUX)]]);
    set_user_id_modes(&mut rules);
    rules
}

/// Unix, IPv4 and IPv6 sockets, none of them raw, and the netlink protocol that lists interfaces.
pub(super) fn sockets() -> Vec<Vec<Condition>> {
    let number = libc::c_int::unsigned_abs;
    let (unix, v4, v6, netlink) = (
        number(libc::AF_UNIX),
        number(libc::AF_INET),
        number(libc::AF_INET6),
        number(libc::AF_NETLINK),
    );
    // The type's low four bits; the rest are SOCK_NONBLOCK and SOCK_CLOEXEC.
    let raw = low_bits(1, 0xf, number(libc::SOCK_RAW));
    vec![
        vec![is_not(0, unix), is_not(0, v4), is_not(0, v6), is_not(0, netlink)],
        vec![is(0, v4), raw],
        vec![is(0, v6), raw],
        vec![is(0, netlink), is_not(2, number(libc::NETLINK_ROUTE))],
    ]
}

/// Linux as it is, asking, and the 32-bit name of the machine; nothing that weakens address layout.
fn personalities() -> Vec<Vec<Condition>> {
    const ASK: u32 = 0xffff_ffff;
    const LINUX32: u32 = 0x0008;
    vec![vec![is_not(0, 0), is_not(0, ASK), is_not(0, LINUX32)]]
}

/// A file that makes whoever runs it somebody else is of no use to a step, whose mounts ignore the
/// bit, but of use to its accomplice on the host.
fn set_user_id_modes(rules: &mut Rules) {
    let modes: &[(i64, u8)] = &[
        (libc::SYS_fchmod, 1),
        (libc::SYS_fchmodat, 2),
        (SYS_FCHMODAT2, 2),
        (libc::SYS_openat, 3),
        (libc::SYS_mknodat, 2),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_chmod, 1),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_creat, 1),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, 2),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_mknod, 1),
    ];
    for (call, argument) in modes {
        for bit in [libc::S_ISUID, libc::S_ISGID] {
            // Without O_CREAT the mode is not an argument at all, and its register holds anything.
            let flags = match *call {
                libc::SYS_openat => Some(2),
                #[cfg(target_arch = "x86_64")]
                libc::SYS_open => Some(1),
                _ => None,
            };
            let mode = has(*argument, bit);
            let chain = rules.entry(*call).or_default();
            let Some(flags) = flags else {
                chain.push(vec![mode]);
                continue;
            };
            // O_TMPFILE is O_DIRECTORY and a bit of its own.
            let temporary = libc::O_TMPFILE & !libc::O_DIRECTORY;
            for creates in [libc::O_CREAT, temporary] {
                chain.push(vec![mode, has(flags, creates.unsigned_abs())]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::NEWEST_KNOWN;

    #[test]
    fn the_filters_fit_the_kernels_limit_and_are_the_same_each_time() {
        let programs = || [unconditional().unwrap(), vec![asking(&Rules::new()).unwrap()]].concat();
        // BPF_MAXINSNS of linux/bpf_common.h.
        assert!(programs().iter().all(|program| program.len() <= 4096));
        assert_eq!(digest(&programs()), digest(&programs()));
    }

    #[test]
    fn every_always_denied_call_is_known() {
        for (name, call) in ALWAYS {
            assert!(u32::try_from(*call).unwrap() <= NEWEST_KNOWN, "{name}");
        }
    }
}
