use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_model::Secret;
use serde::{Deserialize, Serialize};

use crate::{Authority, AuthorityError, Host, Name, PathError, RequestPath, Rule, Scheme};

/// The most rules of a specification.
pub const MAX_RULES: usize = 1024;

/// The most credentials, and addresses given by the caller.
const MAX_EXTRAS: usize = 64;

/// What the proxy of one step is to let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EgressSpec {
    /// What may be reached. Without any, nothing.
    pub rules: Vec<Rule>,
    /// The company's own proxy, where there is no other way out.
    pub upstream: Option<UpstreamProxy>,
    /// Headers added on behalf of the step, which never sees them.
    pub credentials: Vec<Credential>,
    /// Addresses of names, instead of the resolver's. They are judged like the resolver's.
    pub addresses: BTreeMap<String, Vec<IpAddr>>,
    /// Whether all TLS that the rules admit is opened, but for what an `opaque` rule reaches: with a
    /// certificate of an authority that lives as long as the proxy, which the step must be told to
    /// trust ([`crate::Egress::certificate`]).
    pub intercept: bool,
    /// The certificates, in PEM, by which servers are believed whose TLS is opened. Needed then.
    pub roots: Vec<u8>,
    /// Numbers and times.
    pub limits: Limits,
}

impl EgressSpec {
    /// A specification of rules alone.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: rules.into_iter().collect(), ..Self::default() }
    }

    /// The ports where listeners for programs that know of no proxy make sense: those of the rules,
    /// and 80 and 443, so that what is denied there is recorded. Sorted, each once.
    pub fn transparent_ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.rules.iter().map(Rule::port).chain([80, 443]).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Whether the specification is within its limits.
    ///
    /// # Errors
    /// It is not.
    pub fn validate(&self) -> Result<(), SpecError> {
        if self.rules.len() > MAX_RULES {
            return Err(SpecError::TooMany { what: "rules", most: MAX_RULES });
        }
        if self.credentials.len() > MAX_EXTRAS {
            return Err(SpecError::TooMany { what: "credentials", most: MAX_EXTRAS });
        }
        if self.addresses.len() > MAX_EXTRAS {
            return Err(SpecError::TooMany { what: "given addresses", most: MAX_EXTRAS });
        }
        for name in self.addresses.keys() {
            if Name::parse(name).is_err() {
                return Err(SpecError::AddressesOf { name: name.clone() });
            }
        }
        if let Some(rule) = self.rules.iter().find(|rule| rule.scheme() == Scheme::Https)
            && !self.intercept
        {
            return Err(SpecError::Interception { rule: rule.to_string() });
        }
        for credential in &self.credentials {
            self.validate_credential(credential)?;
        }
        Ok(())
    }

    /// A credential for a host where no rule lets a request be seen is never used: whoever wrote it
    /// believes something else.
    fn validate_credential(&self, credential: &Credential) -> Result<(), SpecError> {
        let Credential { host, port, tls, .. } = credential;
        let mut reaching = self.rules.iter().filter(|rule| rule.reaches(host, *port));
        let authority = || Authority { host: host.clone(), port: *port }.to_string();
        if !tls {
            return match reaching.any(|rule| rule.scheme() == Scheme::Http) {
                true => Ok(()),
                false => Err(SpecError::UnusedCredential { host: authority() }),
            };
        }
        let opaque = reaching.clone().any(Rule::is_opaque);
        let opened = |rule: &Rule| matches!(rule.scheme(), Scheme::Tls | Scheme::Https);
        match self.intercept && !opaque && reaching.any(opened) {
            true => Ok(()),
            false => Err(SpecError::ClosedCredential { host: authority() }),
        }
    }
}

/// Why a specification is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// A key of `addresses`.
    #[error("addresses are given for `{name}`, which is no host name")]
    AddressesOf {
        /// As written.
        name: String,
    },
    /// What a credential is for.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A name or value that would not be one header.
    #[error("a credential is one header: a name of letters and `-`, a value of visible ASCII")]
    CredentialHeader,
    /// TLS to that host is not opened.
    #[error(
        "a credential for `https://{host}` whose TLS is not opened; set `intercept = true` and add \
         a rule `{host}` that is not `opaque`"
    )]
    ClosedCredential {
        /// Host and port.
        host: String,
    },
    /// A path or method within TLS that is not opened.
    #[error(
        "`{rule}` looks at what is said within TLS, which needs `intercept = true`; without it write \
         the host alone"
    )]
    Interception {
        /// The rule.
        rule: String,
    },
    /// The path of a credential.
    #[error("the path of a credential must be a prefix that ends with `/`: {0}")]
    CredentialPath(PathError),
    /// More than fit.
    #[error("more than {most} {what}; split the step")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many fit.
        most: usize,
    },
    /// No rule would ever let it be sent.
    #[error("a credential for `{host}` that no rule for plain http reaches; add `http://{host}/…`")]
    UnusedCredential {
        /// Host and port.
        host: String,
    },
    /// The upstream proxy's URL.
    #[error("the upstream proxy must be `http://host:port`, with `user:password@` if it wants one")]
    Upstream,
}

