use super::{ClientConfig, ConfigFile, ini, mirror, tls};
use crate::Rule;

/// `url.<base>.insteadOf` (<https://git-scm.com/docs/git-config>). GitHub serves archives and large
/// files from hosts of their own.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut replaced = false;
    for entry in config.texts(ConfigFile::GitConfig).flat_map(ini::entries) {
        let base = entry.section.strip_prefix("url ").map(|base| base.trim().trim_matches('"'));
        if let Some(base) = base.filter(|_| entry.key == "insteadof") {
            rules.extend(mirror::rules([base]));
            replaced |= "https://github.com/".starts_with(entry.value) && !entry.value.is_empty();
        }
    }
    if !replaced {
        rules.extend(tls(&["codeload.github.com", "github.com", "objects.githubusercontent.com"]));
    }
    rules
}
