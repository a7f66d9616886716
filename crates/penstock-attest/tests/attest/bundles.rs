use penstock_attest::{
    VerifyError,
    bundle::{self, BundleError, Material},
    keys::KeyName,
};
use penstock_model::Sha256;
use serde_json::{Value, json};

use crate::signer::{Signer, change, json};

fn sample() -> Value {
    let key = Sha256::of(b"key");
    json(&bundle::make(b"{}", &key, b"signature").unwrap())
}

fn parse(bundle: &Value) -> Result<bundle::Bundle, BundleError> {
    bundle::parse(bundle.to_string().as_bytes())
}

/// The exact bytes: the evidence id is their digest.
#[test]
fn the_bundle_is_sigstores_version_0_3() {
    let key = Sha256::of(b"key");
    let bytes = bundle::make(b"{}", &key, b"signature").unwrap();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        [
            r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","#,
            r#""verificationMaterial":{"publicKey":{"hint":"KEY"},"tlogEntries":[],"#,
            r#""timestampVerificationData":{}},"dsseEnvelope":{"#,
            r#""payloadType":"application/vnd.in-toto+json","payload":"e30=","#,
            r#""signatures":[{"sig":"c2lnbmF0dXJl","keyid":"KEY"}]}}"#,
        ]
        .concat()
        .replace("KEY", &key.to_string())
    );
    let bundle = bundle::parse(&bytes).unwrap();
    assert_eq!(bundle.payload, b"{}");
    assert_eq!(bundle.signature, b"signature");
    assert_eq!(bundle.material, Material::PublicKey { hint: key.to_string() });
}

#[test]
fn exactly_one_signature() {
    let one = sample()["dsseEnvelope"]["signatures"][0].clone();
    for count in [0, 2, 3] {
        let mut bundle = sample();
        bundle["dsseEnvelope"]["signatures"] = vec![one.clone(); count].into();
        assert_eq!(parse(&bundle), Err(BundleError::Signatures(count)));
    }
    let mut none = sample();
    none["dsseEnvelope"].as_object_mut().unwrap().remove("signatures");
    assert!(matches!(parse(&none), Err(BundleError::Malformed(_))));
}

/// A bad signature beside a good one does not pass, in either order.
#[test]
fn a_good_signature_does_not_excuse_a_second_one() {
    let signer = Signer::new();
    let mut bundle = json(&signer.bundle(&KeyName::Build, &change()));
    let signatures = bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
    signatures.push(json!({"sig": "AAAA"}));
    for _ in 0..2 {
        let bytes = bundle.to_string();
        let refused = Err(VerifyError::Bundle(BundleError::Signatures(2)));
        assert_eq!(signer.trust().verify(bytes.as_bytes(), 0), refused);
        bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap().reverse();
    }
}

#[test]
fn other_versions_are_named() {
    for other in [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "text/plain",
        "",
    ] {
        let mut bundle = sample();
        bundle["mediaType"] = other.into();
        assert_eq!(parse(&bundle), Err(BundleError::MediaType(other.into())));
    }
    let mut bundle = sample();
    bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.3".into();
    assert!(parse(&bundle).is_ok(), "the other spelling of 0.3");
    bundle.as_object_mut().unwrap().remove("mediaType");
    assert_eq!(parse(&bundle), Err(BundleError::MediaType(String::new())));
}

#[test]
fn two_contents_or_none_are_refused() {
    let mut bundle = sample();
    bundle["messageSignature"] = json!({"signature": "AAAA"});
    assert_eq!(parse(&bundle), Err(BundleError::TwoContents));
    bundle.as_object_mut().unwrap().remove("dsseEnvelope");
    assert_eq!(parse(&bundle), Err(BundleError::NoEnvelope));
    bundle.as_object_mut().unwrap().remove("messageSignature");
    assert_eq!(parse(&bundle), Err(BundleError::NoEnvelope));
}

#[test]
fn two_keys_or_none_are_refused() {
    let certificate = json!({"rawBytes": "AAAA"});
    let mut bundle = sample();
    bundle["verificationMaterial"]["certificate"] = certificate.clone();
    assert_eq!(parse(&bundle), Err(BundleError::Material));
    bundle["verificationMaterial"].as_object_mut().unwrap().remove("publicKey");
    assert_eq!(parse(&bundle).unwrap().material, Material::Certificate);
    bundle["verificationMaterial"].as_object_mut().unwrap().remove("certificate");
    assert_eq!(parse(&bundle), Err(BundleError::Material));
    // A chain is of versions 0.1 and 0.2.
    bundle["verificationMaterial"]["x509CertificateChain"] = json!({"certificates": [certificate]});
    assert!(matches!(parse(&bundle), Err(BundleError::Malformed(_))));
}

#[test]
fn a_certificate_is_not_a_key_of_the_policy() {
    let signer = Signer::new();
    let mut bundle = json(&signer.bundle(&KeyName::Build, &change()));
    bundle["verificationMaterial"] = json!({"certificate": {"rawBytes": "AAAA"}});
    let verified = signer.trust().verify(bundle.to_string().as_bytes(), 0);
    assert_eq!(verified, Err(VerifyError::Certificate));
}

#[test]
fn a_keyid_that_disagrees_with_the_hint_is_refused() {
    let mut bundle = sample();
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = "other".into();
    let hint = Sha256::of(b"key").to_string();
    assert_eq!(parse(&bundle), Err(BundleError::TwoKeys { hint, key_id: "other".into() }));
    // Other producers leave it out.
    bundle["dsseEnvelope"]["signatures"][0].as_object_mut().unwrap().remove("keyid");
    assert!(parse(&bundle).is_ok());
}

#[test]
fn unknown_and_doubled_members_are_refused() {
    for path in [&[][..], &["verificationMaterial"], &["dsseEnvelope"]] {
        let mut bundle = sample();
        let mut at = &mut bundle;
        for member in path {
            at = &mut at[member];
        }
        at["surprise"] = 1.into();
        assert!(matches!(parse(&bundle), Err(BundleError::Malformed(_))), "{path:?}");
    }
    let text = sample().to_string();
    for member in ["mediaType", "dsseEnvelope", "payload", "payloadType", "signatures", "sig"] {
        let doubled =
            text.replacen(&format!("\"{member}\""), &format!("\"{member}\":null,\"{member}\""), 1);
        assert_ne!(doubled, text);
        assert!(
            matches!(bundle::parse(doubled.as_bytes()), Err(BundleError::Malformed(_))),
            "{member}"
        );
    }
}

#[test]
fn a_bundle_over_the_limit_is_refused_before_it_is_parsed() {
    let bytes = vec![b' '; bundle::MAX_BYTES + 1];
    assert_eq!(bundle::parse(&bytes), Err(BundleError::TooLarge(bytes.len())));
    let statement = vec![b' '; bundle::MAX_BYTES];
    let made = bundle::make(&statement, &Sha256::of(b"key"), b"");
    assert!(matches!(made, Err(BundleError::TooLarge(_))));
}

#[test]
fn bytes_that_are_no_bundle_are_refused() {
    let whole = sample().to_string();
    for end in 0..whole.len() {
        assert!(bundle::parse(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
    for text in ["null", "[]", "{}", "\u{feff}{}", &"[".repeat(100_000), &"{\"a\":".repeat(100_000)]
    {
        assert!(bundle::parse(text.as_bytes()).is_err());
    }
    assert!(matches!(bundle::parse(&[0xff; 8]), Err(BundleError::Malformed(_))));
}
