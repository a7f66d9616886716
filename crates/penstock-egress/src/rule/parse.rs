use std::str::FromStr;

use super::{HostPattern, OPAQUE, PathError, PathPattern, Rule, Scheme};
use crate::{AddressClass, Authority, AuthorityError, Host, Name};

/// The longest text of a rule.
const MAX_CHARS: usize = 2048;

/// The most methods one rule may name.
const MAX_METHODS: usize = 16;

/// The fewest labels after `*.`: one would be a whole top-level domain.
const MIN_PARENT_LABELS: usize = 2;

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        if text.len() > MAX_CHARS {
            return Err(RuleError::TooLong);
        }
        let (opaque, text) = match text.strip_prefix(OPAQUE) {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (methods, rest) = match text.split_once(' ') {
            Some((methods, rest)) => (Some(methods), rest),
            None => (None, text),
        };
        let (scheme, rest) = scheme(rest)?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(RuleError::Credentials);
        }
        let shown = || rest_without_query(rest).to_owned();
        let default = match scheme {
            Scheme::Tls | Scheme::Https => Some(443),
            Scheme::Http => Some(80),
            Scheme::Tcp => None,
        };
        let (host, port) =
            host(authority, default).map_err(|error| RuleError::Host { rule: shown(), error })?;
        let narrow = methods.is_some() || !matches!(path, "" | "/");
        match scheme {
            Scheme::Tcp if narrow => {
                return Err(RuleError::PathOnTcp { host: authority.to_owned() });
            }
            Scheme::Tls if narrow => {
                return Err(RuleError::PathWithoutScheme { host: authority.to_owned() });
            }
            _ => {}
        }
        if path.contains(['?', '#']) {
            let scheme = if scheme == Scheme::Http { "http" } else { "https" };
            return Err(RuleError::Query { rule: shown(), scheme });
        }
        let path =
            PathPattern::parse(path).map_err(|error| RuleError::Path { rule: shown(), error })?;
        // All paths by all methods: nothing that would have to be looked at.
        let scheme = match scheme {
            Scheme::Https if methods.is_none() && path.text().is_empty() => Scheme::Tls,
            scheme => scheme,
        };
        if opaque && scheme != Scheme::Tls {
            return Err(RuleError::Opaque { host: authority.to_owned() });
        }
        let mut rule = Self { path, opaque, ..Self::new(scheme, host, port) };
        for method in methods.into_iter().flat_map(|methods| methods.split(',')) {
            rule.methods.insert(self::method(method)?);
        }
        match rule.methods.len() {
            0..=MAX_METHODS => Ok(rule),
            _ => Err(RuleError::TooLong),
        }
    }
}

fn scheme(text: &str) -> Result<(Scheme, &str), RuleError> {
    let Some((scheme, rest)) = text.split_once("://") else { return Ok((Scheme::Tls, text)) };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok((Scheme::Https, rest)),
        "http" => Ok((Scheme::Http, rest)),
        "tcp" => Ok((Scheme::Tcp, rest)),
        _ => {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            // What stands before `@` may be a password.
            let host = host.rsplit('@').next().unwrap_or_default().to_owned();
            Err(RuleError::Scheme { scheme: scheme.to_owned(), host })
        }
    }
}

fn host(text: &str, default: Option<u16>) -> Result<(HostPattern, u16), HostPatternError> {
    let (wildcard, text) = match text.strip_prefix("*.") {
        Some(parent) => (true, parent),
        None => (false, text),
    };
    if text.contains('*') {
        return Err(HostPatternError::Star);
    }
    let Authority { host, port } = Authority::parse(text, default)?;
    match &host {
        Host::Name(name) if name.is_metadata() => return Err(HostPatternError::Metadata),
        Host::Address(address) => match AddressClass::of(*address) {
            AddressClass::Metadata => return Err(HostPatternError::Metadata),
            AddressClass::Barred => return Err(HostPatternError::Barred),
            AddressClass::Private | AddressClass::Public => {}
        },
        Host::Name(_) => {}
    }
    if !wildcard {
        return Ok((HostPattern::Exact(host), port));
    }
    match host {
        Host::Name(parent) => Ok((beneath(parent)?, port)),
        Host::Address(_) => Err(HostPatternError::Star),
    }
}

