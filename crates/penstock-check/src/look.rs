//! One file of a tree, and what it holds when it is an archive, shown to every check that wants it.

use std::{borrow::Cow, ops::ControlFlow};

use penstock_model::{RepoPath, SkipReason, Skipped};

use crate::{
    Check, CheckError, Entry, File, Findings, Kind, Options, Rule, Tree,
    archive::{self, Limits, Member},
    cache::{Fresh, Known},
    encoding,
    exclude::Patterns,
    findings::MAX_PER_FILE,
    finish,
    finish::{FileResult, Seen},
    foreign::Foreign,
    suppression,
};

/// Everything that looking at a file depends on.
pub(crate) struct Look<'a> {
    pub(crate) checks: &'a [&'a dyn Check],
    pub(crate) rules: &'a [&'static Rule],
    pub(crate) tree: &'a dyn Tree,
    pub(crate) excluded: &'a Patterns,
    pub(crate) options: &'a Options,
    pub(crate) foreign: &'a Foreign,
    /// Whether results are to be kept for the next run.
    pub(crate) keep: bool,
}

/// What looking at a file gave.
pub(crate) struct Looked {
    pub(crate) result: FileResult,
    /// What of it the next run may use.
    pub(crate) fresh: Option<Fresh>,
}

impl Look<'_> {
    /// Reads one file into `buffer`, whose memory is used again, and shows it to the checks, unless
    /// what is known is about the same content.
    pub(crate) fn at(
        &self,
        entry: &Entry,
        buffer: &mut Vec<u8>,
        known: Option<&Known<'_>>,
    ) -> Result<Looked, CheckError> {
        if let Err(error) = self.tree.read_into(entry, self.options.max_file_bytes, buffer) {
            let result = passed_over(&entry.path, error.reason, error.detail);
            return Ok(Looked { result, fresh: None });
        }
        if let Some((result, fresh)) = known.and_then(|known| known.result_of(buffer)) {
            return Ok(Looked { result, fresh: Some(fresh) });
        }
        let mut result = match self.archive(&entry.path, buffer)? {
            Some(result) => result,
            None => self.content(&entry.path, buffer, Content::default())?,
        };
        if !result.findings.is_empty()
            && let Some(history) = self.tree.history(entry)
        {
            for found in &mut result.findings {
                found.finding.history = Some(history.clone());
            }
        }
        let fresh = if self.keep { Fresh::of(entry, buffer, &result) } else { None };
        Ok(Looked { result, fresh })
    }

    /// The file and everything in it, if it is an archive that some check wants opened.
    fn archive(&self, path: &RepoPath, bytes: &[u8]) -> Result<Option<FileResult>, CheckError> {
        let wanted = || self.checks.iter().any(|check| check.looks_into_archives());
        if self.options.archive_depth == 0 || !archive::may_be(path, bytes) || !wanted() {
            return Ok(None);
        }
        let limits = Limits::of(bytes, self.options);
        let mut contents = Contents { look: self, outer: path, result: Ok(FileResult::default()) };
        archive::open(path, bytes, &limits, &mut contents);
        contents.result.map(Some)
    }

    fn content(
        &self,
        path: &RepoPath,
        bytes: &[u8],
        content: Content,
    ) -> Result<FileResult, CheckError> {
        let text = encoding::utf8(bytes);
        let file = File::new(path, &text);
        let info = file.info();
        let Content { opened, inside } = content;
        let wanting: Vec<_> = self
            .checks
            .iter()
            .filter(|check| (!inside || check.looks_into_archives()) && check.wants(&info))
            .collect();
        let seen = Some(Seen { files: 1, bytes: bytes.len() as u64 });
        if info.kind == Kind::Binary && wanting.is_empty() {
            return Ok(if opened {
                FileResult { seen, ..FileResult::default() }
            } else {
                passed_over(path, SkipReason::Binary, String::new())
            });
        }
        let mut findings = Findings::of(&text);
        for check in wanting {
            check.file(&file, &mut findings);
        }
        let inline = suppression::inline(&file);
        let (options, rules) = (self.options, self.rules);
        let mut result = finish::file(&file, findings, inline, options, rules, self.foreign)?;
        result.seen = seen;
        if inside || matches!(text, Cow::Owned(_)) {
            // Its edits name bytes that no file has.
            for found in &mut result.findings {
                found.finding.fix = None;
            }
        }
        Ok(result)
    }
}

/// What the bytes at hand are.
#[derive(Clone, Copy, Debug, Default)]
struct Content {
    /// An archive whose members were looked at.
    opened: bool,
    /// A member of an archive.
    inside: bool,
}

/// What an archive holds, as it is taken out.
struct Contents<'a> {
    look: &'a Look<'a>,
    outer: &'a RepoPath,
    result: Result<FileResult, CheckError>,
}

impl archive::Visit for Contents<'_> {
    fn file(&mut self, member: Member<'_>) -> ControlFlow<()> {
        let Ok(result) = &mut self.result else { return ControlFlow::Break(()) };
        let Member { path, bytes, opened } = member;
        let inside = path != self.outer;
        if inside && self.look.excluded.matches(path) {
            self.skipped(path.clone(), SkipReason::Excluded, String::new());
            return ControlFlow::Continue(());
        }
        match self.look.content(path, bytes, Content { opened, inside }) {
            Ok(member) => result.absorb(member),
            Err(error) => {
                self.result = Err(error);
                return ControlFlow::Break(());
            }
        }
        if !inside || result.findings.len() < MAX_PER_FILE {
            return ControlFlow::Continue(());
        }
        let detail = format!("over {MAX_PER_FILE} findings in its members; the rest is not read");
        self.skipped(self.outer.clone(), SkipReason::OverLimit, detail);
        ControlFlow::Break(())
    }

    fn skipped(&mut self, path: RepoPath, reason: SkipReason, detail: String) {
        if let Ok(result) = &mut self.result {
            result.skipped.push(Skipped { path, reason, detail });
        }
    }
}

fn passed_over(path: &RepoPath, reason: SkipReason, detail: String) -> FileResult {
    let skipped = vec![Skipped { path: path.clone(), reason, detail }];
    FileResult { skipped, ..FileResult::default() }
}
