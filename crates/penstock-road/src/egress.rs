//! The network of a step or a command: the proxy process, what it is told, what it told.
//!
//! Everything that knows the proxy's crate is here.

mod registry;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io,
    os::fd::OwnedFd,
    path::Path,
};

use penstock_egress::{
    Credential, DNS_PORT, Egress, EgressRecord, EgressSpec, Outcome, PROXY_PORT, Rule, SOCKS_PORT,
    Scheme, SpecError, UpstreamProxy, step_environment,
};
pub(crate) use penstock_egress::{SETTINGS_MARK, SettingsFile, without_logins};
use penstock_sandbox::{Network, StepSpec, printable};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use self::registry::{Client, Logins, Registries};
use crate::certificates::{self, Shown};

/// Looks a variable of the caller's environment up.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What a proxy is to let through.
#[derive(Clone, Debug)]
pub struct Wanted {
    spec: EgressSpec,
}

impl Wanted {
    /// These rules, by way of the company's proxy if the caller's environment names one. With
    /// `intercept` the proxy opens TLS, and believes servers by the certificates that the caller
    /// trusts.
    ///
    /// # Errors
    /// A rule that is none, or that speaks of what is within TLS that is not opened; a proxy that is
    /// no `http://host:port`; trusted certificates that cannot be read.
    pub fn new<'r>(
        rules: impl IntoIterator<Item = &'r str>,
        intercept: bool,
        lookup: Lookup<'_>,
    ) -> Result<Self, EgressFault> {
        let rules = rules.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let mut spec = EgressSpec::new(rules);
        let text = |names: &[&str]| {
            let mut values = names.iter().filter_map(|name| lookup(name)?.into_string().ok());
            values.find(|value| !value.is_empty())
        };
        // The lower case first, as curl(1) and most clients read them.
        if let Some(url) = text(&["https_proxy", "HTTPS_PROXY"]) {
            let exceptions = text(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
            let upstream = UpstreamProxy::parse(&url, &exceptions)
                .map_err(|error| EgressFault::Process(error.to_string()))?;
            spec.upstream = Some(upstream);
        }
        if intercept {
            spec.intercept = true;
            spec.roots = certificates::roots(lookup)
                .map_err(|error| EgressFault::Process(error.to_string()))?;
        }
        spec.validate().map_err(|error| match error {
            SpecError::Interception { rule } => EgressFault::Closed { rule },
            error => EgressFault::Process(error.to_string()),
        })?;
        Ok(Self { spec })
    }

    /// With logins that the proxy adds to requests, each for a place that a rule lets be reached: in
    /// plain http, or within TLS if that is opened.
    #[must_use]
    pub(crate) fn adding(mut self, credentials: Vec<Credential>) -> Self {
        self.spec.credentials = credentials;
        self
    }
}

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    egress: Egress,
    spec: EgressSpec,
    shown: Option<Shown>,
}

impl Proxy {
    /// Starts a proxy: `exe egress`.
    ///
    /// # Errors
    /// The process cannot be started, or what the step is to be shown for it cannot be written.
    pub fn start(exe: &Path, wanted: &Wanted) -> Result<Self, EgressFault> {
        let spec = wanted.spec.clone();
        let egress =
            Egress::start(exe, &spec).map_err(|error| EgressFault::Process(error.to_string()))?;
        let shown = egress.certificate().map(|authority| Shown::make(&spec.roots, authority));
        let shown = shown.transpose().map_err(|error| {
            EgressFault::Process(format!("the certificates of the run cannot be written: {error}"))
        })?;
        Ok(Self { egress, spec, shown })
    }

    /// Gives a step its network, the variables that lead programs to the proxy, and where TLS is
    /// opened the certificates to believe it by. A variable that is set already stays, but for those
    /// that name certificates and that nobody asked for by name.
    pub fn lead(&self, step: &mut StepSpec, asked: &[String]) {
        step.network = self.network();
        for (name, value) in self.environment() {
            step.env.entry(name).or_insert(value);
        }
        let Some(shown) = &self.shown else { return };
        step.toolchains.show_made(shown.folder().to_owned());
        for (name, value) in shown.environment() {
            if !asked.contains(&name) {
                step.env.insert(name, value);
            }
        }
    }

    /// What the step is given of the network.
    fn network(&self) -> Network {
        let own = [PROXY_PORT, SOCKS_PORT, DNS_PORT];
        let mut ports = self.spec.transparent_ports();
        ports.retain(|port| !own.contains(port));
        Network::Proxy { ports }
    }

