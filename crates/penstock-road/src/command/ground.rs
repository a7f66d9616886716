//! The directory a command works on in place.

use std::path::{Path, PathBuf};

use penstock_model::RepoPath;

use crate::project::CONFIGURATION;

/// Where a command works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// What it may write to: absolute, without links.
    pub root: PathBuf,
    /// Where in it the command starts; `None` is the root itself.
    pub directory: Option<RepoPath>,
}

/// Directories that hold a system and nothing of a project, with all that is in them. `/var` and
/// `/root` are not here: homes and checkouts of services lie in them.
const SYSTEM: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/spool",
];

/// Directories that many share: what is in them may be a project, they themselves are none.
const SHARED: &[&str] = &[
    "/",
    "/home",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/srv",
    "/tmp",
    "/var",
    "/var/cache",
    "/var/tmp",
];

impl Ground {
    /// The ground of a command started in `directory`: the nearest directory from there up that holds
    /// `penstock.toml` or is the top of a git work tree, else `directory` itself. `home` is the
    /// person's home, which is never a ground, and above which nothing is looked for. `apart` are our
    /// own directories, which must not lie in it: the command could write its next home, or a ledger.
    ///
    /// # Errors
    /// A directory that cannot be entered, or is no place for a command to write to.
    pub fn find(
        directory: &Path,
        home: Option<&Path>,
        apart: &[PathBuf],
    ) -> Result<Self, GroundError> {
        let started = directory.canonicalize().map_err(|error| GroundError::Enter {
            path: directory.to_owned(),
            reason: error.to_string(),
        })?;
        let home = home.and_then(|home| home.canonicalize().ok());
        let home = home.as_deref().filter(|home| home.components().count() > 1);
        refuse(&started, home)?;
        let marked = |path: &&Path| {
            path.join(CONFIGURATION).is_file() || path.join(".git").symlink_metadata().is_ok()
        };
        let root = started
            .ancestors()
            .take_while(|path| refuse(path, home).is_ok())
            .find(marked)
            .unwrap_or(&started)
            .to_owned();
        let inside = started.strip_prefix(&root).unwrap_or(Path::new(""));
        let bytes = std::os::unix::ffi::OsStrExt::as_bytes(inside.as_os_str());
        let directory = RepoPath::new(bytes).ok();
        for path in apart {
            let resolved = resolve(path);
            if resolved.starts_with(&root) {
                return Err(GroundError::HoldsOurs { root, path: resolved });
            }
        }
        // Where the home is a project of its own, what lies beneath is still hidden places of tools.
        if let Some(home) = home
            && !marked(&root.as_path())
            && let Ok(beneath) = root.strip_prefix(home)
            && let Some(first) = beneath.components().next()
            && first.as_os_str().as_encoded_bytes().starts_with(b".")
        {
            return Err(GroundError::Hidden(root));
        }
        Ok(Self { root, directory })
    }
}

fn refuse(path: &Path, home: Option<&Path>) -> Result<(), GroundError> {
    if home == Some(path) {
        return Err(GroundError::Home(path.to_owned()));
    }
    let system = SYSTEM.iter().any(|system| path.starts_with(system));
    let shared = SHARED.iter().any(|shared| path == Path::new(shared));
    // `/home` on a machine where homes lie elsewhere: whatever holds the home holds other things too.
    let above_home = home.is_some_and(|home| home.starts_with(path));
    if system || shared || above_home {
        return Err(GroundError::System(path.to_owned()));
    }
    Ok(())
}

/// The real place of a directory that may not be there yet.
fn resolve(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let Ok(real) = above.canonicalize() {
            let rest = path.strip_prefix(above).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    path.to_owned()
}

/// Why a directory is no place to run a command in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroundError {
    /// It is not there, or not ours to enter.
    #[error("cannot enter `{}`: {reason}", path.display())]
    Enter {
        /// Which.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A tool's own place in the home.
    #[error(
        "`{}` is a hidden directory of your home, where tools keep settings and credentials: go to a project, or put a penstock.toml there (penstock init) if it is one",
        .0.display()
    )]
    Hidden(PathBuf),
    /// Our own state is in it.
    #[error(
        "`{}` holds `{}`, which a command must not write to: keep penstock's state and cache outside of the project (PENSTOCK_HOME, XDG_CACHE_HOME)",
        root.display(), path.display()
    )]
    HoldsOurs {
        /// The ground.
        root: PathBuf,
        /// Ours.
        path: PathBuf,
    },
    /// The home.
    #[error(
        "`{}` is your home directory: the command could write to all of it; go to a project, or name one with -C",
        .0.display()
    )]
    Home(PathBuf),
    /// Not a project's.
    #[error(
        "`{}` is no project's directory but the system's or everybody's: go to a project, or name one with -C",
        .0.display()
    )]
    System(PathBuf),
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_mark_wins_and_the_home_ends_the_search() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let home = top.join("home");
        let inner = home.join("w/repo/pkg/src");
        fs::create_dir_all(&inner).unwrap();
        let find = |path: &Path| Ground::find(path, Some(&home), &[]).unwrap();
        assert_eq!(find(&inner), Ground { root: inner.clone(), directory: None });
        // A repository of dotfiles: the home is never the ground.
        fs::create_dir(home.join(".git")).unwrap();
        assert_eq!(find(&inner).root, inner);
        fs::create_dir(home.join("w/repo/.git")).unwrap();
        assert_eq!(find(&inner).root, home.join("w/repo"));
        assert_eq!(find(&inner).directory, Some("pkg/src".parse().unwrap()));
        fs::write(home.join("w/repo/pkg/penstock.toml"), "").unwrap();
        assert_eq!(find(&inner).root, home.join("w/repo/pkg"));
    }

    #[test]
    fn what_is_no_project_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap().join("home");
        fs::create_dir_all(home.join(".config/tool")).unwrap();
        fs::create_dir_all(home.join("p")).unwrap();
        std::os::unix::fs::symlink("/", home.join("p/link")).unwrap();
        let refused = |path: &Path| Ground::find(path, Some(&home), &[]).unwrap_err();
        assert!(matches!(refused(&home), GroundError::Home(_)));
        assert!(matches!(refused(&home.join(".config/tool")), GroundError::Hidden(_)));
        assert!(matches!(refused(&home.join("none")), GroundError::Enter { .. }));
        let above = home.parent().unwrap();
        for path in ["/", "/usr", "/usr/local/bin", "/etc", "/tmp"].map(Path::new) {
            assert!(matches!(refused(path), GroundError::System(_)), "{path:?}");
        }
        assert!(matches!(refused(above), GroundError::System(_)));
        assert!(matches!(refused(&home.join("p/link")), GroundError::System(_)));
        let ours = home.join("p/cache/homes");
        let held = Ground::find(&home.join("p"), Some(&home), &[ours]).unwrap_err();
        assert!(matches!(held, GroundError::HoldsOurs { .. }));
    }
}
