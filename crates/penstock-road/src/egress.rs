//! The network of a step or a command: the proxy process, what it is told, what it told.
//!
//! Everything that knows the proxy's crate is here.

use std::{collections::BTreeMap, io, os::fd::OwnedFd, path::Path};

use penstock_sandbox::Network;
use schemars::JsonSchema;
use serde::Serialize;

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    never: std::convert::Infallible,
}

impl Proxy {
    /// Starts a proxy that lets these rules through.
    ///
    /// # Errors
    /// A rule that is none; a process that cannot be started.
    pub fn start(exe: &Path, rules: &[String]) -> Result<Self, EgressFault> {
        let _ = (exe, rules);
        Err(EgressFault::Missing)
    }

    /// What the step is given of the network.
    pub fn network(&self) -> Network {
        match self.never {}
    }

    /// Variables that lead programs to it.
    pub fn environment(&self) -> BTreeMap<String, String> {
        match self.never {}
    }

    /// Its control socket, for the step-host.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn handoff(&self) -> io::Result<OwnedFd> {
        match self.never {}
    }

    /// Ends it and takes its record.
    ///
    /// # Errors
    /// It ended in disorder: what went through it is not known.
    pub fn finish(self) -> Result<Reached, EgressFault> {
        match self.never {}
    }
}

/// Why there is no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressFault {
    /// This build has none.
    #[error("this build has no proxy: nothing of the network is reached")]
    Missing,
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

/// A rule in its normal form.
///
/// # Errors
/// It is none, or allows what nothing may allow.
pub fn rule(text: &str) -> Result<String, EgressFault> {
    use penstock_config::Reach;
    match text.parse::<Reach>() {
        Ok(rule) => Ok(rule.as_str().to_owned()),
        Err(error) => Err(EgressFault::Rule { rule: error.value, reason: error.help.to_owned() }),
    }
}

/// The rules of a preset: the hosts of its registries.
pub(crate) fn registry(
    registry: crate::command::preset::Registry,
    argv: &[std::ffi::OsString],
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
