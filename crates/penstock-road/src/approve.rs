//! One person's word on a release.

use penstock_attest::{keys::KeyName, signer::SignerClient};
use penstock_model::Timestamp;
use penstock_statement::{
    Statement, Verified,
    predicate::{Approval, Decision, Outcome, RunSeal, Verdict},
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
    let newest = decisions
        .verified
        .into_iter()
        .filter(|decision| decision.predicate().run == seal.evidence)
        .rfind(|decision| decision.predicate().environment == environment);
    let not_held = |outcome: &str| Refusal::NotHeld {
        environment: environment.to_owned(),
        release: seal.evidence.short(),
        outcome: outcome.to_owned(),
    };
    let newest = newest.ok_or_else(|| not_held("not there yet"))?;
    let decided = newest.predicate();
    if decided.policy != session.pinned.reference {
        return Err(not_held("of an older policy").into());
    }
    if word.verdict == Verdict::Approve && decided.outcome != Outcome::Held {
        return Err(not_held(decided.outcome.name()).into());
    }
    let now: Timestamp = session.now();
    let person = session.pinned.policy.rules().people.get(&word.person);
    let approval = Approval {
        environment: environment.to_owned(),
        policy: session.pinned.reference.clone(),
        decision: newest.evidence,
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
