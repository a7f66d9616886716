use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a question about a repository or a release was answered with.
///
/// There is no fourth value and no default: a question that could not be decided stays
/// [`Answer::Unknown`] until the missing fact is supplied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It cannot be told, and this is what is missing.
    Unknown(Unknown),
}

/// The fact whose absence makes an answer unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// The missing fact, as a noun phrase: `the value of var.bucket`.
    pub fact: String,
}

impl Answer {
    /// An unknown answer that names the missing fact.
    pub fn unknown(fact: impl Into<String>) -> Self {
        Self::Unknown(Unknown { fact: fact.into() })
    }

    /// Both must hold. `No` wins over `Unknown`: one known failure decides.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(unknown), _) | (_, Self::Unknown(unknown)) => Self::Unknown(unknown),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_failure_outweighs_an_unknown() {
        assert_eq!(Answer::unknown("x").and(Answer::No), Answer::No);
        assert_eq!(Answer::Yes.and(Answer::unknown("x")), Answer::unknown("x"));
        assert_eq!(Answer::Yes.and(Answer::Yes), Answer::Yes);
    }

    #[test]
    fn its_schema_says_what_is_written() {
        let schema = schemars::schema_for!(Answer).to_value().to_string();
        for answer in [Answer::Yes, Answer::No, Answer::unknown("x")] {
            let written = serde_json::to_value(&answer).unwrap();
            assert!(schema.contains(&format!("{}", written["answer"])), "{schema}");
        }
        assert_eq!(
            serde_json::to_value(Answer::unknown("x")).unwrap(),
            serde_json::json!({ "answer": "unknown", "fact": "x" })
        );
    }
}
