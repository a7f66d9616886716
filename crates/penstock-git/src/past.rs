//! Everything history holds: every file of every commit, each content once.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use penstock_model::{GitOid, RepoPath, Revision, Timestamp};

use crate::{
    error::{GitError, ObjectKind},
    repository::{Repository, oid_of},
    tree::{EntryKind, MAX_PATH_BYTES, Mode, raw_entries},
    walk::{Node, Walk},
};

/// Every distinct file content that commits hold, and what could not be seen of them.
///
/// A content that stands in many places and commits is here once, under the place where the oldest
/// commit has it. A tree is decoded once, however many commits share it.
#[derive(Default)]
pub struct Past {
    blobs: Vec<PastBlob>,
    /// Reachable ones first, then the others; each part oldest first.
    commits: Vec<Node>,
    reachable: usize,
    subdirectory: Option<RepoPath>,
    /// What could not be read, in the order it was met.
    pub gaps: Vec<Gap>,
    /// How many commits lack their parents because the clone is shallow.
    pub shallow: u64,
    /// How many commits were found although nothing leads to them any more.
    pub unreachable: u64,
    /// How many distinct symbolic links were passed over.
    pub links: u64,
    /// How many distinct commits of submodules were passed over.
    pub submodules: u64,
}

/// One file content of history.
pub struct PastBlob {
    id: gix::ObjectId,
    /// Where the oldest commit that has it, has it.
    pub path: RepoPath,
    /// The oldest commit that has it; none for a content no commit holds.
    first: Option<u32>,
    at_head: bool,
}

/// Something of history that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The directory, or the object's place in the store.
    pub path: RepoPath,
    /// Why.
    pub error: GitError,
    /// Whether it is a commit, so that nobody knows what is behind it.
    pub is_commit: bool,
}

impl Gap {
    pub(crate) fn object(id: &gix::oid, error: GitError) -> Self {
        Self { path: object_path(id), error, is_commit: false }
    }

    pub(crate) fn reference(root: &Path) -> Self {
        let error = GitError::Open {
            path: root.to_owned(),
            reason: "a ref is malformed; git for-each-ref names it".to_owned(),
        };
        Self { path: store_path(".git/refs"), error, is_commit: false }
    }
}

/// Where a loose object would lie.
fn object_path(id: &gix::oid) -> RepoPath {
    let hex = id.to_hex().to_string();
    let (folder, name) = hex.split_at_checked(2).unwrap_or(("", &hex));
    store_path(&format!(".git/objects/{folder}/{name}"))
}

#[expect(clippy::expect_used, reason = "a constant beginning and hexadecimal digits make a path")]
fn store_path(path: &str) -> RepoPath {
    RepoPath::new(path).expect("a path")
}

impl Repository {
    /// Lists what history holds: everything reachable from any ref or checked-out commit, at or
    /// beneath `subdirectory`, with paths relative to it. With `unreachable` also the commits,
    /// trees and blobs of the store that no ref leads to.
    ///
    /// What is missing or damaged is a [`Gap`], and the rest is listed. Where a commit is missing,
    /// commits the store holds although nothing leads to them any more are looked at too, since
    /// they may be those behind it.
    ///
    /// # Errors
    /// Refs that cannot be listed at all.
    pub fn past(
        &self,
        subdirectory: Option<&RepoPath>,
        unreachable: bool,
    ) -> Result<Past, GitError> {
        let mut walk = Walk::new(self)?;
        let tips = walk.tips(self)?;
        let commits = walk.from(self, tips.commits);
        let reachable = commits.len();
        let mut past =
            Past { commits, reachable, subdirectory: subdirectory.cloned(), ..Past::default() };
        let mut lister = Lister::default();
        if unreachable || walk.broken {
            let lost = self.stored(gix::objs::Kind::Commit);
            let lost: Vec<_> = lost.into_iter().filter(|id| !walk.has_seen(id)).collect();
            let lost = walk.from(self, lost);
            past.unreachable = lost.len() as u64;
            past.commits.extend(lost);
        }
        past.shallow = walk.cut.len() as u64;
        past.gaps = walk.gaps;
        lister.at_head = self.at_head(subdirectory);
        for index in 0..past.commits.len() {
            let Some(node) = past.commits.get(index) else { continue };
            if let Some(root) = lister.start(self, node, subdirectory, &mut past.gaps) {
                lister.list(self, root, None, u32::try_from(index).ok(), &mut past);
            }
        }
        let others = tips.others.into_iter();
        let kinds = [gix::objs::Kind::Tree, gix::objs::Kind::Blob];
        let lost = kinds.into_iter().filter(|_| unreachable);
        let lost = lost.flat_map(|kind| self.stored(kind).into_iter().map(move |id| (kind, id)));
        for (kind, id) in others.chain(lost) {
            let path = object_path(&id);
            if kind == gix::objs::Kind::Tree {
                lister.list(self, id, Some(path), None, &mut past);
            } else {
                lister.blob(id, None, &mut past, || path);
            }
        }
        // Git keeps the newest version of a file whole and older ones as what differs, so newest
        // first is the order in which each is cheap to unpack.
        past.blobs.reverse();
        past.links = lister.links.len() as u64;
        past.submodules = lister.submodules.len() as u64;
        Ok(past)
    }

