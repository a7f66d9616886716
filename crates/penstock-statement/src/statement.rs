use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::ResourceDescriptor;

/// An in-toto Statement v1: a predicate about one or more digests
/// (<https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    kind: StatementType,
    /// What the predicate is about; never empty.
    pub subject: Vec<ResourceDescriptor>,
    /// The URI that says what `predicate` means.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// The claim itself.
    pub predicate: P,
}

/// The one `_type` this code reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
enum StatementType {
    #[serde(rename = "https://in-toto.io/Statement/v1")]
    V1,
}

/// A predicate of a known type.
pub trait Predicate: Serialize + DeserializeOwned {
    /// Its type URI, version included.
    const TYPE: &'static str;
}

/// A statement whose predicate has not been looked at.
pub type RawStatement = Statement<Value>;

impl<P: Predicate> Statement<P> {
    /// A statement about `subject`.
    pub fn new(subject: Vec<ResourceDescriptor>, predicate: P) -> Self {
        Self { kind: StatementType::V1, subject, predicate_type: P::TYPE.to_owned(), predicate }
    }

    /// The bytes that are signed: canonical JSON (RFC 8785), so that equal statements are equal bytes.
    ///
    /// # Errors
    /// [`StatementError::Unwritable`] for what JSON cannot carry (never for our own predicates).
    pub fn to_bytes(&self) -> Result<Vec<u8>, StatementError> {
        serde_json_canonicalizer::to_vec(self)
            .map_err(|e| StatementError::Unwritable(e.to_string()))
    }
}

impl RawStatement {
    /// The largest statement that is read, in bytes.
    pub const MAX_BYTES: usize = 16 << 20;

    /// A statement about `subject` whose predicate type is not one of ours: a document of a
    /// standard that is its own predicate (an SBOM).
    pub fn foreign(
        subject: Vec<ResourceDescriptor>,
        predicate_type: &str,
        predicate: Value,
    ) -> Self {
        Self {
            kind: StatementType::V1,
            subject,
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// More than [`Self::MAX_BYTES`], no JSON, another `_type`, no subject, or a subject without a
    /// digest. Nesting is bounded by `serde_json` (128).
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(StatementError::TooLarge(bytes.len()));
        }
        let statement: Self =
            serde_json::from_slice(bytes).map_err(|e| StatementError::Malformed(e.to_string()))?;
        if statement.subject.is_empty() || statement.subject.iter().any(|s| s.digest.is_empty()) {
            return Err(StatementError::NoSubject);
        }
        Ok(statement)
    }

    /// The same statement with its predicate read as a `P`.
    ///
    /// # Errors
    /// [`StatementError::WrongType`] if it claims another type, [`StatementError::Malformed`] if the
    /// predicate is not what its type promises.
    pub fn decode<P: Predicate>(self) -> Result<Statement<P>, StatementError> {
        if self.predicate_type != P::TYPE {
            return Err(StatementError::WrongType {
                expected: P::TYPE,
                found: self.predicate_type,
            });
        }
        let predicate = serde_json::from_value(self.predicate)
            .map_err(|e| StatementError::Malformed(e.to_string()))?;
        Ok(Statement {
            kind: self.kind,
            subject: self.subject,
            predicate_type: self.predicate_type,
            predicate,
        })
    }

    /// The bytes that are signed; see [`Statement::to_bytes`].
    ///
    /// # Errors
    /// [`StatementError::Unwritable`] for what JSON cannot carry.
    pub fn canonical_bytes(&self) -> Result<Vec<u8>, StatementError> {
        serde_json_canonicalizer::to_vec(self)
            .map_err(|e| StatementError::Unwritable(e.to_string()))
    }
}

/// Why bytes are not the statement they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not a statement, or its predicate is not what its type promises.
    #[error("not a statement: {0}")]
    Malformed(String),
    /// It is about nothing.
    #[error("the statement has a subject without a digest, or none")]
    NoSubject,
    /// It is larger than any statement we write.
    #[error("the statement has {0} bytes; at most {max} are read", max = RawStatement::MAX_BYTES)]
    TooLarge(usize),
    /// It cannot be written as canonical JSON.
    #[error("the statement cannot be written as canonical JSON: {0}")]
    Unwritable(String),
    /// It claims something else.
    #[error("expected a statement of type `{expected}`, found `{found}`")]
    WrongType {
        /// The type asked for.
        expected: &'static str,
        /// The type it has.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use penstock_model::Sha256;

    use super::*;

    fn raw() -> Value {
        serde_json::json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [ResourceDescriptor::sha256("a", &Sha256::of(b"a"))],
            "predicateType": "https://example.org/x",
            "predicate": {},
        })
    }

    #[test]
    fn a_statement_reads_back_byte_for_byte() {
        let statement = RawStatement::parse(raw().to_string().as_bytes()).unwrap();
        let bytes = statement.canonical_bytes().unwrap();
        assert_eq!(RawStatement::parse(&bytes), Ok(statement));
        assert!(bytes.starts_with(br#"{"_type":"https://in-toto.io/Statement/v1","predicate":{}"#));
    }

    #[test]
    fn statements_about_nothing_and_of_other_types_are_refused() {
        let mut nothing = raw();
        nothing["subject"] = serde_json::json!([]);
        assert_eq!(
            RawStatement::parse(nothing.to_string().as_bytes()),
            Err(StatementError::NoSubject)
        );
        let mut bare = raw();
        bare["subject"][0]["digest"] = serde_json::json!({});
        assert_eq!(
            RawStatement::parse(bare.to_string().as_bytes()),
            Err(StatementError::NoSubject)
        );
        let mut old = raw();
        old["_type"] = "https://in-toto.io/Statement/v0.1".into();
        assert!(matches!(
            RawStatement::parse(old.to_string().as_bytes()),
            Err(StatementError::Malformed(_))
        ));
        let nested = "[".repeat(100_000);
        assert!(matches!(
            RawStatement::parse(nested.as_bytes()),
            Err(StatementError::Malformed(_))
        ));
    }
}
