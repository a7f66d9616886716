//! Fuzz targets over bundles and keys: nothing is believed but what a trusted key signed.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_attest::{
    PublicKey, Trust, TrustedKey,
    bundle::{self, MAX_BYTES},
};
use penstock_model::{Role, Sha256};
use penstock_statement::RawStatement;

/// The keys that signed the bundles of the corpus; their private halves were thrown away.
const KEYS: [(Role, Option<&str>, &str); 2] = [
    (
        Role::Build,
        None,
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmsk3xDVjCWUSDtFIkC4hOca3XOOY\nhaIYzlECcX5udqTiK2GTH5oHMccy/FqMe5asHrx6jKH/2ekmDYX8FmQI0w==",
    ),
    (
        Role::Person,
        Some("ana"),
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXSgngDAE8JkROfU2YElSQthgms+k\nVXYoUjUrilRUQk4c3/gtESgdSMBswXzhS7MMrLGkaK5JtmQIOIwjuE0Ufw==",
    ),
];

/// Everything those keys ever signed.
const SIGNED: [&[u8]; 2] = [
    include_bytes!("../../penstock-statement/tests/frozen/source-change.json"),
    include_bytes!("../../penstock-statement/tests/frozen/approval.json"),
];

fn trust() -> Trust {
    let keys = KEYS.map(|(role, person, base64)| {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
        TrustedKey {
            public: PublicKey::from_pem(&pem).unwrap(),
            role,
            label: role.name().to_owned(),
            predicates: None,
            person: person.map(str::to_owned),
            revoked: false,
        }
    });
    Trust::new(keys.into()).unwrap()
}

/// A Sigstore bundle, not believed.
pub(crate) fn bundle(bytes: &[u8]) -> bool {
    let Ok(bundle) = bundle::parse(bytes) else { return false };
    assert!(bytes.len() <= MAX_BYTES && bundle.payload.len() < bytes.len());
    // What was read, written by us, is read as the same signature over the same payload.
    let key = Sha256::of(b"");
    let again = bundle::parse(&bundle::make(&bundle.payload, &key, &bundle.signature).unwrap());
    let again = again.unwrap();
    assert_eq!((again.payload, again.signature), (bundle.payload, bundle.signature));
    true
}

/// A bundle that is to be believed.
pub(crate) fn verify(bytes: &[u8]) -> bool {
    let Ok(verified) = trust().verify(bytes, 7) else { return false };
    let payload = bundle::parse(bytes).unwrap().payload;
    assert!(SIGNED.contains(&&*payload), "a forgery: {}", payload.escape_ascii());
    assert_eq!(RawStatement::parse(&payload), Ok(verified.statement));
    assert_eq!((verified.evidence, verified.index), (Sha256::of(bytes), 7));
    // Trust in nobody believes nothing.
    assert!(Trust::default().verify(bytes, 7).is_err());
    true
}

/// A public key.
pub(crate) fn public_key(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(key) = PublicKey::from_pem(text) else { return false };
    assert_eq!(PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(&key));
    assert_eq!(PublicKey::from_spki(&key.to_spki()).as_ref(), Ok(&key));
    assert!(!key.verify(b"", b""));
    true
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/bundle"], 1500, bundle);
    corpus::run(&["tests/corpus/verify"], 1500, verify);
    corpus::run(&["tests/corpus/public_key"], 3000, public_key);
}