fn beneath(parent: Name) -> Result<HostPattern, HostPatternError> {
    match parent.labels().count() {
        0..MIN_PARENT_LABELS => Err(HostPatternError::Wide),
        _ => Ok(HostPattern::Beneath(parent)),
    }
}

fn method(text: &str) -> Result<String, RuleError> {
    let token =
        (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
    // TRACE echoes what a proxy adds; CONNECT is no request but a tunnel.
    if !token || matches!(text, "CONNECT" | "TRACE") {
        return Err(RuleError::Method { method: text.to_owned() });
    }
    Ok(text.to_owned())
}

/// What of a rule may be shown: a query could hold a token.
fn rest_without_query(rest: &str) -> &str {
    rest.split(['?', '#']).next().unwrap_or_default()
}

/// Why text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// A password in a rule would be printed and logged.
    #[error("a rule takes no user name or password; leave out what stands before `@`")]
    Credentials,
    /// The host part.
    #[error("`{rule}`: {error}")]
    Host {
        /// The rule without scheme and query.
        rule: String,
        /// What is wrong.
        error: HostPatternError,
    },
    /// No method, or one that is never forwarded.
    #[error("`{method}` is no method a rule may allow; write e.g. `GET,HEAD http://host/path/`")]
    Method {
        /// As written.
        method: String,
    },
    /// What stays closed has no path, and no other scheme than TLS.
    #[error("`opaque` is for TLS whose content is not looked at; write `opaque {host}`")]
    Opaque {
        /// Host and port as written.
        host: String,
    },
    /// The path part.
    #[error("`{rule}`: {error}")]
    Path {
        /// The rule without scheme and query.
        rule: String,
        /// What is wrong.
        error: PathError,
    },
    /// A method or path on raw TCP.
    #[error("a method or path means nothing on raw tcp; write `tcp://{host}`")]
    PathOnTcp {
        /// Host and port as written.
        host: String,
    },
    /// A method or path without a scheme, which would be TLS.
    #[error(
        "a method or path needs its scheme; write `https://{host}/…`, which `intercept = true` lets \
         be looked at, or `http://{host}/…` where the server speaks plain http"
    )]
    PathWithoutScheme {
        /// Host and port as written.
        host: String,
    },
    /// A query or fragment.
    #[error("a rule has no query; write `{scheme}://{rule}`")]
    Query {
        /// The rule without scheme and query.
        rule: String,
        /// `http` or `https`.
        scheme: &'static str,
    },
    /// A scheme that is not judged.
    #[error(
        "`{scheme}://` is not known; write `tcp://{host}:PORT`, where what is said is not looked at"
    )]
    Scheme {
        /// As written.
        scheme: String,
        /// Host and port as written.
        host: String,
    },
    /// Longer than a rule can be.
    #[error("a rule has at most {MAX_CHARS} characters and {MAX_METHODS} methods")]
    TooLong,
}

