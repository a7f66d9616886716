use std::collections::BTreeMap;

use penstock_model::Secret;
use serde::Deserialize;

use super::{
    ClientConfig, ConfigFile,
    login::Login,
    mirror,
    settings::{MAX_TOLD, Settings, SettingsFile, is_plain},
    tls,
    url::RegistryUrl,
};
use crate::Rule;

/// The longest chain of replaced sources that is followed.
const MAX_REPLACEMENTS: usize = 16;

/// What Cargo has for a token; the proxy puts another in its place where it adds logins.
const PLACEHOLDER: &str = "kept-by-penstock";

/// What of Cargo's configuration matters here
/// (<https://doc.rust-lang.org/cargo/reference/source-replacement.html>), and its `credentials.toml`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    source: BTreeMap<String, Source>,
    registries: BTreeMap<String, Registry>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Source {
    replace_with: Option<String>,
    registry: Option<String>,
    git: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Registry {
    index: Option<String>,
    token: Option<String>,
}

impl Config {
    /// Of the files, with what those say that count more.
    fn of_files(config: &ClientConfig) -> Self {
        let mut this = Self::default();
        let files = config.texts(ConfigFile::CargoConfig);
        for text in files.chain(config.texts(ConfigFile::CargoCredentials)) {
            let Ok(read) = toml_edit::de::from_str::<Self>(text) else { continue };
            this.source.extend(read.source);
            for (name, registry) in read.registries {
                let known = this.registries.entry(name).or_default();
                known.index = registry.index.or(known.index.take());
                known.token = registry.token.or(known.token.take());
            }
        }
        this
    }

    /// The index of a registry: a variable counts more than a file.
    fn index(&self, config: &ClientConfig, name: &str) -> Option<String> {
        let variable = config.variable(&variable(name, "INDEX")).map(str::to_owned);
        variable.or_else(|| self.registries.get(name)?.index.clone())
    }

    fn token(&self, config: &ClientConfig, name: &str) -> Option<String> {
        let variable = config.variable(&variable(name, "TOKEN")).map(str::to_owned);
        variable.or_else(|| self.registries.get(name)?.token.clone())
    }

    /// Whether a source is told of to its end: a directory of the person's is not there, and Cargo ends at
    /// a name that nothing stands behind.
    fn leads_to_a_url(&self, config: &ClientConfig, name: &str) -> bool {
        let is_url = |url: &str| RegistryUrl::parse(url).is_some();
        let mut name = name;
        for _ in 0..MAX_REPLACEMENTS {
            if !is_plain(name) {
                return false;
            }
            match self.source.get(name) {
                Some(Source { replace_with: Some(next), .. }) => name = next,
                Some(Source { registry: Some(url), .. }) => return is_url(url),
                _ => return self.index(config, name).is_some_and(|url| is_url(&url)),
            }
        }
        false
    }

    /// The registries that have a token, with where it is for.
    fn logins(&self, config: &ClientConfig) -> Vec<(String, Login)> {
        let login = |name: &String| {
            let token = self.token(config, name).filter(|token| !token.is_empty())?;
            let url = RegistryUrl::parse(&self.index(config, name)?)?;
            // The token is the whole value: RFC 3139 of Rust.
            let login = url.credential(&["index"], Secret::new(token))?;
            Some((name.clone(), login))
        };
        self.registries.keys().filter_map(login).collect()
    }
}

/// `CARGO_REGISTRIES_<name>_…` (<https://doc.rust-lang.org/cargo/reference/config.html#registries>).
fn variable(name: &str, what: &str) -> String {
    format!("CARGO_REGISTRIES_{}_{what}", name.to_ascii_uppercase().replace('-', "_"))
}

/// crates.io keeps its index and its files at two hosts. Where another registry keeps its files is
/// said by its index alone, so it needs a rule of its own if that is another host.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let Config { source: mut sources, registries } = Config::of_files(config);
    let mut indices = Vec::new();
    for (name, Registry { index, .. }) in registries {
        indices.extend(index.clone());
        // A registry can stand in for a source under its own name.
        sources.entry(name).or_insert(Source { registry: index, ..Source::default() });
    }
    for (name, value) in &config.environment {
        if name.starts_with("CARGO_REGISTRIES_") && name.ends_with("_INDEX") {
            indices.push(value.clone());
        }
    }
    let mut rules = mirror::rules(indices.iter().map(String::as_str));
    let mut name = "crates-io";
    for _ in 0..MAX_REPLACEMENTS {
        match sources.get(name).and_then(|source| source.replace_with.as_deref()) {
            Some(next) => name = next,
            None => break,
        }
    }
    match sources.get(name) {
        // Vendored, or in a directory: nothing is fetched.
        Some(source) if name != "crates-io" => {
            let urls = source.registry.iter().chain(&source.git);
            rules.extend(mirror::rules(urls.map(String::as_str)));
        }
        _ => rules.extend(tls(&["index.crates.io", "static.crates.io"])),
    }
    rules
}

/// A `config.toml` of sources and registries.
///
/// Cargo asks nothing of a registry that wants a login without having a token, so where there is a login
/// it is given a word that is none in its place, for which the proxy puts the token. The word is in a
/// variable, and the one provider that looks there is named
/// (<https://doc.rust-lang.org/cargo/reference/registry-authentication.html>).
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let read = Config::of_files(config);
    let mut lines = Vec::new();
    for (name, source) in read.source.iter().filter(|(name, _)| is_plain(name)).take(MAX_TOLD) {
        let mut says = Vec::new();
        if let Some(next) = source.replace_with.as_deref().filter(|next| is_plain(next))
            && read.leads_to_a_url(config, next)
        {
            says.push(format!("replace-with = \"{next}\"\n"));
        }
        if let Some(url) = source.registry.as_deref().and_then(RegistryUrl::parse) {
            says.push(format!("registry = \"{}\"\n", url.text()));
        }
        if !says.is_empty() {
            lines.push(format!("[source.\"{name}\"]\n"));
            lines.append(&mut says);
        }
    }
    let mut variables = BTreeMap::new();
    let logins = read.logins(config).into_iter().map(|(name, _)| name);
    let with_login: Vec<String> = logins.filter(|name| is_plain(name)).collect();
    let registries = read.registries.iter().filter(|(name, _)| is_plain(name)).take(MAX_TOLD);
    for (name, registry) in registries {
        if let Some(url) = registry.index.as_deref().and_then(RegistryUrl::parse) {
            lines.push(format!("[registries.\"{name}\"]\nindex = \"{}\"\n", url.text()));
            if with_login.contains(name) {
                lines.push("credential-provider = [\"cargo:token\"]\n".to_owned());
            }
        }
    }
    for (name, value) in &config.environment {
        if name.starts_with("CARGO_REGISTRIES_")
            && name.ends_with("_INDEX")
            && is_plain(name)
            && let Some(url) = RegistryUrl::parse(value)
        {
            variables.insert(name.clone(), url.text());
        }
    }
    let words = with_login.iter().map(|name| variable(name, "TOKEN"));
    variables.extend(words.map(|name| (name, PLACEHOLDER.to_owned())));
    let files = vec![SettingsFile::lines(".cargo/config.toml", "#", &lines)];
    Settings { files, variables }
}

/// The tokens of registries whose index is known. That of crates.io is for publishing alone and is
/// not taken.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    let logins = Config::of_files(config).logins(config);
    logins.into_iter().map(|(_, login)| login).collect()
}
