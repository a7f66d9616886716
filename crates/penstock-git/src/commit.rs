use penstock_model::{GitOid, Timestamp};

use crate::error::GitError;

/// A commit, read strictly where evidence depends on it and leniently where history is just odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: GitOid,
    /// The tree it records.
    pub tree: GitOid,
    /// Its parents, in order; none for a root.
    pub parents: Vec<GitOid>,
    /// Who wrote the change.
    pub author: Identity,
    /// Who recorded it.
    pub committer: Identity,
    /// The message; bytes that are not UTF-8 are replaced.
    pub message: String,
    /// Who else wrote it: the `Co-authored-by` trailers.
    pub co_authors: Vec<CoAuthor>,
    /// The signature it carries; [`RawSignature::verify_ssh`] verifies those OpenSSH made.
    pub signature: CommitSignature,
}

/// A person as a commit names one: a claim, not a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name; of a line that is ambiguous (two addresses in it), the whole line.
    pub name: String,
    /// The e-mail address; empty where the line has none or is ambiguous.
    pub email: String,
    /// When; the year 1970 where the line has no readable time, as Git shows it.
    pub time: Timestamp,
}

/// A person a `Co-authored-by` trailer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoAuthor {
    /// The name; of a value without one clear address, the whole value.
    pub name: String,
    /// The e-mail address; empty where there is no clear one.
    pub email: String,
}

/// Whether a commit carries a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitSignature {
    /// It carries none.
    None,
    /// It carries one.
    Present(RawSignature),
}

/// A commit's signature and what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSignature {
    /// Its format.
    pub kind: SignatureKind,
    /// The armoured signature as stored.
    pub armour: Vec<u8>,
    /// The bytes it signs: the commit object without its signature headers.
    pub payload: Vec<u8>,
}

/// The formats of signatures Git makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// OpenSSH's SSHSIG.
    Ssh,
    /// OpenPGP.
    OpenPgp,
    /// CMS with an X.509 certificate.
    X509,
    /// Something else.
    Unknown,
}

impl Commit {
    /// Reads the bytes of a commit object
    /// (<https://git-scm.com/docs/signature-format> for the signature headers).
    pub(crate) fn parse(id: GitOid, data: &[u8]) -> Result<Self, GitError> {
        let headers = Headers::read(data);
        let malformed =
            |field: &'static str| GitError::MalformedCommit { commit: id.clone(), field };
        let tree = oid(headers.only(b"tree")).ok_or_else(|| malformed("tree"))?;
        let parents = headers
            .all(b"parent")
            .map(|value| oid(Some(value)).ok_or_else(|| malformed("parent")))
            .collect::<Result<_, _>>()?;
        let author = headers.only(b"author").ok_or_else(|| malformed("author"))?;
        let committer = headers.only(b"committer").ok_or_else(|| malformed("committer"))?;
        let signature = match headers.all(b"gpgsig").count() {
            0 => CommitSignature::None,
            1 => CommitSignature::Present(RawSignature::new(
                headers.only(b"gpgsig").unwrap_or_default().to_vec(),
                headers.payload(),
            )),
            // Git would join them; no signer makes such a thing.
            _ => return Err(malformed("gpgsig")),
        };
        let message = String::from_utf8_lossy(headers.message).into_owned();
        Ok(Self {
            tree,
            parents,
            author: Identity::parse(author),
            committer: Identity::parse(committer),
            co_authors: co_authors(&message),
            message,
            signature,
            id,
        })
    }

