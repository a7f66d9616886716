use penstock_model::Secret;

use super::{
    ClientConfig, ConfigFile,
    login::{Login, basic},
    mirror,
    settings::{MAX_TOLD, Settings, SettingsFile},
    tls,
    url::RegistryUrl,
};
use crate::{Host, Rule};

/// How Bundler writes `mirror.https://rubygems.org/` as a key, and `mirror.all`
/// (<https://bundler.io/man/bundle-config.1.html>).
const MIRRORS: [&str; 2] = ["BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/", "BUNDLE_MIRROR__ALL"];

/// What keys of mirrors begin with.
const MIRROR: &str = "BUNDLE_MIRROR__";

/// Keys in upper case and their values, of files and of variables.
fn entries(config: &ClientConfig) -> impl Iterator<Item = (String, &str)> {
    let lines = config.texts(ConfigFile::BundleConfig).flat_map(str::lines);
    // The key holds colons; the value follows a colon and a space.
    let lines = lines.filter_map(|line| line.split_once(": "));
    let variables = config.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    lines.chain(variables).map(|(key, value)| {
        let key = key.trim().trim_matches('"').to_ascii_uppercase();
        (key, value.trim().trim_matches(['"', '\'']))
    })
}

/// RubyGems keeps its index at a host of its own.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut mirrors = Vec::new();
    let mut others = Vec::new();
    for (key, value) in entries(config) {
        if MIRRORS.contains(&key.as_str()) {
            mirrors.push(value);
        } else if key.starts_with(MIRROR) {
            others.push(value);
        }
    }
    let mut rules = match mirrors.is_empty() {
        true => tls(&["index.rubygems.org", "rubygems.org"]),
        false => mirror::rules(mirrors),
    };
    rules.extend(mirror::rules(others));
    rules
}

/// Bundler's `config`, of mirrors alone. Variables are not what it is told by: these names hold what a
/// shell does not pass on.
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    let mut lines = Vec::new();
    for (key, value) in entries(config).filter(|(key, _)| key.starts_with(MIRROR)) {
        if key.len() <= 512
            && key.bytes().all(plain)
            && let Some(url) = RegistryUrl::parse(value)
        {
            lines.push(format!("{key}: \"{}\"\n", url.text()));
        }
    }
    lines.truncate(MAX_TOLD);
    // A document's start is what Bundler writes, and a comment may stand before it.
    if !lines.is_empty() {
        lines.insert(0, "---\n".to_owned());
    }
    Settings::file(SettingsFile::lines(".bundle/config", "#", &lines))
}

/// What stands before `@` in a mirror's URL, or under the mirror's host as `user:password`: a dot of the
/// host is `__` in the key, a dash `___`.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    let entries: Vec<_> = entries(config).collect();
    let urls = entries.iter().filter(|(key, _)| key.starts_with(MIRROR));
    let urls = urls.filter_map(|(_, value)| RegistryUrl::parse(value));
    let login = |url: RegistryUrl| {
        let by_host = || {
            let Host::Name(name) = &url.authority.host else { return None };
            let name = name.as_str().replace('-', "___").replace('.', "__");
            let key = format!("BUNDLE_{}", name.to_ascii_uppercase());
            let (_, value) = entries.iter().rev().find(|(other, _)| *other == key)?;
            url.credential(&[], basic(&Secret::new(*value)))
        };
        url.own_login(&[]).or_else(by_host)
    };
    urls.filter_map(login).collect()
}
