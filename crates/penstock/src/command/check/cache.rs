//! Where results of a directory's files are kept from run to run, and when they are used.

use std::{
    ffi::OsStr,
    io::{self, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use penstock_check::Cache;
use penstock_model::Sha256;

use super::{super::Context, Target};
use crate::{
    arguments,
    surroundings::{VERSION, clock},
};

/// A cache, and where it lies.
pub(super) struct Kept {
    pub(super) cache: Cache,
    pub(super) directory: PathBuf,
}

/// Opens the cache of the directory that is to be checked. There is none for a change, for one file,
/// under CI (whose results stand for themselves), where it was refused, or where it cannot be had:
/// then every file is looked at, with the same result.
pub(super) fn open(context: &Context, wanted: &arguments::Check, target: &Target) -> Option<Kept> {
    let root = target.path();
    let partial = wanted.staged || wanted.history || wanted.diff.is_some();
    let from_stdin = wanted.path.as_deref().is_some_and(|path| path == "-");
    let is_set = |name: &str| (context.around.lookup)(name).is_some_and(|value| !value.is_empty());
    let whole = !partial && !from_stdin && root.is_dir();
    if wanted.no_cache || !whole || context.around.ci || is_set("CI") {
        return None;
    }
    let directory = directory(|name| (context.around.lookup)(name), &root, &target.root)?;
    // While this program is developed its version stays.
    let identity = context.around.exe.metadata().ok()?;
    let executable = (identity.dev(), identity.ino(), identity.size());
    let modified =
        (identity.mtime(), identity.mtime_nsec(), identity.ctime(), identity.ctime_nsec());
    let program =
        format!("{VERSION} {executable:?} {modified:?} {:?}", root.as_os_str().as_bytes());
    // The real time, whatever the check calls now.
    let began = Duration::from_secs(u64::try_from(clock().unix()).unwrap_or(0));
    match Cache::open(&directory, program.as_bytes(), began) {
        Ok(cache) => Some(Kept { cache, directory }),
        Err(error) => {
            say(wanted, &error);
            None
        }
    }
}

/// Keeps what is new. A check that could not has the same result.
pub(super) fn save(kept: Option<Kept>, wanted: &arguments::Check) {
    if let Some(Err(error)) = kept.map(|mut kept| kept.cache.save()) {
        say(wanted, &error);
    }
}

fn say(wanted: &arguments::Check, error: &dyn std::fmt::Display) {
    if wanted.verbose {
        // Without a standard error nobody is told, and nothing else changes.
        _ = writeln!(io::stderr(), "no cache: {error}");
    }
}

/// One of 256 directories in the user's cache, by the path of what is checked: two trees that fall
/// into one take turns, and no number of trees fills the disk. Never within the project, where somebody
/// else could have put it.
fn directory(
    lookup: impl Fn(&str) -> Option<std::ffi::OsString>,
    root: &Path,
    project: &Path,
) -> Option<PathBuf> {
    let absolute = |name| lookup(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches =
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    // What is there is compared by where it really is; what is not cannot be in the tree yet.
    let real = caches.canonicalize().unwrap_or_else(|_| caches.clone());
    if real.starts_with(project) {
        return None;
    }
    let slot = Sha256::of(root.as_os_str().as_bytes());
    let slot = format!("{:02x}", slot.as_bytes().first()?);
    Some(caches.join("penstock").join("check").join(OsStr::new(&slot)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_with_the_users_caches_and_never_in_the_tree() {
        let set = |pairs: &'static [(&str, &str)]| {
            move |name: &str| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into())
            }
        };
        let root = Path::new("/src/project");
        let slot = directory(set(&[("HOME", "/h")]), root, root).unwrap();
        assert!(slot.starts_with("/h/.cache/penstock/check"), "{slot:?}");
        let xdg = directory(set(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), root, root).unwrap();
        assert_eq!(xdg.parent(), Some(Path::new("/c/penstock/check")));
        assert_eq!(slot.file_name(), xdg.file_name());
        let relative =
            directory(set(&[("HOME", "/h"), ("XDG_CACHE_HOME", "c")]), root, root).unwrap();
        assert_eq!(relative, slot);
        assert_eq!(directory(set(&[("XDG_CACHE_HOME", "/src/project/x")]), root, root), None);
        assert_eq!(directory(set(&[("HOME", "/src/project")]), root, root), None);
        assert_eq!(directory(set(&[]), root, root), None);
    }
}
