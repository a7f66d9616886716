use penstock_attest::{
    LogVerifier, LogVerifierError, bundle,
    keys::{KeyName, KeyStore},
    may_speak, predicate_types,
    signer::protocol::{Answer, MAX_BODY_BYTES, MAX_HEADER_BYTES, Refusal, Request},
};
use penstock_model::Role;
use penstock_statement::{
    Predicate, ResourceDescriptor, Statement,
    predicate::{Approval, SourceChange},
};
use penstock_tlog::{Checkpoint, NoteVerifier as _, empty_root};

use crate::signer::{ORIGIN, Signer, approval, change, frame, json, person};

fn sign(key: &KeyName, predicate_type: &str) -> Request {
    Request::Sign { key: key.clone(), predicate_type: predicate_type.to_owned() }
}

fn checkpoint(origin: &str) -> String {
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: 0,
        root: empty_root(),
        extensions: Vec::new(),
    };
    checkpoint.to_string()
}

/// Every key with every predicate: the table decides, on both ends.
#[test]
fn a_role_signs_what_the_table_says_and_nothing_else() {
    let signer = Signer::new();
    let all: Vec<&str> = Role::ALL.into_iter().flat_map(predicate_types).copied().collect();
    let names = [KeyName::Build, KeyName::Gate, KeyName::Log, KeyName::Policy, person("ana")];
    for name in names {
        for predicate_type in &all {
            let mut statement = json(&change().to_bytes().unwrap());
            statement["predicateType"] = (*predicate_type).into();
            if *predicate_type == Approval::TYPE {
                statement = json(&approval("ana").to_bytes().unwrap());
            }
            let answer = signer.ask(&sign(&name, predicate_type), statement.to_string().as_bytes());
            if may_speak(name.role(), predicate_type) {
                assert!(matches!(answer.0, Answer::Signed { .. }), "{name} {predicate_type}");
            } else {
                let predicate_type = (*predicate_type).to_owned();
                let refusal = Refusal::WrongRole { role: name.role(), predicate_type };
                assert_eq!(answer, (Answer::Refused { refusal }, Vec::new()));
            }
        }
    }
}

