//! One person's word on a release.

use penstock_attest::{keys::KeyName, signer::SignerClient};
use penstock_gate::waiting;
use penstock_model::Timestamp;
use penstock_statement::{
    Statement, Verified,
    predicate::{Approval, Decision, RunSeal, Verdict},
};

use crate::{
    archive::Archive,
    error::{Refusal, RoadError},
    gate,
    recorder::Recorder,
    release,
    session::Session,
};

/// How long an approval counts, in seconds: a week.
const VALID_SECONDS: i64 = 7 * 24 * 3600;

/// What somebody says.
#[derive(Clone, Debug)]
pub struct Word {
    /// Who, as named in the policy.
    pub person: String,
    /// Yes or no.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// Finds out who speaks: the named person, or the only one of the policy whose key is here.
///
/// # Errors
/// Nobody, or several.
pub fn speaker(session: &Session<'_>, named: Option<&str>) -> Result<String, RoadError> {
    let people = &session.pinned.policy.rules().people;
    if let Some(name) = named {
        if !people.contains_key(name) {
            let known: Vec<&str> = people.keys().map(String::as_str).collect();
            let known = known.join(", ");
            return Err(Refusal::UnknownPerson { name: name.to_owned(), known }.into());
        }
        return match session.place.keys.holds(&KeyName::person(name)?)? {
            true => Ok(name.to_owned()),
            false => Err(Refusal::NoPersonKey(name.to_owned()).into()),
        };
    }
    let mut here = Vec::new();
    for name in people.keys() {
        if let Ok(key) = KeyName::person(name)
            && session.place.keys.holds(&key)?
        {
            here.push(name.clone());
        }
    }
    match here.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Refusal::WhoSpeaks("no key of a person of the policy is here".to_owned()).into()),
        several => {
            Err(Refusal::WhoSpeaks(format!("keys of {} are here", several.join(", "))).into())
        }
    }
}

/// Signs and logs a person's word on the newest held decision about a release.
///
/// # Errors
/// Nothing is held, unless it is to be rejected; the signer or the ledger fails.
pub fn approve(
    session: &Session<'_>,
    signer: &SignerClient,
    seal: &Verified<RunSeal>,
    environment: &str,
    word: &Word,
) -> Result<Approval, RoadError> {
    gate::environment(session, environment)?;
    let subjects = release::subjects(seal);
    let decisions = Archive::new(&session.ledger, &session.trust).about::<Decision>(&subjects)?;
    let policy = &session.pinned.reference;
    let held = waiting(&decisions.verified, environment, seal.evidence, policy);
    // A rejection needs nothing that waits: it may come at any time.
    let newest = decisions
        .verified
        .iter()
        .filter(|decision| decision.predicate().run == seal.evidence)
        .rfind(|decision| decision.predicate().environment == environment);
    let answered = match word.verdict {
        Verdict::Approve => held,
        Verdict::Reject => newest,
    };
    let answered = answered.ok_or_else(|| Refusal::NotHeld {
        environment: environment.to_owned(),
        release: seal.evidence.short(),
        outcome: match newest.map(Verified::predicate) {
            None => "not there yet".to_owned(),
            Some(decision) if decision.policy != *policy => "of an older policy".to_owned(),
            Some(decision) => decision.outcome.name().to_owned(),
        },
    })?;
    let now: Timestamp = session.now();
    let person = session.pinned.policy.rules().people.get(&word.person);
    let approval = Approval {
        environment: environment.to_owned(),
        policy: session.pinned.reference.clone(),
        decision: answered.evidence,
        run: seal.evidence,
        verdict: word.verdict,
        reason: word.reason.clone(),
        person: word.person.clone(),
        identity_strength: person
            .map_or(penstock_model::IdentityStrength::Asserted, |person| person.identity),
        approved_on: now,
        expires: now.plus_seconds(VALID_SECONDS),
    };
    let mut recorder = Recorder::new(&session.ledger, signer, now);
    recorder.add(&KeyName::person(&word.person)?, &Statement::new(subjects, approval.clone()))?;
    recorder.commit()?;
    Ok(approval)
}
