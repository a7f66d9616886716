//! Landlock: a second, independent wall behind the mounts.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, LandlockStatus, PathBeneath, PathFd, PathFdError,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use crate::HOME;

/// The newest ABI whose rights these rules were written for and tested with.
const VETTED: ABI = ABI::V7;

/// What the kernel took.
pub(super) struct Applied {
    /// 0 when the kernel has no Landlock.
    pub(super) abi: u32,
    /// Whether every right of [`VETTED`] is handled.
    pub(super) fully: bool,
}

/// Why Landlock is not in force.
#[derive(Debug, thiserror::Error)]
pub(super) enum LandlockError {
    #[error(transparent)]
    Path(#[from] PathFdError),
    #[error(transparent)]
    Rules(#[from] RulesetError),
}

/// Everything may be read and executed that the mounts show; writing only where a step writes; no
/// signal and no abstract unix socket leaves the step. TCP is left to the network namespace, in
/// which a service under test may talk to itself.
pub(super) fn restrict(workspace: &Path) -> Result<Applied, LandlockError> {
    let all = AccessFs::from_all(VETTED);
    // Devices cannot be made anyway; here they cannot be made either.
    let write = all & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let device: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let mut rules = Ruleset::default()
        .handle_access(all)?
        .scope(Scope::from_all(VETTED))?
        .create()?
        .add_rule(PathBeneath::new(PathFd::new("/")?, AccessFs::from_read(VETTED)))?;
    for path in [workspace, Path::new(HOME), Path::new("/tmp"), Path::new("/dev/shm")] {
        // Without a workspace this is a probe.
        if let Ok(fd) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(fd, write))?;
        }
    }
    for path in ["/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"] {
        rules = rules.add_rule(PathBeneath::new(PathFd::new(path)?, device))?;
    }
    let status = rules.restrict_self()?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u32,
        _ => 0,
    };
    Ok(Applied { abi, fully: status.ruleset == RulesetStatus::FullyEnforced })
}

#[cfg(test)]
mod tests {
    use std::{fs::OpenOptions, io, thread};

    use super::*;

    #[test]
    fn nothing_but_the_private_places_can_be_written_even_by_root() {
        // Without the mounts, which would hide what Landlock does. Only this thread is restricted.
        let open = || OpenOptions::new().append(true).open("/etc/hostname").map(drop);
        let before = open();
        let (restricted, after, private) = thread::spawn(move || {
            let restricted = restrict(Path::new(crate::WORKSPACE));
            let private = tempfile::tempdir_in("/tmp")
                .and_then(|folder| std::fs::write(folder.path().join("file"), "private"));
            (restricted, open(), private)
        })
        .join()
        .unwrap();
        let applied = restricted.unwrap();
        if applied.abi == 0 {
            println!("SKIPPED: this kernel has no Landlock");
            return;
        }
        assert_eq!(applied.fully, applied.abi >= 7, "ABI {}", applied.abi);
        let after = after.map_err(|error| error.kind());
        if before.is_ok() {
            assert_eq!(after, Err(io::ErrorKind::PermissionDenied));
        } else {
            println!("SKIPPED: this user cannot write `/etc/hostname` anyway");
        }
        private.unwrap();
        // The rest of the process is as free as it was.
        assert_eq!(before.is_ok(), open().is_ok());
    }
}
