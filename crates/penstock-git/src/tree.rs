use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{GitOid, RepoPath};

use crate::{
    error::{GitError, ObjectKind, printable},
    repository::Repository,
};

/// The most entries, directories included, one tree may hold. A few small objects can describe
/// billions of files by naming one another.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;
/// The longest path, in bytes; the kernel's own limit (`PATH_MAX`).
pub(crate) const MAX_PATH_BYTES: usize = 4095;

/// A file, link or submodule in a commit's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its path from the tree it was listed for.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// The blob, or for a submodule the commit of the other repository.
    pub oid: GitOid,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File {
        /// Whether it may be executed.
        executable: bool,
    },
    /// A symbolic link; the blob is its target.
    Link,
    /// A commit of another repository.
    Submodule,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Tree,
    Leaf(EntryKind),
}

struct RawEntry<'a> {
    mode: Mode,
    name: &'a [u8],
    oid: GitOid,
}

impl Repository {
    /// The tree of a commit, or of a directory in it.
    ///
    /// # Errors
    /// [`GitError::PathNotFound`] when the commit does not have the directory; what reading says.
    pub fn tree_at(
        &self,
        commit: &GitOid,
        subdirectory: Option<&RepoPath>,
    ) -> Result<GitOid, GitError> {
        let mut tree = self.commit(commit)?.tree;
        let Some(path) = subdirectory else { return Ok(tree) };
        for part in path.as_bytes().split(|byte| *byte == b'/') {
            let data = self.read(&tree, ObjectKind::Tree)?;
            let found = entries(&tree, &data)?
                .into_iter()
                .find(|entry| entry.name == part && entry.mode == Mode::Tree)
                .map(|entry| entry.oid);
            tree = found.ok_or_else(|| GitError::PathNotFound {
                commit: commit.clone(),
                path: path.clone(),
            })?;
        }
        Ok(tree)
    }

