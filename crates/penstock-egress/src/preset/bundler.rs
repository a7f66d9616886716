use super::{ClientConfig, ConfigFile, mirror, tls};
use crate::Rule;

/// How Bundler writes `mirror.https://rubygems.org/` as a key, and `mirror.all`
/// (<https://bundler.io/man/bundle-config.1.html>).
const MIRRORS: [&str; 2] = ["BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/", "BUNDLE_MIRROR__ALL"];

/// RubyGems keeps its index at a host of its own.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut mirrors = Vec::new();
    let mut others = Vec::new();
    let lines = config.texts(ConfigFile::BundleConfig).flat_map(str::lines);
    // The key holds colons; the value follows a colon and a space.
    let lines = lines.filter_map(|line| line.split_once(": "));
    let variables = config.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (key, value) in lines.chain(variables) {
        let key = key.trim().trim_matches('"').to_ascii_uppercase();
        let value = value.trim().trim_matches(['"', '\'']);
        if MIRRORS.contains(&key.as_str()) {
            mirrors.push(value);
        } else if key.starts_with("BUNDLE_MIRROR__") {
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
