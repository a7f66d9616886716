use penstock_attest::{
    Trust, TrustError, TrustedKey, VerifyError, bundle, keys::KeyName, may_speak,
};
use penstock_model::{Role, Sha256};
use penstock_statement::{
    PAYLOAD_TYPE, Predicate, StatementError, dsse,
    predicate::{Approval, SourceChange},
};

use crate::signer::{Signer, approval, change, json, person, raw};

#[test]
fn a_signed_statement_comes_back_with_who_said_it() {
    let signer = Signer::new();
    let bytes = signer.bundle(&KeyName::Build, &change());
    let verified = signer.trust().verify(&bytes, 7).unwrap();
    assert_eq!(verified.evidence, Sha256::of(&bytes));
    assert_eq!(verified.index, 7);
    assert_eq!(verified.key, signer.public(&KeyName::Build).id());
    assert_eq!(verified.role, Role::Build);
    assert_eq!(verified.statement, raw(&change()));
    assert_eq!(verified.decode::<SourceChange>().unwrap().statement, change());

    let bytes = signer.bundle(&person("ana"), &approval("ana"));
    let verified = signer.trust().verify(&bytes, 0).unwrap();
    assert_eq!(verified.decode::<Approval>().unwrap().predicate().person, "ana");
}

#[test]
fn an_unknown_key_is_named() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let bytes = stranger.bundle(&KeyName::Build, &change());
    let hint = stranger.public(&KeyName::Build).id().to_string();
    assert_eq!(signer.trust().verify(&bytes, 0), Err(VerifyError::UnknownKey { hint }));
    let nobody = Trust::default();
    assert!(matches!(nobody.verify(&bytes, 0), Err(VerifyError::UnknownKey { .. })));
}

/// The hint only finds the key: a stranger's signature under a known key's name is worth nothing.
#[test]
fn a_strangers_signature_under_a_known_keys_name_is_refused() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let known = signer.public(&KeyName::Build).id().to_string();
    let mut bundle = json(&stranger.bundle(&KeyName::Build, &change()));
    bundle["verificationMaterial"]["publicKey"]["hint"] = known.clone().into();
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = known.into();
    assert_eq!(
        signer.trust().verify(bundle.to_string().as_bytes(), 0),
        Err(VerifyError::BadSignature { label: "build".into() })
    );
}

#[test]
fn a_replaced_statement_is_refused() {
    let signer = Signer::new();
    let mut bundle = json(&signer.bundle(&KeyName::Build, &change()));
    let mut other = change();
    other.predicate.environment = "production".into();
    let other = json(&signer.bundle(&KeyName::Build, &other));
    bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"].clone();
    assert_eq!(
        signer.trust().verify(bundle.to_string().as_bytes(), 0),
        Err(VerifyError::BadSignature { label: "build".into() })
    );
}

/// Each key, trusted in every role but its own.
#[test]
fn a_key_in_the_wrong_role_is_refused() {
    let signer = Signer::new();
    let bytes = signer.bundle(&KeyName::Build, &change());
    for role in Role::ALL {
        let trust = signer.trust_but(&KeyName::Build, |key| {
            key.role = role;
            key.person = Some("ana".into());
        });
        let verified = trust.verify(&bytes, 0);
        if may_speak(role, SourceChange::TYPE) {
            assert_eq!(role, Role::Build);
            assert_eq!(verified.unwrap().role, role);
        } else {
            let label = "build".into();
            let predicate_type = SourceChange::TYPE.into();
            assert_eq!(verified, Err(VerifyError::WrongRole { label, role, predicate_type }));
        }
    }
}

#[test]
fn a_key_entrusted_with_less_speaks_no_more() {
    let signer = Signer::new();
    let bytes = signer.bundle(&KeyName::Build, &change());
    let only = |types: &[&str]| {
        let types: Vec<String> = types.iter().map(|t| (*t).to_owned()).collect();
        signer.trust_but(&KeyName::Build, |key| key.predicates = Some(types.clone()))
    };
    assert!(only(&[SourceChange::TYPE]).verify(&bytes, 0).is_ok());
    for types in [&[][..], &["https://penstock.dev/run/v0.1"]] {
        assert_eq!(
            only(types).verify(&bytes, 0),
            Err(VerifyError::NotEntrusted {
                label: "build".into(),
                predicate_type: SourceChange::TYPE.into()
            })
        );
    }
    // A policy can entrust a key with less than its role, never with more.
    let bytes = signer.bundle(&person("ana"), &approval("ana"));
    let trust = signer.trust_but(&person("ana"), |key| {
        key.role = Role::Gate;
        key.predicates = Some(vec![Approval::TYPE.to_owned()]);
    });
    assert!(matches!(trust.verify(&bytes, 0), Err(VerifyError::WrongRole { .. })));
}

