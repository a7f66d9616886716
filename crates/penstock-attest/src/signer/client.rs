use std::{
    ffi::OsStr,
    io::BufReader,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use penstock_model::Sha256;
use penstock_statement::{Predicate, RawStatement, Statement, StatementError};
use penstock_tlog::{NoteSigner, NoteVerifier as _, SignFailed};

use super::{
    SUBCOMMAND,
    protocol::{Answer, Frame, FrameError, Refusal, Request},
};
use crate::{
    LogVerifier, LogVerifierError, PublicKey, PublicKeyError,
    bundle::{self, BundleError},
    keys::KeyName,
};

/// A running signer. It ends with this value.
#[derive(Debug)]
pub struct SignerClient {
    child: Child,
    pipes: Mutex<Option<Pipes>>,
}

#[derive(Debug)]
struct Pipes {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bundle's exact bytes.
    pub bundle: Vec<u8>,
    /// Their SHA-256: the evidence id.
    pub evidence: Sha256,
    /// The id of the key that signed.
    pub key: Sha256,
}

impl SignerClient {
    /// Starts `exe signer KEYS` with an empty environment, in its own process group, so that Ctrl-C
    /// cannot end it between two signatures that belong together.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn spawn(exe: &Path, keys: &Path) -> Result<Self, SignerError> {
        Self::start(Command::new(exe), keys.as_os_str())
    }

    fn start(mut command: Command, keys: &OsStr) -> Result<Self, SignerError> {
        use std::os::unix::process::CommandExt as _;
        let mut child = command
            .arg(SUBCOMMAND)
            .arg(keys)
            .env_clear()
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| SignerError::Start(error.to_string()))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let pipes = pipes.map(|(input, output)| Pipes { input, output: BufReader::new(output) });
        Ok(Self { child, pipes: Mutex::new(pipes) })
    }

    /// The process id of the signer.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has a statement of ours signed.
    ///
    /// # Errors
    /// The signer refuses, or is gone.
    pub fn sign<P: Predicate>(
        &self,
        key: &KeyName,
        statement: &Statement<P>,
    ) -> Result<Signed, SignerError> {
        self.sign_payload(key, &statement.predicate_type, &statement.to_bytes()?)
    }

    /// Has a statement signed whose predicate is a document of another standard (an SBOM).
    ///
    /// # Errors
    /// The signer refuses, or is gone.
    pub fn sign_foreign(
        &self,
        key: &KeyName,
        statement: &RawStatement,
    ) -> Result<Signed, SignerError> {
        self.sign_payload(key, &statement.predicate_type, &statement.canonical_bytes()?)
    }

    fn sign_payload(
        &self,
        key: &KeyName,
        predicate_type: &str,
        payload: &[u8],
    ) -> Result<Signed, SignerError> {
        let request = Request::Sign { key: key.clone(), predicate_type: predicate_type.to_owned() };
        let (key, signature) = self.signature(&request, payload)?;
        let bundle = bundle::make(payload, &key, &signature)?;
        Ok(Signed { evidence: Sha256::of(&bundle), bundle, key })
    }

    /// The public half of a key, computed from the private one.
    ///
    /// # Errors
    /// The signer refuses, or is gone.
    pub fn public(&self, key: &KeyName) -> Result<PublicKey, SignerError> {
        match self.ask(&Request::Public { key: key.clone() }, &[])? {
            (Answer::Public { .. }, spki) => Ok(PublicKey::from_spki(&spki)?),
            _ => Err(SignerError::Answer),
        }
    }

    /// The log key, as the ledger wants to have it.
    ///
    /// # Errors
    /// There is no log key; the signer is gone.
    pub fn log(&self) -> Result<LogSigner<'_>, SignerError> {
        match self.ask(&Request::Public { key: KeyName::Log }, &[])? {
            (Answer::Public { origin: Some(origin) }, spki) => {
                let verifier = LogVerifier::new(&origin, PublicKey::from_spki(&spki)?)?;
                Ok(LogSigner { client: self, verifier })
            }
            _ => Err(SignerError::Answer),
        }
    }

    /// Lets the signer end and waits for it.
    ///
    /// # Errors
    /// It had ended before, or in disorder.
    pub fn finish(mut self) -> Result<(), SignerError> {
        drop(self.pipes.lock().unwrap_or_else(PoisonError::into_inner).take());
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(SignerError::Ended(status.to_string())),
            Err(error) => Err(SignerError::Ended(error.to_string())),
        }
    }

    fn signature(&self, request: &Request, body: &[u8]) -> Result<(Sha256, Vec<u8>), SignerError> {
        match self.ask(request, body)? {
            (Answer::Signed { key }, signature) => Ok((key, signature)),
            _ => Err(SignerError::Answer),
        }
    }

    fn ask(&self, request: &Request, body: &[u8]) -> Result<(Answer, Vec<u8>), SignerError> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let pipes = pipes.as_mut().ok_or(SignerError::Frame(FrameError::Cut))?;
        Frame::write(&mut pipes.input, request, body)?;
        let frame = Frame::read(&mut pipes.output)?.ok_or(FrameError::Cut)?;
        match frame.header().map_err(|_| SignerError::Answer)? {
            Answer::Refused { refusal } => Err(SignerError::Refused(refusal)),
            answer => Ok((answer, frame.body)),
        }
    }
}

impl Drop for SignerClient {
    fn drop(&mut self) {
        // The end of its input ends it; should it hang, it must not hang us. After `finish` both do
        // nothing.
        drop(self.pipes.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The log key of a running signer.
#[derive(Debug)]
pub struct LogSigner<'c> {
    client: &'c SignerClient,
    verifier: LogVerifier,
}

impl LogSigner<'_> {
    /// What verifies its signatures.
    pub fn verifier(&self) -> &LogVerifier {
        &self.verifier
    }
}

impl NoteSigner for LogSigner<'_> {
    fn name(&self) -> &str {
        self.verifier.name()
    }

    fn key_id(&self) -> u32 {
        self.verifier.key_id()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed> {
        self.client
            .signature(&Request::SignCheckpoint, message)
            .map(|(_, signature)| signature)
            .map_err(|error| SignFailed { name: self.name().to_owned(), reason: error.to_string() })
    }
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// It answered something else.
    #[error("the signer gave an answer that does not fit: is it the same version of penstock?")]
    Answer,
    /// The statement does not fit into a bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// It ended with an error.
    #[error("the signer ended in disorder: {0}")]
    Ended(String),
    /// The connection broke.
    #[error("the signer is gone: {0}")]
    Frame(#[from] FrameError),
    /// The key it named is no log key.
    #[error(transparent)]
    Log(#[from] LogVerifierError),
    /// The key it named is no key.
    #[error(transparent)]
    Public(#[from] PublicKeyError),
    /// It will not sign this.
    #[error(transparent)]
    Refused(Refusal),
    /// It could not be started.
    #[error("the signer could not be started: {0}")]
    Start(String),
    /// The statement cannot be written.
    #[error(transparent)]
    Statement(#[from] StatementError),
}
