//! The network of a step or a command: the proxy process, what it is told, what it told.
//!
//! Everything that knows the proxy's crate is here.

use std::{collections::BTreeMap, ffi::OsString, io, os::fd::OwnedFd, path::Path};

use penstock_egress::{
    Egress, EgressRecord, EgressSpec, Outcome, PROXY_PORT, Rule, SOCKS_PORT, UpstreamProxy,
};
use penstock_sandbox::Network;
use schemars::JsonSchema;
use serde::Serialize;

/// What a proxy is to let through.
#[derive(Clone, Debug)]
pub struct Wanted {
    spec: EgressSpec,
}

impl Wanted {
    /// These rules, by way of the company's proxy if the caller's environment names one.
    ///
    /// # Errors
    /// A rule that is none; a proxy that is no `http://host:port`.
    pub fn new(
        rules: &[String],
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, EgressFault> {
        let rules = rules.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
        let mut spec = EgressSpec::new(rules);
        let text = |names: &[&str]| {
            let mut values = names.iter().filter_map(|name| lookup(name)?.into_string().ok());
            values.find(|value| !value.is_empty())
        };
        // As curl and most clients read them: the lower case first.
        if let Some(url) = text(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]) {
            let exceptions = text(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
            let upstream = UpstreamProxy::parse(&url, &exceptions)
                .map_err(|error| EgressFault::Process(error.to_string()))?;
            spec.upstream = Some(upstream);
        }
        Ok(Self { spec })
    }
}

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    egress: Egress,
    ports: Vec<u16>,
}

impl Proxy {
    /// Starts a proxy: `exe egress`.
    ///
    /// # Errors
    /// The process cannot be started.
    pub fn start(exe: &Path, wanted: &Wanted) -> Result<Self, EgressFault> {
        let egress = Egress::start(exe, &wanted.spec)
            .map_err(|error| EgressFault::Process(error.to_string()))?;
        let own = [PROXY_PORT, SOCKS_PORT, penstock_egress::DNS_PORT];
        let mut ports = wanted.spec.transparent_ports();
        ports.retain(|port| !own.contains(port));
        Ok(Self { egress, ports })
    }

    /// What the step is given of the network.
    pub fn network(&self) -> Network {
        Network::Proxy { ports: self.ports.clone() }
    }

    /// Variables that lead programs to it; those of tools that read no others as well.
    pub fn environment(&self) -> BTreeMap<String, String> {
        environment()
    }

    /// Its control socket, for the step-host.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn handoff(&self) -> io::Result<OwnedFd> {
        self.egress.handoff()
    }

    /// Ends it and takes its record.
    ///
    /// # Errors
    /// It ended in disorder: what went through it is not known.
    pub fn finish(self) -> Result<Reached, EgressFault> {
        let record = self.egress.finish();
        record.map(Reached::from).map_err(|error| EgressFault::Process(error.to_string()))
    }
}

fn environment() -> BTreeMap<String, String> {
    let http = format!("http://127.0.0.1:{PROXY_PORT}");
    let socks = format!("socks5h://127.0.0.1:{SOCKS_PORT}");
    let local = "localhost,127.0.0.1,::1";
    // JVMs read no such variables: https://docs.oracle.com/javase/8/docs/technotes/guides/net/proxies.html
    let java = format!(
        "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort={PROXY_PORT} \
         -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={PROXY_PORT} \
         -Dhttp.nonProxyHosts=localhost|127.*|[::1]"
    );
    let mut variables = BTreeMap::new();
    for (name, value) in [
        ("http_proxy", &http),
        ("https_proxy", &http),
        ("HTTPS_PROXY", &http),
        // curl reads only the lower case of this one: curl(1), ENVIRONMENT.
        ("HTTP_PROXY", &http),
        ("all_proxy", &socks),
        ("ALL_PROXY", &socks),
        ("JAVA_TOOL_OPTIONS", &java),
    ] {
        variables.insert(name.to_owned(), value.clone());
    }
    for name in ["no_proxy", "NO_PROXY"] {
        variables.insert(name.to_owned(), local.to_owned());
    }
    variables
}

/// Why there is no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressFault {
    /// It could not be started, or ended in disorder.
    #[error("{0}")]
    Process(String),
    /// A rule is none.
    #[error("`{rule}` cannot be allowed: {reason}")]
    Rule {
        /// As written.
        rule: String,
        /// Why.
        reason: String,
    },
}