    /// A file content of history, of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Repository::blob_within`].
    pub fn past_blob(&self, blob: &PastBlob, limit: u64) -> Result<Vec<u8>, GitError> {
        match self.object_within(&blob.id, limit)? {
            (gix::objs::Kind::Blob, data) => Ok(data),
            _ => Err(GitError::WrongKind { oid: oid_of(&blob.id)?, expected: ObjectKind::Blob }),
        }
    }

    /// Every object of a kind in the store and its alternates, sorted.
    fn stored(&self, wanted: gix::objs::Kind) -> Vec<gix::ObjectId> {
        let Ok(all) = self.inner.objects.iter() else { return Vec::new() };
        let is_wanted = |id: &gix::ObjectId| {
            let header = self.inner.try_find_header(*id).ok().flatten();
            header.is_some_and(|header| header.kind() == wanted)
        };
        let mut ids: Vec<_> = all.filter_map(Result::ok).filter(is_wanted).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The blobs of the checked-out commit; what cannot be read is met again, and told, by the walk.
    fn at_head(&self, subdirectory: Option<&RepoPath>) -> HashSet<gix::ObjectId> {
        let mut past = Past::default();
        let mut lister = Lister::default();
        let head = self.inner.head_id().ok().map(gix::Id::detach);
        let node = head.and_then(|id| Walk::default().from(self, [id]).into_iter().last());
        if let Some(node) = node
            && let Some(root) = lister.start(self, &node, subdirectory, &mut past.gaps)
        {
            lister.list(self, root, None, None, &mut past);
        }
        lister.seen
    }
}

impl Past {
    /// The contents, those of newer commits first.
    pub fn blobs(&self) -> &[PastBlob] {
        &self.blobs
    }

    /// How many commits there are.
    pub fn commits(&self) -> u64 {
        self.commits.len() as u64
    }

    /// The oldest commit that has this content.
    pub fn first(&self, blob: &PastBlob) -> Option<Revision> {
        self.revision(blob.first?)
    }

    /// The newest commit that has this content, at any path.
    pub fn last(
        &self,
        repository: &Repository,
        blob: &PastBlob,
        walked: &mut Backwards,
    ) -> Option<Revision> {
        blob.first?;
        while !walked.last.contains_key(&blob.id) {
            let at = self.newest(walked.next)?;
            walked.next += 1;
            let Some(node) = self.commits.get(at) else { continue };
            let subdirectory = self.subdirectory.as_ref();
            // What cannot be read here could not be read before either, and was told then.
            let (mut scratch, mut known) = (Self::default(), Vec::new());
            let root = walked.lister.start(repository, node, subdirectory, &mut known);
            if let Some(root) = root {
                walked.lister.list(repository, root, None, None, &mut scratch);
            }
            let index = u32::try_from(at).ok()?;
            walked.last.extend(scratch.blobs.into_iter().map(|blob| (blob.id, index)));
        }
        self.revision(*walked.last.get(&blob.id)?)
    }

    /// The place in `commits` of the nth-newest: reachable ones before those that are not.
    fn newest(&self, nth: usize) -> Option<usize> {
        let reachable = (0..self.reachable).rev();
        reachable.chain((self.reachable..self.commits.len()).rev()).nth(nth)
    }

    fn revision(&self, index: u32) -> Option<Revision> {
        let node = self.commits.get(usize::try_from(index).ok()?)?;
        let time = Timestamp::from_unix(node.time).ok()?;
        Some(Revision { commit: oid_of(&node.id).ok()?, time })
    }
}

impl PastBlob {
    /// Its id.
    ///
    /// # Errors
    /// None for the ids this crate reads.
    pub fn oid(&self) -> Result<GitOid, GitError> {
        oid_of(&self.id)
    }