    /// Variables that lead programs to it.
    fn environment(&self) -> BTreeMap<String, String> {
        let mut spec = self.spec.clone();
        // Without a rule too: programs then ask by name, and what they asked for can be told.
        if spec.rules.is_empty() {
            spec.rules.extend("penstock.invalid".parse::<Rule>());
        }
        let mut environment = step_environment(&spec);
        if let (Some(shown), Some(java)) = (&self.shown, environment.get_mut("JAVA_TOOL_OPTIONS")) {
            *java = format!("{java} {}", shown.java_options());
        }
        environment
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

/// Why there is no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressFault {
    /// A rule speaks of what is within TLS.
    #[error(
        "`{rule}` has a path or method within TLS, which is not opened: set `intercept = true` beside \
         the rules of a step or of `[run]`, give --intercept to `penstock run -- COMMAND`, or allow \
         the host alone"
    )]
    Closed {
        /// As written.
        rule: String,
    },
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
    /// What came whole and was seen, over plain HTTP or within TLS that was opened: by its digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetched: Vec<FetchedFile>,
    /// How much found no place in the lists.
    pub lost: u64,
}

/// A body that was delivered whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FetchedFile {
    /// Where from, without its query.
    pub url: String,
    /// Of the body as it was transferred, in hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
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
    /// To how many of them the proxy added a login.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub logins: u64,
    /// Bytes sent.
    pub up: u64,
    /// Bytes received.
    pub down: u64,
    /// Whether its TLS was opened, so that every request is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub intercepted: bool,
    /// Why nothing came of some of them: `unresolved`, `unreachable`, `bad-answer`, `idle`,
    /// `nothing-asked` of TLS that was opened.
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

/// The trouble of TLS that was opened and in which no request was made.
const NOTHING_ASKED: &str = "nothing-asked";

impl From<EgressRecord> for Reached {
    fn from(record: EgressRecord) -> Self {
        let mut allowed: BTreeMap<(String, u16), Asked> = BTreeMap::new();
        let mut fetched = BTreeSet::new();
        for exchange in record.requests {
            if let Some(request) = &exchange.request
                && let (Some(sha256), Some(size)) = (request.sha256.clone(), request.size)
                && size > 0
            {
                fetched.insert(FetchedFile { url: request.url.clone(), sha256, size });
            }
            let key = (exchange.host.clone(), exchange.port);
            let asked = allowed.entry(key).or_insert_with(|| Asked {
                host: exchange.host,
                port: exchange.port,
                count: 0,
                logins: 0,
                up: 0,
                down: 0,
                intercepted: false,
                trouble: None,
            });
            asked.intercepted |= exchange.scheme == Scheme::Https && exchange.request.is_some();
            asked.count += exchange.count;
            if exchange.request.as_ref().is_some_and(|request| request.credential) {
                asked.logins += exchange.count;
            }
            asked.up += exchange.up;
            asked.down += exchange.down;
            let trouble = match exchange.outcome {
                Outcome::Unreachable => Some("unreachable"),
                Outcome::Unresolved => Some("unresolved"),
                Outcome::BadAnswer => Some("bad-answer"),
                Outcome::Idle => Some("idle"),
                // Programs that do not believe a certificate often hang up without a word.
                Outcome::Cut if exchange.scheme == Scheme::Https && exchange.request.is_none() => {
                    Some(NOTHING_ASKED)
                }
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
                allow: denial.allow.map(|permit| match permit.private {
                    true => format!("{PRIVATE}{}", permit.rule),
                    false => permit.rule,
                }),
                count: denial.count,
            })
            .collect();
        denied.sort();
        let mut allowed: Vec<Asked> = allowed.into_values().collect();
        for asked in &mut allowed {
            // Where something was asked, a connection without a request is one that was not needed.
            if asked.intercepted && asked.trouble.as_deref() == Some(NOTHING_ASKED) {
                asked.trouble = None;
            }
        }
        Self { allowed, denied, fetched: fetched.into_iter().collect(), lost: record.lost }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
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
    parse(text).map(|rule| written(&rule))
}

/// What a rule begins with that may lead to an address of a private network.
pub const PRIVATE: &str = "private ";

/// What a rule begins with, behind that, whose TLS is never opened.
pub(crate) const OPAQUE: &str = "opaque ";

fn written(rule: &Rule) -> String {
    let private = if rule.is_private() { PRIVATE } else { "" };
    format!("{private}{rule}")
}

fn parse(text: &str) -> Result<Rule, EgressFault> {
    let (private, bare) = match text.strip_prefix(PRIVATE) {
        Some(bare) => (true, bare),
        None => (false, text),
    };
    let rule = bare.parse::<Rule>();
    rule.map(|rule| if private { rule.private() } else { rule }).map_err(|error| {
        EgressFault::Rule { rule: printable(text.as_bytes()), reason: error.to_string() }
    })
}
