use super::{ClientConfig, ConfigFile, ini, mirror, tls};
use crate::Rule;

/// <https://docs.npmjs.com/cli/configuring-npm/npmrc>. Yarn 1 has the same packages under a name of
/// its own, which stands in lock files.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut registry = None;
    let mut scopes = Vec::new();
    for entry in config.texts(ConfigFile::Npmrc).flat_map(ini::entries) {
        let url = expanded(config, entry.value);
        if entry.key == "registry" {
            registry = Some(url);
        } else if entry.key.starts_with('@') && entry.key.ends_with(":registry") {
            scopes.push(url);
        }
    }
    for (name, value) in &config.environment {
        if name.eq_ignore_ascii_case("npm_config_registry") && !value.is_empty() {
            registry = Some(value.clone());
        }
    }
    let mut rules = match registry {
        Some(url) => mirror::rules([url.as_str()]),
        None => tls(&["registry.npmjs.org", "registry.yarnpkg.com"]),
    };
    rules.extend(mirror::rules(scopes.iter().map(String::as_str)));
    rules
}

/// `${VARIABLE}` in a value is the user's; without it the value stays what it is.
fn expanded(config: &ClientConfig, value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(config.variable(name).unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    text
}
