use std::io;

use rustls::CertificateError;

use super::rustls_error;

/// Why a server was not spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServerError {
    /// Its certificate.
    #[error("the server's certificate {0}")]
    Certificate(&'static str),
    /// It speaks none, or none that is still accepted.
    #[error("the server speaks no TLS 1.2 or 1.3")]
    NoTls,
}

impl From<&io::Error> for ServerError {
    fn from(error: &io::Error) -> Self {
        match rustls_error(error) {
            Some(rustls::Error::InvalidCertificate(error)) => Self::Certificate(why(error)),
            Some(rustls::Error::NoCertificatesPresented) => Self::Certificate("is missing"),
            _ => Self::NoTls,
        }
    }
}

/// The reason without the times and names that rustls says with it: equal refusals are counted.
fn why(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another host"
        }
        CertificateError::UnknownIssuer => "is of an issuer that this machine does not trust",
        CertificateError::Revoked => "is revoked",
        CertificateError::BadSignature => "has a signature that is not its issuer's",
        _ => "is not one for a server",
    }
}
