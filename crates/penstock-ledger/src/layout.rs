use std::path::{Path, PathBuf};

use penstock_model::Sha256;

/// Where everything is below a ledger's home.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    home: PathBuf,
}

impl Layout {
    pub(crate) fn new(home: &Path) -> Self {
        Self { home: home.to_owned() }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The log: what `tile/…` paths are relative to.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.join("ledger")
    }

    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.log().join("checkpoint")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.log().join("lock")
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.log().join("inbox")
    }

    /// Outside the log's directory, so that putting back an old copy of that does not put back this.
    pub(crate) fn seen_checkpoint(&self) -> PathBuf {
        self.home.join("seen-checkpoint")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.home.join("index.sqlite")
    }

    pub(crate) fn evidence_root(&self) -> PathBuf {
        self.home.join("evidence")
    }

    /// The directories of evidence by the first two digits of its digest.
    pub(crate) fn evidence_shards(&self) -> PathBuf {
        self.evidence_root().join("sha256")
    }

    /// Where evidence is written before it gets its name.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.evidence_root().join("incoming")
    }

    pub(crate) fn evidence(&self, digest: &Sha256) -> PathBuf {
        let digits = digest.to_string();
        let shard = digits.get(..2).unwrap_or_default();
        self.evidence_shards().join(shard).join(digits.as_str())
    }

    pub(crate) fn proof(&self, digest: &Sha256) -> PathBuf {
        self.evidence(digest).with_added_extension("tlog-proof")
    }

    /// The path of a file as problems name it.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.home).unwrap_or(path).to_string_lossy().into_owned()
    }
}
