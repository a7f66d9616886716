mod parse;
mod path;

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use self::path::PathPattern;
pub use self::{
    parse::RuleError,
    path::{PathError, RequestPath},
};
use crate::{Host, Name};

/// What a rule begins with whose TLS stays closed.
const OPAQUE: &str = "opaque ";

/// One thing a step may reach.
///
/// | text | allows |
/// |---|---|
/// | `registry.npmjs.org` | TLS on port 443 to that name |
/// | `registry.npmjs.org:8443` | TLS on that port |
/// | `*.example.org` | TLS to names with exactly one label more, as in certificates (RFC 9525 section 6.3) |
/// | `203.0.113.7` | TLS to that address, without a server name |
/// | `http://mirror.example.org:8080/simple/` | plain HTTP for paths beneath `/simple/` |
/// | `GET,HEAD http://host/file.tgz` | these methods for exactly that path |
/// | `https://host/path/`, `GET https://host` | HTTP within TLS that is opened: these paths, these methods |
/// | `opaque pinned.example.org` | TLS that is never opened, for programs that accept one certificate only |
/// | `tcp://host:22` | anything on that port: what is said there is not looked at |
///
/// A path or method within TLS is enforced where TLS is opened, and an error where it is not
/// ([`crate::EgressSpec::validate`]). `https://host` alone says no more than `host`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "RuleForm", into = "RuleForm")]
pub struct Rule {
    pub(crate) scheme: Scheme,
    pub(crate) host: HostPattern,
    pub(crate) port: u16,
    methods: BTreeSet<String>,
    path: PathPattern,
    pub(crate) private: bool,
    pub(crate) opaque: bool,
}

/// What must be spoken.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// TLS whose server name is the host.
    Tls,
    /// HTTP/1 within TLS that the proxy opens.
    Https,
    /// Plain HTTP/1.
    Http,
    /// Anything.
    Tcp,
}

/// The hosts of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HostPattern {
    Exact(Host),
    /// One label, then these.
    Beneath(Name),
}

impl HostPattern {
    fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Exact(wanted), host) => wanted == host,
            (Self::Beneath(parent), Host::Name(name)) => {
                name.as_str().split_once('.').is_some_and(|(_, rest)| rest == parent.as_str())
            }
            (Self::Beneath(_), Host::Address(_)) => false,
        }
    }
}

impl Rule {
    /// Lets the rule reach addresses of private networks and of this machine: a mirror within the
    /// company. Never metadata services.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Whether the rule may reach private addresses.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// Whether TLS by this rule stays closed where all other is opened.
    pub fn is_opaque(&self) -> bool {
        self.opaque
    }

    /// What must be spoken.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The port it allows.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn new(scheme: Scheme, host: HostPattern, port: u16) -> Self {
        let (methods, path) = (BTreeSet::new(), PathPattern::any());
        Self { scheme, host, port, methods, path, private: false, opaque: false }
    }

    /// Whether a connection to a host and port is within the rule, whatever is then said on it.
    pub fn reaches(&self, host: &Host, port: u16) -> bool {
        self.port == port && self.host.matches(host)
    }

    /// Whether the name would be within the rule on some port.
    pub(crate) fn names(&self, name: &Name) -> bool {
        self.host.matches(&Host::Name(name.clone()))
    }

    /// Whether a rule for HTTP lets a method be used, on any path.
    pub(crate) fn takes_method(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.contains(method)
    }

    /// Whether a rule for HTTP lets a path be asked for.
    pub(crate) fn takes_path(&self, path: &str) -> Result<bool, PathError> {
        self.path.matches(path)
    }
}

impl fmt::Display for Rule {
    /// The text that reads back as this rule, but for `private`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.opaque {
            f.write_str(OPAQUE)?;
        }
        if !self.methods.is_empty() {
            let methods: Vec<&str> = self.methods.iter().map(String::as_str).collect();
            write!(f, "{} ", methods.join(","))?;
        }
        f.write_str(match self.scheme {
            Scheme::Tls => "",
            Scheme::Https => "https://",
            Scheme::Http => "http://",
            Scheme::Tcp => "tcp://",
        })?;
        match &self.host {
            HostPattern::Exact(host) => host.fmt(f)?,
            HostPattern::Beneath(parent) => write!(f, "*.{parent}")?,
        }
        let default = match self.scheme {
            Scheme::Tls | Scheme::Https => Some(443),
            Scheme::Http => Some(80),
            Scheme::Tcp => None,
        };
        if default != Some(self.port) {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(self.path.text())
    }
}

/// A rule in JSON or TOML.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RuleForm {
    Text(String),
    Table {
        rule: String,
        #[serde(default)]
        private: bool,
    },
}

impl From<Rule> for RuleForm {
    fn from(rule: Rule) -> Self {
        match rule.private {
            false => Self::Text(rule.to_string()),
            true => Self::Table { rule: rule.to_string(), private: true },
        }
    }
}

impl TryFrom<RuleForm> for Rule {
    type Error = RuleError;

    fn try_from(form: RuleForm) -> Result<Self, RuleError> {
        match form {
            RuleForm::Text(rule) => rule.parse(),
            RuleForm::Table { rule, private } => {
                let rule: Self = rule.parse()?;
                Ok(if private { rule.private() } else { rule })
            }
        }
    }
}
