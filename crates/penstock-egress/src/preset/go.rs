use super::{ClientConfig, ConfigFile, ini, mirror, tls};
use crate::Rule;

/// <https://go.dev/ref/mod#environment-variables>. Modules that are fetched `direct` come from hosts
/// that only their names tell: of these the private ones are known, by `GOPRIVATE` and `GONOPROXY`.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let entries: Vec<_> = config.texts(ConfigFile::GoEnv).flat_map(ini::entries).collect();
    let value = |name: &str| {
        let from_file = || {
            let entry = entries.iter().rev().find(|entry| entry.key.eq_ignore_ascii_case(name));
            entry.map(|entry| entry.value).filter(|value| !value.is_empty())
        };
        config.variable(name).or_else(from_file)
    };
    let mut rules = match value("GOPROXY") {
        Some(proxies) => mirror::rules(proxies.split([',', '|'])),
        None => tls(&["proxy.golang.org"]),
    };
    match value("GOSUMDB") {
        Some("off") => {}
        // `name`, `name+key` or either with a URL behind it.
        Some(database) => match database.split_once(' ') {
            Some((_, url)) => rules.extend(mirror::rules([url])),
            None => rules.extend(tls(&[database.split('+').next().unwrap_or_default()])),
        },
        None => rules.extend(tls(&["sum.golang.org"])),
    }
    for name in ["GOPRIVATE", "GONOPROXY"] {
        for pattern in value(name).into_iter().flat_map(|patterns| patterns.split(',')) {
            // The host is the first part of a module's path.
            let host = pattern.trim().split('/').next().unwrap_or_default();
            if let Ok(rule) = host.parse::<Rule>() {
                rules.push(rule.private());
            }
        }
    }
    rules
}
