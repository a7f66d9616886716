use std::{fs, path::PathBuf};

use penstock_attest::{
    LogVerifier, bundle,
    keys::{KeyName, KeyStore},
    signer::SignerClient,
};
use penstock_ledger::{Ledger, NewEvidence, Subject};
use penstock_model::Sha256;
use penstock_statement::{Predicate, RawStatement, Statement};

use super::{PENSTOCK, World};

impl World {
    /// The project's ledger, opened as anybody can who may read its files.
    pub(crate) fn with_ledger<T>(&self, act: impl FnOnce(&Ledger<'_>) -> T) -> T {
        let keys = KeyStore::at(self.state().join("keys"));
        let public = keys.public(&KeyName::Log).unwrap();
        let verifier = LogVerifier::new(&keys.log_origin().unwrap(), public).unwrap();
        act(&Ledger::open(&self.state(), &[&verifier]).unwrap())
    }

    /// Evidence ids of every entry of a type, oldest first.
    pub(crate) fn evidence<P: Predicate>(&self) -> Vec<Sha256> {
        self.with_ledger(|ledger| {
            let all = ledger.entries(0..ledger.size()).unwrap();
            let of_type = all.into_iter().filter(|(_, entry)| entry.predicate_type == P::TYPE);
            of_type.map(|(_, entry)| entry.sha256).collect()
        })
    }

    /// How many entries the ledger has.
    pub(crate) fn entries(&self) -> u64 {
        self.with_ledger(|ledger| ledger.size())
    }

    /// The file of a piece of evidence.
    pub(crate) fn evidence_file(&self, id: &Sha256) -> PathBuf {
        self.with_ledger(|ledger| ledger.evidence_path(id))
    }

    /// The newest evidence of a type: its file.
    pub(crate) fn newest<P: Predicate>(&self) -> PathBuf {
        self.evidence_file(self.evidence::<P>().last().unwrap())
    }

    /// What the newest evidence of a type says.
    pub(crate) fn newest_statement<P: Predicate>(&self) -> Statement<P> {
        let bundle = bundle::parse(&fs::read(self.newest::<P>()).unwrap()).unwrap();
        RawStatement::parse(&bundle.payload).unwrap().decode().unwrap()
    }
}

/// What kind of statement is in a bundle.
pub(crate) fn predicate_type(bytes: &[u8]) -> String {
    let payload = bundle::parse(bytes).unwrap().payload;
    RawStatement::parse(&payload).unwrap().predicate_type
}

/// Somebody with keys who may append to the ledger.
pub(crate) struct Hand<'w> {
    world: &'w World,
    keys: PathBuf,
}

impl<'w> Hand<'w> {
    /// Whoever holds the project's own keys.
    pub(crate) fn insider(world: &'w World) -> Self {
        Self { world, keys: world.state().join("keys") }
    }

    /// Somebody with keys of their own, which no policy lists.
    pub(crate) fn stranger(world: &'w World) -> Self {
        let keys = world.beside("strange-keys");
        for name in [KeyName::Build, KeyName::Gate, KeyName::Policy] {
            KeyStore::at(&keys).generate(&name).unwrap();
        }
        Self { world, keys }
    }

    /// Somebody whose signer takes the project's key `from` for the key `to`.
    pub(crate) fn misusing(world: &'w World, from: &str, to: &KeyName) -> Self {
        let keys = world.beside(&format!("{from}-as-{to}"));
        KeyStore::at(&keys).generate(to).unwrap();
        let own = world.state().join("keys");
        for (from, to) in
            [(format!("{from}.pem"), to.private_file()), (format!("{from}.pub"), to.public_file())]
        {
            fs::copy(own.join(from), keys.join(to)).unwrap();
        }
        Self { world, keys }
    }

    /// Signs a statement and logs it, as the project's own log would. Says its evidence id.
    pub(crate) fn logs<P: Predicate>(&self, key: &KeyName, statement: &Statement<P>) -> Sha256 {
        let signer = SignerClient::spawn(PENSTOCK.as_ref(), &self.keys).unwrap();
        let signed = signer.sign(key, statement).unwrap();
        signer.finish().unwrap();
        let subjects = statement.subject.iter();
        let evidence = NewEvidence {
            predicate_type: P::TYPE.to_owned(),
            media_type: bundle::MEDIA_TYPE.to_owned(),
            subjects: subjects.map(|s| Subject { name: None, digest: s.digest.clone() }).collect(),
            key_id: signed.key.to_string(),
            time: self.world.tick(),
            bytes: signed.bundle,
        };
        self.append(evidence);
        signed.evidence
    }

    /// Logs evidence as it is.
    pub(crate) fn append(&self, evidence: NewEvidence) {
        let log = SignerClient::spawn(PENSTOCK.as_ref(), &self.world.state().join("keys")).unwrap();
        self.world.with_ledger(|ledger| {
            ledger.append(&[evidence], &log.log().unwrap()).unwrap();
        });
        log.finish().unwrap();
    }
}
