//! A signer without a process, asked over buffers, byte for byte as the process is.

use penstock_attest::{
    PublicKey, Trust, TrustedKey, bundle,
    keys::{KeyName, KeyStore},
    signer::{
        protocol::{Answer, Refusal, Request},
        serve,
    },
};
use penstock_model::{IdentityStrength, Role, Sha256, Timestamp};
use penstock_statement::{
    Predicate, RawStatement, ResourceDescriptor, Statement,
    predicate::{Approval, PolicyRef, SourceChange, Verdict},
};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const ORIGIN: &str = "example.org/ledger";

/// A key of every role, and of two persons.
pub(crate) struct Signer {
    pub(crate) keys: KeyStore,
    _directory: TempDir,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyStore::at(directory.path().join("keys"));
        for name in [KeyName::Build, KeyName::Gate, KeyName::Policy, person("ana"), person("ben")] {
            keys.generate(&name).unwrap();
        }
        keys.generate_log(ORIGIN).unwrap();
        Self { keys, _directory: directory }
    }

    pub(crate) fn public(&self, name: &KeyName) -> PublicKey {
        self.keys.public(name).unwrap()
    }

    /// Trust in every key, each in its own role.
    pub(crate) fn trusted(&self) -> Vec<TrustedKey> {
        let keys = self.keys.list().unwrap();
        let trusted = keys.into_iter().map(|key| TrustedKey {
            label: key.name.to_string(),
            role: key.name.role(),
            person: key.name.person_name().map(str::to_owned),
            public: key.public,
            predicates: None,
            revoked: false,
        });
        trusted.collect()
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::new(self.trusted()).unwrap()
    }

    /// Trust in every key, with the one of `name` changed.
    pub(crate) fn trust_but(&self, name: &KeyName, change: impl Fn(&mut TrustedKey)) -> Trust {
        let mut keys = self.trusted();
        change(keys.iter_mut().find(|key| key.label == name.to_string()).unwrap());
        Trust::new(keys).unwrap()
    }

    pub(crate) fn ask(&self, request: &Request, body: &[u8]) -> (Answer, Vec<u8>) {
        let input = frame(&serde_json::to_vec(request).unwrap(), body);
        let mut answers = self.answers(&input);
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }

    /// Every answer to those bytes, whether or not the stream ended in order.
    pub(crate) fn answers(&self, mut input: &[u8]) -> Vec<(Answer, Vec<u8>)> {
        let mut output = Vec::new();
        let _ = serve(&self.keys, &mut input, &mut output);
        let mut answers = Vec::new();
        let mut rest = output.as_slice();
        while !rest.is_empty() {
            let length =
                |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
            let (header, body) = (length(0), length(4));
            let answer = serde_json::from_slice(&rest[8..8 + header]).unwrap();
            answers.push((answer, rest[8 + header..8 + header + body].to_vec()));
            rest = &rest[8 + header + body..];
        }
        answers
    }

    pub(crate) fn refusal(&self, request: &Request, body: &[u8]) -> Refusal {
        match self.ask(request, body) {
            (Answer::Refused { refusal }, _) => refusal,
            (answer, _) => panic!("answered {answer:?}"),
        }
    }

    /// A bundle around a statement, signed with that key.
    pub(crate) fn bundle<P: Predicate>(&self, key: &KeyName, statement: &Statement<P>) -> Vec<u8> {
        let payload = statement.to_bytes().unwrap();
        let request = Request::Sign { key: key.clone(), predicate_type: P::TYPE.to_owned() };
        match self.ask(&request, &payload) {
            (Answer::Signed { key }, signature) => {
                bundle::make(&payload, &key, &signature).unwrap()
            }
            (answer, _) => panic!("answered {answer:?}"),
        }
    }
}

/// A record as it goes over the pipe.
pub(crate) fn frame(header: &[u8], body: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).unwrap().to_be_bytes();
    [&length(header), &length(body), header, body].concat()
}

pub(crate) fn person(name: &str) -> KeyName {
    KeyName::person(name).unwrap()
}

/// A short statement of the build role.
pub(crate) fn change() -> Statement<SourceChange> {
    let predicate = SourceChange {
        project: "git+https://example.org/app".parse().unwrap(),
        environment: "staging".into(),
        from: None,
        to: "c".repeat(40).parse().unwrap(),
        commits: Vec::new(),
        gap: None,
    };
    Statement::new(vec![ResourceDescriptor::sha256("app", &Sha256::of(b"app"))], predicate)
}

/// An approval in that person's name.
pub(crate) fn approval(name: &str) -> Statement<Approval> {
    let predicate = Approval {
        environment: "production".into(),
        policy: PolicyRef { version: 1, digest: Sha256::of(b"policy") },
        decision: Sha256::of(b"decision"),
        run: Sha256::of(b"run"),
        verdict: Verdict::Approve,
        reason: "read it".into(),
        person: name.into(),
        identity_strength: IdentityStrength::BareKey,
        approved_on: Timestamp::from_unix(1_800_000_000).unwrap(),
        expires: Timestamp::from_unix(1_800_003_600).unwrap(),
    };
    Statement::new(vec![ResourceDescriptor::sha256("app", &Sha256::of(b"app"))], predicate)
}

/// The statement as it comes out of verification.
pub(crate) fn raw<P: Predicate>(statement: &Statement<P>) -> RawStatement {
    RawStatement::parse(&statement.to_bytes().unwrap()).unwrap()
}

/// A bundle taken apart, for tests that put it together differently.
pub(crate) fn json(bundle: &[u8]) -> Value {
    serde_json::from_slice(bundle).unwrap()
}

#[test]
fn roles_and_names_agree() {
    let signer = Signer::new();
    let roles: Vec<Role> = signer.trusted().iter().map(|key| key.role).collect();
    assert_eq!(
        roles,
        [Role::Build, Role::Gate, Role::Log, Role::Person, Role::Person, Role::Policy]
    );
}
