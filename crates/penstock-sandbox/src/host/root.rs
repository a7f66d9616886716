//! The file system a step sees: nothing, plus a list.

use std::{
    collections::BTreeMap,
    fs, io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use penstock_model::RepoPath;
use rustix::{
    fs::{
        AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Uid, chownat, mkdirat, openat2,
        symlinkat,
    },
    mount::{MountAttrFlags, MountPropagationFlags, UnmountFlags, mount_change, unmount},
};

use super::{
    etc,
    identity::INSIDE,
    mount::{self, Attributes},
    own_root::OwnRoot,
    report::{During as _, SetupFailure},
};
use crate::{HOME, Limits, Network, StepSpec};

/// The system's folders, read-only. Everything else of the host is left out: no `/sys`, `/run`,
/// `/var`, `/root`, `/home`, `/mnt`, `/srv`.
pub(super) const SYSTEM: &[&str] =
    &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];

/// Device nodes that have no memory and lead nowhere.
const DEVICES: &[&str] = &["full", "null", "random", "urandom", "zero"];

/// Where the step sees its own descriptors.
const DEVICE_LINKS: &[(&str, &str)] = &[
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];

const NO_SURPRISE: MountAttrFlags =
    MountAttrFlags::MOUNT_ATTR_NOSUID.union(MountAttrFlags::MOUNT_ATTR_NODEV);

/// What the step-host has mounted with other owners; nowhere yet.
#[derive(Default)]
pub(super) struct Trees {
    pub(super) workspace: Option<OwnedFd>,
    pub(super) home: Option<OwnedFd>,
}

/// Something of the host, copied and not yet in its place.
pub(super) struct Tree {
    pub(super) tree: OwnedFd,
    pub(super) place: PathBuf,
    pub(super) directory: bool,
}

/// Builds the root in the mount namespace of this process and makes it the only one.
///
/// `base` is any directory; the new root lies on it for a moment. Without a step only the system is
/// built. Returns what is weaker than was asked for.
pub(super) fn build(
    base: &Path,
    spec: Option<&StepSpec>,
    trees: Trees,
) -> Result<Vec<String>, SetupFailure> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).means("making mounts private")?;

    // Copied before the new root hides anything.
    let own_root = spec.and_then(|spec| Some((spec, spec.root.as_ref()?)));
    let own_root = own_root
        .map(|(spec, root)| OwnRoot::gather(&root.0, spec.workspace_inside()))
        .transpose()?;
    let mut system = Vec::new();
    let shared = if own_root.is_none() { etc::shared() } else { Vec::new() };
    let folders = SYSTEM.iter().map(Path::new).filter(|_| own_root.is_none());
    for path in folders.chain(shared.iter().map(PathBuf::as_path)) {
        if let Some(tree) = system_tree(path)? {
            system.push(tree);
        }
    }
    let devices = DEVICES
        .iter()
        .map(|name| tree(&Path::new("/dev").join(name), Attributes::DEVICE))
        .collect::<Result<Vec<_>, _>>()?;
    let toolchains = spec.map_or(Ok(Vec::new()), |spec| {
        let folders = spec.toolchains.folders().filter(|folder| folder.exists());
        folders.map(|folder| tree(folder, Attributes::READ_ONLY)).collect()
    })?;
    let own = |path: &Path, tree: Option<OwnedFd>| match tree {
        Some(tree) => Ok(tree),
        None => self::tree(path, Attributes::WORKSPACE).map(|tree| tree.tree),
    };
    let workspace = spec.map(|spec| own(&spec.workspace, trees.workspace)).transpose()?;
    let kept = spec.and_then(|spec| spec.kept_home.as_ref());
    let kept = kept.map(|kept| own(&kept.0, trees.home)).transpose()?;
    let inputs = spec.map_or(Ok(Vec::new()), |spec| {
        let inputs = spec.inputs.iter();
        inputs.map(|input| tree(&input.host, Attributes::READ_ONLY)).collect()
    })?;
    let home = spec.map_or(Ok(Vec::new()), |spec| {
        let shown = spec.home.iter();
        shown.map(|input| tree(&input.host, Attributes::READ_ONLY)).collect::<Result<Vec<_>, _>>()
    })?;
    let limits = spec.map_or_else(Limits::default, |spec| spec.limits);

    let root = mount::new("tmpfs", &[("size", "4m"), ("mode", "0755")], NO_SURPRISE)
        .means("mounting a private root")?;
    let at = rustix::fs::open(base, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .during(|| format!("opening `{}`", base.display()))?;
    mount::attach(&root, at.as_fd()).means("mounting a private root")?;
    let root = root.as_fd();

    for tree in system {
        place(root, &tree)?;
    }
    match &own_root {
        None => system_links(root)?,
        Some(own) => own.place(root)?,
    }
    etc::write(root, spec.map_or(&Network::None, |spec| &spec.network), own_root.as_ref())?;
    temporary(root, Path::new("/tmp"), "1777", limits.tmp_bytes)?;
    directories(root, Path::new("/var"))?;
    symlinkat("/tmp", root, "var/tmp").during(|| "linking `/var/tmp`".to_owned())?;
    match kept {
        Some(tree) => place(root, &Tree { tree, place: HOME.into(), directory: true })?,
        None => temporary(root, Path::new(HOME), "0700", limits.home_bytes)?,
    }
    temporary(root, Path::new("/dev/shm"), "1777", limits.tmp_bytes)?;
    for device in devices {
        place(root, &device)?;
    }
    for (name, target) in DEVICE_LINKS {
        let link = Path::new("dev").join(name);
        symlinkat(*target, root, &link).during(|| format!("linking `/dev/{name}`"))?;
    }
    let read_only_proc = NO_SURPRISE
        .union(MountAttrFlags::MOUNT_ATTR_NOEXEC)
        .union(MountAttrFlags::MOUNT_ATTR_RDONLY);
    let proc = mount::new("proc", &[], read_only_proc).means("mounting a private `/proc`")?;
    place(root, &Tree { tree: proc, place: "/proc".into(), directory: true })?;
    for toolchain in toolchains {
        place(root, &toolchain)?;
    }
    for folder in spec.iter().flat_map(|spec| spec.toolchains.empty_folders()) {
        directories(root, folder)?;
    }
    let mut notes = Vec::new();
    if let (Some(spec), Some(tree)) = (spec, workspace) {
        let place = spec.workspace_inside().to_owned();
        self::place(root, &Tree { tree, place, directory: true })?;
        place_inputs(root, spec, &inputs)?;
        notes = protect(root, spec)?;
        for (input, tree) in spec.home.iter().zip(home) {
            let place = Path::new(HOME).join(input.inside.as_path());
            own_directories(root, &input.inside)?;
            self::place(root, &Tree { place, ..tree })?;
        }
    }

    let only = Attributes { read_only: true, ..Attributes::default() };
    enter(root).means("changing the root")?;
    mount::seal(root, only).means("making the root read-only")?;
    Ok(notes)
}

