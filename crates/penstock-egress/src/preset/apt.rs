use super::{ClientConfig, ConfigFile, mirror, named};
use crate::{Rule, Scheme};

/// sources.list(5): lines that begin with `deb` or `deb-src`, and `URIs:` fields. apt verifies
/// signatures itself, so plain HTTP is what distributions ship with.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let lines = config.texts(ConfigFile::AptSources).flat_map(str::lines).map(str::trim);
    let words = lines
        .filter(|line| ["deb ", "deb-src ", "URIs:"].iter().any(|start| line.starts_with(start)));
    let rules = mirror::rules(words.flat_map(str::split_whitespace));
    if !rules.is_empty() {
        return rules;
    }
    let hosts =
        ["archive.ubuntu.com", "deb.debian.org", "security.debian.org", "security.ubuntu.com"];
    named(Scheme::Http, 80, &hosts)
}
