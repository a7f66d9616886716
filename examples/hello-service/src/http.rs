//! Just enough of HTTP/1.1 (RFC 9112) to answer a request without a body, over anything that can be
//! read and written. One request per connection.

use std::io::{self, BufRead as _, BufReader, Read, Write};

/// The longest request line, in bytes (RFC 9112 recommends at least 8000).
pub const MAX_LINE_BYTES: usize = 8 * 1024;
/// The most header lines.
pub const MAX_HEADERS: usize = 100;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub path: String,
}

/// What it gets.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: String,
    /// The methods a path allows, with status 405.
    pub allow: Option<&'static str>,
}

/// Why there is no request to answer.
#[derive(Debug)]
pub enum Error {
    /// The client is at fault; it is told so with this status.
    Bad(u16),
    /// The connection failed.
    Io(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Request {
    /// Reads the head of a request.
    pub fn read(stream: impl Read) -> Result<Self, Error> {
        let mut reader = BufReader::new(stream);
        let line = read_line(&mut reader)?.map_err(|TooLong| Error::Bad(414))?;
        let mut parts = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Bad(400));
        };
        if !method.bytes().all(|byte| byte.is_ascii_uppercase()) || !target.starts_with('/') {
            return Err(Error::Bad(400));
        }
        if !matches!(version, "HTTP/1.0" | "HTTP/1.1") {
            return Err(Error::Bad(505));
        }
        for _ in 0..MAX_HEADERS {
            let header = read_line(&mut reader)?.map_err(|TooLong| Error::Bad(431))?;
            if header.is_empty() {
                let path = target.split('?').next().unwrap_or(target);
                return Ok(Self { method: method.to_owned(), path: path.to_owned() });
            }
            if !header.contains(':') {
                return Err(Error::Bad(400));
            }
        }
        Err(Error::Bad(431))
    }
}

impl Response {
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), allow: None }
    }

    /// The answer to a request that could not be read.
    pub fn bad(status: u16) -> Self {
        Self::text(status, format!("{}\n", reason(status).to_lowercase()))
    }

    /// Writes the response; the body only when it was asked for.
    pub fn write(&self, mut stream: impl Write, with_body: bool) -> io::Result<()> {
        let Self { status, body, allow } = self;
        write!(stream, "HTTP/1.1 {status} {}\r\n", reason(*status))?;
        if let Some(allow) = allow {
            write!(stream, "Allow: {allow}\r\n")?;
        }
        write!(
            stream,
            "Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        if with_body {
            stream.write_all(body.as_bytes())?;
        }
        stream.flush()
    }
}

struct TooLong;

/// A line without its end; an end of the stream before it is a bad request.
fn read_line<R: Read>(reader: &mut BufReader<R>) -> Result<Result<String, TooLong>, Error> {
    let mut line = Vec::new();
    reader.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
    if line.len() > MAX_LINE_BYTES {
        return Ok(Err(TooLong));
    }
    let line = line.strip_suffix(b"\n").ok_or(Error::Bad(400))?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8(line.to_vec()).map(Ok).map_err(|_| Error::Bad(400))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        414 => "URI Too Long",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &[u8]) -> u16 {
        match Request::read(text) {
            Err(Error::Bad(status)) => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_read() {
        let request = Request::read(&b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nrest"[..]).unwrap();
        assert_eq!((&*request.method, &*request.path), ("GET", "/a"));
        assert!(Request::read(&b"GET / HTTP/1.0\n\n"[..]).is_ok());
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in [
            &b""[..],
            b"\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/1.1",
            b"GET / HTTP/1.1\r\nHost: x",
            b"GET / HTTP/1.1\r\nno header\r\n\r\n",
            b"get / HTTP/1.1\r\n\r\n",
            b"GET http://x/ HTTP/1.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1 more\r\n\r\n",
        ] {
            assert_eq!(status(text), 400, "{}", text.escape_ascii());
        }
        assert_eq!(status(b"GET / HTTP/2\r\n\r\n"), 505);
    }

    #[test]
    fn a_client_cannot_make_us_read_for_ever() {
        assert_eq!(status(&b"A".repeat(MAX_LINE_BYTES + 1)), 414);
        let long = [&b"GET / HTTP/1.1\r\nX: "[..], &b"x".repeat(MAX_LINE_BYTES)].concat();
        assert_eq!(status(&long), 431);
        let many = [&b"GET / HTTP/1.1\r\n"[..], &b"X: y\r\n".repeat(MAX_HEADERS + 1)].concat();
        assert_eq!(status(&many), 431);
        // A source without an end is read to the limit and no further.
        assert!(matches!(Request::read(io::repeat(b'A')), Err(Error::Bad(414))));
    }

    #[test]
    fn a_response_says_how_long_it_is() {
        let mut written = Vec::new();
        Response::text(200, "hé\n").write(&mut written, true).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.starts_with("HTTP/1.1 200 OK\r\n"), "{written}");
        assert!(written.contains("Content-Length: 4\r\n"), "{written}");
        assert!(written.ends_with("\r\n\r\nhé\n"), "{written}");
    }
}