#[test]
fn an_approval_counts_for_its_own_person_only() {
    let signer = Signer::new();
    let bytes = signer.bundle(&person("ana"), &approval("ana"));
    let trust = signer.trust_but(&person("ana"), |key| key.person = Some("cem".into()));
    assert_eq!(
        trust.verify(&bytes, 0),
        Err(VerifyError::WrongPerson {
            label: "person-ana".into(),
            person: "cem".into(),
            named: "ana".into()
        })
    );
}

#[test]
fn nothing_a_revoked_key_signed_counts() {
    let signer = Signer::new();
    let bytes = signer.bundle(&KeyName::Build, &change());
    let trust = signer.trust_but(&KeyName::Build, |key| key.revoked = true);
    let revoked = Err(VerifyError::Revoked { label: "build".into() });
    assert_eq!(trust.verify(&bytes, 0), revoked);
}

/// A signature over the same bytes as another type of payload is no signature over a statement.
#[test]
fn payload_types_cannot_be_confused() {
    let signer = Signer::new();
    let mut bundle = json(&signer.bundle(&KeyName::Build, &change()));
    bundle["dsseEnvelope"]["payloadType"] = "text/plain".into();
    assert_eq!(
        signer.trust().verify(bundle.to_string().as_bytes(), 0),
        Err(VerifyError::PayloadType("text/plain".into()))
    );
    // The lengths in the encoding keep type and payload apart.
    assert_ne!(
        dsse::pre_authentication_encoding("a", b"b 1 c"),
        dsse::pre_authentication_encoding("a b", b"c")
    );
    assert_eq!(bundle::parse(bundle.to_string().as_bytes()).unwrap().payload_type, "text/plain");
    assert_eq!(PAYLOAD_TYPE, "application/vnd.in-toto+json");
}

/// What a trusted key signed outside the signer, by mistake, is still judged by what it is.
#[test]
fn what_is_signed_and_no_statement_is_refused() {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
    };
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let public = penstock_attest::PublicKey::from_raw(
        penstock_attest::Algorithm::EcdsaP256,
        pair.public_key().as_ref(),
    )
    .unwrap();
    let trust = Trust::new(vec![TrustedKey {
        public: public.clone(),
        role: Role::Build,
        label: "build".into(),
        predicates: None,
        person: None,
        revoked: false,
    }])
    .unwrap();
    let verify = |payload: &[u8]| {
        let message = dsse::pre_authentication_encoding(PAYLOAD_TYPE, payload);
        let signature = pair.sign(&SystemRandom::new(), &message).unwrap();
        let bytes = bundle::make(payload, &public.id(), signature.as_ref()).unwrap();
        trust.verify(&bytes, 0)
    };
    assert!(verify(&change().to_bytes().unwrap()).is_ok());
    assert!(matches!(verify(b"hello"), Err(VerifyError::Statement(StatementError::Malformed(_)))));
    let nothing = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x"}"#;
    assert!(matches!(verify(nothing.as_bytes()), Err(VerifyError::Statement(_))));
    let mut unknown = json(&change().to_bytes().unwrap());
    unknown["predicateType"] = "https://penstock.dev/source-change/v9".into();
    assert!(matches!(verify(unknown.to_string().as_bytes()), Err(VerifyError::WrongRole { .. })));
    let forged = approval("ana").to_bytes().unwrap();
    assert!(matches!(verify(&forged), Err(VerifyError::WrongRole { .. })));
}

#[test]
fn one_key_has_one_role_and_one_owner() {
    let signer = Signer::new();
    let mut keys = signer.trusted();
    keys.push(keys[0].clone());
    assert_eq!(Trust::new(keys.clone()).unwrap().keys().len(), 6, "said twice is said once");
    keys.push(TrustedKey { label: "gate-too".into(), role: Role::Gate, ..keys[0].clone() });
    assert_eq!(
        Trust::new(keys.clone()),
        Err(TrustError::Twice { first: "build".into(), second: "gate-too".into() })
    );
    keys.pop();
    keys[3].person = None;
    assert_eq!(Trust::new(keys), Err(TrustError::Nobody { label: "person-ana".into() }));
}
