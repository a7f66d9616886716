//! Giving up: user, groups, capabilities, resources.

use std::io;

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{
        CapabilitiesSecureBits, CapabilitySet, CapabilitySets, Gid, Uid,
        clear_ambient_capability_set, set_capabilities, set_capabilities_secure_bits,
        set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
    },
};

use super::identity::{INSIDE, Plan};
use crate::Limits;

/// Becomes the step's user for good, without a capability and without a way back to one.
pub(super) fn drop_all(plan: Plan) -> io::Result<()> {
    lock_privileges()?;
    if plan.is_separate() {
        set_thread_groups(&[])?;
    }
    become_user(INSIDE, INSIDE)
}

/// The same where there is no namespace of users: becomes this user and group of the host, or stays
/// who it is.
pub(super) fn drop_as(user: Option<(u32, u32)>) -> io::Result<()> {
    match (lock_privileges(), user) {
        // Whoever has no privilege has none to lock; the bit set below keeps it so.
        (Err(error), None) if error.raw_os_error() == Some(libc::EPERM) => {}
        (result, _) => result?,
    }
    if let Some((uid, gid)) = user {
        set_thread_groups(&[])?;
        return become_user(uid, gid);
    }
    renounce()
}

fn lock_privileges() -> io::Result<()> {
    empty_bounding_set()?;
    clear_ambient_capability_set()?;
    Ok(set_capabilities_secure_bits(
        CapabilitiesSecureBits::NO_ROOT
            | CapabilitiesSecureBits::NO_ROOT_LOCKED
            | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
            | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED,
    )?)
}

fn become_user(uid: u32, gid: u32) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    renounce()
}

fn renounce() -> io::Result<()> {
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    leave_keyrings()?;
    Ok(set_no_new_privs(true)?)
}

/// A session keyring of its own, empty: the caller's may hold keys and tickets, whose names
/// `/proc/keys` lists to whoever inherited it. Where a container's filter bars the call (Docker's does,
/// and hides that file) no key can be reached by it either.
fn leave_keyrings() -> io::Result<()> {
    // KEYCTL_JOIN_SESSION_KEYRING, linux/keyctl.h.
    const JOIN: libc::c_long = 1;
    // SAFETY: the operation takes a name or null, which asks for an anonymous keyring.
    let result = unsafe { libc::syscall(libc::SYS_keyctl, JOIN, std::ptr::null::<libc::c_char>()) };
    let error = io::Error::last_os_error();
    // A kernel without keys has none to leave.
    let barred = matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM));
    if result >= 0 || barred { Ok(()) } else { Err(error) }
}

/// Also capabilities younger than this program.
fn empty_bounding_set() -> io::Result<()> {
    for capability in 0..64_usize {
        // SAFETY: PR_CAPBSET_DROP takes one integer.
        let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        if result != 0 {
            let error = io::Error::last_os_error();
            // The first number the kernel does not know ends the set.
            if error.raw_os_error() == Some(libc::EINVAL) && capability > 0 {
                return Ok(());
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Bounds what the step may use up; never above what this process itself may.
pub(super) fn limit(limits: &Limits) -> io::Result<()> {
    const MEMORY_LOCK_BYTES: u64 = 8 << 20;
    let bounds = [
        (Resource::Core, Some(0)),
        (Resource::Nproc, Some(limits.processes)),
        (Resource::Nofile, Some(limits.open_files)),
        (Resource::Fsize, Some(limits.file_bytes)),
        (Resource::As, limits.address_space_bytes),
        (Resource::Memlock, Some(MEMORY_LOCK_BYTES)),
        (Resource::Rtprio, Some(0)),
        (Resource::Msgqueue, Some(0)),
    ];
    for (resource, bound) in bounds {
        let Some(bound) = bound else { continue };
        let bound = getrlimit(resource).maximum.map_or(bound, |maximum| maximum.min(bound));
        setrlimit(resource, Rlimit { current: Some(bound), maximum: Some(bound) })?;
    }
    Ok(())
}
