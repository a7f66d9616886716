use super::{ClientConfig, ConfigFile, ini, mirror, tls};
use crate::Rule;

/// Keys that add to the index instead of replacing it.
const MORE: [&str; 2] = ["extra-index-url", "find-links"];

/// <https://pip.pypa.io/en/stable/topics/configuration/> and, for uv,
/// <https://docs.astral.sh/uv/reference/environment/>. PyPI keeps its files at a host of their own;
/// a mirror of the index has them, too.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut index = None;
    let mut more: Vec<&str> = Vec::new();
    for entry in config.texts(ConfigFile::PipConf).flat_map(ini::entries) {
        if entry.key == "index-url" {
            index = Some(entry.value);
        } else if MORE.contains(&entry.key.as_str()) {
            more.extend(entry.value.split_whitespace());
        }
    }
    for name in ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"] {
        index = config.variable(name).or(index);
    }
    for name in ["PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_EXTRA_INDEX_URL", "UV_INDEX"] {
        more.extend(config.variable(name).into_iter().flat_map(str::split_whitespace));
    }
    let mut rules = match index {
        // uv lets an index have a name: `name=https://…`.
        Some(url) => mirror::rules([unnamed(url)]),
        None => tls(&["files.pythonhosted.org", "pypi.org"]),
    };
    rules.extend(mirror::rules(more.into_iter().map(unnamed)));
    rules
}

fn unnamed(url: &str) -> &str {
    match url.split_once('=') {
        Some((name, rest)) if !name.contains(':') => rest,
        _ => url,
    }
}
