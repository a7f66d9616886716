use crate::{Authority, AuthorityError};

/// The longest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// The most header lines.
const MAX_FIELDS: usize = 100;

/// The head of a request in HTTP/1, read more strictly than any server reads it (RFC 9112).
///
/// What two programs are known to read differently is an error: bare line feeds, folded lines, a
/// space before a colon, several lengths, a length and a transfer coding. `hyper` reads the same
/// bytes again and writes the request anew; this reader decides whether it gets to see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The method.
    pub method: String,
    /// What is asked for.
    pub target: Target,
    /// Whether a body follows.
    pub has_body: bool,
    /// Whether the client would make another request on the connection (RFC 9112 section 9.3).
    pub persistent: bool,
    /// How many bytes the head takes, with the empty line.
    pub length: usize,
}

/// The target of a request (RFC 9112 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `CONNECT host:port`.
    Connect(Authority),
    /// `GET http://host/path?query`.
    Absolute(Authority, PathAndQuery),
    /// `GET https://…`: the proxy would have to speak TLS.
    Https(Authority),
    /// `GET /path?query`; the authority is the one of the `Host` line.
    Origin(Authority, PathAndQuery),
}

/// What stands behind the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathAndQuery {
    /// The path as written, with a `/` in front.
    pub path: String,
    /// The query without `?`.
    pub query: Option<String>,
}

impl RequestHead {
    /// Reads the head at the beginning of `bytes`; `None` when more are needed.
    ///
    /// # Errors
    /// It is none, or not one that every reader understands alike.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, HeadError> {
        Self::read_for(bytes, 80)
    }

    /// The same within TLS, where a `Host` line without a port means 443.
    ///
    /// # Errors
    /// Likewise.
    pub fn read_within_tls(bytes: &[u8]) -> Result<Option<Self>, HeadError> {
        Self::read_for(bytes, 443)
    }

    fn read_for(bytes: &[u8], port: u16) -> Result<Option<Self>, HeadError> {
        if bytes.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
            return Err(HeadError::NotHttp);
        }
        let mut lines = Vec::new();
        let mut rest = bytes.get(..bytes.len().min(MAX_HEAD_BYTES)).unwrap_or_default();
        loop {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                let full = bytes.len() >= MAX_HEAD_BYTES;
                return if full { Err(HeadError::TooLong) } else { Ok(None) };
            };
            let (line, after) = rest.split_at(end);
            let line = line.strip_suffix(b"\r").ok_or(HeadError::BareLineFeed)?;
            rest = after.get(1..).unwrap_or_default();
            if line.is_empty() {
                break;
            }
            lines.push(text(line)?);
            if let [first] = lines.as_slice() {
                // What is no request need not be waited for.
                RequestLine::read(first)?;
            }
            if lines.len() > MAX_FIELDS + 1 {
                return Err(HeadError::TooLong);
            }
        }
        let length = bytes.len().min(MAX_HEAD_BYTES) - rest.len();
        let (first, fields) = lines.split_first().ok_or(HeadError::RequestLine)?;
        let line = RequestLine::read(first)?;
        let fields = Fields::read(fields)?;
        if fields.host.is_none() && line.minor == 1 {
            return Err(HeadError::Host);
        }
        if fields.chunked && (fields.length.is_some() || line.minor == 0) {
            return Err(HeadError::Length);
        }
        let has_body = fields.chunked || fields.length.is_some_and(|length| length > 0);
        let target = target(&line, fields.host, port)?;
        if matches!(target, Target::Connect(_)) && has_body {
            return Err(HeadError::ConnectBody);
        }
        if fields.upgrade {
            return Err(HeadError::Upgrade);
        }
        let persistent = line.minor == 1 && !fields.close;
        Ok(Some(Self { method: line.method.to_owned(), target, has_body, persistent, length }))
    }
}

/// A line of visible ASCII, spaces and tabs. Bytes above are allowed by the grammar (obs-text) but
/// read as different characters by different programs.
fn text(line: &[u8]) -> Result<&str, HeadError> {
    let fine = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    let text = std::str::from_utf8(line).map_err(|_| HeadError::Character)?;
    if line.iter().all(fine) { Ok(text) } else { Err(HeadError::Character) }
}

struct RequestLine<'l> {
    method: &'l str,
    target: &'l str,
    minor: u8,
}

impl<'l> RequestLine<'l> {
    fn read(line: &'l str) -> Result<Self, HeadError> {
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(HeadError::RequestLine);
        };
        let minor = match version {
            "HTTP/1.1" => 1,
            "HTTP/1.0" => 0,
            // The preface of HTTP/2 (RFC 9113 section 3.4) is a request line on purpose.
            "HTTP/2.0" => return Err(HeadError::Http2),
            _ => return Err(HeadError::RequestLine),
        };
        let token = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
        if method.is_empty() || method.len() > 32 || !method.bytes().all(token) {
            return Err(HeadError::RequestLine);
        }
        if target.is_empty() || target.contains(['\t', '#']) {
            return Err(HeadError::RequestLine);
        }
        Ok(Self { method, target, minor })
    }
}

