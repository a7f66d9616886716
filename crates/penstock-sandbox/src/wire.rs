//! What the caller and the step-host say to each other over the step-host's standard input, which is
//! a socket: one order, one answer, each a length and JSON. The end of the caller's side is the
//! order to kill, whether it was given (cancel) or not (the caller died).

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Barrier, Isolation, StepRecord, StepSpec};

/// Goes with the descriptor of the proxy's control socket, after the order to run a step that has one.
pub(crate) const EGRESS: &[u8] = b"egress";

/// Goes with the descriptor of the step's standard input, after all else, where it has one.
pub(crate) const INPUT: &[u8] = b"input";

/// A message larger than this is refused. A record's trace is bounded to well below it.
pub(crate) const MAX_MESSAGE_BYTES: u32 = 64 << 20;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    Probe,
    Run(Box<StepSpec>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    Barred(Barrier),
    Ended(Box<StepRecord>),
    Probed(Box<Isolation>),
    Setup { reason: String },
}

pub(crate) fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len())
        .ok()
        .filter(|length| *length <= MAX_MESSAGE_BYTES)
        .ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&body)
}

pub(crate) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_MESSAGE_BYTES {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    let mut body = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    use super::*;

    #[test]
    fn paths_and_arguments_that_are_no_text_arrive() {
        let odd = OsString::from_vec(b"/tmp/a b\n\xff".to_vec());
        let spec = StepSpec::new("odd", [odd.clone()], odd);
        let mut wire = Vec::new();
        send(&mut wire, &Order::Run(Box::new(spec.clone()))).unwrap();
        let Order::Run(received) = receive(&mut wire.as_slice()).unwrap() else {
            panic!("another order arrived");
        };
        assert_eq!(*received, spec);
    }

    #[test]
    fn an_oversized_message_is_refused_before_it_is_read() {
        let mut wire = u32::MAX.to_le_bytes().to_vec();
        wire.extend([b'x'; 8]);
        let error = receive::<Order>(&mut wire.as_slice()).err().map(|e| e.kind());
        assert_eq!(error, Some(io::ErrorKind::FileTooLarge));
    }

    #[test]
    fn a_cut_message_is_an_error() {
        let mut wire = Vec::new();
        send(&mut wire, &Order::Probe).unwrap();
        wire.pop();
        assert!(receive::<Order>(&mut wire.as_slice()).is_err());
    }
}
