use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ClientConfig, ConfigFile, mirror, tls};
use crate::Rule;

/// The longest chain of replaced sources that is followed.
const MAX_REPLACEMENTS: usize = 16;

/// What of Cargo's configuration matters here
/// (<https://doc.rust-lang.org/cargo/reference/source-replacement.html>).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    source: BTreeMap<String, Source>,
    registries: BTreeMap<String, Registry>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Source {
    replace_with: Option<String>,
    registry: Option<String>,
    git: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Registry {
    index: Option<String>,
}

/// crates.io keeps its index and its files at two hosts. Where another registry keeps its files is
/// said by its index alone, so it needs a rule of its own if that is another host.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut sources = BTreeMap::new();
    let mut indices = Vec::new();
    for text in config.texts(ConfigFile::CargoConfig) {
        let Ok(read) = toml_edit::de::from_str::<Config>(text) else { continue };
        sources.extend(read.source);
        for (name, registry) in read.registries {
            indices.extend(registry.index.clone());
            // A registry can stand in for a source under its own name.
            sources.entry(name).or_insert(Source { registry: registry.index, ..Source::default() });
        }
    }
    for (name, value) in &config.environment {
        if name.starts_with("CARGO_REGISTRIES_") && name.ends_with("_INDEX") {
            indices.push(value.clone());
        }
    }
    let mut rules = mirror::rules(indices.iter().map(String::as_str));
    let mut name = "crates-io";
    for _ in 0..MAX_REPLACEMENTS {
        match sources.get(name).and_then(|source| source.replace_with.as_deref()) {
            Some(next) => name = next,
            None => break,
        }
    }
    match sources.get(name) {
        // Vendored, or in a directory: nothing is fetched.
        Some(source) if name != "crates-io" => {
            let urls = source.registry.iter().chain(&source.git);
            rules.extend(mirror::rules(urls.map(String::as_str)));
        }
        _ => rules.extend(tls(&["index.crates.io", "static.crates.io"])),
    }
    rules
}
