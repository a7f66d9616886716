//! Git objects in the SHA-256 object format.
//! <https://git-scm.com/docs/gitformat-pack> and <https://git-scm.com/docs/hash-function-transition>

use penstock_model::Sha256;
use sha2::Digest as _;

/// What a tree entry is; written as Git's octal modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// `40000`.
    Directory,
    /// `100755`.
    Executable,
    /// `100644`.
    File,
}

impl EntryKind {
    fn mode(self) -> &'static [u8] {
        match self {
            Self::Directory => b"40000",
            Self::Executable => b"100755",
            Self::File => b"100644",
        }
    }
}

/// One line of a tree object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: EntryKind,
    pub(crate) id: Sha256,
}

impl TreeEntry {
    /// Git orders a directory as if its name ended in `/`.
    fn order(&self) -> Vec<u8> {
        let mut key = self.name.clone();
        if self.kind == EntryKind::Directory {
            key.push(b'/');
        }
        key
    }
}

/// The id of the tree with these entries, in whatever order they come.
pub(crate) fn tree_id(mut entries: Vec<TreeEntry>) -> Sha256 {
    entries.sort_by_cached_key(TreeEntry::order);
    let mut body = Vec::new();
    for entry in &entries {
        body.extend_from_slice(entry.kind.mode());
        body.push(b' ');
        body.extend_from_slice(&entry.name);
        body.push(0);
        body.extend_from_slice(entry.id.as_bytes());
    }
    let mut hasher = sha2::Sha256::new();
    hasher.update(format!("tree {}\0", body.len()));
    hasher.update(&body);
    Sha256::from_bytes(hasher.finalize().into())
}

/// A hasher that has read the header of a blob of `size` bytes.
pub(crate) fn blob_hasher(size: u64) -> sha2::Sha256 {
    let mut hasher = sha2::Sha256::new();
    hasher.update(format!("blob {size}\0"));
    hasher
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(bytes: &[u8]) -> Sha256 {
        let mut hasher = blob_hasher(bytes.len() as u64);
        hasher.update(bytes);
        Sha256::from_bytes(hasher.finalize().into())
    }

    #[test]
    fn the_empty_objects_are_gits() {
        // git init --object-format=sha256; git hash-object -t tree /dev/null; git hash-object /dev/null
        assert_eq!(
            tree_id(Vec::new()).to_string(),
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
        );
        assert_eq!(
            blob(b"").to_string(),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
        );
    }

    #[test]
    fn a_directory_sorts_as_if_it_ended_in_a_slash() {
        let entry = |name: &[u8], kind| TreeEntry { name: name.to_vec(), kind, id: blob(b"") };
        let a = entry(b"a", EntryKind::Directory);
        let dot = entry(b"a.txt", EntryKind::File);
        assert!(dot.order() < a.order());
        assert_eq!(tree_id(vec![a.clone(), dot.clone()]), tree_id(vec![dot, a]));
    }

    #[test]
    fn the_executable_bit_counts() {
        let id = blob(b"x");
        let with = |kind| tree_id(vec![TreeEntry { name: b"f".to_vec(), kind, id }]);
        assert_ne!(with(EntryKind::File), with(EntryKind::Executable));
    }
}
