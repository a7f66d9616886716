//! What of the host's files a step may read and write when names are all there is to go by.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus,
    PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use super::{Scratch, scratch::shown};
use crate::{
    StepSpec,
    host::{etc, root::SYSTEM},
};

/// The newest ABI whose rights these rules were written for and tested with.
const VETTED: ABI = ABI::V7;

/// Read by programs that look up users, hosts and services; on another rung a step has its own.
const LOOKED_UP: &[&str] =
    &["/etc/group", "/etc/hosts", "/etc/nsswitch.conf", "/etc/passwd", "/etc/localtime"];

const DEVICES: &[&str] = &["/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"];

pub(super) struct Applied {
    pub(super) abi: u32,
    /// Whether every right of [`VETTED`] is handled.
    pub(super) fully: bool,
}

/// Whether the kernel has Landlock at all.
pub(in crate::host) fn is_there() -> bool {
    // LANDLOCK_CREATE_RULESET_VERSION, linux/landlock.h.
    const VERSION: libc::c_ulong = 1;
    // SAFETY: asked for its version, the call takes a null pointer and no size.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0_usize,
            VERSION,
        )
    };
    version > 0
}

/// Reading what a list grants, writing to the step's own places, no TCP but through the step-host, no
/// signal and no abstract socket to others.
pub(super) fn restrict(spec: &StepSpec, scratch: &Scratch) -> Result<Applied, RulesetError> {
    let read = AccessFs::from_read(VETTED);
    let all = AccessFs::from_all(VETTED);
    let write = all & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let device: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .handle_access(AccessNet::from_all(VETTED))?
        .scope(Scope::from_all(VETTED))?
        .create()?;
    let etc = etc::shared();
    let system = SYSTEM.iter().chain(LOOKED_UP).map(Path::new);
    let read_only = system
        .chain([Path::new("/proc")])
        .chain(etc.iter().map(AsRef::as_ref))
        .chain(spec.toolchains.folders())
        .chain(shown(spec));
    for path in read_only {
        rules = grant(rules, path, read)?;
    }
    for path in DEVICES {
        rules = grant(rules, Path::new(path), device)?;
    }
    // A program opens its own terminal and descriptors by these names.
    for path in [&*spec.workspace, scratch.home(spec), scratch.temporary()] {
        rules = grant(rules, path, write)?;
    }
    let status: RestrictionStatus = rules.restrict_self()?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u32,
        _ => 0,
    };
    Ok(Applied { abi, fully: status.ruleset == RulesetStatus::FullyEnforced })
}

/// What is not there needs no right; what is a file takes the rights of files alone.
fn grant(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(fd) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(VETTED) };
    rules.add_rule(PathBeneath::new(fd, access))
}