    /// The first line of the message.
    pub fn summary(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// The parents alone, for walks over history whose other fields do not matter.
pub(crate) fn parents(id: &GitOid, data: &[u8]) -> Result<Vec<GitOid>, GitError> {
    Headers::read(data)
        .all(b"parent")
        .map(|value| {
            oid(Some(value))
                .ok_or_else(|| GitError::MalformedCommit { commit: id.clone(), field: "parent" })
        })
        .collect()
}

/// What a walk over history needs of a commit.
pub(crate) struct Skeleton {
    pub(crate) tree: gix::ObjectId,
    pub(crate) parents: Vec<gix::ObjectId>,
    /// The committer's time, in seconds since 1970; 0 where the line has no readable time.
    pub(crate) time: i64,
}

impl Skeleton {
    /// Reads no more than it needs; `None` where there is no tree or a parent that is no id.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
        let id = |value: &[u8]| gix::ObjectId::from_hex(value).ok();
        let (mut tree, mut parents, mut time) = (None, Vec::new(), 0);
        for line in data.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()) {
            if let Some(value) = line.strip_prefix(b"tree ") {
                tree = tree.or(Some(id(value)?));
            } else if let Some(value) = line.strip_prefix(b"parent ") {
                parents.push(id(value)?);
            } else if let Some(value) = line.strip_prefix(b"committer ") {
                time = Identity::parse(value).time.unix();
                break;
            }
        }
        Some(Self { tree: tree?, parents, time })
    }
}

impl Identity {
    /// Reads `Name <e-mail> seconds zone`.
    fn parse(line: &[u8]) -> Self {
        let line = String::from_utf8_lossy(line);
        let time = line
            .rsplit_once('>')
            .and_then(|(_, after)| after.split_ascii_whitespace().next()?.parse().ok())
            .and_then(|seconds| Timestamp::from_unix(seconds).ok())
            .unwrap_or_else(epoch);
        let clear = line
            .rsplit_once('>')
            .and_then(|(person, _)| person.split_once('<'))
            .filter(|(name, email)| !email.contains(['<', '>']) && !name.contains('>'));
        let (name, email) = clear.unwrap_or((&*line, ""));
        Self { name: name.trim().to_owned(), email: email.trim().to_owned(), time }
    }
}

impl CoAuthor {
    fn parse(value: &str) -> Self {
        let value = value.trim();
        let clear = value
            .strip_suffix('>')
            .and_then(|rest| rest.split_once('<'))
            .filter(|(name, email)| !email.contains(['<', '>']) && !name.contains('>'));
        let (name, email) = clear.unwrap_or((value, ""));
        Self { name: name.trim().to_owned(), email: email.trim().to_owned() }
    }
}

impl RawSignature {
    fn new(armour: Vec<u8>, payload: Vec<u8>) -> Self {
        let kind = if armour.starts_with(b"-----BEGIN SSH SIGNATURE-----") {
            SignatureKind::Ssh
        } else if armour.starts_with(b"-----BEGIN PGP ") {
            SignatureKind::OpenPgp
        } else if armour.starts_with(b"-----BEGIN SIGNED MESSAGE-----") {
            SignatureKind::X509
        } else {
            SignatureKind::Unknown
        };
        Self { kind, armour, payload }
    }
}

/// A commit object cut into its headers and its message.
struct Headers<'a> {
    entries: Vec<Header<'a>>,
    message: &'a [u8],
    /// Everything from the empty line on.
    tail: &'a [u8],
}

struct Header<'a> {
    key: &'a [u8],
    /// Continuation lines joined by line feeds, without their leading space.
    value: Vec<u8>,
    /// The lines as stored.
    raw: Vec<&'a [u8]>,
}

impl<'a> Headers<'a> {
    fn read(data: &'a [u8]) -> Self {
        let mut entries: Vec<Header<'a>> = Vec::new();
        let mut rest = data;
        while !rest.is_empty() && !rest.starts_with(b"\n") {
            let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let (raw, after) = rest.split_at(end);
            rest = after;
            let line = raw.strip_suffix(b"\n").unwrap_or(raw);
            if let (Some(more), Some(last)) = (line.strip_prefix(b" "), entries.last_mut()) {
                last.value.push(b'\n');
                last.value.extend_from_slice(more);
                last.raw.push(raw);
                continue;
            }
            let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            let (key, value) = line.split_at(space);
            let value = value.strip_prefix(b" ").unwrap_or(value).to_vec();
            entries.push(Header { key, value, raw: vec![raw] });
        }
        Self { entries, message: rest.strip_prefix(b"\n").unwrap_or(rest), tail: rest }
    }