/// `pivot_root(".", ".")` puts the old root on top of the new one, where it is detached at once;
/// pivot_root(2), "Notes".
fn enter(root: BorrowedFd<'_>) -> io::Result<()> {
    rustix::process::fchdir(root)?;
    rustix::process::pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    Ok(rustix::process::chdir("/")?)
}

/// A folder of the system as it is on the host, when it is there and no link.
fn system_tree(path: &Path) -> Result<Option<Tree>, SetupFailure> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() && path.parent() == Some(Path::new("/")) => Ok(None),
        Ok(_) => tree(path, Attributes::READ_ONLY).map(Some),
        Err(_) => Ok(None),
    }
}

/// `/bin` and its like, where they are links into `/usr`.
fn system_links(root: BorrowedFd<'_>) -> Result<(), SetupFailure> {
    for path in SYSTEM {
        if let Ok(target) = fs::read_link(path) {
            let name = path.trim_start_matches('/');
            symlinkat(&target, root, name).during(|| format!("linking `{path}`"))?;
        }
    }
    Ok(())
}

fn tree(path: &Path, attributes: Attributes<'_>) -> Result<Tree, SetupFailure> {
    let what = || format!("showing `{}` to the step", path.display());
    let tree = mount::copy(path).during(what)?;
    mount::set(tree.as_fd(), attributes).during(what)?;
    let stat = rustix::fs::fstat(&tree).during(what)?;
    let directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
    Ok(Tree { tree, place: path.to_owned(), directory })
}

fn temporary(
    root: BorrowedFd<'_>,
    path: &Path,
    mode: &str,
    bytes: u64,
) -> Result<(), SetupFailure> {
    let owner = INSIDE.to_string();
    let options = [("size", &*bytes.to_string()), ("mode", mode), ("uid", &owner), ("gid", &owner)];
    let tree = mount::new("tmpfs", &options, NO_SURPRISE)
        .during(|| format!("mounting `{}`", path.display()))?;
    place(root, &Tree { tree, place: path.to_owned(), directory: true })
}

