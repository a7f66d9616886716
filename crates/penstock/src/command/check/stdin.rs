use std::{
    io,
    io::Read,
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path, PathBuf},
};

use penstock_check::{MemoryTree, ReadError};
use penstock_model::RepoPath;

use super::{super::Failure, Target};

/// A tree of the one file that comes in, at the place it is said to have. A file of more than
/// `limit` bytes is not looked at, as on disk.
pub(super) fn tree(
    input: impl Read,
    name: &Path,
    target: &Target,
    limit: u64,
) -> Result<MemoryTree, Failure> {
    let path = place(name, &target.path())?;
    let path = target.part.as_ref().map_or_else(|| path.clone(), |part| part.join(&path));
    let mut content = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(|error| {
        Failure::Io(io::Error::new(error.kind(), format!("cannot read standard input: {error}")))
    })?;
    if content.len() as u64 <= limit {
        return Ok(MemoryTree::new([(path, content)]));
    }
    let ReadError { reason, detail } = ReadError::over_limit(content.len() as u64, limit);
    let mut tree = MemoryTree::default();
    tree.skip(path, reason, detail);
    Ok(tree)
}

/// A path inside the directory, also when an editor gives it whole.
fn place(name: &Path, root: &Path) -> Result<RepoPath, Failure> {
    let relative = name.strip_prefix(root).unwrap_or(name);
    let plain: PathBuf =
        relative.components().filter(|component| *component != Component::CurDir).collect();
    RepoPath::new(plain.as_os_str().as_bytes()).map_err(|_| {
        let (name, root) = (name.display(), root.display());
        Failure::Usage(format!("`{name}` is no place of a file in `{root}`; name one inside of it"))
    })
}

#[cfg(test)]
mod tests {
    use penstock_check::Tree as _;
    use penstock_model::SkipReason;

    use super::*;

    #[test]
    fn a_place_is_inside_the_project() {
        let root = Path::new("/home/ana/project");
        for (name, expected) in [
            ("stdin", "stdin"),
            ("./src/a.py", "src/a.py"),
            ("/home/ana/project/src/a.py", "src/a.py"),
            ("src//a.py", "src/a.py"),
        ] {
            let place = place(Path::new(name), root).ok().unwrap();
            assert_eq!(place.to_string(), expected, "{name}");
        }
        for name in ["/etc/passwd", "../a", "src/../../a", "", ".", "/home/ana/project"] {
            assert!(matches!(place(Path::new(name), root), Err(Failure::Usage(_))), "{name}");
        }
    }

    #[test]
    fn input_without_end_is_cut_and_said_to_be() {
        let target = Target { root: "/".into(), part: None };
        let tree = tree(io::repeat(b'x'), Path::new("a"), &target, 1000).ok().unwrap();
        let listing = tree.list().unwrap();
        assert_eq!(listing.files, []);
        assert_eq!(listing.skipped[0].reason, SkipReason::OverLimit);
    }
}
