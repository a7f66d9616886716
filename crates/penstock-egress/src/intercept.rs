//! Opening TLS: a certificate of the run towards the step, the machine's roots towards servers.

mod certificate_authority;
mod roots;
mod server_error;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    ClientConfig, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::ServerName,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub(crate) use self::server_error::ServerError;
use self::{certificate_authority::CertificateAuthority, roots::roots};
use crate::{Host, Rule};

/// The one protocol that is read within TLS (RFC 7301 section 6).
const HTTP_1_1: &[u8] = b"http/1.1";

/// The most hosts whose certificate is kept. More can be asked for by rules for `*.…` alone; theirs
/// are made anew each time.
const MAX_LEAVES: usize = 1024;

/// What is needed to open the TLS of one run.
pub(crate) struct Interception {
    authority: CertificateAuthority,
    provider: Arc<CryptoProvider>,
    connector: TlsConnector,
    leaves: Mutex<BTreeMap<Host, Arc<ServerConfig>>>,
}

/// Why no TLS can be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InterceptError {
    #[error("an authority for the run cannot be made: {0}")]
    Authority(String),
    #[error(
        "no certificate in what should hold those that this machine trusts; set `SSL_CERT_FILE` to \
         a file of them in PEM"
    )]
    NoRoots,
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl From<rustls::Error> for InterceptError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error.to_string())
    }
}

impl Interception {
    /// Makes the authority, whose key is nowhere but in this value, for the hosts of the rules.
    /// `roots` are certificates in PEM, `now` the time since 1970.
    pub(crate) fn new(rules: &[Rule], roots: &[u8], now: Duration) -> Result<Self, InterceptError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self::roots(roots)?)
            .with_no_client_auth();
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Self {
            authority: CertificateAuthority::new(rules, now)?,
            provider,
            connector: TlsConnector::from(Arc::new(config)),
            leaves: Mutex::default(),
        })
    }

    /// The authority's certificate in PEM.
    pub(crate) fn certificate(&self) -> String {
        self.authority.pem()
    }

    /// What speaks to the step in the place of a host that was admitted.
    pub(crate) fn acceptor(&self, host: &Host) -> Result<TlsAcceptor, InterceptError> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = leaves.get(host) {
            return Ok(TlsAcceptor::from(config.clone()));
        }
        let (certificate, key) = self.authority.leaf(host)?;
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        let config = Arc::new(config);
        if leaves.len() < MAX_LEAVES {
            leaves.insert(host.clone(), config.clone());
        }
        Ok(TlsAcceptor::from(config))
    }

    /// Speaks TLS to a server, which must prove to be that host.
    pub(crate) async fn connect<S>(
        &self,
        host: &Host,
        stream: S,
    ) -> Result<tokio_rustls::client::TlsStream<S>, ServerError>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let name = match host {
            Host::Name(name) => {
                ServerName::try_from(name.as_str().to_owned()).map_err(|_| ServerError::NoTls)?
            }
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        self.connector.connect(name, stream).await.map_err(|error| ServerError::from(&error))
    }
}

/// The error of rustls that an input or output error carries.
pub(crate) fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}