#[derive(Default)]
struct Fields<'l> {
    host: Option<&'l str>,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
    close: bool,
}

impl<'l> Fields<'l> {
    fn read(lines: &[&'l str]) -> Result<Self, HeadError> {
        let mut fields = Self::default();
        for line in lines {
            if line.starts_with([' ', '\t']) {
                return Err(HeadError::Folded);
            }
            let (name, value) = line.split_once(':').ok_or(HeadError::Field)?;
            if name.is_empty() || !name.bytes().all(is_token) {
                return Err(HeadError::Field);
            }
            let value = value.trim_matches([' ', '\t']);
            match name.to_ascii_lowercase().as_str() {
                "host" if fields.host.replace(value).is_some() => return Err(HeadError::Host),
                "content-length" => {
                    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                    let number = value.parse().ok().filter(|_| digits).ok_or(HeadError::Length)?;
                    if fields.length.replace(number).is_some() {
                        return Err(HeadError::Length);
                    }
                }
                "transfer-encoding" => {
                    if fields.chunked || !value.eq_ignore_ascii_case("chunked") {
                        return Err(HeadError::Length);
                    }
                    fields.chunked = true;
                }
                "connection" => {
                    let mut options = value.split(',').map(str::trim);
                    fields.close |= options.any(|option| option.eq_ignore_ascii_case("close"));
                }
                // The one upgrade that clients offer unasked is HTTP/2 without TLS; it is not taken
                // up, which the server may do (RFC 9110 section 7.8). Others want an answer.
                "upgrade" if !value.eq_ignore_ascii_case("h2c") => fields.upgrade = true,
                _ => {}
            }
        }
        Ok(fields)
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn target(line: &RequestLine<'_>, host: Option<&str>, port: u16) -> Result<Target, HeadError> {
    if line.method == "CONNECT" {
        let authority = Authority::parse(line.target, None)?;
        // Some clients send the host alone there, others the one of the proxy; but it decides nothing.
        return Ok(Target::Connect(authority));
    }
    if line.target.starts_with('/') {
        let authority = Authority::parse(host.ok_or(HeadError::Host)?, Some(port))?;
        return Ok(Target::Origin(authority, path_and_query(line.target)));
    }
    let (scheme, rest) = line.target.split_once("://").ok_or(HeadError::RequestLine)?;
    let (authority, path) = match rest.find(['/', '?']) {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    if scheme.eq_ignore_ascii_case("https") {
        return Ok(Target::Https(Authority::parse(authority, Some(443))?));
    }
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(HeadError::Scheme);
    }
    let authority = Authority::parse(authority, Some(80))?;
    if let Some(host) = host
        && Authority::parse(host, Some(80))? != authority
    {
        return Err(HeadError::OtherHost);
    }
    Ok(Target::Absolute(authority, path_and_query(path)))
}

fn path_and_query(text: &str) -> PathAndQuery {
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (text, None),
    };
    let path = if path.is_empty() { "/" } else { path };
    PathAndQuery { path: path.to_owned(), query }
}

/// Why bytes are no request to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// The host asked for.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A line that ends without a carriage return.
    #[error("a line ends without a carriage return")]
    BareLineFeed,
    /// Control characters, or bytes outside ASCII.
    #[error("a control character or a byte outside ASCII in the head")]
    Character,
    /// A body with CONNECT.
    #[error("CONNECT with a body")]
    ConnectBody,
    /// A header line without a name.
    #[error("a header line without a name, or with a space before its colon")]
    Field,
    /// A line that continues the one before.
    #[error("a folded header line")]
    Folded,
    /// No `Host`, or several.
    #[error("not exactly one Host line")]
    Host,
    /// HTTP/2 without being asked.
    #[error("HTTP/2 is not spoken; use HTTP/1.1")]
    Http2,
    /// Several lengths, a length and a coding, another coding than `chunked`.
    #[error("not exactly one way to tell where the body ends")]
    Length,
    /// Nothing like HTTP.
    #[error("no HTTP request")]
    NotHttp,
    /// The URL and the `Host` line differ.
    #[error("the Host line names another host or port than the URL")]
    OtherHost,
    /// The first line.
    #[error("no request line of HTTP/1")]
    RequestLine,
    /// `ftp://…`.
    #[error("only http:// can be asked of the proxy; use CONNECT for anything else")]
    Scheme,
    /// Over the limits.
    #[error("a head of more than {MAX_HEAD_BYTES} bytes or {MAX_FIELDS} lines")]
    TooLong,
    /// `Upgrade: websocket` and the like.
    #[error(
        "a switch to another protocol is not passed on; a rule `tcp://host:port`, or `opaque host` \
         for TLS, allows it"
    )]
    Upgrade,
}

#[cfg(test)]
mod tests;
