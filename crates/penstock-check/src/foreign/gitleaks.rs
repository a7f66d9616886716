//! `.gitleaks.toml` (<https://github.com/gitleaks/gitleaks#configuration>) and `.gitleaksignore`.

mod allowlist;
mod positions;

pub(super) use allowlist::{Allowlists, Subject};
pub(super) use positions::Positions;