    /// What a tree holds at a path; `None` where nothing is, or a directory.
    ///
    /// # Errors
    /// What reading says.
    pub fn entry_at(&self, tree: &GitOid, path: &RepoPath) -> Result<Option<TreeEntry>, GitError> {
        let mut tree = tree.clone();
        let mut parts = path.as_bytes().split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let data = self.read(&tree, ObjectKind::Tree)?;
            let found = entries(&tree, &data)?.into_iter().find(|entry| entry.name == part);
            match found.map(|entry| (entry.mode, entry.oid)) {
                Some((Mode::Tree, oid)) if parts.peek().is_some() => tree = oid,
                Some((Mode::Leaf(kind), oid)) if parts.peek().is_none() => {
                    return Ok(Some(TreeEntry { path: path.clone(), kind, oid }));
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Every file, link and submodule of a tree, sorted by path.
    ///
    /// # Errors
    /// [`GitError::UnsafeName`], [`GitError::DuplicateEntry`], [`GitError::MalformedTree`],
    /// [`GitError::TooLarge`] over a million entries; what reading says.
    pub fn files(&self, tree: &GitOid) -> Result<Vec<TreeEntry>, GitError> {
        self.files_within(tree, MAX_ENTRIES)
    }

    pub(crate) fn files_within(
        &self,
        tree: &GitOid,
        max_entries: usize,
    ) -> Result<Vec<TreeEntry>, GitError> {
        let mut seen = 0;
        let mut files = Vec::new();
        let mut directories = vec![(None, tree.clone())];
        while let Some((prefix, oid)) = directories.pop() {
            let data = self.read(&oid, ObjectKind::Tree)?;
            for entry in entries(&oid, &data)? {
                seen += 1;
                if seen > max_entries {
                    return Err(GitError::TooLarge {
                        what: format!("tree `{tree}` (entries)"),
                        limit: max_entries as u64,
                    });
                }
                let path = join(&oid, prefix.as_ref(), entry.name)?;
                match entry.mode {
                    Mode::Tree => directories.push((Some(path), entry.oid)),
                    Mode::Leaf(kind) => files.push(TreeEntry { path, kind, oid: entry.oid }),
                }
            }
        }
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The paths a commit added, removed or changed against its first parent (for a root: all of
    /// them), sorted, from the repository's top directory.
    ///
    /// # Errors
    /// [`GitError::Shallow`] when the parent is beyond the shallow boundary; what reading says.
    pub fn changed_paths(&self, commit: &GitOid) -> Result<Vec<RepoPath>, GitError> {
        let commit = self.commit(commit)?;
        let before = match commit.parents.first() {
            None => None,
            Some(_) if self.is_shallow_boundary(&commit.id)? => {
                return Err(GitError::Shallow(commit.id));
            }
            Some(parent) => Some(self.commit(parent)?.tree),
        };
        self.tree_changes(before.as_ref(), &commit.tree)
    }

    fn tree_changes(
        &self,
        before: Option<&GitOid>,
        after: &GitOid,
    ) -> Result<Vec<RepoPath>, GitError> {
        let mut changed = Vec::new();
        let mut pending = vec![(None, before.cloned(), Some(after.clone()))];
        let mut seen = 0;
        while let Some((prefix, before, after)) = pending.pop() {
            let mut sides = BTreeMap::<RepoPath, [Option<(Mode, GitOid)>; 2]>::new();
            for (side, tree) in [before, after].into_iter().enumerate() {
                let Some(tree) = tree else { continue };
                let data = self.read(&tree, ObjectKind::Tree)?;
                for entry in entries(&tree, &data)? {
                    seen += 1;
                    if seen > MAX_ENTRIES {
                        return Err(GitError::TooLarge {
                            what: format!("change from tree `{tree}` (entries)"),
                            limit: MAX_ENTRIES as u64,
                        });
                    }
                    let slots = sides.entry(join(&tree, prefix.as_ref(), entry.name)?).or_default();
                    if let Some(slot) = slots.get_mut(side) {
                        *slot = Some((entry.mode, entry.oid));
                    }
                }
            }
            for (path, [before, after]) in sides {
                if before == after {
                    continue;
                }
                let mut trees = [None, None];
                let mut leaf = false;
                for (slot, side) in trees.iter_mut().zip([before, after]) {
                    match side {
                        Some((Mode::Tree, oid)) => *slot = Some(oid),
                        Some((Mode::Leaf(_), _)) => leaf = true,
                        None => {}
                    }
                }
                if leaf {
                    changed.push(path.clone());
                }
                let [before, after] = trees;
                if before.is_some() || after.is_some() {
                    pending.push((Some(path), before, after));
                }
            }
        }
        changed.sort_unstable();
        changed.dedup();
        Ok(changed)
    }
}

/// The entries of a tree object, each with a name that is safe to create.
fn entries<'a>(tree: &GitOid, data: &'a [u8]) -> Result<Vec<RawEntry<'a>>, GitError> {
    let malformed = || GitError::MalformedTree(tree.clone());
    let mut names = BTreeSet::new();
    let mut entries = Vec::new();
    for entry in raw_entries(data) {
        let (mode, name, id) = entry.ok_or_else(malformed)?;
        if !is_safe(name) {
            return Err(GitError::UnsafeName { tree: tree.clone(), name: printable(name) });
        }
        if !names.insert(name) {
            let path = RepoPath::new(name).map_err(|_| malformed())?;
            return Err(GitError::DuplicateEntry(path));
        }
        let oid = hex::encode(id).parse().map_err(|_| malformed())?;
        entries.push(RawEntry { mode, name, oid });
    }
    Ok(entries)
}

/// The entries of a tree object as they stand, whatever their names: mode, name and id. `None` is
/// the last one, where the rest cannot be read.
pub(crate) fn raw_entries(data: &[u8]) -> impl Iterator<Item = Option<(Mode, &[u8], &[u8; 20])>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((entry, after)) = raw_entry(rest) else {
            rest = &[];
            return Some(None);
        };
        rest = after;
        Some(Some(entry))
    })
}

type Raw<'a> = (Mode, &'a [u8], &'a [u8; 20]);

