use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_model::Secret;

use super::{
    ClientConfig, ConfigFile, ini,
    login::{Login, bearer, user_and_password},
    mirror,
    settings::{MAX_TOLD, Settings, SettingsFile, is_plain},
    tls,
    url::RegistryUrl,
};
use crate::Rule;

/// What npm has without a configuration.
const REGISTRY: &str = "https://registry.npmjs.org/";

/// The registries of an npmrc (<https://docs.npmjs.com/cli/configuring-npm/npmrc>).
#[derive(Default)]
struct Registries {
    registry: Option<String>,
    /// Scopes with their `@`, those that count more behind those that count less.
    scopes: Vec<(String, String)>,
}

impl Registries {
    fn of_files(config: &ClientConfig, public: bool) -> Self {
        let mut this = Self::default();
        for entry in config.texts(ConfigFile::Npmrc).flat_map(ini::entries) {
            let Some(url) = expanded(config, entry.value, public) else { continue };
            if entry.key == "registry" {
                this.registry = Some(url);
            } else if entry.key.starts_with('@')
                && let Some(scope) = entry.key.strip_suffix(":registry")
            {
                this.scopes.push((scope.to_owned(), url));
            }
        }
        this
    }

    fn with_environment(mut self, config: &ClientConfig) -> Self {
        for (name, value) in &config.environment {
            if name.eq_ignore_ascii_case("npm_config_registry") && !value.is_empty() {
                self.registry = Some(value.clone());
            }
        }
        self
    }
}

/// Yarn 1 has the same packages under a name of its own, which stands in lock files.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let Registries { registry, scopes } =
        Registries::of_files(config, false).with_environment(config);
    let mut rules = match registry {
        Some(url) => mirror::rules([url.as_str()]),
        None => tls(&["registry.npmjs.org", "registry.yarnpkg.com"]),
    };
    rules.extend(mirror::rules(scopes.iter().map(|(_, url)| url.as_str())));
    rules
}

/// An npmrc, which a project's own and variables count before, as they do before the person's.
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let Registries { registry, scopes } = Registries::of_files(config, true);
    let mut lines = Vec::new();
    if let Some(url) = registry.as_deref().and_then(RegistryUrl::parse) {
        lines.push(format!("registry={}\n", url.text()));
    }
    for (scope, url) in scopes.iter().rev().take(MAX_TOLD).rev() {
        if scope.strip_prefix('@').is_some_and(is_plain)
            && let Some(url) = RegistryUrl::parse(url)
        {
            lines.push(format!("{scope}:registry={}\n", url.text()));
        }
    }
    Settings::file(SettingsFile::lines(".npmrc", ";", &lines))
}

/// `//host/path/:_authToken`, `:_auth`, `:username` with `:_password`, each for what lies beneath that
/// path. A login is for plain http only where a registry of the same configuration is: whoever left
/// the scheme out may have meant https.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    let Registries { registry, scopes } =
        Registries::of_files(config, false).with_environment(config);
    let registry = registry.unwrap_or_else(|| REGISTRY.to_owned());
    let urls = std::iter::once(registry).chain(scopes.into_iter().map(|(_, url)| url));
    let urls: Vec<RegistryUrl> = urls.filter_map(|url| RegistryUrl::parse(&url)).collect();
    let mut found: Vec<Login> = urls.iter().filter_map(|url| url.own_login(&[])).collect();

    let entries: Vec<_> = config.texts(ConfigFile::Npmrc).flat_map(ini::entries).collect();
    let value = |place: &str, kind: &str| {
        let named = |raw: &str| raw.strip_prefix(place) == Some(kind);
        let entry = entries.iter().rev().find(|entry| named(entry.raw))?;
        expanded(config, entry.value, false).filter(|value| !value.is_empty())
    };
    let mut places: Vec<&str> = entries.iter().filter_map(|entry| place(entry.raw)).collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let password = value(place, ":_password")
            .and_then(|value| String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok());
        // In npm's order.
        let header = if let Some(token) = value(place, ":_authToken") {
            bearer(&token)
        } else if let (Some(user), Some(password)) = (value(place, ":username"), password) {
            user_and_password(&user, &password)
        } else if let Some(login) = value(place, ":_auth") {
            Secret::new(format!("Basic {login}"))
        } else {
            continue;
        };
        for scheme in schemes(&urls, place) {
            let url = RegistryUrl::parse(&format!("{scheme}:{}/", place.trim_end_matches('/')));
            found.extend(url.and_then(|url| url.credential(&[], header.clone())));
        }
    }
    found
}

/// The `//host/path/` that a key of a login begins with.
fn place(key: &str) -> Option<&str> {
    let (place, _) = key.strip_prefix("//")?.rsplit_once(':')?;
    key.get(..place.len() + 2)
}

/// The schemes of the registries that a login is for; https where none is among them, since a project
/// may name one.
fn schemes(urls: &[RegistryUrl], place: &str) -> Vec<&'static str> {
    let place = format!("{}/", place.trim_end_matches('/'));
    let mut schemes: Vec<&str> = urls
        .iter()
        .filter_map(|url| {
            let text = url.text();
            let (scheme, rest) = text.split_once(':')?;
            let beneath = format!("{}/", rest.trim_end_matches('/')).starts_with(&place);
            beneath.then_some(if scheme == "http" { "http" } else { "https" })
        })
        .collect();
    schemes.sort_unstable();
    schemes.dedup();
    if schemes.is_empty() { vec!["https"] } else { schemes }
}

/// `${VARIABLE}` in a value is the user's, nothing where it is not set. `None` for a value that holds a
/// variable whose name tells of a secret, where it must be `public`.
fn expanded(config: &ClientConfig, value: &str, public: bool) -> Option<String> {
    const SECRET: [&str; 5] = ["TOKEN", "SECRET", "PASS", "AUTH", "KEY"];
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        let upper = name.to_ascii_uppercase();
        if public && SECRET.iter().any(|word| upper.contains(word)) {
            return None;
        }
        text.push_str(before);
        text.push_str(config.variable(name).unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}
