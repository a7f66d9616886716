//! The words every other crate speaks: digests, places, findings, facts, answers, reports.
//!
//! Nothing here reads a file, a clock or the network. Every type that appears in a machine format
//! is frozen by a snapshot test; a change to one is a new version of that format.

mod answer;
mod area;
mod coverage;
mod digest;
pub mod fact;
mod finding;
mod fingerprint;
mod location;
mod path;
mod project;
pub mod report;
mod role;
mod rule;
mod rule_set;
mod secret;
mod time;

pub use answer::{Answer, Unknown};
pub use area::{Area, Control, ControlArea, Threat};
pub use coverage::{Coverage, NotChecked, SkipReason, Skipped};
pub use digest::{DigestError, GitOid, Sha256};
pub use finding::{
    Edit, Finding, Fix, History, Related, Revision, SuppressedFinding, Suppression,
    SuppressionAuthority, SuppressionPlace, Unresolved,
};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use location::{Location, Region, Route, RouteStep};
pub use path::{RepoPath, RepoPathError};
pub use project::{ProjectId, ProjectIdError};
pub use report::Report;
pub use role::{IdentityStrength, Role};
pub use rule::{Applicability, Audience, Confidence, RuleId, RuleIdError, Severity};
pub use rule_set::{RuleSet, RuleSetError};
pub use secret::Secret;
pub use time::{Timestamp, TimestampError};
