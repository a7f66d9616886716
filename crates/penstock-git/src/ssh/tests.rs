use std::{fs, process::Command};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::*;
use crate::{CommitSignature, support::Sandbox};

/// A commit signed by a fresh key of this type, and the key; `None` where there is no `ssh-keygen`.
fn signed_by(kind: &str, bits: &str) -> Option<(RawSignature, String)> {
    let sandbox = Sandbox::new();
    let key = sandbox.dir.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-b", bits, "-N", "", "-C", "", "-f"])
        .arg(&key)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: `ssh-keygen` is not here");
        return None;
    }
    let key = key.to_str().unwrap();
    for (name, value) in [("gpg.format", "ssh"), ("user.signingKey", key)] {
        sandbox.git(&["config", name, value]);
    }
    sandbox.git(&["commit", "-q", "-S", "--allow-empty", "-m", "signed\n\nbody"]);
    let public = fs::read_to_string(format!("{key}.pub")).unwrap();
    let CommitSignature::Present(signature) = sandbox.repository().head().unwrap().signature else {
        panic!("git did not sign");
    };
    Some((signature, public.trim().to_owned()))
}

#[test]
fn signatures_of_every_accepted_type_verify_and_no_other_payload_does() {
    let kinds =
        [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")];
    for (kind, bits) in kinds {
        let Some((signature, public)) = signed_by(kind, bits) else { return };
        let key = signature.verify_ssh().unwrap();
        assert_eq!(key.to_string(), public, "{kind}");
        assert!(key.fingerprint().starts_with("SHA256:") && !key.claims_hardware());
        let mut other = signature.clone();
        other.payload.push(b' ');
        assert_eq!(other.verify_ssh(), Err(SshSignatureError::WrongSignature), "{kind}");
    }
}

fn armoured(blob: &[u8]) -> Vec<u8> {
    [BEGIN, b"\n", BASE64_STANDARD.encode(blob).as_bytes(), b"\n", END].concat()
}

#[test]
fn no_changed_byte_of_a_signature_goes_unseen() {
    for (kind, bits) in [("ed25519", "256"), ("ecdsa", "256")] {
        let Some((good, _)) = signed_by(kind, bits) else { return };
        let blob = unarmour(&good.armour).unwrap();
        for at in 0..blob.len() {
            for flip in [1, 0x80] {
                let mut blob = blob.clone();
                blob[at] ^= flip;
                let changed = RawSignature { armour: armoured(&blob), ..good.clone() };
                assert!(changed.verify_ssh().is_err(), "byte {at} of {kind}");
            }
            let cut = RawSignature { armour: armoured(&blob[..at]), ..good.clone() };
            assert_eq!(cut.verify_ssh(), Err(SshSignatureError::Malformed));
        }
        let longer = RawSignature { armour: armoured(&[&*blob, b"x"].concat()), ..good.clone() };
        assert_eq!(longer.verify_ssh(), Err(SshSignatureError::Malformed));
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A signature as a security key makes it, by a key in memory.
fn by_security_key(namespace: &[u8], flags: u8, hash: &[u8]) -> RawSignature {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let kind = b"sk-ssh-ed25519@openssh.com";
    let payload = b"a commit".to_vec();
    let message = digest::digest(&digest::SHA512, &payload);
    let signed =
        [MAGIC, &string(namespace), &string(b""), &string(hash), &string(message.as_ref())]
            .concat();
    let counter = 5_u32.to_be_bytes();
    let asked = [
        digest::digest(&digest::SHA256, b"ssh:").as_ref(),
        &[flags],
        &counter,
        digest::digest(&digest::SHA256, &signed).as_ref(),
    ]
    .concat();
    let key = [string(kind), string(pair.public_key().as_ref()), string(b"ssh:")].concat();
    let signature =
        [&*string(kind), &string(pair.sign(&asked).as_ref()), &[flags], &counter].concat();
    let blob = [
        MAGIC,
        &1_u32.to_be_bytes(),
        &string(&key),
        &string(namespace),
        &string(b""),
        &string(hash),
        &string(&signature),
    ]
    .concat();
    RawSignature { kind: SignatureKind::Ssh, armour: armoured(&blob), payload }
}

#[test]
fn a_security_key_must_have_been_touched() {
    let key = by_security_key(b"git", 1, b"sha512").verify_ssh().unwrap();
    assert!(key.claims_hardware());
    let untouched = by_security_key(b"git", 4, b"sha512");
    assert_eq!(untouched.verify_ssh(), Err(SshSignatureError::NotTouched));
}

#[test]
fn what_was_signed_for_something_else_is_no_commit_signature() {
    let file = by_security_key(b"file", 1, b"sha512");
    assert_eq!(file.verify_ssh(), Err(SshSignatureError::WrongNamespace));
    let weak = by_security_key(b"git", 1, b"sha1");
    assert_eq!(weak.verify_ssh(), Err(SshSignatureError::UnsupportedAlgorithm));
    let pgp = RawSignature { kind: SignatureKind::OpenPgp, ..file };
    assert_eq!(pgp.verify_ssh(), Err(SshSignatureError::NotSsh));
}

#[test]
fn armour_that_is_none_is_malformed() {
    let armours = [
        b"".to_vec(),
        BEGIN.to_vec(),
        [BEGIN, END].concat(),
        [BEGIN, b"\n!!!\n", END].concat(),
        [BEGIN, b"A".repeat(MAX_ARMOUR_BYTES).as_slice(), END].concat(),
        armoured(MAGIC),
        armoured(&[MAGIC, &[0xff; 40]].concat()),
    ];
    for armour in armours {
        let signature = RawSignature { kind: SignatureKind::Ssh, armour, payload: Vec::new() };
        assert_eq!(signature.verify_ssh(), Err(SshSignatureError::Malformed));
    }
}
