use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// A store of certificates that Java reads: PKCS #12 (RFC 7292) without encryption and without a
/// MAC, as the JDK's own `cacerts` has been since version 18 (<https://bugs.openjdk.org/browse/JDK-8275252>).
pub(super) fn trust_store(pem: &[u8]) -> Vec<u8> {
    let certificates = CertificateDer::pem_slice_iter(pem).flatten().enumerate();
    let bags = certificates.flat_map(|(number, certificate)| bag(number, &certificate));
    // AuthenticatedSafe: one ContentInfo of SafeContents (section 4.1).
    let contents = data(&sequence(&bags.collect::<Vec<u8>>()));
    let safe = data(&sequence(&contents));
    sequence(&[&[INTEGER, 1, 3][..], &safe].concat())
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const IDENTIFIER: u8 = 0x06;
const BMP_STRING: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0] EXPLICIT`.
const TAGGED: u8 = 0xa0;

/// 1.2.840.113549.1.7.1, `id-data` (RFC 5652 section 4).
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
/// 1.2.840.113549.1.12.10.1.3, `certBag` (RFC 7292 section 4.2.3).
const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
/// 1.2.840.113549.1.9.22.1, `x509Certificate`.
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
/// 1.2.840.113549.1.9.20, `friendlyName` (RFC 2985 section 5.5.1).
const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20];
/// 2.16.840.1.113894.746875.1.1: without it the JDK takes a certificate for part of a chain and not
/// for one that is trusted (<https://bugs.openjdk.org/browse/JDK-8044445>).
const TRUSTED_KEY_USAGE: &[u8] =
    &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 1, 1];
/// 2.5.29.37.0, `anyExtendedKeyUsage` (RFC 5280 section 4.2.1.12).
const ANY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0];

/// A `SafeBag` of one certificate, trusted for everything, under a name of its own.
fn bag(number: usize, certificate: &[u8]) -> Vec<u8> {
    let content = [element(IDENTIFIER, X509), tagged(&element(OCTETS, certificate))].concat();
    let name: Vec<u8> = number.to_string().encode_utf16().flat_map(u16::to_be_bytes).collect();
    let named = attribute(FRIENDLY_NAME, &element(BMP_STRING, &name));
    let trusted = attribute(TRUSTED_KEY_USAGE, &element(IDENTIFIER, ANY_USAGE));
    let attributes = element(SET, &[named, trusted].concat());
    let kind = element(IDENTIFIER, CERTIFICATE_BAG);
    sequence(&[kind, tagged(&sequence(&content)), attributes].concat())
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[element(IDENTIFIER, kind), element(SET, value)].concat())
}

/// A `ContentInfo` of octets (RFC 5652 section 3).
fn data(octets: &[u8]) -> Vec<u8> {
    sequence(&[element(IDENTIFIER, DATA), tagged(&element(OCTETS, octets))].concat())
}

fn sequence(content: &[u8]) -> Vec<u8> {
    element(SEQUENCE, content)
}

fn tagged(content: &[u8]) -> Vec<u8> {
    element(TAGGED, content)
}

/// A tag, a length in its shortest form, the content (X.690 section 10.1).
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let start = length.iter().position(|byte| *byte != 0).unwrap_or(length.len());
    let significant = length.get(start..).unwrap_or_default();
    let mut bytes = vec![tag];
    match significant {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            // At most eight bytes of a length.
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or(0));
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    #[test]
    fn lengths_have_their_shortest_form() {
        for (length, head) in [
            (0, &[4, 0][..]),
            (0x7f, &[4, 0x7f]),
            (0x80, &[4, 0x81, 0x80]),
            (0x100, &[4, 0x82, 1, 0]),
            (0x1_0000, &[4, 0x83, 1, 0, 0]),
        ] {
            let bytes = element(OCTETS, &vec![0; length]);
            assert_eq!((&bytes[..head.len()], bytes.len()), (head, head.len() + length));
        }
    }

    #[test]
    fn java_trusts_what_is_in_it() {
        let Some(system) = crate::certificates::system() else {
            println!("SKIPPED: this machine has no file of trusted certificates");
            return;
        };
        let pem = fs::read(system).unwrap();
        let count = CertificateDer::pem_slice_iter(&pem).flatten().count();
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.p12");
        fs::write(&store, trust_store(&pem)).unwrap();
        let mut keytool = Command::new("keytool");
        // As programs are told to read it: with a type and no password.
        keytool.args(["-J-Duser.language=en", "-list", "-storetype", "PKCS12", "-keystore"]);
        let output = match keytool.arg(&store).stdin(std::process::Stdio::null()).output() {
            Ok(output) => output,
            Err(error) => {
                println!("SKIPPED: `keytool` cannot be started: {error}");
                return;
            }
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        assert_eq!(text.matches("trustedCertEntry").count(), count, "{text}");
    }
}
