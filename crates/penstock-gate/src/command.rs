//! The exact commands a decision points to. `release` is the name [`crate::Case`] gives it.

pub(crate) fn approve(environment: &str, release: &str) -> String {
    format!("penstock approve {environment} {release}")
}

pub(crate) fn gate(environment: &str, release: &str) -> String {
    format!("penstock gate {environment} {release}")
}

pub(crate) fn promote(environment: &str, release: &str) -> String {
    format!("penstock promote {environment} {release}")
}

/// The command that takes a release past its gate: what a person may run in an emergency and must
/// then answer for.
pub fn break_glass(environment: &str, release: &str) -> String {
    format!("{} --break-glass \"REASON\"", promote(environment, release))
}
