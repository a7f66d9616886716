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
    /// Version 1: the variable or setting a credential is written into.
    SecretName {
        /// Where the credential stands.
        location: Location,
        /// The name, as it is written.
        name: String,
    },
    /// Version 1: a file uses a variable or another file.
    Use {
        /// Where it says so.
        location: Location,
        /// What says so.
        by: User,
        /// What is used.
        target: Target,
    },
}

/// What uses something, in the order in which uses are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum User {
    /// The definition of a pipeline.
    Ci,
    /// A Dockerfile.
    ContainerBuild,
    /// A compose file.
    ContainerService,
    /// A shell script or a Makefile.
    Script,
    /// A program.
    Code,
}

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A file, by the path as it is written.
    File(String),
    /// A variable of the environment, or a secret of the forge, by its name.
    Variable(String),
}
