//! Facts several areas share: what a file says, without judging it.
//!
//! Each kind carries its own version; an area's private facts stay in its crate.

use serde::{Deserialize, Serialize};

use crate::{Location, Sha256};

/// One fact, found in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fact {
    /// Version 1: a job of a pipeline definition.
    CiJob {
        /// Where the job is defined.
        location: Location,
        /// Its id in the file.
        id: String,
        /// The events that start it, sorted.
        triggers: Vec<String>,
    },
    /// Version 1: a credential was seen. The value itself never becomes a fact.
    Secret {
        /// Where it stands.
        location: Location,
        /// Keyed digest of the value, equal for equal values within one repository.
        value: Sha256,
    },
}