/// The company's proxy, through which everything goes.
///
/// Names are resolved by it then, which the record says; literal addresses are judged as always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamProxy {
    /// Where it is.
    pub authority: Authority,
    /// The value of `Proxy-Authorization`.
    pub(crate) authorization: Option<Secret>,
    /// Hosts that are reached without it: names, with what is beneath them, and addresses.
    pub(crate) no_proxy: Vec<String>,
}

impl UpstreamProxy {
    /// Reads a proxy as `https_proxy` has it, `http://user:password@proxy.example:3128`, and the
    /// exceptions as `no_proxy` has them, parted by commas.
    ///
    /// # Errors
    /// It is no such URL. The error does not repeat it, since it may hold a password.
    pub fn parse(url: &str, no_proxy: &str) -> Result<Self, SpecError> {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(SpecError::Upstream),
            None => url,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, rest),
        };
        let authority = Authority::parse(authority, None).map_err(|_| SpecError::Upstream)?;
        let authorization = user.map(basic).transpose()?;
        let no_proxy = no_proxy.split([',', ' ']).map(|entry| entry.trim().to_ascii_lowercase());
        let no_proxy = no_proxy.filter(|entry| !entry.is_empty()).take(1024).collect();
        Ok(Self { authority, authorization, no_proxy })
    }

    /// Whether a host is reached without the upstream proxy: an entry is the host itself or, for
    /// names, a parent of it, with or without a dot before it; `*` is everything. Ranges of addresses
    /// are not read.
    pub fn is_bypassed(&self, host: &Host) -> bool {
        let host = host.to_string();
        self.no_proxy.iter().any(|entry| {
            let entry = entry.trim_start_matches("*.").trim_start_matches('.');
            let beneath = host.strip_suffix(entry).is_some_and(|front| front.ends_with('.'));
            entry == "*" || host == entry || (beneath && host.parse().is_ok_and(is_name))
        })
    }
}

fn is_name(host: Host) -> bool {
    matches!(host, Host::Name(_))
}

/// `Basic …` of percent-encoded `user:password` (RFC 7617).
fn basic(user: &str) -> Result<Secret, SpecError> {
    let mut bytes = Vec::with_capacity(user.len());
    let mut rest = user.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(SpecError::Upstream) };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| SpecError::Upstream)?);
    }
    Ok(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(bytes))))
}

/// A header that the proxy adds to requests for one host beneath one path: in plain HTTP, or within
/// TLS that it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// Whether it is for requests within TLS, and for no others.
    pub(crate) tls: bool,
    pub(crate) path: String,
    pub(crate) header: String,
    pub(crate) value: Secret,
}

impl Credential {
    /// `prefix` is `http://host[:port]/path/` or the same with `https`; `header` the header's name, e.g. `Authorization`;
    /// `value` all that stands behind the colon, e.g. `Bearer …`.
    ///
    /// # Errors
    /// The prefix is none, or the two do not make one header.
    pub fn new(prefix: &str, header: &str, value: Secret) -> Result<Self, SpecError> {
        let (tls, rest) = match prefix.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, prefix.strip_prefix("http://").unwrap_or(prefix)),
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let Authority { host, port } =
            Authority::parse(authority, Some(if tls { 443 } else { 80 }))?;
        let path = RequestPath::parse(path).map_err(SpecError::CredentialPath)?;
        if !path.as_str().ends_with('/') {
            return Err(SpecError::CredentialPath(PathError::Relative));
        }
        let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let visible = |byte: &u8| matches!(byte, b' '..=b'~');
        let header = header.to_ascii_lowercase();
        // What frames or routes a message is not a credential's to set.
        let framing = matches!(
            header.as_str(),
            "connection"
                | "content-length"
                | "host"
                | "te"
                | "trailer"
                | "transfer-encoding"
                | "upgrade"
        );
        if header.is_empty()
            || framing
            || !header.bytes().all(token)
            || !value.expose().iter().all(visible)
        {
            return Err(SpecError::CredentialHeader);
        }
        Ok(Self { host, port, tls, path: path.as_str().to_owned(), header, value })
    }

    /// Whether a request is beneath its prefix. A path that could be read in two ways is not.
    pub(crate) fn is_for(&self, host: &Host, port: u16, tls: bool, path: &str) -> bool {
        self.tls == tls
            && self.host == *host
            && self.port == port
            && RequestPath::parse(path).is_ok_and(|path| path.as_str().starts_with(&self.path))
    }
}

/// Numbers and times, all in their base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// The most connections at a time; those beyond are refused and recorded.
    pub connections: usize,
    /// Milliseconds for all that must be said before something is let through: a request's head, a
    /// SOCKS greeting, a ClientHello.
    pub handshake_ms: u64,
    /// Milliseconds for a name to be resolved, and for each address to be connected to.
    pub connect_ms: u64,
    /// Milliseconds without a byte in either direction after which a connection is cut. It may take
    /// up to twice as long until that is noticed.
    pub idle_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 256, handshake_ms: 10_000, connect_ms: 10_000, idle_ms: 300_000 }
    }
}