/// A request may not lie about the statement.
#[test]
fn the_statement_itself_is_read() {
    let signer = Signer::new();
    let decision = "https://penstock.dev/decision/v0.1";
    assert_eq!(
        signer.refusal(&sign(&KeyName::Gate, decision), &change().to_bytes().unwrap()),
        Refusal::OtherPredicate { claimed: decision.into(), found: SourceChange::TYPE.into() }
    );
    let ours = sign(&KeyName::Build, SourceChange::TYPE);
    for body in ["", "{}", "null", "hello", "[1]"] {
        let refusal = signer.refusal(&ours, body.as_bytes());
        assert!(matches!(refusal, Refusal::NotAStatement { .. }), "{body}");
    }
    let pretty = format!("{:#}", json(&change().to_bytes().unwrap()));
    assert_eq!(signer.refusal(&ours, pretty.as_bytes()), Refusal::NotCanonical);
    // A member that one reader takes and another leaves.
    let text = String::from_utf8(change().to_bytes().unwrap()).unwrap();
    let doubled = text.replace(r#""environment":"#, r#""environment":"x","environment":"#);
    assert_eq!(signer.refusal(&ours, doubled.as_bytes()), Refusal::NotCanonical);
    let foreign = text.replacen('{', r#"{"_extra":1,"#, 1);
    assert_eq!(signer.refusal(&ours, foreign.as_bytes()), Refusal::NotCanonical);
}

#[test]
fn a_person_approves_in_their_own_name() {
    let signer = Signer::new();
    assert_eq!(
        signer.refusal(&sign(&person("ben"), Approval::TYPE), &approval("ana").to_bytes().unwrap()),
        Refusal::WrongPerson { person: "ben".into(), named: "ana".into() }
    );
    let mut nameless = json(&approval("ana").to_bytes().unwrap());
    nameless["predicate"].as_object_mut().unwrap().remove("person");
    let refusal =
        signer.refusal(&sign(&person("ana"), Approval::TYPE), nameless.to_string().as_bytes());
    assert!(matches!(refusal, Refusal::NotAStatement { .. }));
}

#[test]
fn the_log_key_signs_checkpoints_of_its_ledger_only() {
    let signer = Signer::new();
    let text = checkpoint(ORIGIN);
    let (answer, signature) = signer.ask(&Request::SignCheckpoint, text.as_bytes());
    let public = signer.public(&KeyName::Log);
    assert_eq!(answer, Answer::Signed { key: public.id() });
    let verifier = LogVerifier::new(ORIGIN, public).unwrap();
    assert!(verifier.verify(text.as_bytes(), &signature));
    assert!(!verifier.verify(checkpoint("example.org/other").as_bytes(), &signature));

    assert_eq!(
        signer.refusal(&Request::SignCheckpoint, checkpoint("example.org/other").as_bytes()),
        Refusal::WrongOrigin { expected: ORIGIN.into(), found: "example.org/other".into() }
    );
    let statement = change().to_bytes().unwrap();
    let envelope = penstock_statement::dsse::pre_authentication_encoding("a", &statement);
    for body in [&b""[..], b"\xff", ORIGIN.as_bytes(), &statement, &envelope] {
        let refusal = signer.refusal(&Request::SignCheckpoint, body);
        assert!(matches!(refusal, Refusal::NotACheckpoint { .. }), "{body:?}");
    }
}

#[test]
fn a_log_verifier_takes_log_keys_only() {
    let signer = Signer::new();
    let build = signer.public(&KeyName::Build);
    assert_eq!(
        LogVerifier::new(ORIGIN, build.clone()),
        Err(LogVerifierError::Algorithm(build.algorithm()))
    );
    let log = LogVerifier::new(ORIGIN, signer.public(&KeyName::Log)).unwrap();
    assert_eq!(LogVerifier::from_key(log.key().to_string().parse().unwrap()), Ok(log.clone()));
    assert!(LogVerifier::new("two words", log.public().clone()).is_err());
}

#[test]
fn a_key_that_is_not_there_is_named() {
    let empty = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(empty.path());
    keys.generate(&KeyName::Gate).unwrap();
    let mut output = Vec::new();
    let request = serde_json::to_vec(&sign(&KeyName::Build, SourceChange::TYPE)).unwrap();
    let input = frame(&request, &change().to_bytes().unwrap());
    penstock_attest::signer::serve(&keys, &mut input.as_slice(), &mut output).unwrap();
    let text = String::from_utf8_lossy(&output);
    assert!(text.contains("build.pem") && text.contains(r#""kind":"key""#), "{text}");
}

#[test]
fn a_header_that_is_no_request_is_refused_and_the_next_is_answered() {
    let signer = Signer::new();
    let good = serde_json::to_vec(&Request::Public { key: KeyName::Build }).unwrap();
    for bad in [
        "",
        "{",
        "null",
        r#"{"request":"exec"}"#,
        r#"{"request":"public"}"#,
        r#"{"request":"public","key":"../../etc/passwd"}"#,
        r#"{"request":"public","key":"person-../x"}"#,
        r#"{"request":"public","key":"build","more":1}"#,
        r#"{"request":"sign","key":"build"}"#,
        r#"{"request":"public","key":"build","key":"gate"}"#,
    ] {
        let input = [frame(bad.as_bytes(), b""), frame(&good, b"")].concat();
        let answers = signer.answers(&input);
        assert!(
            matches!(
                answers.as_slice(),
                [
                    (Answer::Refused { refusal: Refusal::BadRequest { .. } }, _),
                    (Answer::Public { origin: None }, _)
                ]
            ),
            "{bad}: {answers:?}"
        );
    }
}

#[test]
fn a_stream_in_disorder_ends_with_a_refusal() {
    let signer = Signer::new();
    let whole = frame(br#"{"request":"public","key":"build"}"#, b"body");
    let over_header = (MAX_HEADER_BYTES as u32 + 1).to_be_bytes();
    let over_body = (MAX_BODY_BYTES as u32 + 1).to_be_bytes();
    let mut streams = vec![
        [over_header, [0; 4]].concat(),
        [[0; 4], over_body].concat(),
        [[0xff; 4], [0xff; 4]].concat(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ];
    streams.extend((1..whole.len()).map(|end| whole[..end].to_vec()));
    for stream in streams {
        let answers = signer.answers(&stream);
        assert!(
            matches!(
                answers.as_slice(),
                [(Answer::Refused { refusal: Refusal::BadRequest { .. } }, _)]
            ),
            "{stream:?}: {answers:?}"
        );
        let mut output = Vec::new();
        let served =
            penstock_attest::signer::serve(&signer.keys, &mut stream.as_slice(), &mut output);
        assert!(served.is_err());
    }
    assert_eq!(signer.answers(b""), []);
}

/// The largest statement that is signed is one that is read back.
#[test]
fn a_large_statement_fits_into_a_bundle() {
    let signer = Signer::new();
    let mut statement: Statement<SourceChange> = change();
    statement.predicate.gap = Some("x".repeat(4 << 20));
    statement.subject = vec![ResourceDescriptor::sha256("a", &penstock_model::Sha256::of(b"a"))];
    let bytes = signer.bundle(&KeyName::Build, &statement);
    assert!(bytes.len() < bundle::MAX_BYTES);
    assert_eq!(signer.trust().verify(&bytes, 0).unwrap().statement, crate::signer::raw(&statement));
    // Base64 of the largest, and what is around it.
    assert!(MAX_BODY_BYTES.div_ceil(3) * 4 + 4096 < bundle::MAX_BYTES);
}
