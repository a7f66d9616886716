use tokio::io::AsyncWriteExt as _;

use super::{Duplex, dial::DialError, opening::Opening};
use crate::{
    AuthorityError, HeadError, HelloError, Host, Reason, Way, intercept::ServerError,
    judge::Refusal, socks,
};

/// What a connection asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) way: Way,
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) order: u64,
}

/// How a client is told whether its tunnel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeter {
    /// By an answer to CONNECT.
    Connect,
    /// By a SOCKS reply.
    Socks,
    /// It knows of no proxy.
    Silent,
}

impl Greeter {
    pub(super) async fn accept(self, client: &mut impl Duplex) -> std::io::Result<()> {
        match self {
            Self::Connect => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await,
            Self::Socks => client.write_all(&socks::reply(0)).await,
            Self::Silent => Ok(()),
        }
    }

    /// Tells the client no, before it was accepted, and closes.
    pub(super) async fn refuse<C: Duplex>(self, mut opening: Opening<C>, refusal: &Refusal) {
        match self {
            Self::Connect => opening.say(&http(403, &told(refusal))).await,
            Self::Socks => opening.say(&socks::reply(2)).await,
            Self::Silent => {}
        }
        opening.close().await;
    }

    /// Tells the client that there is no way there, and closes.
    pub(super) async fn fail<C: Duplex>(self, mut opening: Opening<C>, error: &DialError) {
        match self {
            Self::Connect => opening.say(&http(502, error.told())).await,
            Self::Socks => opening.say(&socks::reply(4)).await,
            Self::Silent => {}
        }
        opening.close().await;
    }
}

/// A fatal TLS alert, access_denied (RFC 8446 section 6), so that a client need not guess why.
pub(super) const TLS_ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 49];

/// A refusal in a sentence.
pub(super) fn told(refusal: &Refusal) -> String {
    let reason = serde_json::to_string(&refusal.reason).unwrap_or_default();
    let mut text = format!("penstock: denied, {}", reason.trim_matches('"'));
    if let Some(detail) = &refusal.detail {
        text = format!("{text}: {detail}");
    }
    if let Some(permit) = &refusal.allow {
        let private = if permit.private { " with `private`" } else { "" };
        text = format!("{text}; the rule `{}`{private} would allow it", permit.rule);
    }
    text
}

/// A whole answer.
pub(super) fn http(status: u16, text: &str) -> Vec<u8> {
    let reason = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        408 => "Request Timeout",
        _ => "Bad Gateway",
    };
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{text}\n",
        text.len() + 1
    )
    .into_bytes()
}

impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        Self::because(Reason::BadCertificate, error)
    }
}

impl From<HeadError> for Refusal {
    fn from(error: HeadError) -> Self {
        let reason = match error {
            HeadError::Authority(AuthorityError::Host(_)) => Reason::Host,
            HeadError::OtherHost => Reason::OtherHost,
            HeadError::Upgrade => Reason::Upgrade,
            HeadError::Http2 | HeadError::NotHttp => Reason::Protocol,
            _ => Reason::MalformedRequest,
        };
        Self::because(reason, error)
    }
}

impl From<HelloError> for Refusal {
    fn from(error: HelloError) -> Self {
        let reason = match error {
            HelloError::NotTls => Reason::NotTls,
            HelloError::NoServerName => Reason::NoServerName,
            HelloError::OtherServerName => Reason::OtherServerName,
            HelloError::Malformed | HelloError::ServerName | HelloError::TooLong => {
                Reason::MalformedHello
            }
        };
        Self::because(reason, error)
    }
}
