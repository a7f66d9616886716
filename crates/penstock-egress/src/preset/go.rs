use std::collections::BTreeMap;

use super::{
    ClientConfig, ConfigFile, ini,
    login::{Login, netrc},
    mirror,
    settings::{MAX_TOLD, Settings},
    tls,
    url::RegistryUrl,
};
use crate::{Host, Rule, Scheme};

/// A variable of Go's, or what its `env` says instead
/// (<https://go.dev/ref/mod#environment-variables>).
fn value(config: &ClientConfig, name: &str) -> Option<String> {
    let from_file = || {
        let entries = config.texts(ConfigFile::GoEnv).flat_map(ini::entries);
        let named = entries.filter(|entry| entry.key.eq_ignore_ascii_case(name));
        named.last().map(|entry| entry.value).filter(|value| !value.is_empty())
    };
    config.variable(name).or_else(from_file).map(str::to_owned)
}

/// Modules that are fetched `direct` come from hosts that only their names tell: of these the private
/// ones are known, by `GOPRIVATE` and `GONOPROXY`.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut rules = match value(config, "GOPROXY") {
        Some(proxies) => mirror::rules(proxies.split([',', '|'])),
        None => tls(&["proxy.golang.org"]),
    };
    match value(config, "GOSUMDB").as_deref() {
        Some("off") => {}
        // `name`, `name+key` or either with a URL behind it.
        Some(database) => match database.split_once(' ') {
            Some((_, url)) => rules.extend(mirror::rules([url])),
            None => rules.extend(tls(&[database.split('+').next().unwrap_or_default()])),
        },
        None => rules.extend(tls(&["sum.golang.org"])),
    }
    for name in ["GOPRIVATE", "GONOPROXY"] {
        let patterns = value(config, name).unwrap_or_default();
        for pattern in patterns.split(',') {
            // The host is the first part of a module's path.
            let host = pattern.trim().split('/').next().unwrap_or_default();
            if let Ok(rule) = host.parse::<Rule>() {
                rules.push(rule.private());
            }
        }
    }
    rules
}

/// Variables: shorter than a file, and Go knows no project's that could count more or less.
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let mut variables = BTreeMap::new();
    let mut tell = |name: &str, value: Option<String>| {
        variables.extend(value.map(|value| (name.to_owned(), value)));
    };
    tell("GOPROXY", value(config, "GOPROXY").and_then(|value| proxies(&value)));
    tell("GOSUMDB", value(config, "GOSUMDB").and_then(|value| database(&value)));
    for name in ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"] {
        // Patterns of path.Match.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./~*?[],".contains(&byte);
        let value = value(config, name);
        tell(name, value.filter(|value| value.len() <= 4096 && value.bytes().all(plain)));
    }
    Settings { variables, ..Settings::default() }
}

/// The list, each proxy without a login; a proxy that cannot be told of is left out with what parts
/// it from the next.
fn proxies(list: &str) -> Option<String> {
    let mut text = String::new();
    for piece in list.split_inclusive([',', '|']).take(MAX_TOLD) {
        let bare = piece.trim_end_matches([',', '|']);
        let told = match bare.trim() {
            word @ ("direct" | "off") => word.to_owned(),
            url => match RegistryUrl::parse(url) {
                Some(url) => url.text(),
                None => continue,
            },
        };
        text.push_str(&told);
        text.push_str(piece.get(bare.len()..).unwrap_or_default());
    }
    let text = text.trim_end_matches([',', '|']);
    (!text.is_empty()).then(|| text.to_owned())
}

/// `off`, `name`, `name+hash+key` or either with a URL.
fn database(value: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+/=".contains(&byte);
    let (name, url) = match value.split_once(' ') {
        Some((name, url)) => (name, Some(RegistryUrl::parse(url)?)),
        None => (value, None),
    };
    let named = !name.is_empty() && name.len() <= 512 && name.bytes().all(plain);
    named.then(|| match url {
        Some(url) => format!("{name} {}", url.text()),
        None => name.to_owned(),
    })
}

/// Of the URLs of proxies and of `~/.netrc`, and over TLS alone: Go itself sends no login in plain
/// http.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    let list = value(config, "GOPROXY").unwrap_or_default();
    let urls = list.split([',', '|']).filter_map(RegistryUrl::parse);
    let login = |url: RegistryUrl| {
        let from_netrc = || {
            let Host::Name(name) = &url.authority.host else { return None };
            let header =
                config.texts(ConfigFile::Netrc).find_map(|text| netrc(text, name.as_str()))?;
            url.credential(&[], header)
        };
        url.own_login(&[]).or_else(from_netrc)
    };
    urls.filter(|url| url.scheme == Scheme::Tls).filter_map(login).collect()
}
