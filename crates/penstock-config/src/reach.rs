//! What may be reached of the network, as it is written in `penstock.toml`.
//!
//! Only the form is checked here, purely; the proxy reads the same text once more and knows besides
//! which addresses no rule can reach.

use std::{borrow::Cow, fmt, net::IpAddr, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    form::{self, TextError},
    text::textual,
};

/// One thing that may be reached: `registry.npmjs.org`, `registry.npmjs.org:8443`,
/// `*.example.org`, `http://mirror.example:8080/simple/`, `GET https://host/path`, `opaque host`,
/// `tcp://host:22`; with `private ` before it, it may be at an address of a private network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reach(String);

textual!(
    Reach,
    "reach",
    "A host that may be reached: `registry.npmjs.org`, with a port if not 443."
);

impl Reach {
    /// The rule as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it speaks of what is said within TLS, which must be opened for that.
    pub fn needs_intercept(&self) -> bool {
        let bare = self.0.strip_prefix("private ").unwrap_or(&self.0);
        let (methods, rest) = match bare.split_once(' ') {
            Some((methods, rest)) => (Some(methods), rest),
            None => (None, bare),
        };
        rest.strip_prefix("https://").is_some_and(|rest| {
            let path = rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/");
            methods.is_some_and(|word| word != "opaque") || !matches!(path, "/" | "/*")
        })
    }
}

impl FromStr for Reach {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        form::check("reach", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether text has the form of a rule.
pub(crate) fn is_reach(text: &str) -> bool {
    let bare = text.strip_prefix("private ").unwrap_or(text);
    let (opaque, bare) = match bare.strip_prefix("opaque ") {
        Some(bare) => (true, bare),
        None => (false, bare),
    };
    let (methods, rest) = match bare.split_once(' ') {
        Some((methods, rest)) => (Some(methods), rest),
        None => (None, bare),
    };
    let (scheme, rest) = match rest.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, rest),
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let http = !opaque && matches!(scheme, Some("http" | "https"));
    let known = match scheme {
        None | Some("https") => true,
        Some("http" | "tcp") => !opaque,
        Some(_) => false,
    };
    let path_fits = matches!(path, "" | "/")
        || (http && path.bytes().all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#'));
    let methods_fit = methods.is_none_or(|methods| {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
        http && methods.split(',').all(word)
    });
    text.len() <= 2048 && known && path_fits && methods_fit && is_authority(authority, scheme)
}

/// A host, with the port that raw connections must name.
fn is_authority(text: &str, scheme: Option<&str>) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port_fits = match port {
        None => scheme != Some("tcp"),
        Some(port) => {
            let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            digits && port.parse::<u16>().is_ok_and(|number| number > 0)
        }
    };
    port_fits && is_host(host)
}

fn is_host(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return matches!(inner.parse(), Ok(IpAddr::V6(_)));
    }
    // `*` stands for one label, and never over a whole top-level domain.
    let (name, fewest) = text.strip_prefix("*.").map_or((text, 1), |parent| (parent, 2));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label) && name.split('.').count() >= fewest
}

/// What a step reaches of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "NetworkForm", into = "NetworkForm")]
pub enum Network {
    /// Nothing.
    #[default]
    None,
    /// What is listed, through the proxy.
    Allow(Vec<Reach>),
    /// What is listed, through the proxy, which opens TLS.
    Intercept(Vec<Reach>),
}

impl Network {
    /// What is listed; nothing for [`Network::None`].
    pub fn allowed(&self) -> &[Reach] {
        match self {
            Self::None => &[],
            Self::Allow(rules) | Self::Intercept(rules) => rules,
        }
    }

    /// Whether TLS is opened.
    pub fn intercepts(&self) -> bool {
        matches!(self, Self::Intercept(_))
    }
}

/// How it is written: `"none"`, or a table with `allow`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum NetworkForm {
    /// A word.
    Word(NetworkWord),
    /// A list.
    Table(NetworkTable),
}

