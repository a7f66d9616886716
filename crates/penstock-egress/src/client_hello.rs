use crate::{Host, Name};

/// The most bytes of records that a ClientHello may take. With post-quantum key shares and a
/// session ticket real ones stay below 4 KiB.
pub const MAX_HELLO_BYTES: usize = 32 * 1024;

/// The most records it may be cut into.
const MAX_RECORDS: usize = 64;

/// The longest fragment of a record (RFC 8446 section 5.1).
const MAX_FRAGMENT: usize = 1 << 14;

const RECORD_HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// Extension numbers of <https://www.iana.org/assignments/tls-extensiontype-values/>.
const SERVER_NAME: u16 = 0;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;

/// What a client says in the clear before anything is encrypted (RFC 8446 section 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The server name (RFC 6066 section 3), if one is sent.
    pub server_name: Option<Name>,
    /// Whether an encrypted ClientHello is within (RFC 9849), a real one or a decoy. What it asks
    /// for cannot be seen; only the outer name is.
    pub encrypted: bool,
}

impl ClientHello {
    /// Reads from the first bytes of a connection; `None` when more are needed.
    ///
    /// A message in several records is put together first, as a server would do.
    ///
    /// # Errors
    /// It is no ClientHello, or not one that every reader understands alike.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, HelloError> {
        let mut rest = Bytes(bytes);
        let mut message = Vec::new();
        for _ in 0..MAX_RECORDS {
            let Some(record) = next_record(&mut rest)? else {
                return match bytes.len() {
                    0..MAX_HELLO_BYTES => Ok(None),
                    _ => Err(HelloError::TooLong),
                };
            };
            message.extend_from_slice(record);
            let Some(length) = message_length(&message)? else { continue };
            match message.len().cmp(&length) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    return hello(Bytes(message.get(4..).unwrap_or(&[]))).map(Some);
                }
                // Nothing may follow it within its record: the client has to wait for an answer.
                std::cmp::Ordering::Greater => return Err(HelloError::Malformed),
            }
        }
        Err(HelloError::TooLong)
    }

    /// Whether the hello asks for this host. A name must be the server name; with an address there
    /// is none to compare (RFC 6066 forbids literal addresses there), so none may be sent.
    ///
    /// # Errors
    /// It asks for another, or for nobody.
    pub fn is_for(&self, host: &Host) -> Result<(), HelloError> {
        match (host, &self.server_name) {
            (Host::Name(wanted), Some(name)) if wanted == name => Ok(()),
            (Host::Address(_), None) => Ok(()),
            (Host::Name(_), None) => Err(HelloError::NoServerName),
            (_, Some(_)) => Err(HelloError::OtherServerName),
        }
    }
}

/// The fragment of the next record, `None` when it is not there whole. What is there of its head is
/// judged at once, so that what is not TLS need not wait for five bytes.
fn next_record<'b>(rest: &mut Bytes<'b>) -> Result<Option<&'b [u8]>, HelloError> {
    match rest.0 {
        [] => return Ok(None),
        [RECORD_HANDSHAKE] => return Ok(None),
        [RECORD_HANDSHAKE, 3, ..] => {}
        _ => return Err(HelloError::NotTls),
    }
    let [_, _, _, high, low, after @ ..] = rest.0 else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    // An empty fragment of a handshake is forbidden (RFC 8446 section 5.1).
    if length == 0 || length > MAX_FRAGMENT {
        return Err(HelloError::Malformed);
    }
    let Some((fragment, after)) = after.split_at_checked(length) else { return Ok(None) };
    *rest = Bytes(after);
    Ok(Some(fragment))
}

/// The length of the handshake message with its head, when that is there.
fn message_length(message: &[u8]) -> Result<Option<usize>, HelloError> {
    match message {
        [] => Ok(None),
        [CLIENT_HELLO, high, middle, low, ..] => {
            let length = u32::from_be_bytes([0, *high, *middle, *low]);
            let length = usize::try_from(length).map_err(|_| HelloError::TooLong)? + 4;
            if length > MAX_HELLO_BYTES { Err(HelloError::TooLong) } else { Ok(Some(length)) }
        }
        [CLIENT_HELLO, ..] => Ok(None),
        _ => Err(HelloError::NotTls),
    }
}

