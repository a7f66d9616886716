use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::InterceptError;

/// Reads the certificates by which servers are believed. What else stands in the text is left out,
/// and so are certificates that could not be verified with: a bundle of a machine has both.
pub(super) fn roots(pem: &[u8]) -> Result<RootCertStore, InterceptError> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten());
    if store.is_empty() { Err(InterceptError::NoRoots) } else { Ok(store) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_certificate_is_an_error() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "x", broken, "-----BEGIN CERTIFICATE-----\n"] {
            assert_eq!(roots(text.as_bytes()).err(), Some(InterceptError::NoRoots), "{text}");
        }
    }
}
