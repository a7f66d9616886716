//! Changes of a file's mode, owner, times and attributes, of which Landlock knows nothing: done by
//! us, on the step's own files, or not at all.

use std::{
    fs, io,
    os::fd::{AsFd as _, AsRawFd as _, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Mode, OFlags, ResolveFlags, Timespec, Timestamps, fstat, openat2, utimensat},
    io::Errno,
};

use super::{Judged, Question, file};
use crate::host::monitor::{PATH_MAX, memory};

/// The calls that are answered here.
pub(super) const CHANGES: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_utimensat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    FILE_SETATTR,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];

// Newer calls have the same numbers everywhere.
const FCHMODAT2: i64 = 452;
const SETXATTRAT: i64 = 463;
const REMOVEXATTRAT: i64 = 466;
const FILE_SETATTR: i64 = 469;

/// Where the step may change what it likes.
pub(in crate::host::monitor) struct Writable {
    /// Canonical paths.
    pub(in crate::host::monitor) places: Vec<PathBuf>,
    /// Whose files they are.
    pub(in crate::host::monitor) user: u32,
}

/// A file of the step's own, held.
pub(super) struct Found(OwnedFd);

impl Found {
    /// A name for it that nobody can turn elsewhere.
    pub(super) fn by_descriptor(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }
}

/// What is to be changed.
enum Change {
    Mode(u32),
    /// Address of two times, or 0 for now.
    Times(u64),
}

/// Which file is meant.
enum Which {
    Descriptor(i32),
    Path { directory: i32, path: u64, follow: bool },
}

impl Writable {
    pub(super) fn change(&self, question: &Question) -> Judged {
        let Some((which, change)) = meant(question.call, &question.arguments) else {
            // An owner cannot be changed by who is nobody special, and attributes are not kept:
            // programs that copy files take these answers for what they are.
            let owner = matches!(question.call, libc::SYS_fchown | libc::SYS_fchownat)
                || is_chown(question.call);
            return Judged::refused(if owner { libc::EPERM } else { libc::EOPNOTSUPP }, None);
        };
        Judged::done(self.apply(question.thread, &which, &change))
    }

    fn apply(&self, thread: u32, which: &Which, change: &Change) -> io::Result<()> {
        let found = match *which {
            Which::Descriptor(descriptor) => self.own(file(thread, descriptor)?)?,
            Which::Path { directory, path, follow } => {
                let (path, cut) = memory::text(thread, path, PATH_MAX)?;
                if cut {
                    return Err(Errno::NAMETOOLONG.into());
                }
                self.find(thread, directory, &path, follow)?
            }
        };
        match *change {
            Change::Mode(mode) => {
                let mode = Mode::from_raw_mode(mode & 0o1777);
                Ok(rustix::fs::chmod(found.by_descriptor(), mode)?)
            }
            Change::Times(at) => {
                let times = times(thread, at)?;
                Ok(utimensat(found.0.as_fd(), c"", &times, AtFlags::EMPTY_PATH)?)
            }
        }
    }

    /// Opens what a path of a thread means, if it is the step's own; `EPERM` if it is not.
    pub(super) fn find(
        &self,
        thread: u32,
        directory: i32,
        path: &[u8],
        follow: bool,
    ) -> io::Result<Found> {
        let from = if path.first() == Some(&b'/') {
            rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?
        } else if directory == libc::AT_FDCWD {
            let cwd = format!("/proc/{thread}/cwd");
            rustix::fs::open(cwd, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?
        } else {
            file(thread, directory)?
        };
        let mut flags = OFlags::PATH | OFlags::CLOEXEC;
        if !follow {
            flags |= OFlags::NOFOLLOW;
        }
        // `/proc/self` would be us.
        let resolve = ResolveFlags::NO_MAGICLINKS;
        let found = openat2(from, path, flags, Mode::empty(), resolve)?;
        self.own(found)
    }

    /// A file is the step's own when it lies in its places and belongs to its user.
    fn own(&self, file: OwnedFd) -> io::Result<Found> {
        let found = Found(file);
        let path = fs::read_link(found.by_descriptor())?;
        let inside = self.places.iter().any(|place| path.starts_with(place));
        if inside && fstat(&found.0)?.st_uid == self.user {
            Ok(found)
        } else {
            Err(Errno::PERM.into())
        }
    }
}

fn is_chown(call: i64) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        matches!(call, libc::SYS_chown | libc::SYS_lchown)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = call;
        false
    }
}

