use std::collections::BTreeMap;

use penstock_model::{Sha256, Timestamp};
use serde::{Deserialize, Serialize};

/// The largest entry, in bytes of its canonical JSON.
pub const MAX_ENTRY_BYTES: usize = 4096;

/// The version of the entry format this code writes and reads.
pub const ENTRY_VERSION: u32 = 1;

/// One entry of the ledger, version 1: what a piece of evidence is and is about. Its bytes in the
/// log are canonical JSON (RFC 8785); the evidence itself is stored beside the log by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The version of the format: 1.
    pub v: u32,
    /// When whoever appended it says it was; nobody vouches for it.
    pub time: Timestamp,
    /// The predicate type of the statement in the evidence, a URI.
    pub predicate_type: String,
    /// The media type of the evidence.
    pub media_type: String,
    /// The evidence's id: the digest of its exact bytes.
    pub sha256: Sha256,
    /// How many bytes the evidence has.
    pub size: u64,
    /// What the evidence is about.
    pub subjects: Vec<Subject>,
    /// The key that signed the evidence, by its id.
    pub key_id: String,
}

/// Something evidence is about, by digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What it is called, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its digests by algorithm, in lower-case hexadecimal, as in an in-toto statement.
    pub digest: BTreeMap<String, String>,
}

impl Subject {
    /// A subject with a SHA-256 digest.
    pub fn sha256(name: Option<&str>, digest: &Sha256) -> Self {
        Self {
            name: name.map(str::to_owned),
            digest: BTreeMap::from([("sha256".to_owned(), digest.to_string())]),
        }
    }
}

impl Entry {
    /// The entry's bytes in the log.
    ///
    /// # Errors
    /// [`EntryError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        let bytes =
            serde_json_canonicalizer::to_vec(self).map_err(|e| EntryError::Json(e.to_string()))?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        Ok(bytes)
    }

    /// Reads an entry's bytes, which must be the canonical ones.
    ///
    /// # Errors
    /// Bytes that are not an entry of this version, written canonically, within the limit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| {
            match serde_json::from_slice::<Version>(bytes) {
                Ok(Version { v }) if v != ENTRY_VERSION => EntryError::Version(v),
                _ => EntryError::Json(error.to_string()),
            }
        })?;
        if entry.v != ENTRY_VERSION {
            return Err(EntryError::Version(entry.v));
        }
        if entry.to_bytes()? == bytes { Ok(entry) } else { Err(EntryError::NotCanonical) }
    }

    /// Whether both say the same about the same evidence, whatever time they claim.
    pub fn describes_same(&self, other: &Self) -> bool {
        Self { time: other.time, ..self.clone() } == *other
    }
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Why bytes are no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not the JSON of an entry.
    #[error("not a ledger entry: {0}")]
    Json(String),
    /// The JSON of an entry, written in another way than RFC 8785 says.
    #[error("the ledger entry is not canonical JSON")]
    NotCanonical,
    /// Over the limit.
    #[error(
        "the ledger entry would have {0} bytes, more than {MAX_ENTRY_BYTES}: name fewer subjects"
    )]
    TooLarge(usize),
    /// Written by another version.
    #[error("ledger entries of version {0} cannot be read by this program: use a newer one")]
    Version(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            v: 1,
            time: "2026-11-23T14:02:00Z".parse().unwrap(),
            predicate_type: "https://slsa.dev/provenance/v1".into(),
            media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".into(),
            sha256: Sha256::of(b"bundle"),
            size: 6,
            subjects: vec![
                Subject::sha256(Some("hello \"é\""), &Sha256::of(b"hello")),
                Subject::sha256(None, &Sha256::of(b"")),
            ],
            key_id: "3f9a".into(),
        }
    }

    /// Frozen: entries written once are read for ever.
    #[test]
    fn version_1_is_these_bytes() {
        let frozen = concat!(
            r#"{"keyId":"3f9a","mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","#,
            r#""predicateType":"https://slsa.dev/provenance/v1","#,
            r#""sha256":"b3a8e0e1f9ab1bfe3a36f231f676f78bb30a519d2b21e6c530c0eee8ebb4a5d0","#,
            r#""size":6,"subjects":[{"digest":{"sha256":"#,
            r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},"#,
            r#""name":"hello \"é\""},{"digest":{"sha256":"#,
            r#""e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}],"#,
            r#""time":"2026-11-23T14:02:00Z","v":1}"#,
        )
        .replace(
            "b3a8e0e1f9ab1bfe3a36f231f676f78bb30a519d2b21e6c530c0eee8ebb4a5d0",
            &Sha256::of(b"bundle").to_string(),
        );
        assert_eq!(String::from_utf8(entry().to_bytes().unwrap()).unwrap(), frozen);
        assert_eq!(Entry::from_bytes(frozen.as_bytes()), Ok(entry()));
    }

    #[test]
    fn an_entry_is_written_in_one_way_only() {
        let bytes = String::from_utf8(entry().to_bytes().unwrap()).unwrap();
        for wrong in [
            bytes.replacen(':', ": ", 1),
            bytes.replace(r#""v":1"#, r#""v":1.0"#),
            bytes.replacen('{', r#"{"keyId":"0","#, 1),
            bytes.replacen('{', r#"{"a":1,"#, 1),
            bytes.replace("Z\"", "+00:00\""),
            bytes.clone() + "\n",
            bytes[..bytes.len() - 1].to_owned(),
        ] {
            assert!(Entry::from_bytes(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let newer = bytes.replace(r#""v":1"#, r#""v":2"#);
        assert_eq!(Entry::from_bytes(newer.as_bytes()), Err(EntryError::Version(2)));
    }

    #[test]
    fn an_entry_over_four_kibibytes_is_refused() {
        let mut large = entry();
        large.subjects = vec![large.subjects[1].clone(); 45];
        let Err(EntryError::TooLarge(length)) = large.to_bytes() else { panic!("too large") };
        assert!(length > MAX_ENTRY_BYTES);
        let bytes = vec![b' '; MAX_ENTRY_BYTES + 1];
        assert_eq!(Entry::from_bytes(&bytes), Err(EntryError::TooLarge(MAX_ENTRY_BYTES + 1)));
    }
}