/// What was asked of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reached {
    /// What was let through, by host and port.
    pub allowed: Vec<Asked>,
    /// What was not.
    pub denied: Vec<Refused>,
    /// How much found no place in the lists.
    pub lost: u64,
}

/// A host that was reached, or would have been.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Asked {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How many connections or requests.
    pub count: u64,
    /// Bytes sent.
    pub up: u64,
    /// Bytes received.
    pub down: u64,
    /// Why nothing came of some of them: `unresolved`, `unreachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A host that was refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Refused {
    /// The host; empty if it never came to that.
    pub host: String,
    /// The port, 0 if none was said.
    pub port: u16,
    /// The proxy's word for why: `not-allowed`, `metadata`, `private-address`, …
    pub reason: String,
    /// More on the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The rule that would let it through; none where no rule can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<String>,
    /// How many times.
    pub count: u64,
}

impl From<EgressRecord> for Reached {
    fn from(record: EgressRecord) -> Self {
        let mut allowed: BTreeMap<(String, u16), Asked> = BTreeMap::new();
        for exchange in record.requests {
            let key = (exchange.host.clone(), exchange.port);
            let asked = allowed.entry(key).or_insert_with(|| Asked {
                host: exchange.host,
                port: exchange.port,
                count: 0,
                up: 0,
                down: 0,
                trouble: None,
            });
            asked.count += exchange.count;
            asked.up += exchange.up;
            asked.down += exchange.down;
            let trouble = match exchange.outcome {
                Outcome::Unreachable => Some("unreachable"),
                Outcome::Unresolved => Some("unresolved"),
                Outcome::BadAnswer => Some("bad-answer"),
                Outcome::Idle => Some("idle"),
                Outcome::Completed | Outcome::Cut => None,
            };
            asked.trouble = trouble.map(str::to_owned).or(asked.trouble.take());
        }
        let mut denied: Vec<Refused> = record
            .denied
            .into_iter()
            .map(|denial| Refused {
                host: denial.host,
                port: denial.port,
                reason: word(&denial.reason),
                detail: denial.detail,
                // A private address needs more than a rule's text, which nothing here can say yet.
                allow: denial.allow.filter(|permit| !permit.private).map(|permit| permit.rule),
                count: denial.count,
            })
            .collect();
        denied.sort();
        Self { allowed: allowed.into_values().collect(), denied, lost: record.lost }
    }
}

/// The word a value has in JSON.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A rule in its normal form.
///
/// # Errors
/// It is none, or allows what nothing may allow.
pub fn rule(text: &str) -> Result<String, EgressFault> {
    parse(text).map(|rule| rule.to_string())
}

fn parse(text: &str) -> Result<Rule, EgressFault> {
    text.parse::<Rule>().map_err(|error| EgressFault::Rule {
        rule: penstock_sandbox::printable(text.as_bytes()),
        reason: error.to_string(),
    })
}

/// The rules of a preset: the hosts of its registries.
pub(crate) fn registry(
    registry: crate::command::preset::Registry,
    argv: &[OsString],
    root: &Path,
    world: &crate::command::World<'_>,
) -> Vec<String> {
    use crate::command::preset::Registry;
    let _ = (root, world);
    let hosts: &[&str] = match registry {
        Registry::None => &[],
        Registry::Npm => &["registry.npmjs.org"],
        Registry::Pip => &["files.pythonhosted.org", "pypi.org"],
        Registry::Cargo => &["index.crates.io", "static.crates.io"],
        Registry::Go => &["proxy.golang.org", "sum.golang.org"],
        Registry::Maven => &["repo.maven.apache.org", "repo1.maven.org"],
        Registry::Gradle => &["plugins.gradle.org", "repo.maven.apache.org", "services.gradle.org"],
        Registry::Bundler => &["index.rubygems.org", "rubygems.org"],
        Registry::Git => &["codeload.github.com", "github.com"],
        Registry::Arguments => &[],
    };
    let mut rules: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    if matches!(registry, Registry::Git | Registry::Arguments) {
        rules.extend(argv.iter().skip(1).filter_map(|word| url_rule(&word.to_string_lossy())));
    }
    rules.sort();
    rules.dedup();
    rules
}

/// What reaches the host of a URL; nothing for a word that is none.
fn url_rule(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let text = match scheme.to_ascii_lowercase().as_str() {
        "https" => host.to_owned(),
        "http" => format!("http://{host}"),
        _ => return None,
    };
    rule(&text).ok()
}