impl Limits {
    pub(crate) fn handshake(self) -> Duration {
        Duration::from_millis(self.handshake_ms)
    }

    pub(crate) fn connect(self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }

    pub(crate) fn idle(self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_proxy_keeps_its_password() {
        let proxy = UpstreamProxy::parse("http://me:p%40ss@proxy.corp:3128/", "").unwrap();
        assert_eq!(proxy.authority.to_string(), "proxy.corp:3128");
        let authorization = proxy.authorization.as_ref().unwrap();
        assert_eq!(authorization.expose(), b"Basic bWU6cEBzcw==");
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("bWU6") && !shown.contains("p@ss"), "{shown}");
        for url in
            ["https://proxy:3128", "socks5://proxy:1080", "http://proxy", "http://a:b%zz@p:1"]
        {
            let error = UpstreamProxy::parse(url, "").unwrap_err();
            assert!(!error.to_string().contains("zz"), "{error}");
        }
    }

    #[test]
    fn exceptions_are_names_with_what_is_beneath() {
        let proxy = "http://proxy:3128";
        let proxy =
            UpstreamProxy::parse(proxy, "localhost, .corp.example,10.0.0.1,*.x.test").unwrap();
        let bypassed = |host: &str| proxy.is_bypassed(&host.parse().unwrap());
        for host in ["localhost", "corp.example", "a.b.corp.example", "10.0.0.1", "a.x.test"] {
            assert!(bypassed(host), "{host}");
        }
        for host in ["evilcorp.example", "corp.example.test", "10.0.0.10", "110.0.0.1"] {
            assert!(!bypassed(host), "{host}");
        }
    }

    #[test]
    fn a_credential_is_for_one_host_and_path() {
        let secret = Secret::new(*b"Bearer geheim");
        let prefix = "http://mirror.example:8080/private/";
        let credential = Credential::new(prefix, "Authorization", secret.clone()).unwrap();
        let is_for =
            |host: &str, port, path| credential.is_for(&host.parse().unwrap(), port, false, path);
        assert!(is_for("mirror.example", 8080, "/private/a"));
        assert!(is_for("mirror.example", 8080, "/%70rivate/a"));
        assert!(!credential.is_for(&"mirror.example".parse().unwrap(), 8080, true, "/private/a"));
        assert!(!is_for("mirror.example", 80, "/private/a"));
        assert!(!is_for("other.example", 8080, "/private/a"));
        for path in
            ["/private", "/public/a", "/private/../public", "/private/%2e%2e/x", "//private/"]
        {
            assert!(!is_for("mirror.example", 8080, path), "{path}");
        }
        assert!(!format!("{credential:?}").contains("geheim"));
        for (prefix, header) in [
            ("http://m.example/private", "authorization"),
            ("http://u@m.example/", "authorization"),
            ("http://m.example/", "host"),
            ("http://m.example/", "a b"),
            ("http://m.example/", ""),
        ] {
            assert!(Credential::new(prefix, header, secret.clone()).is_err(), "{prefix} {header}");
        }
        let split = Secret::new(*b"a\r\nx: y");
        assert!(Credential::new("http://m.example/", "authorization", split).is_err());
    }

    #[test]
    fn a_credential_without_a_rule_is_an_error() {
        let credential =
            Credential::new("http://m.example/", "authorization", Secret::new(*b"x")).unwrap();
        let mut spec = EgressSpec::new(["m.example:80".parse().unwrap()]);
        spec.credentials.push(credential);
        assert!(matches!(spec.validate(), Err(SpecError::UnusedCredential { .. })));
        spec.rules.push("http://m.example".parse().unwrap());
        assert_eq!(spec.validate(), Ok(()));
        assert_eq!(spec.transparent_ports(), [80, 443]);
    }

    #[test]
    fn what_looks_into_tls_needs_interception() {
        let mut spec = EgressSpec::new(["https://m.example/simple/".parse().unwrap()]);
        let error = spec.validate().unwrap_err().to_string();
        assert!(error.contains("`https://m.example/simple/` looks at"), "{error}");
        assert!(error.contains("`intercept = true`"), "{error}");
        spec.intercept = true;
        assert_eq!(spec.validate(), Ok(()));
        let secret = Secret::new(*b"x");
        spec.credentials
            .push(Credential::new("https://m.example/", "authorization", secret.clone()).unwrap());
        assert_eq!(spec.validate(), Ok(()));
        // What is said in plain http goes by credentials for plain http alone.
        let plain = Credential::new("http://m.example:443/", "authorization", secret).unwrap();
        let plain = EgressSpec { credentials: vec![plain], ..spec.clone() };
        assert!(matches!(plain.validate(), Err(SpecError::UnusedCredential { .. })));
        for (intercept, rule) in
            [(false, "m.example"), (true, "opaque m.example"), (true, "http://m.example:443")]
        {
            let rules = vec![rule.parse().unwrap()];
            let spec = EgressSpec { rules, intercept, ..spec.clone() };
            assert!(matches!(spec.validate(), Err(SpecError::ClosedCredential { .. })), "{rule}");
        }
    }
}
