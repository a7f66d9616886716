//! Seccomp: system calls a build has no need of and an escape has.
//!
//! Three programs, loaded in this order; the kernel takes the strictest answer of all. A list of
//! what is denied, not of what is allowed: toolchains use nearly everything else. What is younger
//! than this list does not exist for the step.

use std::{collections::BTreeMap, io};

use penstock_model::Sha256;
use seccompiler::{BpfProgram, Error, SeccompCmpOp, SeccompRule};

use crate::filter::{compile, condition, has, is, is_not, known_numbers, load, rule};

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

/// Loads the filters for this process and all it starts, for good.
///
/// # Errors
/// The architecture is not known or the kernel refuses.
pub(super) fn apply() -> io::Result<Sha256> {
    load(&programs().map_err(io::Error::other)?)
}

fn programs() -> Result<Vec<BpfProgram>, Error> {
    Ok(vec![known_numbers(), compile(absent(), libc::ENOSYS)?, compile(denied()?, libc::EPERM)?])
}

/// Calls whose arguments lie in memory, where a filter cannot judge them. Programs fall back to
/// their older forms.
fn absent() -> BTreeMap<i64, Vec<SeccompRule>> {
    BTreeMap::from([(libc::SYS_clone3, Vec::new()), (libc::SYS_openat2, Vec::new())])
}

/// Denied whatever their arguments.
pub(crate) const ALWAYS: &[i64] = &[
    // Other processes: their memory, descriptors and state.
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    // Mounts and roots.
    libc::SYS_chroot,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    SYS_OPEN_TREE_ATTR,
    libc::SYS_pivot_root,
    libc::SYS_umount2,
    // Namespaces of others.
    libc::SYS_setns,
    // Wide doors into the kernel.
    libc::SYS_bpf,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_lookup_dcookie,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    // Keys, which are not in any namespace of the step's.
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    // Files by handle, watching others' files.
    libc::SYS_fanotify_init,
    libc::SYS_open_by_handle_at,
    // The machine.
    libc::SYS_acct,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_nfsservctl,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_uselib,
];

/// `fchmodat2` (Linux 6.6), the same number everywhere.
const SYS_FCHMODAT2: i64 = 452;
/// `open_tree_attr` (Linux 6.15), the same number everywhere.
const SYS_OPEN_TREE_ATTR: i64 = 467;

/// Pushes characters into a terminal's input; asm-generic/ioctls.h.
const TIOCSTI: u64 = 0x5412;
/// Reads and pastes a console's selection, ioctl_console(2).
const TIOCLINUX: u64 = 0x541c;

fn denied() -> Result<BTreeMap<i64, Vec<SeccompRule>>, Error> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
    for flag in NEW_NAMESPACES {
        let flag = u64::from(flag.unsigned_abs());
        let new_time = flag == 0x80;
        if !new_time {
            rules.entry(libc::SYS_clone).or_default().push(rule([has(0, flag)])?);
        }
        rules.entry(libc::SYS_unshare).or_default().push(rule([has(0, flag)])?);
    }
    rules.insert(libc::SYS_socket, sockets()?);
    rules.insert(libc::SYS_socketpair, sockets()?);
    rules.insert(libc::SYS_personality, personalities()?);
    rules.insert(libc::SYS_ioctl, vec![rule([is(1, TIOCSTI)])?, rule([is(1, TIOCLINUX)])?]);
    set_user_id_modes(&mut rules)?;
    Ok(rules)
}

/// Unix, IPv4 and IPv6 sockets, none of them raw, and the netlink protocol that lists interfaces.
fn sockets() -> Result<Vec<SeccompRule>, Error> {
    let family = |family: libc::c_int| u64::from(family.unsigned_abs());
    let (unix, v4, v6, netlink) = (
        family(libc::AF_UNIX),
        family(libc::AF_INET),
        family(libc::AF_INET6),
        family(libc::AF_NETLINK),
    );
    // The type's low four bits; the rest are SOCK_NONBLOCK and SOCK_CLOEXEC.
    let raw = || condition(1, SeccompCmpOp::MaskedEq(0xf), family(libc::SOCK_RAW));
    Ok(vec![
        rule([is_not(0, unix), is_not(0, v4), is_not(0, v6), is_not(0, netlink)])?,
        rule([is(0, v4), raw()])?,
        rule([is(0, v6), raw()])?,
        rule([is(0, netlink), is_not(2, family(libc::NETLINK_ROUTE))])?,
    ])
}

/// Linux as it is, asking, and the 32-bit name of the machine; nothing that weakens address layout.
fn personalities() -> Result<Vec<SeccompRule>, Error> {
    const ASK: u64 = 0xffff_ffff;
    const LINUX32: u64 = 0x0008;
    Ok(vec![rule([is_not(0, 0), is_not(0, ASK), is_not(0, LINUX32)])?])
}

/// A file that makes whoever runs it somebody else is of no use to a step, whose mounts ignore the
/// bit, but of use to its accomplice on the host.
fn set_user_id_modes(rules: &mut BTreeMap<i64, Vec<SeccompRule>>) -> Result<(), Error> {
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
            let mode = || has(*argument, u64::from(bit));
            let chain = rules.entry(*call).or_default();
            let Some(flags) = flags else {
                chain.push(rule([mode()])?);
                continue;
            };
            // O_TMPFILE is O_DIRECTORY and a bit of its own.
            let temporary = libc::O_TMPFILE & !libc::O_DIRECTORY;
            for creates in [libc::O_CREAT, temporary] {
                chain.push(rule([mode(), has(flags, u64::from(creates.unsigned_abs()))])?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{NEWEST_KNOWN, digest};

    #[test]
    fn the_filters_fit_the_kernels_limit_and_are_the_same_each_time() {
        let programs = programs().unwrap();
        // BPF_MAXINSNS of linux/bpf_common.h.
        assert!(programs.iter().all(|program| program.len() <= 4096));
        assert_eq!(digest(&programs), digest(&super::programs().unwrap()));
    }

    #[test]
    fn every_always_denied_call_is_known() {
        for call in ALWAYS {
            assert!(u32::try_from(*call).unwrap() <= NEWEST_KNOWN, "{call}");
        }
    }
}