/// A network in one word.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, extend("format" = "network"))]
enum NetworkWord {
    // Without a doc comment, so that the schema stays one `enum` with a type.
    None,
}

/// A network by what may be reached.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct NetworkTable {
    /// The hosts that may be reached; everything else is refused and told.
    #[schemars(extend("uniqueItems" = true, "minItems" = 1))]
    allow: Vec<Reach>,
    /// Whether the proxy opens TLS, so that rules may have paths and methods and every download its
    /// digest. Hosts whose rule begins with `opaque ` stay closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    intercept: bool,
}

impl From<NetworkForm> for Network {
    fn from(form: NetworkForm) -> Self {
        match form {
            NetworkForm::Word(NetworkWord::None) => Self::None,
            NetworkForm::Table(NetworkTable { allow, intercept: false }) => Self::Allow(allow),
            NetworkForm::Table(NetworkTable { allow, intercept: true }) => Self::Intercept(allow),
        }
    }
}

impl From<Network> for NetworkForm {
    fn from(network: Network) -> Self {
        match network {
            Network::None => Self::Word(NetworkWord::None),
            Network::Allow(allow) => Self::Table(NetworkTable { allow, intercept: false }),
            Network::Intercept(allow) => Self::Table(NetworkTable { allow, intercept: true }),
        }
    }
}

impl JsonSchema for Network {
    fn schema_name() -> Cow<'static, str> {
        "Network".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        NetworkForm::json_schema(generator)
    }
}

/// `[run]`: what `penstock run -- COMMAND` may do in this project, beyond what is built in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunSettings {
    /// Hosts that commands may reach besides those of their preset; printed before each run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub allow: Vec<Reach>,
    /// Whether the proxy opens TLS, as for a step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub intercept: bool,
}

impl RunSettings {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_hosts_with_what_narrows_them() {
        for rule in [
            "registry.npmjs.org",
            "registry.npmjs.org:8443",
            "https://registry.npmjs.org/",
            "*.example.org",
            "203.0.113.7",
            "[2001:db8::1]:443",
            "http://mirror.example:8080/simple/",
            "GET,HEAD http://mirror.example/file.tgz",
            "tcp://host.example:22",
            "private mirror.corp.example:8081",
            "private GET http://mirror.corp.example/",
            "https://registry.npmjs.org/left-pad",
            "private GET,HEAD https://registry.npmjs.org",
            "opaque pinned.example:8443",
            "private opaque https://pinned.example/",
        ] {
            assert!(is_reach(rule), "{rule}");
        }
        for rule in [
            "",
            "*",
            "*.com",
            "a.*.example.org",
            "registry.npmjs.org/left-pad",
            "https://registry.npmjs.org/left-pad?token=b",
            "opaque https://pinned.example/path",
            "opaque http://pinned.example",
            "opaque tcp://pinned.example:22",
            "opaque GET https://pinned.example",
            "opaque private pinned.example",
            "opaque ",
            "GET registry.npmjs.org",
            "get http://mirror.example/",
            "tcp://host.example",
            "ftp://host.example:21",
            "private ",
            "private private host.example",
            "user:pass@host.example",
            "host.example:0",
            "host.example:70000",
            "host.example:",
            "-host.example",
            "ho st.example",
            "http://mirror.example/a?token=b",
            "bücher.example",
            "host..example",
        ] {
            assert!(!is_reach(rule), "{rule}");
        }
    }

    #[test]
    fn what_speaks_of_paths_within_tls_needs_it_opened() {
        let needs = |rule: &str| rule.parse::<Reach>().unwrap().needs_intercept();
        for rule in
            ["https://h.example/p", "private GET https://h.example", "https://h.example/p/*"]
        {
            assert!(needs(rule), "{rule}");
        }
        for rule in [
            "h.example",
            "https://h.example",
            "https://h.example/*",
            "private https://h.example/",
            "opaque https://h.example",
            "http://h.example/p",
            "GET http://h.example",
        ] {
            assert!(!needs(rule), "{rule}");
        }
    }
}