fn hello(mut body: Bytes<'_>) -> Result<ClientHello, HelloError> {
    let [3, _] = body.take(2)? else { return Err(HelloError::Malformed) };
    let _random = body.take(32)?;
    if body.vector8()?.0.len() > 32 {
        return Err(HelloError::Malformed);
    }
    let suites = body.vector16()?.0.len();
    if suites < 2 || suites % 2 != 0 || body.vector8()?.0.is_empty() {
        return Err(HelloError::Malformed);
    }
    let mut found = ClientHello { server_name: None, encrypted: false };
    if body.0.is_empty() {
        return Ok(found);
    }
    let mut extensions = body.vector16()?;
    body.end()?;
    let mut seen = Vec::new();
    while !extensions.0.is_empty() {
        let kind = extensions.number16()?;
        let content = extensions.vector16()?;
        // Two of a kind are forbidden (RFC 8446 section 4.2): which one would a server take?
        if seen.contains(&kind) {
            return Err(HelloError::Malformed);
        }
        seen.push(kind);
        match kind {
            SERVER_NAME => found.server_name = Some(server_name(content)?),
            ENCRYPTED_CLIENT_HELLO => found.encrypted = true,
            _ => {}
        }
    }
    Ok(found)
}

/// Exactly one name, of the only type there is (RFC 6066 section 3: host_name is 0).
fn server_name(mut content: Bytes<'_>) -> Result<Name, HelloError> {
    let mut list = content.vector16()?;
    content.end()?;
    let [0] = list.take(1)? else { return Err(HelloError::Malformed) };
    let name = list.vector16()?;
    list.end()?;
    let name = std::str::from_utf8(name.0).map_err(|_| HelloError::ServerName)?;
    // The form on the wire has no trailing dot.
    if name.ends_with('.') {
        return Err(HelloError::ServerName);
    }
    Name::parse(name).map_err(|_| HelloError::ServerName)
}

/// Bytes that are taken from the front.
#[derive(Clone, Copy)]
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], HelloError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(HelloError::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number16(&mut self) -> Result<u16, HelloError> {
        match self.take(2)? {
            [high, low] => Ok(u16::from_be_bytes([*high, *low])),
            _ => Err(HelloError::Malformed),
        }
    }

    /// A vector with a length of one byte before it.
    fn vector8(&mut self) -> Result<Self, HelloError> {
        let length = self.take(1)?.first().copied().unwrap_or(0);
        self.take(length.into()).map(Self)
    }

    /// A vector with a length of two bytes before it.
    fn vector16(&mut self) -> Result<Self, HelloError> {
        let length = self.number16()?;
        self.take(length.into()).map(Self)
    }

    fn end(self) -> Result<(), HelloError> {
        if self.0.is_empty() { Ok(()) } else { Err(HelloError::Malformed) }
    }
}

/// Why the first bytes let nobody through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HelloError {
    /// Lengths that do not fit, two extensions of a kind, something behind.
    #[error("a ClientHello that readers could understand differently")]
    Malformed,
    /// No server name where a name was asked for.
    #[error("the client names no server; the program must send the TLS server name (SNI)")]
    NoServerName,
    /// Not a TLS handshake.
    #[error("not TLS; a rule `tcp://host:port` allows other protocols")]
    NotTls,
    /// Another server name than the host asked for.
    #[error("the client asks the server for another name than it asked the proxy for")]
    OtherServerName,
    /// The server name is an address or no name.
    #[error("the TLS server name is no host name")]
    ServerName,
    /// Over the limits.
    #[error("a ClientHello of more than {MAX_HELLO_BYTES} bytes or {MAX_RECORDS} records")]
    TooLong,
}

#[cfg(test)]
mod tests;
