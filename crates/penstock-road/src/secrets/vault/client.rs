//! Requests to one Vault and no other server: no redirects, no proxy, bounded answers.

use std::{fs, sync::Arc, time::Duration};

use penstock_config::policy::Vault;
use penstock_model::Secret;
use serde::de::DeserializeOwned;
use ureq::{
    Agent,
    http::{Request, Response},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem},
};

use super::VaultFault;
use crate::certificates;

/// The most bytes of an answer.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// A server and how to reach it.
pub(super) struct Client<'a> {
    agent: Agent,
    vault: &'a Vault,
}

/// An answer that is one.
pub(super) enum Answer {
    /// Status 200 or 204, and the body: it may hold secrets.
    Ok(Secret),
    /// Another status. The body is not read: it may hold what was sent.
    Refused(u16),
}

impl<'a> Client<'a> {
    /// A client; nothing is sent yet.
    pub(super) fn new(vault: &'a Vault, timeout: Duration) -> Result<Self, VaultFault> {
        // The policy's form allows `http` for loopback addresses only.
        let encrypted = vault.address.starts_with("https://");
        let mut config = Agent::config_builder()
            .https_only(encrypted)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("penstock")
            .timeout_global(Some(timeout));
        if encrypted {
            let tls = TlsConfig::builder()
                .provider(TlsProvider::Rustls)
                .unversioned_rustls_crypto_provider(Arc::new(
                    rustls::crypto::aws_lc_rs::default_provider(),
                ))
                .root_certs(RootCerts::new_with_certs(&trusted(vault)?))
                .build();
            config = config.tls_config(tls);
        }
        Ok(Self { agent: config.build().new_agent(), vault })
    }

    /// `GET`.
    pub(super) fn get(&self, path: &[&str], token: &Secret) -> Result<Answer, VaultFault> {
        let request = self.request("GET", path, Some(token)).and_then(|r| r.body(()).ok());
        let request = request.ok_or_else(|| self.unsendable())?;
        self.answer(self.agent.run(request))
    }

    /// `POST`.
    pub(super) fn post(
        &self,
        path: &[&str],
        token: Option<&Secret>,
        body: Option<&Secret>,
    ) -> Result<Answer, VaultFault> {
        let body = body.map_or(&[][..], Secret::expose);
        let request = self.request("POST", path, token).and_then(|r| r.body(body).ok());
        let request = request.ok_or_else(|| self.unsendable())?;
        self.answer(self.agent.run(request))
    }

    /// An answer of a known shape. What is wrong with it is not said: that would quote it.
    pub(super) fn read_json<T: DeserializeOwned>(&self, body: &Secret) -> Result<T, VaultFault> {
        serde_json::from_slice(body.expose()).map_err(|_| VaultFault::NotVault(self.address()))
    }

    fn request(
        &self,
        method: &str,
        path: &[&str],
        token: Option<&Secret>,
    ) -> Option<ureq::http::request::Builder> {
        let uri = format!("{}/v1/{}", self.vault.address, path.join("/"));
        let mut request = Request::builder().method(method).uri(uri);
        // Keeps a browser from being made to send such requests.
        request = request.header("X-Vault-Request", "true");
        if let Some(namespace) = &self.vault.namespace {
            request = request.header("X-Vault-Namespace", namespace.as_str());
        }
        if let Some(token) = token {
            let mut value = ureq::http::HeaderValue::from_bytes(token.expose()).ok()?;
            value.set_sensitive(true);
            request = request.header("X-Vault-Token", value);
        }
        Some(request)
    }

    fn answer(
        &self,
        answer: Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, VaultFault> {
        let mut answer = answer.map_err(|error| self.fault(&error))?;
        let status = answer.status().as_u16();
        match status {
            200 | 204 => {
                let body = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
                Ok(Answer::Ok(Secret::new(body.map_err(|error| self.fault(&error))?)))
            }
            300..400 => Err(VaultFault::Redirect { address: self.address(), status }),
            status => Ok(Answer::Refused(status)),
        }
    }

    /// What went wrong, in words that hold nothing of what was sent or answered.
    fn fault(&self, error: &ureq::Error) -> VaultFault {
        let reason = match error {
            ureq::Error::BodyExceedsLimit(_) => return VaultFault::TooLong(self.address()),
            ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
            ureq::Error::HostNotFound => "its name cannot be resolved".to_owned(),
            ureq::Error::ConnectionFailed => "it cannot be connected to".to_owned(),
            ureq::Error::Rustls(error) => match error {
                rustls::Error::InvalidCertificate(why) => {
                    format!("its certificate is not accepted ({why})")
                }
                _ => "no encrypted connection could be made".to_owned(),
            },
            ureq::Error::Io(error) => match rustls_error(error) {
                Some(rustls::Error::InvalidCertificate(why)) => {
                    format!("its certificate is not accepted ({why})")
                }
                Some(_) => "no encrypted connection could be made".to_owned(),
                None => error.kind().to_string(),
            },
            _ => "its answer is not HTTP".to_owned(),
        };
        VaultFault::NoAnswer { address: self.address(), reason }
    }

    fn unsendable(&self) -> VaultFault {
        let reason = "what logs in is no token: it has characters no header can hold".to_owned();
        VaultFault::NoAnswer { address: self.address(), reason }
    }

    fn address(&self) -> String {
        self.vault.address.clone()
    }
}

/// The error of rustls that an input or output error carries.
fn rustls_error(error: &std::io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// The certificates that may vouch for the server.
fn trusted(vault: &Vault) -> Result<Vec<Certificate<'static>>, VaultFault> {
    let file = match &vault.ca {
        Some(file) => file.as_str(),
        None => certificates::system().unwrap_or("/etc/ssl/certs"),
    };
    let unreadable = || VaultFault::Certificates(file.to_owned());
    let text = fs::read(file).map_err(|_| unreadable())?;
    let certificates: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() { Err(unreadable()) } else { Ok(certificates) }
}
