use super::{
    ClientConfig, ConfigFile, ini,
    login::Login,
    mirror,
    settings::{MAX_TOLD, Settings, SettingsFile},
    tls,
    url::RegistryUrl,
};
use crate::Rule;

/// Bases and what they stand in for: `url.<base>.insteadOf` (<https://git-scm.com/docs/git-config>).
fn replacements(config: &ClientConfig) -> impl Iterator<Item = (&str, &str)> {
    config.texts(ConfigFile::GitConfig).flat_map(ini::entries).filter_map(|entry| {
        let base = entry.section.strip_prefix("url ")?.trim().trim_matches('"');
        (entry.key == "insteadof").then_some((base, entry.value))
    })
}

/// GitHub serves archives and large files from hosts of their own.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut replaced = false;
    for (base, value) in replacements(config) {
        rules.extend(mirror::rules([base]));
        replaced |= "https://github.com/".starts_with(value) && !value.is_empty();
    }
    if !replaced {
        rules.extend(tls(&["codeload.github.com", "github.com", "objects.githubusercontent.com"]));
    }
    rules
}

/// A `.gitconfig` of replaced URLs.
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let mut lines = Vec::new();
    for (base, value) in replacements(config).take(MAX_TOLD) {
        // What is replaced may be of any scheme, `git@host:` as well.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%+@:".contains(&byte);
        if let Some(url) = RegistryUrl::parse(base)
            && !value.is_empty()
            && value.len() <= 2048
            && value.bytes().all(plain)
            && super::without_logins(value).as_deref() == Some(value)
        {
            lines.push(format!("[url \"{}\"]\n\tinsteadOf = {value}\n", url.text()));
        }
    }
    Settings::file(SettingsFile::lines(".gitconfig", "#", &lines))
}

/// What stands before `@` in the bases.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    replacements(config).filter_map(|(base, _)| RegistryUrl::parse(base)?.own_login(&[])).collect()
}
