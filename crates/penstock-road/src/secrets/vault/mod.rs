//! `vault:MOUNT/PATH#FIELD`: HashiCorp Vault and OpenBao, a KV engine of version 2.
//!
//! <https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt-login>,
//! <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version>,
//! <https://developer.hashicorp.com/vault/api-docs/auth/token#revoke-a-token-self>.

mod client;
#[cfg(test)]
pub(super) mod fake;
#[cfg(test)]
mod tests;

use std::time::Duration;

use penstock_config::policy::Vault;
use penstock_model::Secret;
use serde::Deserialize;
use serde_json::Value;

use self::client::{Answer, Client};
use super::VaultFault;

/// A token, for as long as the secrets of one step are read.
pub(super) struct Session<'a> {
    client: Client<'a>,
    token: Secret,
    /// Whether the token came from our own login: then it is ours to revoke.
    ours: bool,
}

#[derive(Deserialize)]
struct Login {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    client_token: String,
}

#[derive(Deserialize)]
struct Read {
    data: Version,
}

#[derive(Deserialize)]
struct Version {
    data: Option<serde_json::Map<String, Value>>,
}

impl<'a> Session<'a> {
    /// Logs in with what the policy names: a JWT, or a token that is used as it is.
    pub(super) fn begin(
        vault: &'a Vault,
        credential: Secret,
        timeout: Duration,
    ) -> Result<Self, VaultFault> {
        let client = Client::new(vault, timeout)?;
        let Some(role) = vault.role.as_deref().filter(|_| vault.jwt.is_some()) else {
            return Ok(Self { client, token: credential, ours: false });
        };
        let jwt = std::str::from_utf8(credential.expose()).unwrap_or_default();
        let body = Secret::new(serde_json::json!({ "role": role, "jwt": jwt }).to_string());
        let answer = client.post(&["auth", &vault.mount, "login"], None, Some(&body))?;
        match answer {
            Answer::Ok(body) => {
                let login: Login = client.read_json(&body)?;
                let token = Secret::new(login.auth.client_token);
                Ok(Self { client, token, ours: true })
            }
            Answer::Refused(status) => Err(VaultFault::LoginRefused {
                role: role.to_owned(),
                mount: vault.mount.clone(),
                status,
            }),
        }
    }

    /// The value of one field.
    pub(super) fn read(&self, mount: &str, path: &str, field: &str) -> Result<Secret, VaultFault> {
        let body = match self.client.get(&[mount, "data", path], &self.token)? {
            Answer::Ok(body) => body,
            Answer::Refused(status) => {
                let meaning = match status {
                    // <https://developer.hashicorp.com/vault/api-docs#http-status-codes>
                    403 => "the login may not read this path",
                    404 => "there is nothing at this path, or its newest version was deleted",
                    429 | 473 | 503 => "it does not serve now",
                    _ => "see its log",
                };
                return Err(VaultFault::Refused { status, meaning });
            }
        };
        let read: Read = self.client.read_json(&body)?;
        let mut fields = read.data.data.unwrap_or_default();
        match fields.remove(field) {
            Some(Value::String(value)) => Ok(Secret::new(value)),
            Some(_) => Err(VaultFault::NotAString(field.to_owned())),
            None => Err(VaultFault::NoField(field.to_owned())),
        }
    }

    /// Revokes the token, if it is ours.
    pub(super) fn end(self) -> Result<(), VaultFault> {
        if !self.ours {
            return Ok(());
        }
        match self.client.post(&["auth", "token", "revoke-self"], Some(&self.token), None)? {
            Answer::Ok(_) => Ok(()),
            Answer::Refused(status) => {
                Err(VaultFault::Refused { status, meaning: "it ends by itself" })
            }
        }
    }
}
