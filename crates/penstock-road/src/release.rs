//! A release: a sealed run, found by what a person types and laid out for a target.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use penstock_deploy::{Release, ReleaseFile};
use penstock_model::{RepoPath, Sha256};
use penstock_sandbox::outputs::{OutputDigest, stored_path, verify_directory};
use penstock_statement::{
    Predicate as _, ResourceDescriptor, Verified,
    predicate::{RunSeal, SealedOutput},
};

use crate::{
    archive::Archive,
    error::{Refusal, RoadError},
    session::Session,
};

/// The fewest digits of a digest that are taken for its beginning.
const MIN_DIGITS: usize = 6;

/// Finds the release somebody means: the beginning of a seal's or an output's digest, or a file.
/// Nothing means the newest.
///
/// # Errors
/// Nothing fits, or more than one thing does.
pub fn find(session: &Session<'_>, wanted: Option<&str>) -> Result<Verified<RunSeal>, RoadError> {
    let archive = Archive::new(&session.ledger, &session.trust);
    let seals: Vec<Verified<RunSeal>> = archive
        .all::<RunSeal>()?
        .verified
        .into_iter()
        .filter(|seal| seal.predicate().project == session.project.id)
        .collect();
    let Some(wanted) = wanted else {
        let newest = seals.into_iter().next_back();
        return newest.ok_or_else(|| Refusal::UnknownRelease("the newest".to_owned()).into());
    };
    let digits = wanted.strip_prefix("sha256:").unwrap_or(wanted).to_ascii_lowercase();
    let is_digest = digits.len() >= MIN_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = match fs::read(wanted) {
        Ok(bytes) if !is_digest => Sha256::of(&bytes).to_string(),
        _ if is_digest => digits,
        _ => return Err(Refusal::UnknownRelease(wanted.to_owned()).into()),
    };
    let by_seal: Vec<&Verified<RunSeal>> =
        seals.iter().filter(|seal| seal.evidence.to_string().starts_with(&digits)).collect();
    match by_seal.as_slice() {
        [only] => return Ok((*only).clone()),
        [] => {}
        _ => return Err(Refusal::Ambiguous(wanted.to_owned()).into()),
    }
    // One output may come from several runs; the newest run is meant, but only if it is one output.
    let mut outputs: BTreeMap<String, &Verified<RunSeal>> = BTreeMap::new();
    for seal in &seals {
        for digest in seal.statement.subject.iter().flat_map(|subject| subject.digest.values()) {
            if digest.starts_with(&digits) {
                outputs.insert(digest.clone(), seal);
            }
        }
    }
    match outputs.len() {
        1 => outputs
            .into_values()
            .next()
            .cloned()
            .ok_or_else(|| Refusal::UnknownRelease(wanted.to_owned()).into()),
        0 => Err(Refusal::UnknownRelease(wanted.to_owned()).into()),
        _ => Err(Refusal::Ambiguous(wanted.to_owned()).into()),
    }
}

/// Whether the first digits that are shown of this seal also begin another one's.
pub(crate) fn is_ambiguous(session: &Session<'_>, release: &Sha256) -> Result<bool, RoadError> {
    let short = release.short();
    let entries = session.ledger.by_type(RunSeal::TYPE)?;
    let alike = entries.iter().filter(|(_, entry)| entry.sha256.to_string().starts_with(&short));
    Ok(alike.count() > 1)
}

/// A release laid out: its files, and where each can be read.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) release: Release,
    sources: BTreeMap<RepoPath, PathBuf>,
}

impl Layout {
    /// The files of a sealed run. A directory's files are read from the store and must have the
    /// digest that was sealed.
    pub(crate) fn of(session: &Session<'_>, seal: &Verified<RunSeal>) -> Result<Self, RoadError> {
        let mut files = Vec::new();
        let mut sources = BTreeMap::new();
        for output in seal.predicate().steps.iter().flat_map(|step| &step.outputs) {
            let Some(identity) = digest(output) else { continue };
            let store = session.place.home.artifacts();
            let stored = stored_path(&store, &identity, output.executable);
            let digest = identity.sha256();
            if let OutputDigest::File(_) = identity {
                files.push(ReleaseFile {
                    path: output.path.clone(),
                    digest,
                    executable: output.executable,
                });
                sources.insert(output.path.clone(), stored);
            } else {
                for file in
                    verify_directory(&stored, &digest).map_err(|error| Refusal::NoLongerHolds {
                        release: seal.evidence.short(),
                        reason: error.to_string(),
                    })?
                {
                    let path = output.path.join(&file.path);
                    sources.insert(path.clone(), stored.join(file.path.as_path()));
                    files.push(ReleaseFile {
                        path,
                        digest: file.digest,
                        executable: file.executable,
                    });
                }
            }
        }
        Ok(Self { release: Release::new(seal.evidence, files)?, sources })
    }

    /// Where a file of the release can be read.
    pub(crate) fn source(&self, path: &RepoPath) -> PathBuf {
        self.sources.get(path).cloned().unwrap_or_else(|| Path::new("").to_owned())
    }
}

/// The digest an output is stored by.
fn digest(output: &SealedOutput) -> Option<OutputDigest> {
    let of = |algorithm: &str| output.digest.get(algorithm)?.parse::<Sha256>().ok();
    of("sha256").map(OutputDigest::File).or_else(|| of("gitTree").map(OutputDigest::Directory))
}

/// The digests a release consists of.
pub(crate) fn subjects(seal: &Verified<RunSeal>) -> Vec<ResourceDescriptor> {
    seal.statement.subject.clone()
}
