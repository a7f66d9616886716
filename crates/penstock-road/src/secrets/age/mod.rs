//! `age:PATH` and `age:PATH#NAME`: files encrypted with age.
//!
//! The format is <https://age-encryption.org/v1> (<https://github.com/C2SP/C2SP/blob/main/age.md>),
//! read here with X25519 recipients. The crate `age` would bring a hundred others, among them a
//! second cryptographic library and a pre-release of post-quantum keys; of the format, a reader of
//! small files with one kind of recipient needs a header, three derived keys and one cipher, which
//! aws-lc-rs has.

mod armor;
mod bech32;
mod cipher;
mod dotenv;
mod header;

use std::{
    fs::File,
    io::{self, Read as _},
};

use penstock_git::{EntryKind, GitError, Repository};
use penstock_model::{RepoPath, Secret};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

use self::{cipher::Identity, header::Header};
use super::{AgeFault, SecretFault, Sources};
use crate::steps::Source;

/// The most bytes of an encrypted file.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most bytes of an identity file.
const MAX_IDENTITY_BYTES: u64 = 64 << 10;
/// The most identities in it: each is tried on each recipient.
const MAX_IDENTITIES: usize = 32;

impl Sources<'_> {
    /// The value in an encrypted file: of one line, or all of it without its last line feed.
    pub(super) fn read_age(&self, path: &str, key: Option<&str>) -> Result<Secret, SecretFault> {
        let identity = self.identity.ok_or(AgeFault::NoIdentity)?;
        let identities = read_within(File::open(identity), MAX_IDENTITY_BYTES)
            .map_err(|fault| match fault {
                AgeFault::Unreadable(kind) => AgeFault::IdentityUnreadable(kind),
                other => other,
            })
            .map(Secret::new)?;
        let encrypted = match path.strip_prefix('/') {
            Some(_) => read_within(File::open(path), MAX_FILE_BYTES)?,
            None => self.of_the_project(path)?,
        };
        Ok(decrypt(&encrypted, &identities, key)?)
    }

    fn of_the_project(&self, path: &str) -> Result<Vec<u8>, AgeFault> {
        let not_there = |place| move || AgeFault::NotThere(place);
        let wanted = RepoPath::new(path.as_bytes()).map_err(|_| not_there("the project")())?;
        match self.project {
            Source::Commit { repository, tree } => {
                let unreadable = |_: GitError| AgeFault::Unreadable(io::ErrorKind::Other);
                // A repository cannot be shared between threads.
                let repository = Repository::discover(repository).map_err(unreadable)?;
                let entry = repository.entry_at(tree, &wanted).map_err(unreadable)?;
                let file = entry.filter(|entry| matches!(entry.kind, EntryKind::File { .. }));
                let file = file.ok_or_else(not_there("the commit"))?;
                repository.blob_within(&file.oid, MAX_FILE_BYTES).map_err(unreadable)
            }
            Source::WorkTree { directory } => {
                let top = File::open(directory).map_err(|e| AgeFault::Unreadable(e.kind()))?;
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
                let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
                let file = openat2(&top, path, flags, Mode::empty(), within);
                let file = File::from(file.map_err(|_| not_there("the work tree")())?);
                if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                    return Err(not_there("the work tree")());
                }
                read_within(Ok(file), MAX_FILE_BYTES)
            }
        }
    }
}

/// Decrypts a file, armored or not, with the first identity that fits: the value of the line
/// `key=…`, or all of it without its last line feed.
///
/// # Errors
/// What is wrong with the file or the identities; nothing of their content.
pub fn decrypt(
    encrypted: &[u8],
    identities: &Secret,
    key: Option<&str>,
) -> Result<Secret, AgeFault> {
    let identities = read_identities(identities)?;
    let binary = armor::remove(encrypted)?;
    let (header, payload) = Header::parse(&binary)?;
    if header.is_for_a_passphrase() {
        return Err(AgeFault::Passphrase);
    }
    let mut file_key = None;
    for identity in &identities {
        file_key = header.file_key(identity)?;
        if file_key.is_some() {
            break;
        }
    }
    let file_key = file_key.ok_or(AgeFault::NotForUs)?;
    header.verify(&file_key)?;
    let text = cipher::decrypt_payload(&file_key, payload)?;
    match key {
        Some(key) => dotenv::value(&text, key),
        None => Ok(Secret::new(super::without_last_line_feed(text.expose()))),
    }
}

/// The identities of a file as `age-keygen` writes it: one a line, comments begin with `#`.
fn read_identities(text: &Secret) -> Result<Vec<Identity>, AgeFault> {
    let mut identities = Vec::new();
    for (number, line) in (1..).zip(text.expose().split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        if identities.len() >= MAX_IDENTITIES {
            return Err(AgeFault::NotAnIdentity(number));
        }
        let identity = Identity::read(line).ok_or(AgeFault::NotAnIdentity(number))?;
        identities.push(identity);
    }
    if identities.is_empty() { Err(AgeFault::NoIdentity) } else { Ok(identities) }
}

fn read_within(file: io::Result<File>, limit: u64) -> Result<Vec<u8>, AgeFault> {
    let unreadable = |error: io::Error| AgeFault::Unreadable(error.kind());
    let mut bytes = Vec::new();
    file.map_err(unreadable)?.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(AgeFault::TooLarge(limit));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
