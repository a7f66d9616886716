//! The results of all files, in order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use penstock_model::Sha256;

use super::parallel;
use crate::{
    Cache, CheckError, Entry,
    cache::{self, Fresh, Known, Work},
    finish::FileResult,
    look::Look,
};

/// What is to be said of each file, from the cache or by looking at it. With the cache comes the digest
/// of the files that say which findings other tools' users accepted.
pub(super) fn results(
    look: &Look<'_>,
    files: &[Entry],
    known: Option<(&mut Cache, Sha256)>,
) -> Result<Vec<FileResult>, CheckError> {
    let at = |buffer: &mut Vec<u8>, entry: &Entry, known: Option<&Known<'_>>| {
        catch_unwind(AssertUnwindSafe(|| look.at(entry, buffer, known)))
            .map_err(|_| CheckError::Panicked { path: entry.path.to_string() })?
    };
    let threads = look.options.threads;
    let Some((cache, suppression_files)) = known else {
        let looked = parallel::map(files, threads, Vec::new, |buffer, entry| {
            Ok(at(buffer, entry, None)?.result)
        });
        return looked.into_iter().collect();
    };
    let recall =
        cache.recall(cache::key(look.options, &super::digest(look.rules), &suppression_files));
    let mut work = recall.plan(files);
    let mut results: Vec<FileResult> = Vec::with_capacity(files.len());
    let mut left = Vec::new();
    for (index, work) in work.iter_mut().enumerate() {
        let done = if let Work::Done(known) = work { known.result() } else { None };
        if done.is_none() {
            // Also what is known and cannot be read.
            if let Work::Done(_) = work {
                *work = Work::Look(None);
            }
            left.push(index);
        }
        results.push(done.unwrap_or_default());
    }
    let looked = parallel::map(&left, threads, Vec::new, |buffer, index| {
        let (Some(entry), Some(Work::Look(known))) = (files.get(*index), work.get(*index)) else {
            return None;
        };
        Some(at(buffer, entry, known.as_ref()))
    });
    let mut fresh: Vec<Option<Fresh>> = files.iter().map(|_| None).collect();
    for (index, looked) in left.into_iter().zip(looked) {
        let Some(looked) = looked.transpose()? else { continue };
        if let (Some(result), Some(fresh)) = (results.get_mut(index), fresh.get_mut(index)) {
            (*result, *fresh) = (looked.result, looked.fresh);
        }
    }
    let after = recall.after(files, &work, &fresh);
    cache.keep(after);
    Ok(results)
}
