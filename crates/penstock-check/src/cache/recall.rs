//! One run's use of the cache.

use penstock_model::Sha256;

use super::table::{Kept, Outcome, Table};
use crate::{Entry, Kind, finish::FileResult};

/// How much older than the run both times of a file must be: two seconds, the coarsest resolution
/// of a file system still in use (FAT's).
const SETTLED: i64 = 2_000_000_000;
/// The longest result kept of one file, in bytes; a longer one is worked out again.
const MAX_RESULT: usize = 1 << 20;
/// What is kept in all, in bytes, before encoding. The files that come first are kept.
const MAX_TABLE: usize = 48 << 20;

/// What is known before any file is read.
pub(crate) struct Recall<'a> {
    key: Sha256,
    table: Table<'a>,
    began: i64,
}

/// What is left to do for one file.
pub(crate) enum Work<'a> {
    /// Nothing: this is its result.
    Done(Known<'a>),
    /// To be looked at, unless the content is that of an older result.
    Look(Option<Known<'a>>),
}

/// A kept entry.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a>(Kept<'a>);

/// What is to be kept of a file that was looked at.
pub(crate) struct Fresh {
    content: Option<[u8; 32]>,
    /// The result as JSON, unless there is nothing to say.
    result: Option<Vec<u8>>,
    bytes: u64,
}

impl<'a> Recall<'a> {
    pub(super) fn new(key: Sha256, table: Table<'a>, began: i64) -> Self {
        Self { key, table, began }
    }

    /// What there is to do for each file; the files are sorted by path.
    pub(crate) fn plan(&self, files: &[Entry]) -> Vec<Work<'a>> {
        let mut kept = self.table.entries.iter().peekable();
        let work = files.iter().map(|entry| {
            let path = entry.path.as_bytes();
            while kept.next_if(|kept| kept.path < path).is_some() {}
            let known = kept.peek().filter(|kept| kept.path == path && entry.version == 0);
            match known {
                Some(known) if known.stat.is_some() && known.stat == entry.stat => {
                    Work::Done(Known(**known))
                }
                known => Work::Look(known.map(|known| Known(**known))),
            }
        });
        work.collect()
    }

    /// The bytes to save, if they differ from what there was. `work` and `fresh` are those of the
    /// same files: what was done before, and what was found now where it can be kept.
    pub(crate) fn after(
        &self,
        files: &[Entry],
        work: &[Work<'a>],
        fresh: &[Option<Fresh>],
    ) -> Option<Vec<u8>> {
        let all_done = work.iter().all(|work| matches!(work, Work::Done(_)));
        if all_done && work.len() == self.table.entries.len() {
            return None;
        }
        let mut entries: Vec<Kept<'_>> = Vec::with_capacity(files.len());
        let mut room = MAX_TABLE;
        let mut changed = false;
        for ((entry, work), fresh) in files.iter().zip(work).zip(fresh) {
            let (old, kept) = match work {
                Work::Done(known) => (Some(known.0), Some(known.0)),
                Work::Look(known) => {
                    let fresh = fresh.as_ref().and_then(|fresh| self.kept(entry, fresh));
                    (known.map(|known| known.0), fresh)
                }
            };
            let kept = kept.filter(|kept| {
                let result = if let Outcome::Result(json) = kept.outcome { json.len() } else { 0 };
                let size = size_of::<Kept<'_>>() + kept.path.len() + result;
                room.checked_sub(size).is_some_and(|left| {
                    room = left;
                    true
                })
            });
            changed |= old != kept;
            entries.extend(kept);
        }
        changed |= entries.len() != self.table.entries.len();
        if changed { Table::new(&self.key, entries).bytes() } else { None }
    }

    fn kept<'f>(&self, entry: &'f Entry, fresh: &'f Fresh) -> Option<Kept<'f>> {
        let settled = self.began.saturating_sub(SETTLED);
        let stat = entry.stat.filter(|stat| stat.modified < settled && stat.changed < settled);
        if entry.version != 0 || stat.is_none() && fresh.content.is_none() {
            return None;
        }
        let outcome = match &fresh.result {
            Some(json) if json.len() > MAX_RESULT => return None,
            Some(json) => Outcome::Result(json),
            None => Outcome::Nothing(fresh.bytes),
        };
        Some(Kept { path: entry.path.as_bytes(), stat, content: fresh.content, outcome })
    }
}

impl Known<'_> {
    /// The result, if it can be read.
    pub(crate) fn result(&self) -> Option<FileResult> {
        self.0.outcome.result()
    }

    /// The result and what is to be kept, if this is the content it was made of.
    pub(crate) fn result_of(&self, content: &[u8]) -> Option<(FileResult, Fresh)> {
        let digest = self.0.content?;
        if *Sha256::of(content).as_bytes() != digest {
            return None;
        }
        let result = self.result()?;
        let json = match self.0.outcome {
            Outcome::Nothing(_) => None,
            Outcome::Result(json) => Some(json.to_vec()),
        };
        let bytes = content.len() as u64;
        Some((result, Fresh { content: Some(digest), result: json, bytes }))
    }
}

impl Fresh {
    /// What is to be kept of a result; `None` if it cannot be written down.
    pub(crate) fn of(entry: &Entry, content: &[u8], result: &FileResult) -> Option<Self> {
        let bytes = content.len() as u64;
        let nothing = result.is_nothing(bytes);
        // To look at plain text once more costs no more than its digest.
        let costly = !nothing || Kind::of(&entry.path, content).format().is_some();
        Some(Self {
            content: costly.then(|| *Sha256::of(content).as_bytes()),
            result: if nothing { None } else { Some(serde_json::to_vec(result).ok()?) },
            bytes,
        })
    }
}