/// File and change of a call; `None` for what is never done.
fn meant(call: i64, arguments: &[u64; 6]) -> Option<(Which, Change)> {
    let [first, second, third, fourth, ..] = *arguments;
    let at = |directory: u64, path, flags: u64| Which::Path {
        directory: directory as i32,
        path,
        follow: flags as i32 & libc::AT_SYMLINK_NOFOLLOW == 0,
    };
    match call {
        libc::SYS_fchmod => Some((Which::Descriptor(first as i32), Change::Mode(second as u32))),
        libc::SYS_fchmodat => Some((at(first, second, 0), Change::Mode(third as u32))),
        FCHMODAT2 => Some((at(first, second, fourth), Change::Mode(third as u32))),
        libc::SYS_utimensat if second == 0 => {
            Some((Which::Descriptor(first as i32), Change::Times(third)))
        }
        libc::SYS_utimensat => Some((at(first, second, fourth), Change::Times(third))),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod => Some((at(libc::AT_FDCWD as u64, first, 0), Change::Mode(second as u32))),
        _ => None,
    }
}

/// Two `timespec`s; utimensat(2).
fn times(thread: u32, at: u64) -> io::Result<Timestamps> {
    let now = Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
    if at == 0 {
        return Ok(Timestamps { last_access: now, last_modification: now });
    }
    let mut bytes = [0; 32];
    memory::read_exact(thread, at, &mut bytes)?;
    let number = |place: usize| {
        let part = bytes.get(place..).and_then(|rest| rest.first_chunk::<8>());
        part.map_or(0, |part| i64::from_ne_bytes(*part))
    };
    let time = |place| Timespec { tv_sec: number(place), tv_nsec: number(place + 8) };
    Ok(Timestamps { last_access: time(0), last_modification: time(16) })
}

/// A canonical path, for comparing with what the kernel calls a file.
pub(in crate::host) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn only_the_steps_own_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (folder.path().join("own"), folder.path().join("other"));
        fs::create_dir(&own).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(own.join("file"), "").unwrap();
        fs::write(other.join("file"), "").unwrap();
        symlink(other.join("file"), own.join("link")).unwrap();
        let user = fs::metadata(&own).unwrap().uid();
        let writable = Writable { places: vec![canonical(&own)], user };
        let thread = std::process::id();
        let find = |path: &Path, follow| {
            use std::os::unix::ffi::OsStrExt as _;
            writable.find(thread, libc::AT_FDCWD, path.as_os_str().as_bytes(), follow).is_ok()
        };
        assert!(find(&own.join("file"), true));
        assert!(find(&own.join("link"), false), "the link itself");
        assert!(!find(&own.join("link"), true));
        assert!(!find(&own.join("../other/file"), true));
        assert!(!find(Path::new("/proc/self/fd/0"), true));
        let held = fs::File::open(own.join("file")).unwrap();
        let which = Which::Descriptor(held.as_raw_fd());
        // Of this process itself.
        writable.apply(thread, &which, &Change::Mode(0o4711)).unwrap();
        assert_eq!(held.metadata().unwrap().permissions().mode() & 0o7777, 0o711);
        let elsewhere = fs::File::open(other.join("file")).unwrap();
        let which = Which::Descriptor(elsewhere.as_raw_fd());
        assert!(writable.apply(thread, &which, &Change::Mode(0o777)).is_err());
        let other_user = Writable { places: writable.places.clone(), user: user + 1 };
        assert!(other_user.own(held.into()).is_err());
    }
}
