/// A path or path prefix of a rule for plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathPattern {
    /// As written, empty for every path.
    text: String,
    decoded: String,
    prefix: bool,
}

impl PathPattern {
    /// Every path.
    pub(crate) fn any() -> Self {
        Self { text: String::new(), decoded: "/".to_owned(), prefix: true }
    }

    /// `/a/b` is that path, `/a/` and `/a/*` are all beneath it, nothing or `/` is every path.
    pub(super) fn parse(text: &str) -> Result<Self, PathError> {
        let (path, prefix) = match text.strip_suffix('*') {
            Some(path) if path.ends_with('/') => (path, true),
            Some(_) => return Err(PathError::Star),
            None => (text, text.ends_with('/')),
        };
        if path.contains('*') {
            return Err(PathError::Star);
        }
        if path.is_empty() || path == "/" {
            return Ok(Self::any());
        }
        let RequestPath(decoded) = RequestPath::parse(path)?;
        Ok(Self { text: path.to_owned(), decoded, prefix })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a request's path is within. A pattern for every path takes one that readers could
    /// understand differently, too: nothing depends on it.
    pub(super) fn matches(&self, path: &str) -> Result<bool, PathError> {
        if self.text.is_empty() {
            return Ok(true);
        }
        let RequestPath(path) = RequestPath::parse(path)?;
        Ok(if self.prefix { path.starts_with(&self.decoded) } else { path == self.decoded })
    }
}

/// The path of a request in the one form that is compared: percent-decoded once.
///
/// What servers are known to read differently from one another is refused, not normalised: the
/// request goes on as it was written, and the server's reading is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath(String);

impl RequestPath {
    /// Reads a path without its query.
    ///
    /// # Errors
    /// It is no path, or readers could differ on which.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if !text.starts_with('/') {
            return Err(PathError::Relative);
        }
        let decoded = decode(text)?;
        if decoded.bytes().any(|byte| byte.is_ascii_control() || byte == b'\\') {
            return Err(PathError::Character);
        }
        // Decoded twice by two programs, this is another path for the second.
        if decode(&decoded).as_ref() != Ok(&decoded) {
            return Err(PathError::EncodedTwice);
        }
        let mut segments = decoded.split('/').skip(1).peekable();
        while let Some(segment) = segments.next() {
            if segment.is_empty() && segments.peek().is_some() {
                return Err(PathError::DoubleSlash);
            }
            // `..;x` is `..` to servers that cut parameters off a segment.
            let name = segment.split(';').next().unwrap_or_default();
            if name == "." || name == ".." {
                return Err(PathError::DotSegment);
            }
        }
        Ok(Self(decoded))
    }

    /// The decoded path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Decodes `%41` to `A`; an encoded slash is an error, since it is none to some and one to others.
fn decode(text: &str) -> Result<String, PathError> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(PathError::Percent) };
        let byte = u8::try_from(high * 16 + low).map_err(|_| PathError::Percent)?;
        if byte == b'/' {
            return Err(PathError::EncodedSlash);
        }
        decoded.push(byte);
    }
    String::from_utf8(decoded).map_err(|_| PathError::Character)
}

/// Why a path could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A control character, a backslash, no UTF-8.
    #[error("a control character, `\\` or bytes that are no text in the path")]
    Character,
    /// `.` or `..`.
    #[error("`.` or `..` in the path; write the path it leads to")]
    DotSegment,
    /// `//`.
    #[error("`//` in the path; write one `/`")]
    DoubleSlash,
    /// `%2f`.
    #[error("an encoded `/` in the path, which servers read differently")]
    EncodedSlash,
    /// `%2541`.
    #[error("the path is percent-encoded twice")]
    EncodedTwice,
    /// `%` without two hexadecimal digits.
    #[error("`%` without two hexadecimal digits in the path")]
    Percent,
    /// Without a slash at its beginning.
    #[error("a path begins with `/`")]
    Relative,
    /// `*` elsewhere than at the end.
    #[error("`*` may stand only at the end of a path, after `/`")]
    Star,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> Result<bool, PathError> {
        PathPattern::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn a_prefix_ends_with_a_slash() {
        assert_eq!(matches("/simple/", "/simple/requests/"), Ok(true));
        assert_eq!(matches("/simple/*", "/simple/requests/"), Ok(true));
        assert_eq!(matches("/simple/", "/simple"), Ok(false));
        assert_eq!(matches("/simple/", "/simple-evil/x"), Ok(false));
        assert_eq!(matches("/a.tgz", "/a.tgz"), Ok(true));
        assert_eq!(matches("/a.tgz", "/a.tgz/b"), Ok(false));
        assert_eq!(matches("/", "/anything//%2f"), Ok(true));
        assert_eq!(matches("", "/anything"), Ok(true));
    }

    #[test]
    fn encoding_does_not_make_another_path() {
        assert_eq!(matches("/simple/", "/%73imple/x"), Ok(true));
        assert_eq!(matches("/a b/", "/a%20b/x"), Ok(true));
        assert_eq!(matches("/a%20b/", "/a%20b/x"), Ok(true));
    }

    #[test]
    fn what_servers_read_differently_is_refused() {
        let refused = [
            ("/simple/../admin", PathError::DotSegment),
            ("/simple/%2e%2e/admin", PathError::DotSegment),
            ("/simple/.%2E/admin", PathError::DotSegment),
            ("/simple/..;/admin", PathError::DotSegment),
            ("/simple/..;a=b/admin", PathError::DotSegment),
            ("/simple/./x", PathError::DotSegment),
            ("/simple/..", PathError::DotSegment),
            ("/simple//x", PathError::DoubleSlash),
            ("//simple/x", PathError::DoubleSlash),
            ("/simple/..%2fadmin", PathError::EncodedSlash),
            ("/simple/..%5cadmin", PathError::Character),
            ("/simple/..\\admin", PathError::Character),
            ("/simple/%252e%252e/admin", PathError::EncodedTwice),
            ("/simple/%00", PathError::Character),
            ("/simple/%0d%0a", PathError::Character),
            ("/simple/%c0%ae%c0%ae/admin", PathError::Character),
            ("/simple/%", PathError::Percent),
            ("/simple/%2", PathError::Percent),
            ("/simple/%zz", PathError::Percent),
            ("simple/", PathError::Relative),
            ("", PathError::Relative),
        ];
        for (path, error) in refused {
            assert_eq!(matches("/simple/", path), Err(error), "{path}");
        }
        for pattern in ["/a*", "/*/b", "/a/**", "*"] {
            assert_eq!(PathPattern::parse(pattern), Err(PathError::Star), "{pattern}");
        }
    }
}