    /// Whether the checked-out commit has this content, at any path.
    pub fn is_at_head(&self) -> bool {
        self.at_head
    }
}

/// How far a search for the newest commits of contents has come: from the newest commit on, each
/// tree decoded once, no further than what was asked for.
#[derive(Default)]
pub struct Backwards {
    next: usize,
    last: HashMap<gix::ObjectId, u32>,
    lister: Lister,
}

/// Goes through trees, each once.
#[derive(Default)]
struct Lister {
    roots: HashSet<gix::ObjectId>,
    trees: HashSet<gix::ObjectId>,
    seen: HashSet<gix::ObjectId>,
    links: HashSet<gix::ObjectId>,
    submodules: HashSet<gix::ObjectId>,
    at_head: HashSet<gix::ObjectId>,
}

impl Lister {
    /// The tree to list for a commit: that of the subdirectory, where it has one.
    fn start(
        &mut self,
        repository: &Repository,
        node: &Node,
        subdirectory: Option<&RepoPath>,
        gaps: &mut Vec<Gap>,
    ) -> Option<gix::ObjectId> {
        let Some(subdirectory) = subdirectory else { return Some(node.tree) };
        if !self.roots.insert(node.tree) {
            return None;
        }
        let mut tree = node.tree;
        for part in subdirectory.as_bytes().split(|byte| *byte == b'/') {
            let data = match tree_data(repository, &tree) {
                Ok(data) => data,
                Err(error) => {
                    gaps.push(Gap::object(&tree, error));
                    return None;
                }
            };
            let found = raw_entries(&data)
                .flatten()
                .find(|(mode, name, _)| *mode == Mode::Tree && *name == part);
            tree = found.map(|(_, _, id)| gix::ObjectId::from(*id))?;
        }
        Some(tree)
    }

    /// Lists a tree and everything beneath it that was not listed before.
    fn list(
        &mut self,
        repository: &Repository,
        tree: gix::ObjectId,
        path: Option<RepoPath>,
        commit: Option<u32>,
        past: &mut Past,
    ) {
        let mut pending = vec![(path, tree)];
        while let Some((path, tree)) = pending.pop() {
            if !self.trees.insert(tree) {
                continue;
            }
            let gap = |error| match &path {
                Some(path) => Gap { path: path.clone(), error, is_commit: false },
                None => Gap::object(&tree, error),
            };
            let data = match tree_data(repository, &tree) {
                Ok(data) => data,
                Err(error) => {
                    past.gaps.push(gap(error));
                    continue;
                }
            };
            for entry in raw_entries(&data) {
                let Some((mode, name, id)) = entry else {
                    if let Ok(tree) = oid_of(&tree) {
                        past.gaps.push(gap(GitError::MalformedTree(tree)));
                    }
                    break;
                };
                let id = gix::ObjectId::from(*id);
                match mode {
                    Mode::Tree if self.trees.contains(&id) => {}
                    Mode::Tree => {
                        let inner = join(path.as_ref(), name);
                        if inner.as_bytes().len() > MAX_PATH_BYTES {
                            let limit = MAX_PATH_BYTES as u64;
                            let what = "the path of a directory (bytes)".to_owned();
                            past.gaps.push(gap(GitError::TooLarge { what, limit }));
                            continue;
                        }
                        pending.push((Some(inner), id));
                    }
                    Mode::Leaf(EntryKind::File { .. }) => {
                        self.blob(id, commit, past, || join(path.as_ref(), name));
                    }
                    Mode::Leaf(EntryKind::Link) => _ = self.links.insert(id),
                    Mode::Leaf(EntryKind::Submodule) => _ = self.submodules.insert(id),
                }
            }
        }
    }

    fn blob(
        &mut self,
        id: gix::ObjectId,
        first: Option<u32>,
        past: &mut Past,
        path: impl FnOnce() -> RepoPath,
    ) {
        if self.seen.insert(id) {
            let at_head = self.at_head.contains(&id);
            past.blobs.push(PastBlob { id, path: path(), first, at_head });
        }
    }
}

fn tree_data(repository: &Repository, tree: &gix::oid) -> Result<Vec<u8>, GitError> {
    match repository.object_within(tree, 0)? {
        (gix::objs::Kind::Tree, data) => Ok(data),
        _ => Err(GitError::WrongKind { oid: oid_of(tree)?, expected: ObjectKind::Tree }),
    }
}

/// The path of an entry. Nothing is written there, so a name no file may have hides nothing: it is
/// shown in hexadecimal.
fn join(directory: Option<&RepoPath>, name: &[u8]) -> RepoPath {
    let name = RepoPath::new(name)
        .unwrap_or_else(|_| store_path(&format!("unsafe-name-{}", hex::encode(name))));
    directory.map_or_else(|| name.clone(), |directory| directory.join(&name))
}
