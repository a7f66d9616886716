use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use penstock_model::{GitOid, Timestamp};

use crate::{
    commit::{self, Commit},
    error::{GitError, ObjectKind},
    repository::{Repository, oid_of},
};

impl Repository {
    /// The commits reachable from `to` and not from `from` (all of them where `from` is `None`),
    /// children before parents, otherwise newest first.
    ///
    /// # Errors
    /// [`GitError::Shallow`] when the answer depends on history beyond a shallow boundary, naming
    /// the commit at the boundary; what reading says. Never a list with a gap in it.
    pub fn history(&self, from: Option<&GitOid>, to: &GitOid) -> Result<Vec<Commit>, GitError> {
        let boundary = self.shallow_boundary()?;
        if let Some(from) = from {
            // It must be there, even where no path leads to it.
            self.read(from, ObjectKind::Commit)?;
        }
        let ids = match self.walk(to, from, &boundary)? {
            Reached::Bounded(ids) => ids,
            // INVARIANT: a walk that never meets a root holds no ancestor of `from` (from one, a
            // root is reachable without passing `from`), so only here must they be taken out.
            Reached::Root { ids, gap } => match from {
                None => gap.map_or(Ok(ids), |commit| Err(GitError::Shallow(commit)))?,
                Some(from) => {
                    let known = match self.walk(from, None, &boundary)? {
                        Reached::Bounded(ids) => ids,
                        Reached::Root { gap: Some(commit), .. } => {
                            return Err(GitError::Shallow(commit));
                        }
                        Reached::Root { ids, gap: None } => ids,
                    };
                    if let Some(commit) = gap.filter(|commit| !known.contains(commit)) {
                        return Err(GitError::Shallow(commit));
                    }
                    ids.difference(&known).cloned().collect()
                }
            },
        };
        let commits = ids.iter().map(|id| self.commit(id)).collect::<Result<Vec<_>, _>>()?;
        Ok(newest_first(commits))
    }

    /// The first commit of the checked-out history, which names a repository without a remote.
    ///
    /// First parents are followed: merging the history of another repository, which has a root of
    /// its own, does not change the answer.
    ///
    /// # Errors
    /// [`GitError::Shallow`] when the clone does not hold it; [`GitError::Empty`].
    pub fn root_commit(&self) -> Result<GitOid, GitError> {
        let boundary = self.shallow_boundary()?;
        let mut id = self.head()?.id;
        loop {
            let data = self.read(&id, ObjectKind::Commit)?;
            let Some(parent) = commit::parents(&id, &data)?.into_iter().next() else {
                return Ok(id);
            };
            if boundary.contains(&id) {
                return Err(GitError::Shallow(id));
            }
            id = parent;
        }
    }

    /// Whether the parents of this commit are not in the clone on purpose.
    pub(crate) fn is_shallow_boundary(&self, commit: &GitOid) -> Result<bool, GitError> {
        Ok(self.shallow_boundary()?.contains(commit))
    }

    fn shallow_boundary(&self) -> Result<HashSet<GitOid>, GitError> {
        let commits = self.inner.shallow_commits().map_err(|_| GitError::Open {
            path: self.inner.common_dir().join("shallow"),
            reason: "the list of shallow commits is malformed".to_owned(),
        })?;
        match commits {
            None => Ok(HashSet::new()),
            Some(commits) => commits.iter().map(|id| oid_of(id)).collect(),
        }
    }

    /// Everything reachable from `start` without passing `stop`.
    fn walk(
        &self,
        start: &GitOid,
        stop: Option<&GitOid>,
        boundary: &HashSet<GitOid>,
    ) -> Result<Reached, GitError> {
        let mut ids = BTreeSet::new();
        let (mut root, mut gap) = (false, BTreeSet::new());
        let mut pending = vec![start.clone()];
        while let Some(id) = pending.pop() {
            if Some(&id) == stop || ids.contains(&id) {
                continue;
            }
            let data = self.read(&id, ObjectKind::Commit)?;
            let parents = commit::parents(&id, &data)?;
            if parents.is_empty() {
                root = true;
            } else if boundary.contains(&id) {
                gap.insert(id.clone());
            } else {
                pending.extend(parents);
            }
            ids.insert(id);
        }
        let gap = gap.into_iter().next();
        Ok(if root || gap.is_some() { Reached::Root { ids, gap } } else { Reached::Bounded(ids) })
    }
}

/// Where a walk over history ended.
enum Reached {
    /// At the commit it should stop at, on every path.
    Bounded(BTreeSet<GitOid>),
    /// At a root, or where the clone is cut off.
    Root { ids: BTreeSet<GitOid>, gap: Option<GitOid> },
}

/// Children before parents; among those free to come, the newest committer time, then the id.
fn newest_first(commits: Vec<Commit>) -> Vec<Commit> {
    let mut children: HashMap<GitOid, usize> = HashMap::new();
    for parent in commits.iter().flat_map(|commit| &commit.parents) {
        *children.entry(parent.clone()).or_default() += 1;
    }
    let mut waiting: BTreeMap<GitOid, Commit> =
        commits.into_iter().map(|commit| (commit.id.clone(), commit)).collect();
    let mut free: BinaryHeap<(Timestamp, GitOid)> = waiting
        .values()
        .filter(|commit| !children.contains_key(&commit.id))
        .map(|commit| (commit.committer.time, commit.id.clone()))
        .collect();
    let mut sorted = Vec::with_capacity(waiting.len());
    while let Some((_, id)) = free.pop() {
        let Some(commit) = waiting.remove(&id) else { continue };
        for parent in &commit.parents {
            let Some(count) = children.get_mut(parent) else { continue };
            *count -= 1;
            if *count == 0
                && let Some(parent) = waiting.get(parent)
            {
                free.push((parent.committer.time, parent.id.clone()));
            }
        }
        sorted.push(commit);
    }
    sorted
}
