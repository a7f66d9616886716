use penstock_model::Secret;

use super::login::basic;
use crate::{Authority, Credential, Host, Scheme};

/// The longest URL that is taken over.
const MAX_CHARS: usize = 2048;

/// The address of a registry or mirror, taken apart, so that it can be written anew: without login,
/// query and fragment, and without any character that means something to the file it is written to.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RegistryUrl {
    /// What stands before the scheme: Cargo's `sparse+`, else nothing.
    kind: &'static str,
    /// [`Scheme::Tls`] for https, [`Scheme::Http`].
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// Empty, or from its `/` on.
    path: String,
    /// What stood before `@`, decoded.
    login: Option<Secret>,
}

impl RegistryUrl {
    /// Reads `https://user:password@host:port/path`. Nothing else than http and https is taken, no
    /// host that no rule could name, and of characters only those of RFC 3986 that no configuration
    /// file gives a meaning: no quotes, no `$`, `#` or `;`, no space, no line feed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_CHARS {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let (kind, scheme) = match scheme.split_once('+') {
            Some(("sparse", scheme)) => ("sparse+", scheme),
            Some(_) => return None,
            None => ("", scheme),
        };
        let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => (Scheme::Tls, 443),
            "http" => (Scheme::Http, 80),
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end)?;
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%+@:=,".contains(&byte);
        // A URL in a path may have a login of its own.
        if !path.bytes().all(plain) || path.contains("://") {
            return None;
        }
        let (login, authority) = match authority.rsplit_once('@') {
            Some((login, authority)) => (Some(decoded(login)?), authority),
            None => (None, authority),
        };
        let authority = Authority::parse(authority, Some(port)).ok()?;
        // As a rule: never metadata services, never barred addresses.
        reachable(&authority.host)?;
        let path = path.to_owned();
        Some(Self { kind, scheme, authority, path, login })
    }

    /// What can be told to anybody: the URL without a login.
    pub(super) fn text(&self) -> String {
        let (scheme, default) = match self.scheme {
            Scheme::Http => ("http", 80),
            Scheme::Tls | Scheme::Https | Scheme::Tcp => ("https", 443),
        };
        let Self { kind, authority: Authority { host, port }, path, .. } = self;
        match *port == default {
            true => format!("{kind}{scheme}://{host}{path}"),
            false => format!("{kind}{scheme}://{host}:{port}{path}"),
        }
    }

    /// What is for this URL and beneath it, or beneath what it stands in, if it ends with one of
    /// `parts`: an index has its files beside itself.
    pub(super) fn prefix(&self, parts: &[&str]) -> String {
        let path = self.path.trim_end_matches('/');
        let path = match path.rsplit_once('/') {
            Some((above, last)) if parts.contains(&last) => above,
            _ => path,
        };
        let scheme = if self.scheme == Scheme::Http { "http" } else { "https" };
        format!("{scheme}://{}{path}/", self.authority)
    }

    /// The header for these values beneath such a prefix, for the scheme of this URL.
    pub(super) fn credential(&self, parts: &[&str], value: Secret) -> Option<(Scheme, Credential)> {
        let credential = Credential::new(&self.prefix(parts), "authorization", value).ok()?;
        Some((self.scheme, credential))
    }

    /// The header of the login that stood in the URL.
    pub(super) fn own_login(&self, parts: &[&str]) -> Option<(Scheme, Credential)> {
        self.credential(parts, basic(self.login.as_ref()?))
    }
}

/// The rule's own text must be one that can be written.
pub(super) fn reachable(host: &Host) -> Option<()> {
    host.to_string().parse::<crate::Rule>().ok().map(drop)
}

/// Percent-decoded (RFC 3986 section 2.1). A name alone is a token, which clients send with an empty
/// password.
fn decoded(login: &str) -> Option<Secret> {
    let mut bytes = Vec::with_capacity(login.len());
    let mut rest = login.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    if !bytes.contains(&b':') {
        bytes.push(b':');
    }
    Some(Secret::new(bytes))
}

/// A value of a client's variable, with the login taken out of each URL in it; `None` if there is a
/// login in something that cannot be read as a URL, so that nothing says where it ends.
pub fn without_logins(value: &str) -> Option<String> {
    // `name=https://…` is uv's, commas and bars are Go's.
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '=' | '"' | '\'');
    value
        .split_inclusive(is_between)
        .map(|piece| {
            let word = piece.trim_end_matches(is_between);
            if !word.contains("://") || !word.contains('@') {
                return Some(piece.to_owned());
            }
            let url = RegistryUrl::parse(word)?;
            let between = piece.get(word.len()..).unwrap_or_default();
            Some(format!("{}{between}", url.text()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_written_anew_without_its_login() {
        for (text, expected) in [
            ("https://me:geheim@m.example/a/b", "https://m.example/a/b"),
            ("HTTP://geheim@M.example:8080", "http://m.example:8080"),
            ("sparse+https://m.example:443/i/?token=geheim#geheim", "sparse+https://m.example/i/"),
            ("https://[fd00::1]:8443/x/@scope", "https://[fd00::1]:8443/x/@scope"),
        ] {
            let url = RegistryUrl::parse(text);
            assert_eq!(url.map(|url| url.text()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_a_file_could_give_a_meaning_is_not_taken() {
        for text in [
            "https://m.example/a\nalways-auth=true",
            "https://m.example/a\rb",
            "https://m.example/\"",
            "https://m.example/'",
            "https://m.example/${HOME}",
            "https://m.example/a b",
            "https://m.example/a;b",
            "https://m.example/</url><url>",
            "https://m.example/&x;",
            "https://m.example/\\",
            "https://m.example/ä",
            "https://m.example/proxy/https://u:geheim@n.example/",
            "https://a:b%@m.example/",
            "https://169.254.169.254/",
            "http://user@metadata.google.internal/",
            "ssh://git@m.example/",
            "git+https://m.example/",
            "file:///etc/passwd",
            "off",
        ] {
            assert!(RegistryUrl::parse(text).is_none(), "{text}");
        }
        let long = format!("https://m.example/{}", "a".repeat(MAX_CHARS));
        assert!(RegistryUrl::parse(&long).is_none());
    }

    #[test]
    fn logins_are_taken_out_of_lists() {
        for (value, expected) in [
            ("https://m.example/", Some("https://m.example/")),
            ("https://u:geheim@m.example/,direct", Some("https://m.example/,direct")),
            (
                "x=https://geheim@a.example/ http://b.example",
                Some("x=https://a.example/ http://b.example"),
            ),
            ("https://u:geh/eim@m.example/", None),
            ("ftp://u:geheim@m.example/", None),
            ("a@b", Some("a@b")),
        ] {
            assert_eq!(without_logins(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_prefix_holds_what_lies_beside_an_index() {
        let prefix = |text: &str| RegistryUrl::parse(text).unwrap().prefix(&["simple", "index"]);
        assert_eq!(prefix("https://m.example"), "https://m.example:443/");
        assert_eq!(prefix("https://m.example/simple/"), "https://m.example:443/");
        assert_eq!(prefix("http://m.example/repo/pypi/simple"), "http://m.example:80/repo/pypi/");
        assert_eq!(prefix("http://m.example/repo/npm"), "http://m.example:80/repo/npm/");
    }
}
