use penstock_model::{Role, Sha256};
use penstock_statement::{
    PAYLOAD_TYPE, Predicate, RawStatement, StatementError, Verified, dsse, predicate::Approval,
};
use serde_json::Value;

use crate::{
    PublicKey,
    bundle::{self, BundleError, Material},
    may_speak,
};

/// A key the policy trusts, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// The key.
    pub public: PublicKey,
    /// What it may speak for.
    pub role: Role,
    /// Its name in the policy.
    pub label: String,
    /// The predicate types it may speak, where the policy allows less than the role does.
    pub predicates: Option<Vec<String>>,
    /// The person it belongs to; every key of role `person` has one.
    pub person: Option<String>,
    /// Whether it is compromised: nothing it ever signed counts.
    pub revoked: bool,
}

/// The keys the policy trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    keys: Vec<TrustedKey>,
}

impl Trust {
    /// Trust in exactly these keys.
    ///
    /// # Errors
    /// The same key twice under different terms; a `person` key of nobody.
    pub fn new(keys: Vec<TrustedKey>) -> Result<Self, TrustError> {
        let mut trusted: Vec<TrustedKey> = Vec::new();
        for key in keys {
            if key.role == Role::Person && key.person.is_none() {
                return Err(TrustError::Nobody { label: key.label });
            }
            match trusted.iter().find(|known| known.public == key.public) {
                Some(known) if *known == key => {}
                Some(known) => {
                    return Err(TrustError::Twice {
                        first: known.label.clone(),
                        second: key.label,
                    });
                }
                None => trusted.push(key),
            }
        }
        Ok(Self { keys: trusted })
    }

    /// The keys, in the order they were given.
    pub fn keys(&self) -> &[TrustedKey] {
        &self.keys
    }

    /// The trusted key with that id.
    pub fn key(&self, id: &Sha256) -> Option<&TrustedKey> {
        self.keys.iter().find(|key| key.public.id() == *id)
    }

    /// Verifies the bundle at place `index` of the ledger: that a trusted key signed the statement
    /// in it and may say what it says. What is returned is read from exactly the bytes whose
    /// signature was verified.
    ///
    /// # Errors
    /// Everything else, by fault.
    pub fn verify(&self, bytes: &[u8], index: u64) -> Result<Verified<Value>, VerifyError> {
        let bundle = bundle::parse(bytes)?;
        if bundle.payload_type != PAYLOAD_TYPE {
            return Err(VerifyError::PayloadType(bundle.payload_type));
        }
        let Material::PublicKey { hint } = bundle.material else {
            return Err(VerifyError::Certificate);
        };
        // The hint only finds the key. An id has one spelling, so comparing text is enough.
        let Some(key) = self.keys.iter().find(|key| key.public.id().to_string() == hint) else {
            return Err(VerifyError::UnknownKey { hint });
        };
        let signed = dsse::pre_authentication_encoding(&bundle.payload_type, &bundle.payload);
        if !key.public.verify(&signed, &bundle.signature) {
            return Err(VerifyError::BadSignature { label: key.label.clone() });
        }
        if key.revoked {
            return Err(VerifyError::Revoked { label: key.label.clone() });
        }
        let statement = RawStatement::parse(&bundle.payload)?;
        key.check_entrusted(&statement)?;
        Ok(Verified {
            evidence: Sha256::of(bytes),
            index,
            key: key.public.id(),
            role: key.role,
            statement,
        })
    }
}

impl TrustedKey {
    /// Whether this key may say this.
    fn check_entrusted(&self, statement: &RawStatement) -> Result<(), VerifyError> {
        let predicate_type = &statement.predicate_type;
        if !may_speak(self.role, predicate_type) {
            return Err(VerifyError::WrongRole {
                label: self.label.clone(),
                role: self.role,
                predicate_type: predicate_type.clone(),
            });
        }
        if self.predicates.as_ref().is_some_and(|allowed| !allowed.contains(predicate_type)) {
            return Err(VerifyError::NotEntrusted {
                label: self.label.clone(),
                predicate_type: predicate_type.clone(),
            });
        }
        if predicate_type == Approval::TYPE {
            let approval: penstock_statement::Statement<Approval> = statement.clone().decode()?;
            let named = approval.predicate.person;
            if self.person.as_ref() != Some(&named) {
                return Err(VerifyError::WrongPerson {
                    label: self.label.clone(),
                    person: self.person.clone().unwrap_or_default(),
                    named,
                });
            }
        }
        Ok(())
    }
}

/// Why keys cannot be trusted together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A `person` key without a person.
    #[error("key `{label}` has role `person` and belongs to nobody: list it under a person")]
    Nobody {
        /// Its name.
        label: String,
    },
    /// One key under two names: a key has exactly one role and one owner.
    #[error("`{first}` and `{second}` are the same key: a key has one role and one owner")]
    Twice {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
}

/// Why evidence does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The signature is not that key's over this statement.
    #[error("the signature is not key `{label}`'s: the statement or the signature was changed")]
    BadSignature {
        /// The key it claims.
        label: String,
    },
    /// It is not a bundle that is read.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// It was signed with a certificate, not with a key of the policy.
    #[error("signed with a certificate: this version verifies keys listed in the policy only")]
    Certificate,
    /// The role may speak this, but the policy entrusts this key with less.
    #[error("the policy does not entrust key `{label}` with statements of type `{predicate_type}`")]
    NotEntrusted {
        /// The key.
        label: String,
        /// What it said.
        predicate_type: String,
    },
    /// The signed bytes are not an in-toto statement.
    #[error("the payload is `{0}`, not an in-toto statement")]
    PayloadType(String),
    /// The key is revoked as compromised.
    #[error("key `{label}` is revoked as compromised: nothing it signed counts")]
    Revoked {
        /// The key.
        label: String,
    },
    /// The signed bytes are not a statement, though they claim to be.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// No trusted key has this id.
    #[error("signed by key `{hint}`, which the policy does not list")]
    UnknownKey {
        /// The key id of the bundle.
        hint: String,
    },
    /// An approval in somebody else's name.
    #[error("key `{label}` belongs to `{person}` and approved in the name of `{named}`")]
    WrongPerson {
        /// The key.
        label: String,
        /// Whose it is.
        person: String,
        /// Whom the approval names.
        named: String,
    },
    /// A statement of a type that the key's role may not speak.
    #[error("key `{label}` has role `{role}`, which may not state `{predicate_type}`")]
    WrongRole {
        /// The key.
        label: String,
        /// Its role.
        role: Role,
        /// What it said.
        predicate_type: String,
    },
}