    fn all(&self, key: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(move |entry| entry.key == key).map(|entry| &*entry.value)
    }

    /// The value of a header that is there exactly once.
    fn only(&self, key: &[u8]) -> Option<&[u8]> {
        let mut all = self.all(key);
        all.next().filter(|_| all.next().is_none())
    }

    /// What a signature covers: everything but the signatures, for either object format.
    fn payload(&self) -> Vec<u8> {
        let signed =
            self.entries.iter().filter(|entry| !matches!(entry.key, b"gpgsig" | b"gpgsig-sha256"));
        let mut payload: Vec<u8> =
            signed.flat_map(|entry| entry.raw.iter().copied().flatten().copied()).collect();
        payload.extend_from_slice(self.tail);
        payload
    }
}

fn oid(value: Option<&[u8]>) -> Option<GitOid> {
    std::str::from_utf8(value?).ok()?.parse().ok()
}

/// The `Co-authored-by` trailers: lines of the last paragraph, in any case, each with the
/// continuation lines that follow it (`git interpret-trailers`).
fn co_authors(message: &str) -> Vec<CoAuthor> {
    let lines: Vec<&str> = message.trim_end().lines().collect();
    // The title is no trailer, even where it is the only paragraph.
    let paragraph = lines.rsplit(|line| line.trim().is_empty()).next().unwrap_or_default();
    let paragraph = if paragraph.len() == lines.len() {
        paragraph.get(1..).unwrap_or_default()
    } else {
        paragraph
    };
    let mut values: Vec<String> = Vec::new();
    let mut continues = false;
    for line in paragraph {
        if line.starts_with([' ', '\t']) {
            if continues && let Some(last) = values.last_mut() {
                last.push(' ');
                last.push_str(line.trim());
            }
            continue;
        }
        let value = line
            .split_once(':')
            .filter(|(token, _)| token.trim_end().eq_ignore_ascii_case("co-authored-by"));
        continues = value.is_some();
        if let Some((_, value)) = value {
            values.push(value.to_owned());
        }
    }
    let mut people: Vec<CoAuthor> = Vec::new();
    for person in values.iter().map(|value| CoAuthor::parse(value)) {
        if !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

fn epoch() -> Timestamp {
    #[expect(clippy::unwrap_used, reason = "the epoch is representable")]
    Timestamp::from_unix(0).unwrap()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail_otherwise_than_by_an_error(
            lines in proptest::collection::vec(
                prop_oneof![
                    Just(b"tree 0123456789012345678901234567890123456789".to_vec()),
                    Just(b"parent 0123456789012345678901234567890123456789".to_vec()),
                    Just(b"author A <a@x> 1 +0000".to_vec()),
                    Just(b"committer A <a@x> 1 +0000".to_vec()),
                    Just(b"gpgsig -----BEGIN SSH SIGNATURE-----".to_vec()),
                    Just(b" continued".to_vec()),
                    Just(Vec::new()),
                    Just(b"Co-authored-by: <<>".to_vec()),
                    proptest::collection::vec(any::<u8>(), 0..40),
                ],
                0..20,
            )
        ) {
            let data = lines.join(&b'\n');
            let id: GitOid = "a".repeat(40).parse().unwrap();
            if let Ok(commit) = Commit::parse(id.clone(), &data) {
                prop_assert!(commit.author.email.is_empty() || !commit.author.email.contains('<'));
                let same = parents(&id, &data);
                prop_assert_eq!(same, Ok(commit.parents));
                if let CommitSignature::Present(signature) = commit.signature {
                    prop_assert!(signature.payload.len() < data.len());
                }
            }
        }
    }
}
