//! Looks for a step's secrets in what it leaves behind, before anything of it is taken over.

use std::{
    fs::File,
    io::{self, Read as _},
    ops::ControlFlow,
    os::fd::OwnedFd,
    path::Path,
    sync::Arc,
};

use penstock_check::archive_members;
use penstock_model::RepoPath;
use penstock_sandbox::mask::{Forms, Search};
use rustix::{
    fs::{CWD, Dir, Mode, OFlags, ResolveFlags, openat, openat2},
    io::Errno,
};

/// Larger archives are searched as they are, not within.
const MAX_ARCHIVE_BYTES: u64 = 128 << 20;
const PIECE_BYTES: usize = 64 << 10;

/// What must not be in the outputs of a step.
pub(super) struct Leaks<'a> {
    /// The secrets' forms.
    pub(super) forms: Arc<Forms>,
    /// The names of the secrets, in the order the forms know them by.
    pub(super) names: &'a [String],
}

/// Why outputs are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LeakError {
    /// A secret in a file.
    #[error(
        "output `{path}` holds the secret `{secret}`: what a step leaves behind is kept and shown, so it must not be in there"
    )]
    Content { path: RepoPath, secret: String },
    /// A secret in the name of a file.
    #[error("a name in output `{path}` holds the secret `{secret}`")]
    Name { path: RepoPath, secret: String },
    /// A file that cannot be searched.
    #[error("output `{path}` cannot be searched for secrets: {reason}")]
    Unreadable { path: RepoPath, reason: String },
}

impl Leaks<'_> {
    /// Searches declared outputs. `note` is told which archives were not searched within.
    ///
    /// No process of the step is left, so that nothing changes between this and taking over.
    ///
    /// # Errors
    /// The first output that holds a secret, or cannot be read.
    pub(super) fn refuse(
        &self,
        workspace: &Path,
        outputs: &[RepoPath],
        note: &mut dyn FnMut(&str),
    ) -> Result<(), LeakError> {
        if self.forms.is_empty() {
            return Ok(());
        }
        for output in outputs {
            let unreadable = |error: Errno| LeakError::Unreadable {
                path: output.clone(),
                reason: io::Error::from(error).to_string(),
            };
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let workspace = openat(CWD, workspace, flags, Mode::empty()).map_err(unreadable)?;
            let mut left = vec![output.clone()];
            while let Some(path) = left.pop() {
                if let Some(secret) = self.find(path.as_bytes()) {
                    return Err(LeakError::Name { path: output.clone(), secret });
                }
                match open(&workspace, &path).map_err(unreadable)? {
                    Opened::Directory(directory) => {
                        for entry in Dir::new(directory).map_err(unreadable)? {
                            let entry = entry.map_err(unreadable)?;
                            let name = entry.file_name().to_bytes();
                            if !matches!(name, b"." | b"..")
                                && let Ok(name) = RepoPath::new(name)
                            {
                                left.push(path.join(&name));
                            }
                        }
                    }
                    Opened::File(file) => self.file(&path, file, note)?,
                    Opened::Neither => {}
                }
            }
        }
        Ok(())
    }

    fn file(
        &self,
        path: &RepoPath,
        mut file: File,
        note: &mut dyn FnMut(&str),
    ) -> Result<(), LeakError> {
        let unreadable = |error: io::Error| LeakError::Unreadable {
            path: path.clone(),
            reason: error.to_string(),
        };
        let leak = |path: &RepoPath, secret| LeakError::Content { path: path.clone(), secret };
        let size = file.metadata().map_err(unreadable)?.len();
        let mut search = Search::new(Arc::clone(&self.forms));
        let mut piece = vec![0; PIECE_BYTES];
        // All of a file that may be an archive small enough to be opened.
        let mut whole = Vec::new();
        let mut is_archive = None;
        loop {
            let read = file.read(&mut piece).map_err(unreadable)?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            if let Some(secret) = search.push(bytes) {
                return Err(leak(path, self.name(secret)));
            }
            if *is_archive.get_or_insert_with(|| archive_members::may_be(path, bytes))
                && size <= MAX_ARCHIVE_BYTES
            {
                whole.extend_from_slice(bytes);
            }
        }
        if let Some(secret) = search.finish() {
            return Err(leak(path, self.name(secret)));
        }
        if is_archive != Some(true) {
            return Ok(());
        }
        if size > MAX_ARCHIVE_BYTES {
            note(&format!(
                "output {path} is an archive of more than {MAX_ARCHIVE_BYTES} bytes: not searched for secrets within"
            ));
            return Ok(());
        }
        let mut found = None;
        let skipped = archive_members::read(path, &whole, &mut |member, bytes| {
            let within = self
                .find(member.as_bytes())
                .map(|secret| LeakError::Name { path: path.clone(), secret });
            found = within.or_else(|| self.find(bytes).map(|secret| leak(member, secret)));
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Some(error) = found {
            return Err(error);
        }
        for skipped in skipped {
            // The name is the step's own words.
            if self.find(skipped.path.as_bytes()).is_some() {
                continue;
            }
            let (path, detail) = (skipped.path, skipped.detail);
            note(&format!("output {path} is not searched for secrets within: {detail}"));
        }
        Ok(())
    }

    /// The name of a secret that is in the bytes.
    fn find(&self, bytes: &[u8]) -> Option<String> {
        let mut search = Search::new(Arc::clone(&self.forms));
        let found = search.push(bytes).or_else(|| search.finish());
        found.map(|secret| self.name(secret))
    }

    fn name(&self, secret: usize) -> String {
        self.names.get(secret).cloned().unwrap_or_default()
    }
}

enum Opened {
    Directory(OwnedFd),
    File(File),
    /// Nothing, a link or a special file: taking over refuses it and says which.
    Neither,
}

/// Opens what lies beneath the workspace, without following a link.
fn open(workspace: &OwnedFd, path: &RepoPath) -> Result<Opened, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let opened = match openat2(workspace, path.as_bytes(), flags, Mode::empty(), within) {
        Ok(opened) => opened,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO) => {
            return Ok(Opened::Neither);
        }
        Err(error) => return Err(error),
    };
    let kind = rustix::fs::FileType::from_raw_mode(rustix::fs::fstat(&opened)?.st_mode);
    Ok(match kind {
        rustix::fs::FileType::Directory => Opened::Directory(opened),
        rustix::fs::FileType::RegularFile => Opened::File(File::from(opened)),
        _ => Opened::Neither,
    })
}

#[cfg(test)]
mod tests;