fn raw_entry(data: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    let space = data.iter().take(8).position(|byte| *byte == b' ')?;
    let (mode, after) = data.split_at(space);
    let after = after.strip_prefix(b" ")?;
    let end = after.iter().position(|byte| *byte == 0)?;
    let (name, after) = after.split_at(end);
    let (id, rest) = after.strip_prefix(b"\0")?.split_first_chunk::<20>()?;
    let mode = match mode {
        b"40000" | b"040000" => Mode::Tree,
        // 100664 was written by early versions of Git; it means 100644.
        b"100644" | b"100664" => Mode::Leaf(EntryKind::File { executable: false }),
        b"100755" => Mode::Leaf(EntryKind::File { executable: true }),
        b"120000" => Mode::Leaf(EntryKind::Link),
        b"160000" => Mode::Leaf(EntryKind::Submodule),
        _ => return None,
    };
    Some(((mode, name, id), rest))
}

/// Whether a name can be created without meaning another place than itself on any file system: not
/// `.` or `..`, no separator, and none of the spellings of `.git` that Windows (`git~1`, trailing
/// dots and spaces, streams) and HFS+ (ignorable code points, case) take for it; the rules of
/// Git's own `verify_path` with `core.protectHFS` and `core.protectNTFS` for that one name.
fn is_safe(name: &[u8]) -> bool {
    if name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') {
        return false;
    }
    let visible: String = String::from_utf8_lossy(name)
        .chars()
        .filter(|c| {
            !matches!(c,
                '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{206a}'..='\u{206f}' | '\u{feff}')
        })
        .flat_map(char::to_lowercase)
        .collect();
    let stem = visible.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    !matches!(stem, ".git" | "git~1")
}

fn join(tree: &GitOid, prefix: Option<&RepoPath>, name: &[u8]) -> Result<RepoPath, GitError> {
    let mut path = prefix.map_or_else(Vec::new, |prefix| [prefix.as_bytes(), b"/"].concat());
    path.extend_from_slice(name);
    if path.len() > MAX_PATH_BYTES {
        return Err(GitError::TooLarge {
            what: format!("a path in tree `{tree}` (bytes)"),
            limit: MAX_PATH_BYTES as u64,
        });
    }
    RepoPath::new(path)
        .map_err(|_| GitError::UnsafeName { tree: tree.clone(), name: printable(name) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::Sandbox;

    proptest! {
        #[test]
        fn whatever_a_tree_holds_its_names_are_safe(
            names in proptest::collection::vec(
                prop_oneof!["[.]{1,3}", "[.]?[gG][iI][tT][~. ]?1?", "[a-c/.]{0,4}", "[é a-z]{0,6}"],
                0..6,
            ),
            noise in proptest::collection::vec(any::<u8>(), 0..30),
        ) {
            let mut data = Vec::new();
            for name in &names {
                data.extend([b"100644 ", name.as_bytes(), b"\0", &[7; 20]].concat());
            }
            data.extend(noise);
            let id: GitOid = "a".repeat(40).parse().unwrap();
            for entry in entries(&id, &data).unwrap_or_default() {
                let lower = entry.name.to_ascii_lowercase();
                prop_assert!(!entry.name.contains(&b'/') && !entry.name.contains(&0));
                prop_assert!(!matches!(&*lower, b"" | b"." | b".." | b".git" | b"git~1"));
            }
        }
    }

    #[test]
    fn a_tree_bomb_ends_at_the_limit() {
        let sandbox = Sandbox::new();
        let mut tree = sandbox.tree(&[("100644", b"x", &sandbox.blob(b"x"))]);
        // Eleven small objects, and ten thousand million files.
        for _ in 0..10 {
            let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
            let entries: Vec<_> = names.iter().map(|n| ("40000", n.as_bytes(), &tree)).collect();
            tree = sandbox.tree(&entries);
        }
        let too_large =
            GitError::TooLarge { what: format!("tree `{tree}` (entries)"), limit: 1000 };
        assert_eq!(sandbox.repository().files_within(&tree, 1000), Err(too_large));
    }
}
