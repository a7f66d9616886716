//! `env:NAME`.

use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

use penstock_model::Secret;

use super::SecretFault;

/// The value of a variable of the caller's environment; one that is empty counts as not set.
pub(super) fn read(
    lookup: &dyn Fn(&str) -> Option<OsString>,
    name: &str,
) -> Result<Secret, SecretFault> {
    match lookup(name) {
        Some(value) if !value.is_empty() => Ok(Secret::new(value.into_vec())),
        _ => Err(SecretFault::NotSet(name.to_owned())),
    }
}
