use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{SecretSource, text::of_form};

/// The Vault or OpenBao that secrets of steps come from which name `vault:`.
///
/// It is in the policy and not in `penstock.toml`, because what logs in there is sent to this
/// address: a change must not choose it. No proxy is used and no redirect followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// Its address: `https://vault.example.org:8200`; `http://` only for this machine.
    #[schemars(extend("format" = "vault-address"))]
    pub address: String,
    /// The namespace, where the server has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UrlPath>")]
    pub namespace: Option<String>,
    /// A file with the certificates (PEM) of who may vouch for the server; the system's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Directory>")]
    pub ca: Option<String>,
    /// Where the JWT auth method is mounted.
    #[serde(default = "Vault::default_mount", skip_serializing_if = "Vault::is_default_mount")]
    #[schemars(extend("format" = "url-path"))]
    pub mount: String,
    /// The role to log in to, with `jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UrlPath>")]
    pub role: Option<String>,
    /// Where the JSON Web Token to log in with comes from: `env:NAME` or `fd:3`. The token Vault
    /// gives for it is revoked once the secrets of a step were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CallersSecret>")]
    pub jwt: Option<SecretSource>,
    /// Where a token of Vault comes from, instead of logging in: `env:NAME` or `fd:3`. It is left
    /// as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CallersSecret>")]
    pub token: Option<SecretSource>,
}

of_form!(UrlPath, "url-path");
of_form!(Directory, "directory");
of_form!(CallersSecret, "callers-secret");

impl Vault {
    fn default_mount() -> String {
        "jwt".to_owned()
    }

    fn is_default_mount(mount: &String) -> bool {
        *mount == Self::default_mount()
    }

    /// Whether it is said how to log in: by `role` and `jwt`, or by `token` and neither of them.
    pub fn says_how(&self) -> bool {
        match &self.token {
            Some(_) => self.jwt.is_none() && self.role.is_none(),
            None => self.jwt.is_some() && self.role.is_some(),
        }
    }
}

impl fmt::Display for Vault {
    /// All of it in one line: whatever changes of it is another place of trust.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        if let Some(namespace) = &self.namespace {
            write!(f, ", namespace {namespace}")?;
        }
        if let Some(ca) = &self.ca {
            write!(f, ", vouched for by {ca}")?;
        }
        if let (Some(role), Some(jwt)) = (&self.role, &self.jwt) {
            write!(f, ", role {role} at {} with {jwt}", self.mount)?;
        }
        if let Some(token) = &self.token {
            write!(f, ", with {token}")?;
        }
        Ok(())
    }
}
