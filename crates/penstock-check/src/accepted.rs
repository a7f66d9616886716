//! The files in which a project writes down which findings it accepts: the baseline, and what other
//! tools read.

use std::{collections::BTreeMap, fmt};

use penstock_model::{RepoPath, Sha256, SkipReason, Timestamp};

use crate::{
    Baseline, BaselineError, BaselineErrors, BaselineProblem, Entry, Tree, foreign::Foreign,
};

/// The files of one tree that say which findings are accepted, as they are there.
///
/// They come from the tree that is checked, or from another that is to judge it: a change is judged
/// by the files of the place it wants to enter.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SuppressionFiles(BTreeMap<&'static str, Content>);

#[derive(Clone, PartialEq, Eq)]
enum Content {
    Bytes(Vec<u8>),
    /// There, and not read, for this reason.
    Unread(String),
}

/// Every such file, at the root of a project. Zizmor looks for its own in the root and in
/// `.github` (<https://docs.zizmor.sh/configuration/>).
const NAMES: [&str; 8] = [
    Baseline::FILE_NAME,
    ".github/zizmor.yaml",
    ".github/zizmor.yml",
    ".gitleaks.toml",
    ".gitleaksignore",
    ".trivyignore",
    "zizmor.yaml",
    "zizmor.yml",
];

/// The largest of the other tools' files that is read, in bytes.
const MAX_FOREIGN: u64 = 1 << 20;

impl SuppressionFiles {
    /// The paths at which they are looked for.
    pub fn paths() -> impl Iterator<Item = RepoPath> {
        NAMES.into_iter().filter_map(|name| RepoPath::new(name).ok())
    }

    /// Those of a tree. One that cannot be read is taken for absent: what it would have accepted
    /// stays open.
    pub fn of(tree: &dyn Tree) -> Self {
        let read = |name: &'static str| {
            let entry = Entry::new(RepoPath::new(name).ok()?, 0);
            let limit =
                if name == Baseline::FILE_NAME { Baseline::MAX_BYTES as u64 } else { MAX_FOREIGN };
            match tree.read(&entry, limit) {
                Ok(bytes) => Some((name, Content::Bytes(bytes))),
                Err(error) if error.reason == SkipReason::Unreadable => None,
                Err(error) => Some((name, Content::Unread(error.detail))),
            }
        };
        Self(NAMES.into_iter().filter_map(read).collect())
    }

    /// The same without the baseline: what would be open if there were none.
    #[must_use]
    pub fn without_baseline(mut self) -> Self {
        self.0.remove(Baseline::FILE_NAME);
        self
    }

    /// The baseline, empty if there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn baseline(&self) -> Result<Baseline, BaselineErrors> {
        match self.0.get(Baseline::FILE_NAME) {
            None => Ok(Baseline::default()),
            Some(Content::Bytes(bytes)) => Baseline::parse(bytes),
            Some(Content::Unread(detail)) => {
                let problem = BaselineProblem::NoFile(detail.clone());
                Err(BaselineErrors::one(BaselineError { line: 1, column: 1, problem }))
            }
        }
    }

    /// A digest of all of them. The result for one file depends on them.
    pub fn digest(&self) -> Sha256 {
        let mut all = Vec::new();
        for (name, content) in &self.0 {
            let (kind, bytes) = match content {
                Content::Bytes(bytes) => (0_u8, bytes.as_slice()),
                Content::Unread(detail) => (1, detail.as_bytes()),
            };
            for part in [name.as_bytes(), &[kind], bytes] {
                all.extend_from_slice(&(part.len() as u64).to_be_bytes());
                all.extend_from_slice(part);
            }
        }
        Sha256::of(&all)
    }

    /// The content of a file that was read, and why one was not.
    pub(crate) fn content(&self, name: &str) -> Option<Result<&[u8], &str>> {
        self.0.get(name).map(|content| match content {
            Content::Bytes(bytes) => Ok(bytes.as_slice()),
            Content::Unread(detail) => Err(detail.as_str()),
        })
    }
}

/// Their names only.
impl fmt::Debug for SuppressionFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What those files say.
pub(crate) struct Accepted {
    pub(crate) baseline: Baseline,
    pub(crate) foreign: Foreign,
}

impl Accepted {
    pub(crate) fn read(
        files: &SuppressionFiles,
        bare: &[String],
        now: Timestamp,
    ) -> Result<Self, BaselineErrors> {
        Ok(Self { baseline: files.baseline()?, foreign: Foreign::read(files, bare, now) })
    }
}
