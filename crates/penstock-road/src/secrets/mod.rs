//! Values for steps that must not be seen: fetched right before the step that needs them starts,
//! from whichever source its definition names, and dropped when it has ended.
//!
//! An error names the secret and its source. It never holds the value, a part of it, or what a
//! server or a file said, since that may be the value.

mod age;
mod env;
mod error;
mod fd;
mod vault;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::Path,
    sync::Mutex,
    time::Duration,
};

use penstock_config::{SecretSource, policy::Vault};
use penstock_model::Secret;
use penstock_sandbox::mask::{MAX_SECRET_BYTES, MIN_SECRET_BYTES};
use penstock_statement::predicate::SecretRead;

use crate::steps::Source;

pub use age::decrypt;
pub use error::{AgeFault, SecretError, SecretFault, VaultFault};

/// How long one request to a Vault may take, connecting included.
pub const VAULT_TIMEOUT: Duration = Duration::from_secs(20);

/// Where the secrets of a run come from.
pub struct Sources<'a> {
    /// Looks a variable up in the caller's environment.
    pub lookup: &'a (dyn Fn(&str) -> Option<OsString> + Sync),
    /// The descriptors Penstock was started with. No other may be named: it could be one of our
    /// own.
    pub inherited: &'a BTreeSet<u32>,
    /// A file with the identities that age files are decrypted with.
    pub identity: Option<&'a Path>,
    /// The policy's Vault.
    pub vault: Option<&'a Vault>,
    /// How long one request to it may take.
    pub vault_timeout: Duration,
    /// What is built: where files of the project are read.
    pub project: Source<'a>,
    /// What was read from descriptors, which give it only once; kept for the run.
    pub from_descriptors: Mutex<BTreeMap<u32, Secret>>,
}

/// The secrets of one step.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The values, by the name the step sees.
    pub values: BTreeMap<String, Secret>,
    /// What was read, in the order it was read, for the record; also where a later one failed.
    pub read: Vec<SecretRead>,
    /// What whoever runs this should know, without anything secret.
    pub notes: Vec<String>,
}

impl Sources<'_> {
    /// Fetches what a step wants. `fetched` has what was read before an error, too.
    ///
    /// # Errors
    /// The first secret that cannot be had, or cannot be given to a step.
    pub fn fetch(
        &self,
        wanted: &BTreeMap<String, SecretSource>,
        fetched: &mut Fetched,
    ) -> Result<(), SecretError> {
        let mut session = None;
        let mut result = Ok(());
        for (name, source) in wanted {
            let value = self.one(source, &mut session).and_then(usable);
            match value {
                Ok(value) => {
                    fetched.values.insert(name.clone(), value);
                    fetched
                        .read
                        .push(SecretRead { name: name.clone(), source: source.to_string() });
                }
                Err(fault) => {
                    result = Err(SecretError {
                        name: name.clone(),
                        from: source.clone(),
                        fault: Box::new(fault),
                    });
                    break;
                }
            }
        }
        if let Some(session) = session
            && let Err(fault) = session.end()
        {
            fetched.notes.push(format!("the token of Vault was not revoked: {fault}"));
        }
        result
    }

    fn one<'s>(
        &'s self,
        source: &SecretSource,
        session: &mut Option<vault::Session<'s>>,
    ) -> Result<Secret, SecretFault> {
        match source {
            SecretSource::Age { path, key } => self.read_age(path, key.as_deref()),
            SecretSource::Vault { mount, path, field } => {
                let session = match session {
                    Some(session) => session,
                    None => session.insert(self.log_in()?),
                };
                Ok(session.read(mount, path, field)?)
            }
            source => self.callers(source),
        }
    }

    /// A value the caller handed over.
    fn callers(&self, source: &SecretSource) -> Result<Secret, SecretFault> {
        match source {
            SecretSource::Env(name) => env::read(self.lookup, name),
            SecretSource::Fd(number) => self.read_descriptor(*number),
            _ => Err(SecretFault::Unsupported),
        }
    }

    fn log_in(&self) -> Result<vault::Session<'_>, SecretFault> {
        let vault = self.vault.ok_or(SecretFault::NoVault)?;
        let credential = match (&vault.jwt, &vault.token) {
            (Some(source), _) | (None, Some(source)) => source,
            (None, None) => return Err(SecretFault::NoVault),
        };
        let value = self.callers(credential).map_err(|fault| SecretFault::Login {
            from: credential.to_string(),
            fault: Box::new(fault),
        })?;
        Ok(vault::Session::begin(vault, value, self.vault_timeout)?)
    }
}

/// The value, if it can be given to a step and kept out of its log.
fn usable(value: Secret) -> Result<Secret, SecretFault> {
    let bytes = value.expose();
    if bytes.len() < MIN_SECRET_BYTES {
        return Err(SecretFault::TooShort);
    }
    if bytes.len() > MAX_SECRET_BYTES {
        return Err(SecretFault::TooLong);
    }
    if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
        return Err(SecretFault::NotText);
    }
    Ok(value)
}

/// Text without the line feed that ends its last line, as `$(…)` of a shell gives it.
fn without_last_line_feed(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

#[cfg(test)]
mod tests;
