use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::{Read, Write},
};

use penstock_statement::{
    PAYLOAD_TYPE, Predicate as _, RawStatement, Statement, dsse, predicate::Approval,
};
use penstock_tlog::Checkpoint;

use super::protocol::{Answer, Frame, FrameError, Refusal, Request};
use crate::{
    keys::{KeyName, KeyStore},
    may_speak,
    secret_key::SecretKey,
};

/// Answers requests until `input` ends. A key is opened when it is first asked for.
///
/// # Errors
/// The stream broke, or ended within a record. What is merely wrong is answered with a refusal.
pub fn serve(
    keys: &KeyStore,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<(), FrameError> {
    let mut signer = Signer { keys, open: BTreeMap::new() };
    loop {
        let frame = match Frame::read(input) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(()),
            Err(error) => {
                // Where the next record begins is not known any more: say so and end.
                let refusal = Refusal::BadRequest { reason: error.to_string() };
                Frame::write(output, &Answer::Refused { refusal }, &[])?;
                return Err(error);
            }
        };
        let (answer, body) = signer
            .answer(&frame)
            .unwrap_or_else(|refusal| (Answer::Refused { refusal }, Vec::new()));
        Frame::write(output, &answer, &body)?;
    }
}

struct Signer<'k> {
    keys: &'k KeyStore,
    open: BTreeMap<KeyName, SecretKey>,
}

impl Signer<'_> {
    fn answer(&mut self, frame: &Frame) -> Result<(Answer, Vec<u8>), Refusal> {
        let request = frame
            .header::<Request>()
            .map_err(|error| Refusal::BadRequest { reason: error.to_string() })?;
        match request {
            Request::Public { key } => {
                let origin = if key == KeyName::Log { Some(self.origin()?) } else { None };
                Ok((Answer::Public { origin }, self.key(&key)?.public().to_spki()))
            }
            Request::Sign { key, predicate_type } => {
                check_statement(&key, &predicate_type, &frame.body)?;
                let message = dsse::pre_authentication_encoding(PAYLOAD_TYPE, &frame.body);
                self.sign(&key, &message)
            }
            Request::SignCheckpoint => {
                check_checkpoint(&self.origin()?, &frame.body)?;
                self.sign(&KeyName::Log, &frame.body)
            }
        }
    }

    fn sign(&mut self, name: &KeyName, message: &[u8]) -> Result<(Answer, Vec<u8>), Refusal> {
        let key = self.key(name)?;
        let signature = key.sign(message).map_err(|error| key_refused(name, &error))?;
        Ok((Answer::Signed { key: key.public().id() }, signature))
    }

    fn key(&mut self, name: &KeyName) -> Result<&SecretKey, Refusal> {
        match self.open.entry(name.clone()) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(vacant) => {
                let key = self.keys.open(name).map_err(|error| key_refused(name, &error))?;
                Ok(vacant.insert(key))
            }
        }
    }

    fn origin(&self) -> Result<String, Refusal> {
        self.keys.log_origin().map_err(|error| key_refused(&KeyName::Log, &error))
    }
}

fn key_refused(name: &KeyName, error: &dyn std::error::Error) -> Refusal {
    Refusal::Key { key: name.clone(), reason: error.to_string() }
}

/// Whether this key may sign these bytes: by the role's table, and for what they really say.
fn check_statement(key: &KeyName, predicate_type: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let not_a_statement =
        |error: &dyn std::error::Error| Refusal::NotAStatement { reason: error.to_string() };
    if !may_speak(key.role(), predicate_type) {
        let predicate_type = predicate_type.to_owned();
        return Err(Refusal::WrongRole { role: key.role(), predicate_type });
    }
    let statement = RawStatement::parse(bytes).map_err(|e| not_a_statement(&e))?;
    if statement.predicate_type != predicate_type {
        return Err(Refusal::OtherPredicate {
            claimed: predicate_type.to_owned(),
            found: statement.predicate_type,
        });
    }
    if statement.canonical_bytes().map_err(|e| not_a_statement(&e))? != bytes {
        return Err(Refusal::NotCanonical);
    }
    if predicate_type == Approval::TYPE {
        let approval: Statement<Approval> = statement.decode().map_err(|e| not_a_statement(&e))?;
        let named = approval.predicate.person;
        let person = key.person_name().unwrap_or_default();
        if named != person {
            return Err(Refusal::WrongPerson { person: person.to_owned(), named });
        }
    }
    Ok(())
}

fn check_checkpoint(origin: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Refusal::NotACheckpoint { reason: error.to_string() })?;
    let checkpoint = Checkpoint::parse(text)
        .map_err(|error| Refusal::NotACheckpoint { reason: error.to_string() })?;
    if checkpoint.origin != origin {
        return Err(Refusal::WrongOrigin { expected: origin.to_owned(), found: checkpoint.origin });
    }
    Ok(())
}
