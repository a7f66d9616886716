use penstock_attest::keys::KeyName;

use crate::signer::{Signer, change, raw};

/// Every byte of a bundle, changed in many ways: it is refused, or says the very same thing.
///
/// The second happens because JSON and base64 have more than one spelling: a space between two
/// members, base64 without its padding or in its URL-safe alphabet. Then statement, key and role are
/// the same and the evidence id is another: whoever refers to evidence by its id, as the ledger
/// does, sees that the bytes were touched.
#[test]
fn a_changed_byte_never_changes_what_is_said() {
    let signer = Signer::new();
    let trust = signer.trust();
    let bytes = signer.bundle(&KeyName::Build, &change());
    let original = trust.verify(&bytes, 0).unwrap();
    assert_eq!(original.statement, raw(&change()));
    let spellings = b" \t\n-_+/=Aa09\"\\{}[]:,";
    for at in 0..bytes.len() {
        let flips = (0..8).map(|bit| bytes[at] ^ (1 << bit));
        for replacement in flips.chain(spellings.iter().copied()) {
            if replacement == bytes[at] {
                continue;
            }
            let mut changed = bytes.clone();
            changed[at] = replacement;
            if let Ok(verified) = trust.verify(&changed, 0) {
                assert_eq!(verified.statement, original.statement, "byte {at}");
                assert_eq!((verified.key, verified.role), (original.key, original.role));
                assert_ne!(verified.evidence, original.evidence, "byte {at}");
            }
        }
    }
}

/// A byte taken out or put in.
#[test]
fn a_missing_or_added_byte_never_changes_what_is_said() {
    let signer = Signer::new();
    let trust = signer.trust();
    let bytes = signer.bundle(&KeyName::Build, &change());
    let original = trust.verify(&bytes, 0).unwrap();
    let mut other_spellings = 0;
    for at in 0..bytes.len() {
        let mut shorter = bytes.clone();
        shorter.remove(at);
        let mut longer = bytes.clone();
        longer.insert(at, b' ');
        for changed in [shorter, longer] {
            if let Ok(verified) = trust.verify(&changed, 0) {
                assert_eq!(verified.statement, original.statement, "byte {at}");
                assert_ne!(verified.evidence, original.evidence, "byte {at}");
                other_spellings += 1;
            }
        }
    }
    assert!(other_spellings > 0, "a space between members is another spelling");
}
