//! Why a machine does not let namespaces be used.

use std::fs;

use crate::Barrier;

/// Names what stands behind `errno`, the answer to `call`.
pub(super) fn diagnose(call: &str, errno: i32) -> Barrier {
    let switch = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let root = rustix::process::geteuid().is_root();
    match errno {
        libc::ENOSPC | libc::EUSERS => return Barrier::NamespaceLimit,
        libc::EINVAL | libc::ENOSYS => return Barrier::NotInKernel,
        _ => {}
    }
    if !root && switch("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        return Barrier::CloneSwitch;
    }
    if !root
        && switch("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1")
    {
        return Barrier::AppArmor;
    }
    if switch("/proc/sys/user/max_user_namespaces").as_deref() == Some("0") {
        return Barrier::NamespaceLimit;
    }
    Barrier::Denied {
        call: call.to_owned(),
        reason: std::io::Error::from_raw_os_error(errno).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_system_names_the_barrier() {
        assert_eq!(diagnose("clone", libc::ENOSPC), Barrier::NamespaceLimit);
        assert_eq!(diagnose("clone", libc::EUSERS), Barrier::NamespaceLimit);
        assert_eq!(diagnose("clone", libc::EINVAL), Barrier::NotInKernel);
        let denied = diagnose("clone", libc::EPERM);
        // Whatever bars this machine, a denial is never taken for something else's fault.
        assert!(!matches!(denied, Barrier::NotInKernel), "{denied}");
    }
}
