//! Looking into the processes of a step that is another user, without the capability to look into
//! everybody's.

/// For as long as it lives, files are opened as the step's user and group: those of `/proc` that show
/// memory, descriptors and directories of its processes open for nobody else who lacks
/// `CAP_SYS_PTRACE`, which containers are not given; ptrace(2), "Ptrace access mode checking".
///
/// It clears the signal that the parent's death sends (prctl(2), `PR_SET_PDEATHSIG`), which the
/// step-host of a step without namespaces does not use.
pub(in crate::host::monitor) struct Looking(());

impl Looking {
    pub(in crate::host::monitor) fn as_user((uid, gid): (u32, u32)) -> Self {
        // The group first, since it takes a privilege of the user's.
        set_group(gid);
        set_user(uid);
        Self(())
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        set_user(rustix::process::geteuid().as_raw());
        set_group(rustix::process::getegid().as_raw());
    }
}

/// Whether it took is seen when something is opened.
fn set_user(uid: u32) {
    // SAFETY: the call takes a number by value.
    let _ = unsafe { libc::setfsuid(uid) };
}

fn set_group(gid: u32) {
    // SAFETY: the call takes a number by value.
    let _ = unsafe { libc::setfsgid(gid) };
}
