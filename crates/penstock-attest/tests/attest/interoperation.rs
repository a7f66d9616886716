use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use penstock_attest::{
    bundle::{self, BundleError, Material},
    keys::KeyName,
};
use penstock_statement::dsse;

use crate::signer::{Signer, change};

/// OpenSSL verifies our signatures with our key files and refuses changed bytes.
#[test]
fn openssl_verifies_our_bundles() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: no `openssl` here");
        return;
    }
    let signer = Signer::new();
    let bundle = bundle::parse(&signer.bundle(&KeyName::Build, &change())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let message = dsse::pre_authentication_encoding(&bundle.payload_type, &bundle.payload);
    fs::write(at("message"), &message).unwrap();
    fs::write(at("changed"), [&message[..], b" "].concat()).unwrap();
    fs::write(at("signature"), &bundle.signature).unwrap();
    let verify = |message: &str| {
        Command::new("openssl")
            .args(["dgst", "-sha256", "-verify"])
            .arg(signer.keys.path().join("build.pub"))
            .arg("-signature")
            .args([at("signature"), at(message)])
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(verify("message"));
    assert!(!verify("changed"));
}

/// OpenSSL reads our private keys and finds the public halves we name them by.
#[test]
fn openssl_reads_our_keys() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: no `openssl` here");
        return;
    }
    let signer = Signer::new();
    for name in [KeyName::Build, KeyName::Log] {
        let output = Command::new("openssl")
            .args(["pkey", "-pubout", "-in"])
            .arg(signer.keys.path().join(name.private_file()))
            .output()
            .unwrap();
        let pem = String::from_utf8(output.stdout).unwrap();
        assert_eq!(pem.parse(), Ok(signer.public(&name)), "{name}");
    }
}

/// The bundles of sigstore-conformance, as far as this version reads them: parsing only. Nothing
/// here verifies a certificate, a timestamp or a public log.
#[test]
fn sigstore_conformance_bundles_are_parsed() {
    let Some(corpora) = std::env::var_os("PENSTOCK_CORPORA").map(PathBuf::from) else {
        eprintln!("skipped: PENSTOCK_CORPORA does not name the corpora");
        return;
    };
    let folder = corpora.join("attest/sigstore-conformance/bundle-verify");
    if !folder.is_dir() {
        eprintln!("skipped: `{}` is not there", folder.display());
        return;
    }
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path().join("bundle.sigstore.json");
        let Ok(bytes) = fs::read(&path) else { continue };
        let outcome = match bundle::parse(&bytes) {
            Ok(bundle) => {
                assert!(!bundle.payload.is_empty() && !bundle.signature.is_empty());
                assert_eq!(bundle.material, Material::Certificate, "{}", path.display());
                "a v0.3 bundle around a DSSE envelope"
            }
            Err(BundleError::MediaType(_)) => "another version",
            Err(BundleError::NoEnvelope) => "v0.3 without an envelope",
            Err(BundleError::Malformed(_)) => "malformed",
            Err(error) => panic!("{}: {error}", path.display()),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    let expected = [
        ("a v0.3 bundle around a DSSE envelope", 8),
        ("another version", 24),
        ("malformed", 1),
        ("v0.3 without an envelope", 37),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}