pub(super) fn place(root: BorrowedFd<'_>, tree: &Tree) -> Result<(), SetupFailure> {
    let what = || format!("putting `{}` in its place", tree.place.display());
    if tree.directory {
        directories(root, &tree.place)?;
    } else {
        if let Some(parent) = tree.place.parent() {
            directories(root, parent)?;
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
        openat2(root, &tree.place, flags, Mode::from_raw_mode(0o644), ResolveFlags::IN_ROOT)
            .during(what)?;
    }
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let target =
        openat2(root, &tree.place, flags, Mode::empty(), ResolveFlags::IN_ROOT).during(what)?;
    mount::attach(&tree.tree, target.as_fd()).during(what)
}

/// The workspace is the candidate's: no link of it may lead an input elsewhere.
fn place_inputs(
    root: BorrowedFd<'_>,
    spec: &StepSpec,
    inputs: &[Tree],
) -> Result<(), SetupFailure> {
    for (input, tree) in spec.inputs.iter().zip(inputs) {
        let what = || format!("putting input `{}` in its place", input.inside);
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let workspace =
            openat2(root, spec.workspace_inside(), flags, Mode::empty(), ResolveFlags::IN_ROOT)
                .during(what)?;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let target = openat2(&workspace, input.inside.as_bytes(), flags, Mode::empty(), resolve)
            .during(what)?;
        mount::attach(&tree.tree, target.as_fd()).during(what)?;
    }
    Ok(())
}

/// Covers each protected path with itself, read-only, and every directory above it with itself as it
/// is: what something is mounted on can be neither moved away nor removed. A name that is a link, or
/// that leads over one, protects nothing: the step could turn the link elsewhere.
fn protect(root: BorrowedFd<'_>, spec: &StepSpec) -> Result<Vec<String>, SetupFailure> {
    let mut notes = Vec::new();
    let mut covers: BTreeMap<&Path, bool> = BTreeMap::new();
    for protected in &spec.protected {
        let inside = protected.inside.as_path();
        covers.insert(inside, true);
        let above = inside.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        for directory in above {
            covers.entry(directory).or_insert(false);
        }
    }
    // In their order, directories come before what is in them.
    for (inside, read_only) in covers {
        match cover(root, spec, inside, read_only) {
            // Something whose place could not be taken, since tools would have minded.
            Ok(()) | Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => {}
            Err(rustix::io::Errno::LOOP) => {
                notes.push(format!("`{}` is a symbolic link and not protected", inside.display()));
            }
            Err(errno) => {
                return Err(errno).during(|| format!("protecting `{}`", inside.display()));
            }
        }
    }
    Ok(notes)
}

fn cover(
    root: BorrowedFd<'_>,
    spec: &StepSpec,
    inside: &Path,
    read_only: bool,
) -> rustix::io::Result<()> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let place = spec.workspace_inside();
    let workspace = openat2(root, place, flags, Mode::empty(), ResolveFlags::IN_ROOT)?;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let target = openat2(&workspace, inside, flags, Mode::empty(), resolve)?;
    let raw = |error: io::Error| {
        rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO)
    };
    let cover = mount::copy_at(target.as_fd()).map_err(raw)?;
    if read_only {
        mount::set(cover.as_fd(), Attributes::READ_ONLY).map_err(raw)?;
    }
    mount::attach(&cover, target.as_fd()).map_err(raw)
}

/// Makes the directories above something shown in the private home: the step's own, so that tools
/// can write beside it.
fn own_directories(root: BorrowedFd<'_>, inside: &RepoPath) -> Result<(), SetupFailure> {
    let owner = (Some(Uid::from_raw(INSIDE)), Some(Gid::from_raw(INSIDE)));
    let above: Vec<&Path> = inside.as_path().ancestors().skip(1).collect();
    for directory in above.into_iter().rev().filter(|path| !path.as_os_str().is_empty()) {
        let path = Path::new(HOME).join(directory);
        directories(root, &path)?;
        let relative = path.strip_prefix("/").unwrap_or(&path);
        chownat(root, relative, owner.0, owner.1, AtFlags::SYMLINK_NOFOLLOW)
            .during(|| format!("making `{}`", path.display()))?;
    }
    Ok(())
}

/// Makes an absolute path's directories beneath the new root.
pub(super) fn directories(root: BorrowedFd<'_>, path: &Path) -> Result<(), SetupFailure> {
    let mut prefix = PathBuf::new();
    for component in path.strip_prefix("/").unwrap_or(path).components() {
        prefix.push(component);
        match mkdirat(root, &prefix, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            // Beneath something that is shown read-only: it is there already or cannot be.
            Err(rustix::io::Errno::ROFS) => {}
            Err(errno) => {
                return Err(errno).during(|| format!("making `/{}`", prefix.display()));
            }
        }
    }
    Ok(())
}
