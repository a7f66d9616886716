//! Whose registries a client reaches: by the person's own configuration.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

use penstock_egress::{Authority, ClientConfig, Credential, Preset, Rule, Scheme, Settings};
use penstock_git::Repository;
use penstock_model::Secret;

use super::{Lookup, parse, rule, written};
use crate::command::preset::Registry;

/// The most logins the proxy is given: it takes no more.
const MAX_LOGINS: usize = 64;

/// Whose registries are asked for, and by whom.
pub(crate) struct Client<'a> {
    pub(crate) home: Option<&'a Path>,
    pub(crate) lookup: Lookup<'a>,
    pub(crate) names: &'a [String],
    pub(crate) argv: &'a [OsString],
    pub(crate) root: &'a Path,
}

/// What a preset's clients reach and how they are told of it: by the person's own configuration, never
/// the project's, so that neither is an attacker's to choose.
pub(crate) struct Registries {
    /// The rules. A mirror that the configuration names may lead to a private address, as those within
    /// a company do; the public registries may not. Sorted.
    pub(crate) rules: Vec<String>,
    /// What the tool is told.
    pub(crate) settings: Settings,
    logins: Vec<(Scheme, Credential)>,
}

/// A person's logins at what a command reaches.
#[derive(Default)]
pub(crate) struct Logins {
    /// In plain http and within TLS that is opened: the proxy adds them.
    pub(crate) added: Vec<Credential>,
    /// Within TLS that is not opened: nobody adds them.
    pub(crate) kept_back: Vec<Credential>,
}

impl Registries {
    /// Those of a client.
    pub(crate) fn of(registry: Registry, client: &Client<'_>) -> Self {
        let preset = match registry {
            Registry::None | Registry::Arguments => None,
            Registry::Npm => Some(Preset::Npm),
            Registry::Pip => Some(Preset::Pip),
            Registry::Cargo => Some(Preset::Cargo),
            Registry::Go => Some(Preset::Go),
            Registry::Maven => Some(Preset::Maven),
            Registry::Gradle => Some(Preset::Gradle),
            Registry::Bundler => Some(Preset::Bundler),
            Registry::Git => Some(Preset::Git),
        };
        let mut rules: BTreeSet<String> = BTreeSet::new();
        let mut settings = Settings::default();
        let mut logins = Vec::new();
        if let Some(preset) = preset {
            let variables = client.names.iter().filter_map(|name| {
                Some((name.clone(), (client.lookup)(name)?.into_string().ok()?))
            });
            let home = client.home.map_or_else(|| PathBuf::from("/nonexistent"), Path::to_owned);
            let configuration = ClientConfig::read(&home, variables);
            rules.extend(preset.rules(&configuration).iter().map(written));
            settings = preset.settings(&configuration);
            logins = preset.credentials(&configuration);
        }
        if matches!(registry, Registry::Git | Registry::Arguments) {
            let words = client.argv.iter().skip(1);
            rules.extend(words.filter_map(|word| url_rule(&word.to_string_lossy())));
        }
        if registry == Registry::Git
            && let Ok(repository) = Repository::discover(client.root)
            && let Some(rule) = repository.remote_url("origin").as_deref().and_then(url_rule)
        {
            rules.insert(rule);
        }
        Self { rules: rules.into_iter().collect(), settings, logins }
    }

    /// The logins at what the person's own rules let be reached: not the project's, which would else
    /// choose where a login is sent. `all` are the project's as well; with `intercept`, TLS is opened
    /// but for what an `opaque` one among them reaches.
    pub(crate) fn logins<'r>(
        &self,
        persons: impl IntoIterator<Item = &'r str>,
        all: impl IntoIterator<Item = &'r str>,
        intercept: bool,
    ) -> Logins {
        let parsed = |rule: &str| parse(rule).ok();
        let persons: Vec<Rule> = persons.into_iter().filter_map(parsed).collect();
        let opaque: Vec<Rule> =
            all.into_iter().filter_map(parsed).filter(Rule::is_opaque).collect();
        let mut found = Logins::default();
        for (scheme, credential) in &self.logins {
            let Authority { host, port } = credential.authority();
            let reached = |rule: &Rule| {
                let speaks = match rule.scheme() {
                    // Of TLS, whether by host or by path.
                    Scheme::Https => Scheme::Tls,
                    other => other,
                };
                speaks == *scheme && rule.reaches(&host, port)
            };
            if !persons.iter().any(reached) {
                continue;
            }
            let list = match scheme {
                Scheme::Http => &mut found.added,
                Scheme::Tls | Scheme::Https => {
                    let closed = opaque.iter().any(|rule| rule.reaches(&host, port));
                    if intercept && !closed { &mut found.added } else { &mut found.kept_back }
                }
                Scheme::Tcp => continue,
            };
            if list.len() < MAX_LOGINS {
                list.push(credential.clone());
            }
        }
        found
    }
}

impl Logins {
    /// Where the proxy adds one, sorted, each once.
    pub(crate) fn places(&self) -> Vec<String> {
        let places = self.added.iter().map(|one| one.authority().to_string());
        places.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The hosts whose logins nobody adds, sorted, each once.
    pub(crate) fn kept_back(&self) -> Vec<String> {
        let hosts = self.kept_back.iter().map(|one| one.authority().host.to_string());
        hosts.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What must be masked in all that is shown: a server could say it back.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = Secret> {
        self.added.iter().flat_map(Credential::secrets)
    }
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
