//! The policy in force: the newest version whose whole chain of signatures holds.

use std::collections::BTreeSet;

use penstock_attest::{Trust, TrustedKey};
use penstock_config::Policy;
use penstock_ledger::Ledger;
use penstock_model::{ProjectId, Role, Sha256};
use penstock_statement::{
    Predicate as _, RawStatement, Verified,
    predicate::{PolicyRef, PolicyVersion},
};

use crate::{archive::of_type, error::RoadError, trust::trust};

/// A policy version that counts, with who stands behind it.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// The policy.
    pub policy: Policy,
    /// Its name in evidence.
    pub reference: PolicyRef,
    /// The persons who adopted or edited this version.
    pub editors: Vec<String>,
    /// Every version so far, in order: number and digest.
    pub history: Vec<PolicyRef>,
    /// Entries of the ledger that claim to be policy versions and are not, with the reason.
    pub refused: Vec<(u64, String)>,
}

impl Pinned {
    /// The policy in force in this ledger; `None` before version 1.
    ///
    /// Version 1 is signed by its own policy keys: trust on first use. Version n counts once as many
    /// different policy keys of version n-1 signed the same text as version n-1 demands.
    ///
    /// # Errors
    /// The ledger cannot be read. A version that does not hold is no error, it does not count.
    pub fn load(ledger: &Ledger<'_>, project: &ProjectId) -> Result<Option<Self>, RoadError> {
        let mut chain =
            Chain { project, pinned: None, votes: Votes::default(), refused: Vec::new() };
        // From the signed tree, not by the index: a version that the index leaves out is in force.
        let entries = ledger.entries(0..ledger.size())?;
        for (index, entry) in of_type(&entries, PolicyVersion::TYPE) {
            let bytes = ledger.evidence(&entry.sha256)?;
            if let Err(reason) = chain.take(*index, &bytes) {
                chain.refused.push((*index, reason));
            }
        }
        let refused = chain.refused;
        Ok(chain.pinned.map(|pinned| Self { refused, ..pinned }))
    }

    /// The keys this policy trusts.
    ///
    /// # Errors
    /// A key of the policy that is no key.
    pub fn trust(&self) -> Result<Trust, RoadError> {
        trust(&self.policy)
    }
}

/// Signatures collected for one candidate text of the next version.
#[derive(Default)]
struct Votes {
    text: Option<Sha256>,
    keys: BTreeSet<Sha256>,
    persons: BTreeSet<String>,
}

struct Chain<'a> {
    project: &'a ProjectId,
    pinned: Option<Pinned>,
    votes: Votes,
    refused: Vec<(u64, String)>,
}

impl Chain<'_> {
    /// Looks at the next entry that claims to be a policy version.
    fn take(&mut self, index: u64, bytes: &[u8]) -> Result<(), String> {
        let claimed = claimed(bytes)?;
        let policy = Policy::parse(&claimed.text, "policy.toml").map_err(|e| e.to_string())?;
        let digest = policy.digest();
        if policy.project != *self.project || claimed.project != *self.project {
            return Err(format!("it governs `{}`", policy.project));
        }
        let (expected, judge) = match &self.pinned {
            None => (1, &policy),
            Some(pinned) => (pinned.reference.version + 1, &pinned.policy),
        };
        if (policy.version, claimed.version) != (expected, expected) {
            return Err(format!("it is version {}, the next one is {expected}", policy.version));
        }
        if claimed.previous != self.pinned.as_ref().map(|pinned| pinned.reference.digest) {
            return Err("it follows another version than the one in force".to_owned());
        }
        let verified = verify(judge, index, bytes)?;
        if self.votes.text != Some(digest) {
            // Votes for another text are void: a version is adopted whole or not at all.
            self.votes = Votes { text: Some(digest), ..Votes::default() };
        }
        self.votes.keys.insert(verified.key);
        self.votes.persons.insert(claimed.adopted_by.clone());
        self.votes.persons.extend(claimed.editors.iter().cloned());
        let threshold = if expected == 1 { 1 } else { judge.adoption.threshold };
        if self.votes.keys.len() >= threshold as usize {
            let votes = std::mem::take(&mut self.votes);
            let reference = PolicyRef { version: expected, digest };
            let mut history = self.pinned.take().map_or_else(Vec::new, |pinned| pinned.history);
            history.push(reference.clone());
            self.pinned = Some(Pinned {
                policy,
                reference,
                editors: votes.persons.into_iter().collect(),
                history,
                refused: Vec::new(),
            });
        }
        Ok(())
    }
}

/// What an entry claims, before anything of it is believed.
fn claimed(bytes: &[u8]) -> Result<PolicyVersion, String> {
    let bundle = penstock_attest::bundle::parse(bytes).map_err(|e| e.to_string())?;
    let statement = RawStatement::parse(&bundle.payload).map_err(|e| e.to_string())?;
    let statement = statement.decode::<PolicyVersion>().map_err(|e| e.to_string())?;
    let digest = Sha256::of(statement.predicate.text.as_bytes());
    let about_text = statement
        .subject
        .iter()
        .any(|s| s.digest.get("sha256").is_some_and(|claimed| *claimed == digest.to_string()));
    if about_text { Ok(statement.predicate) } else { Err("its subject is another text".to_owned()) }
}

/// Whether a policy key of `judge` signed it.
fn verify(judge: &Policy, index: u64, bytes: &[u8]) -> Result<Verified<PolicyVersion>, String> {
    let keys: Vec<TrustedKey> = crate::trust::keys(judge)
        .map_err(|e| e.to_string())?
        .into_iter()
        .filter(|key| key.role == Role::Policy)
        .collect();
    let trust = Trust::new(keys).map_err(|e| e.to_string())?;
    let verified = trust.verify(bytes, index).map_err(|e| e.to_string())?;
    verified.decode().map_err(|e| e.to_string())
}