/// Why text is no host pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostPatternError {
    /// Host or port.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Link-local, multicast, documentation and the like.
    #[error("no rule can reach this address: it is link-local, reserved, or has another within")]
    Barred,
    /// A cloud's metadata service.
    #[error("no rule can reach a metadata service: it hands credentials to whoever asks")]
    Metadata,
    /// `*` elsewhere than in front.
    #[error("`*` stands for one whole label in front of a name; write `*.example.org`")]
    Star,
    /// `*.org`.
    #[error("`*` over a whole top-level domain; write `*.example.org`")]
    Wide,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn error(text: &str) -> String {
        text.parse::<Rule>().map(|rule| rule.to_string()).unwrap_err().to_string()
    }

    fn reaches(rule: &str, host: &str, port: u16) -> bool {
        self::rule(rule).reaches(&host.parse().unwrap(), port)
    }

    #[test]
    fn every_form_reads_back_as_itself() {
        for (text, shown) in [
            ("registry.npmjs.org", "registry.npmjs.org"),
            ("Registry.NPMJS.org.:443", "registry.npmjs.org"),
            ("https://registry.npmjs.org/", "registry.npmjs.org"),
            ("https://registry.npmjs.org/*", "registry.npmjs.org"),
            ("https://registry.npmjs.org:443/left-pad/*", "https://registry.npmjs.org/left-pad/"),
            ("GET,HEAD https://registry.npmjs.org", "GET,HEAD https://registry.npmjs.org"),
            ("https://*.example.org:8443/a", "https://*.example.org:8443/a"),
            ("opaque https://pinned.example", "opaque pinned.example"),
            ("opaque *.pinned.example:8443", "opaque *.pinned.example:8443"),
            ("registry.npmjs.org:8443", "registry.npmjs.org:8443"),
            ("http://mirror.local:8080/simple/", "http://mirror.local:8080/simple/"),
            ("http://mirror.local:80", "http://mirror.local"),
            ("HTTP://mirror.local/", "http://mirror.local"),
            ("GET http://host/path/*", "GET http://host/path/"),
            ("HEAD,GET http://host/file", "GET,HEAD http://host/file"),
            ("*.example.org:443", "*.example.org"),
            ("tcp://host:22", "tcp://host:22"),
            ("[2606:4700::1111]:853", "[2606:4700::1111]:853"),
            ("1.1.1.1", "1.1.1.1"),
        ] {
            assert_eq!(rule(text).to_string(), shown);
            assert_eq!(rule(shown), rule(text));
            let private = rule(text).private();
            let json = serde_json::to_string(&private).unwrap();
            assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), private);
        }
        assert_eq!(serde_json::to_string(&rule("a.example")).unwrap(), r#""a.example""#);
    }

    #[test]
    fn a_host_is_that_host_only() {
        assert!(reaches("example.org", "EXAMPLE.org.", 443));
        for other in ["www.example.org", "example.org.evil.test", "evilexample.org", "example.or"] {
            assert!(!reaches("example.org", other, 443), "{other}");
        }
        assert!(!reaches("example.org", "example.org", 80));
        assert!(reaches("*.example.org", "a.example.org", 443));
        for other in ["example.org", "a.b.example.org", "aexample.org", "a.example.org.evil.test"] {
            assert!(!reaches("*.example.org", other, 443), "{other}");
        }
        assert!(reaches("1.1.1.1", "1.1.1.1", 443));
        assert!(!reaches("1.1.1.1", "::ffff:1.1.1.1", 443));
    }

    #[test]
    fn errors_name_the_right_form() {
        for (text, part) in [
            (
                "a.example/x",
                "write `https://a.example/…`, which `intercept = true` lets be looked at",
            ),
            ("GET a.example", "a method or path needs its scheme"),
            ("opaque https://a.example/x", "write `opaque a.example`"),
            ("opaque http://a.example", "write `opaque a.example`"),
            ("opaque tcp://a.example:22", "write `opaque a.example:22`"),
            ("opaque opaque a.example", "a method or path needs its scheme"),
            ("https://a.example/x?token=geheim", "write `https://a.example/x`"),
            ("https://a.example/../x", "write the path it leads to"),
            ("tcp://a.example", "the port is missing"),
            ("tcp://a.example:22/x", "write `tcp://a.example:22`"),
            ("ssh://git@a.example/x", "write `tcp://a.example:PORT`"),
            ("*.org", "write `*.example.org`"),
            ("*", "write `*.example.org`"),
            ("a.*.example", "write `*.example.org`"),
            ("**.example.org", "write `*.example.org`"),
            ("*.10.0.0.1", "write `*.example.org`"),
            ("http://a.example/x?token=geheim", "a rule has no query; write `http://a.example/x`"),
            ("http://a.example/../x", "write the path it leads to"),
            ("get http://a.example/", "is no method"),
            ("TRACE http://a.example/", "is no method"),
            ("169.254.169.254", "no rule can reach a metadata service"),
            ("metadata.google.internal", "no rule can reach a metadata service"),
            ("tcp://[fd00:ec2::254]:80", "no rule can reach a metadata service"),
            ("169.254.1.1", "no rule can reach this address"),
            ("[::ffff:10.0.0.1]", "no rule can reach this address"),
            ("2130706433", "write four decimal numbers"),
            ("bücher.example", "`xn--` form"),
            ("a.example:0443", "without leading zeros"),
            ("", "the host is missing"),
        ] {
            assert!(error(text).contains(part), "{text}: {}", error(text));
        }
    }

    #[test]
    fn no_error_repeats_a_secret() {
        for text in [
            "https://user:geheim@a.example",
            "http://user:geheim@a.example/x",
            "ftp://user:geheim@a.example/x",
            "http://a.example/x?key=geheim",
            "http://a.example/x#geheim",
            "https://a.example?key=geheim",
        ] {
            assert!(!error(text).contains("geheim"), "{text}: {}", error(text));
        }
    }
}
