use std::io;

use penstock_config::SecretSource;
use penstock_sandbox::mask::{MAX_SECRET_BYTES, MIN_SECRET_BYTES};

/// Why a step cannot have a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret `{name}` from `{from}`: {fault}")]
pub struct SecretError {
    /// The name the step sees.
    pub name: String,
    /// Where it should have come from.
    pub from: SecretSource,
    /// Why it did not.
    pub fault: Box<SecretFault>,
}

/// What is wrong with a source or its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretFault {
    /// An age file.
    #[error(transparent)]
    Age(#[from] AgeFault),
    /// What logs in to the Vault.
    #[error("what logs in to Vault, `{from}`: {fault}")]
    Login {
        /// Where it should have come from.
        from: String,
        /// Why it did not.
        fault: Box<Self>,
    },
    /// A descriptor that is not the caller's.
    #[error("penstock was not started with descriptor {0} open: open it in the call, {0}<FILE")]
    NotInherited(u32),
    /// A variable that is not there.
    #[error("it wants the variable `{0}`, which is not set")]
    NotSet(String),
    /// Bytes that cannot be the value of a variable.
    #[error("its value is not UTF-8 text without NUL: keep it as base64 and decode it in the step")]
    NotText,
    /// No Vault.
    #[error("the policy names no Vault: add `[vault]` to it (penstock policy show --next)")]
    NoVault,
    /// Too much.
    #[error("its value has more than {MAX_SECRET_BYTES} bytes")]
    TooLong,
    /// Too little.
    #[error(
        "its value has fewer than {MIN_SECRET_BYTES} bytes, which cannot be kept out of a log: take a longer one"
    )]
    TooShort,
    /// The system says no.
    #[error("it cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// A source this version does not know here.
    #[error("it cannot be read from there")]
    Unsupported,
    /// The Vault.
    #[error(transparent)]
    Vault(#[from] VaultFault),
}

/// What is wrong with an age file or what should open it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AgeFault {
    /// Its content is not what was encrypted.
    #[error("the file is damaged or was changed")]
    Damaged,
    /// The identity file.
    #[error("the identity file cannot be read: {0}")]
    IdentityUnreadable(io::ErrorKind),
    /// Its form.
    #[error("the file is not in the age format, version 1: {0}")]
    Malformed(&'static str),
    /// Nothing to open it with.
    #[error(
        "nothing to decrypt it with: name an identity file with --identity or PENSTOCK_AGE_IDENTITY"
    )]
    NoIdentity,
    /// No such line.
    #[error("the file has no line `{0}=…`")]
    NoKey(String),
    /// No such file.
    #[error("{0} has no such regular file")]
    NotThere(&'static str),
    /// A line of the identity file.
    #[error(
        "line {0} of the identity file is no X25519 identity (AGE-SECRET-KEY-1…), and no other kind is read"
    )]
    NotAnIdentity(usize),
    /// It is for somebody else.
    #[error("none of the identities decrypts it")]
    NotForUs,
    /// Encrypted with a passphrase.
    #[error("it is encrypted with a passphrase: encrypt it to a recipient (age -r age1…)")]
    Passphrase,
    /// Larger than is read.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// A name on several lines.
    #[error("the file has several lines `{0}=…`: keep one")]
    TwoLines(String),
    /// The file.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::ErrorKind),
}

/// What is wrong with a Vault or its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultFault {
    /// The certificates.
    #[error("the certificates in `{0}` cannot be read")]
    Certificates(String),
    /// The login was refused.
    #[error("Vault refused the login to role `{role}` at `{mount}` with status {status}")]
    LoginRefused {
        /// The role.
        role: String,
        /// Where the auth method is mounted.
        mount: String,
        /// The status.
        status: u16,
    },
    /// No connection, or it broke.
    #[error("no answer from {address}: {reason}")]
    NoAnswer {
        /// The server.
        address: String,
        /// Why; nothing of an answer.
        reason: String,
    },
    /// The field is not there.
    #[error("the secret there has no field `{0}`")]
    NoField(String),
    /// The field is no text.
    #[error("the field `{0}` is not a string")]
    NotAString(String),
    /// An answer of another shape.
    #[error("{0} answered something that is no answer of Vault")]
    NotVault(String),
    /// A redirect.
    #[error(
        "{address} answered with a redirect ({status}), which is not followed: name the server itself in the policy"
    )]
    Redirect {
        /// The server.
        address: String,
        /// The status.
        status: u16,
    },
    /// Refused, or not there.
    #[error("Vault answered with status {status}: {meaning}")]
    Refused {
        /// The status.
        status: u16,
        /// What the status means.
        meaning: &'static str,
    },
    /// More than is read.
    #[error("{0} answered more than is read of an answer")]
    TooLong(String),
}
