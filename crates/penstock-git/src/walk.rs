//! Commits, oldest first, from every place that keeps some alive.

use std::{
    collections::{BinaryHeap, HashMap, HashSet},
    fs,
};

use crate::{
    commit::Skeleton,
    error::GitError,
    past::Gap,
    repository::{Repository, oid_of},
};

/// How many annotated tags may point to one another.
const MAX_TAG_DEPTH: usize = 16;

/// One commit on the way.
pub(crate) struct Node {
    pub(crate) id: gix::ObjectId,
    pub(crate) tree: gix::ObjectId,
    parents: Vec<gix::ObjectId>,
    pub(crate) time: i64,
}

/// What refs lead to.
#[derive(Default)]
pub(crate) struct Tips {
    pub(crate) commits: Vec<gix::ObjectId>,
    /// Trees and blobs a tag names without a commit.
    pub(crate) others: Vec<(gix::objs::Kind, gix::ObjectId)>,
}

/// A walk from tips to roots, which goes around what is missing.
#[derive(Default)]
pub(crate) struct Walk {
    seen: HashSet<gix::ObjectId>,
    boundary: HashSet<gix::ObjectId>,
    /// Commits whose parents a shallow clone leaves out.
    pub(crate) cut: Vec<gix::ObjectId>,
    pub(crate) gaps: Vec<Gap>,
    /// Whether a commit could not be read, so that what is behind it has to be looked for.
    pub(crate) broken: bool,
}

impl Walk {
    pub(crate) fn new(repository: &Repository) -> Result<Self, GitError> {
        let commits = repository.inner.shallow_commits().map_err(|_| GitError::Open {
            path: repository.inner.common_dir().join("shallow"),
            reason: "the list of shallow commits is malformed".to_owned(),
        })?;
        let boundary = commits.iter().flat_map(|commits| commits.iter().copied()).collect();
        Ok(Self { boundary, ..Self::default() })
    }

    pub(crate) fn has_seen(&self, commit: &gix::oid) -> bool {
        self.seen.contains(commit)
    }

    /// What all refs, the checked-out commits of all work trees, and so the stash, lead to.
    pub(crate) fn tips(&mut self, repository: &Repository) -> Result<Tips, GitError> {
        let unreadable = |_| GitError::Open {
            path: repository.inner.common_dir().join("refs"),
            reason: "its refs cannot be listed".to_owned(),
        };
        let mut ids = Vec::new();
        let references = repository.inner.references().map_err(unreadable)?;
        for reference in references.all().map_err(unreadable)? {
            match reference {
                Ok(reference) => ids.extend(reference.inner.target.try_id().map(ToOwned::to_owned)),
                Err(_) => self.gaps.push(Gap::reference(repository.root_dir())),
            }
        }
        // A detached HEAD; one on a branch is among the refs.
        ids.extend(repository.inner.head_id().ok().map(gix::Id::detach));
        if let Ok(worktrees) = fs::read_dir(repository.inner.common_dir().join("worktrees")) {
            for worktree in worktrees.flatten() {
                let head = fs::read(worktree.path().join("HEAD")).unwrap_or_default();
                ids.extend(gix::ObjectId::from_hex(head.trim_ascii()).ok());
            }
        }
        let mut tips = Tips::default();
        for id in ids {
            self.peel(repository, id, &mut tips);
        }
        Ok(tips)
    }

    /// Follows tags to what they are of.
    fn peel(&mut self, repository: &Repository, mut id: gix::ObjectId, tips: &mut Tips) {
        for _ in 0..MAX_TAG_DEPTH {
            let kind = match repository.inner.try_find_header(id) {
                Ok(Some(header)) => header.kind(),
                // The commits' own walk says what is wrong with it.
                Ok(None) | Err(_) => return tips.commits.push(id),
            };
            match kind {
                gix::objs::Kind::Commit => return tips.commits.push(id),
                gix::objs::Kind::Tree | gix::objs::Kind::Blob => {
                    return tips.others.push((kind, id));
                }
                gix::objs::Kind::Tag => {}
            }
            let object = repository.object_within(&id, 0);
            let target = object.and_then(|(_, data)| {
                let line = data.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let target = line.strip_prefix(b"object ");
                target
                    .and_then(|hex| gix::ObjectId::from_hex(hex).ok())
                    .map_or_else(|| Err(GitError::CorruptObject(oid_of(&id)?)), Ok)
            });
            match target {
                Ok(target) => id = target,
                Err(error) => return self.gaps.push(Gap::object(&id, error)),
            }
        }
    }

    /// Every commit the tips lead to that no earlier call came to, parents before children,
    /// otherwise oldest first.
    pub(crate) fn from(
        &mut self,
        repository: &Repository,
        tips: impl IntoIterator<Item = gix::ObjectId>,
    ) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut pending: Vec<gix::ObjectId> = tips.into_iter().collect();
        while let Some(id) = pending.pop() {
            if !self.seen.insert(id) {
                continue;
            }
            match read(repository, id) {
                Ok(node) => {
                    if self.boundary.contains(&id) && !node.parents.is_empty() {
                        self.cut.push(id);
                    } else {
                        pending.extend(node.parents.iter().filter(|p| !self.seen.contains(*p)));
                    }
                    nodes.push(node);
                }
                Err(error) => {
                    self.broken = true;
                    self.gaps.push(Gap { is_commit: true, ..Gap::object(&id, error) });
                }
            }
        }
        oldest_first(nodes)
    }
}

fn read(repository: &Repository, id: gix::ObjectId) -> Result<Node, GitError> {
    let (kind, data) = repository.object_within(&id, 0)?;
    let skeleton = (kind == gix::objs::Kind::Commit).then(|| Skeleton::read(&data)).flatten();
    let Some(Skeleton { tree, parents, time }) = skeleton else {
        return Err(GitError::MalformedCommit { commit: oid_of(&id)?, field: "tree or parent" });
    };
    Ok(Node { id, tree, parents, time })
}

/// Parents before children; among those free to come last, the newest committer time, then the id.
fn oldest_first(nodes: Vec<Node>) -> Vec<Node> {
    let index: HashMap<gix::ObjectId, usize> =
        nodes.iter().enumerate().map(|(index, node)| (node.id, index)).collect();
    let mut children = vec![0_u32; nodes.len()];
    let parents = |node: &Node| -> Vec<usize> {
        node.parents.iter().filter_map(|parent| index.get(parent).copied()).collect()
    };
    for parent in nodes.iter().flat_map(parents) {
        if let Some(count) = children.get_mut(parent) {
            *count += 1;
        }
    }
    let mut free: BinaryHeap<(i64, gix::ObjectId, usize)> = nodes
        .iter()
        .enumerate()
        .filter(|(index, _)| children.get(*index) == Some(&0))
        .map(|(index, node)| (node.time, node.id, index))
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some((_, _, at)) = free.pop() {
        order.push(at);
        let Some(node) = nodes.get(at) else { continue };
        for parent in parents(node) {
            let Some(count) = children.get_mut(parent) else { continue };
            *count -= 1;
            if *count == 0
                && let Some(node) = nodes.get(parent)
            {
                free.push((node.time, node.id, parent));
            }
        }
    }
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    order.into_iter().rev().filter_map(|at| nodes.get_mut(at)?.take()).collect()
}
