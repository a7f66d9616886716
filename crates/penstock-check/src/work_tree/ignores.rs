//! `.gitignore` files.

use std::{io, os::fd::BorrowedFd, path::Path};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use penstock_model::{RepoPath, SkipReason, Skipped};

use super::open;

/// An ignore file larger than this is not read: it would be an attack, not a list.
const MAX_IGNORE_FILE: u64 = 256 << 10;

/// The ignore files that hold in the directory at hand, outermost first.
pub(super) struct Ignores<'a> {
    root: &'a Path,
    /// Those above the root; their paths are absolute.
    above: Vec<Gitignore>,
    /// Those of the tree; their paths are relative to the root.
    within: Vec<Gitignore>,
}

impl<'a> Ignores<'a> {
    /// Those above the root of a tree, up to the repository's; none outside a repository.
    pub(super) fn above(root: &'a Path, skipped: &mut Vec<Skipped>) -> Self {
        let mut ignores = Self { root, above: Vec::new(), within: Vec::new() };
        let is_repository = |directory: &Path| directory.join(".git").symlink_metadata().is_ok();
        if is_repository(root) {
            return ignores;
        }
        let Some(depth) = root.ancestors().skip(1).position(is_repository) else {
            return ignores;
        };
        for directory in root.ancestors().skip(1).take(depth + 1) {
            let place = RepoPath::new(*b".gitignore").ok();
            let ignore = open::directory(directory)
                .and_then(|opened| content(&opened, Path::new(".gitignore")));
            ignores.above.extend(compiled(directory, ignore, place.as_ref(), skipped));
        }
        ignores.above.reverse();
        ignores
    }

    /// How many ignore files of the tree hold, to [`Self::leave`] to.
    pub(super) fn depth(&self) -> usize {
        self.within.len()
    }

    /// Adds the ignore file that lies in a directory of the tree.
    pub(super) fn enter(
        &mut self,
        root: BorrowedFd<'_>,
        directory: Option<&RepoPath>,
        skipped: &mut Vec<Skipped>,
    ) {
        let Ok(name) = RepoPath::new(*b".gitignore") else { return };
        let path = directory.map_or_else(|| name.clone(), |directory| directory.join(&name));
        let directory = directory.map_or(Path::new(""), RepoPath::as_path);
        let content = content(root, path.as_path());
        self.within.extend(compiled(directory, content, Some(&path), skipped));
    }

    /// Forgets those of deeper directories.
    pub(super) fn leave(&mut self, depth: usize) {
        self.within.truncate(depth);
    }

    /// The innermost ignore file that says anything about a path decides.
    pub(super) fn matches(&self, path: &RepoPath, is_dir: bool) -> bool {
        let path = path.as_path();
        let within = self.within.iter().rev().map(|ignore| ignore.matched(path, is_dir));
        let answer = within.into_iter().find(|answer| !answer.is_none());
        if answer.is_some() || self.above.is_empty() {
            return answer.is_some_and(|answer| answer.is_ignore());
        }
        let path = self.root.join(path);
        let mut above = self.above.iter().rev().map(|ignore| ignore.matched(&path, is_dir));
        above.find(|answer| !answer.is_none()).is_some_and(|answer| answer.is_ignore())
    }
}

/// What an ignore file has to say.
enum Content {
    Text(Vec<u8>),
    TooLong,
    /// A link, a directory, a device: Git does not follow one either.
    NotRegular,
}

fn content(root: impl std::os::fd::AsFd, path: &Path) -> io::Result<Content> {
    let file = match open::file_beneath(root, path) {
        Ok(file) => file,
        // A link at the end of the path, and a socket.
        Err(error) if matches!(error.raw_os_error(), Some(LOOP | NXIO)) => {
            return Ok(Content::NotRegular);
        }
        Err(error) => return Err(error),
    };
    let Some(size) = open::regular_size(&file)? else { return Ok(Content::NotRegular) };
    let mut text = Vec::new();
    open::read_to_end(&file, size.min(MAX_IGNORE_FILE), MAX_IGNORE_FILE + 1, &mut text)?;
    let too_long = text.len() as u64 > MAX_IGNORE_FILE;
    Ok(if too_long { Content::TooLong } else { Content::Text(text) })
}

const LOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();
const NXIO: i32 = rustix::io::Errno::NXIO.raw_os_error();

/// Compiles an ignore file. Like Git we skip a pattern that makes no sense.
fn compiled(
    directory: &Path,
    content: io::Result<Content>,
    place: Option<&RepoPath>,
    skipped: &mut Vec<Skipped>,
) -> Option<Gitignore> {
    let mut problem = |reason, detail: String| {
        skipped.extend(place.map(|path| Skipped { path: path.clone(), reason, detail }));
        None
    };
    let text = match content {
        Ok(Content::Text(text)) => text,
        Ok(Content::NotRegular) => return None,
        Ok(Content::TooLong) => {
            let detail = format!("an ignore file over {MAX_IGNORE_FILE} bytes is not applied");
            return problem(SkipReason::OverLimit, detail);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return problem(SkipReason::Unreadable, error.to_string()),
    };
    let mut builder = GitignoreBuilder::new(directory);
    for line in String::from_utf8_lossy(&text).lines() {
        let _senseless_pattern = builder.add_line(None, line);
    }
    match builder.build() {
        Ok(ignore) if ignore.is_empty() => None,
        Ok(ignore) => Some(ignore),
        Err(error) => problem(SkipReason::Malformed, error.to_string()),
    }
}
