use serde::Deserialize;

use super::{
    ClientConfig, ConfigFile, ini,
    login::Login,
    mirror,
    settings::{MAX_TOLD, Settings, SettingsFile, is_plain},
    tls,
    url::RegistryUrl,
};
use crate::{Rule, Scheme};

/// Directories of an index that its files lie beside: PEP 503 has `simple`, devpi `+simple`.
const INDEX: [&str; 2] = ["simple", "+simple"];

/// What of pip's configuration matters here
/// (<https://pip.pypa.io/en/stable/topics/configuration/>).
#[derive(Default)]
struct PipConf<'t> {
    index: Option<&'t str>,
    extra: Vec<&'t str>,
    links: Vec<&'t str>,
    /// Hosts whose plain http is believed: pip leaves an index out that is not among them.
    trusted: Vec<&'t str>,
}

impl<'t> PipConf<'t> {
    fn of(config: &'t ClientConfig) -> Self {
        let mut this = Self::default();
        for entry in config.texts(ConfigFile::PipConf).flat_map(ini::entries) {
            let values = entry.value.split_whitespace();
            match entry.key.as_str() {
                "index-url" => this.index = Some(entry.value),
                "extra-index-url" => this.extra.extend(values),
                "find-links" => this.links.extend(values),
                "trusted-host" => this.trusted.extend(values),
                _ => {}
            }
        }
        this
    }
}

/// What of uv's configuration matters here (<https://docs.astral.sh/uv/reference/settings/>).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct UvToml {
    index_url: Option<String>,
    extra_index_url: Vec<String>,
    index: Vec<UvIndex>,
    pip: UvPip,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct UvPip {
    index_url: Option<String>,
    extra_index_url: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UvIndex {
    name: Option<String>,
    url: String,
    default: bool,
    explicit: bool,
}

/// uv's indices, those of the older settings in the form of the newer.
fn uv(config: &ClientConfig) -> Vec<UvIndex> {
    let mut indices = Vec::new();
    for text in config.texts(ConfigFile::UvToml) {
        let Ok(read) = toml_edit::de::from_str::<UvToml>(text) else { continue };
        let main = read.index_url.or(read.pip.index_url);
        let more = read.extra_index_url.into_iter().chain(read.pip.extra_index_url);
        indices.extend(read.index);
        indices.extend(more.map(|url| UvIndex { url, ..UvIndex::default() }));
        indices.extend(main.map(|url| UvIndex { url, default: true, ..UvIndex::default() }));
    }
    indices
}

/// The index that variables name, and what they add to it
/// (<https://docs.astral.sh/uv/reference/environment/>).
fn variables(config: &ClientConfig) -> (Option<&str>, Vec<&str>) {
    let mut index = None;
    for name in ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"] {
        index = config.variable(name).or(index);
    }
    let more = ["PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_EXTRA_INDEX_URL", "UV_INDEX"];
    let more = more.iter().filter_map(|name| config.variable(name));
    // uv lets an index have a name: `name=https://…`.
    (index.map(unnamed), more.flat_map(str::split_whitespace).map(unnamed).collect())
}

/// PyPI keeps its files at a host of their own; a mirror of the index has them, too.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let conf = PipConf::of(config);
    let uv = uv(config);
    let (index, more) = variables(config);
    let uv_index = uv.iter().find(|index| index.default).map(|index| index.url.as_str());
    let mut rules = match index.or(conf.index).or(uv_index) {
        Some(url) => mirror::rules([url]),
        None => tls(&["files.pythonhosted.org", "pypi.org"]),
    };
    rules.extend(mirror::rules(conf.extra.into_iter().chain(conf.links).chain(more)));
    rules.extend(mirror::rules(uv.iter().map(|index| index.url.as_str())));
    rules
}

/// A `pip.conf` and a `uv.toml`.
///
/// `trusted-host` is told only where the person trusts the host and an index told of is there in plain
/// http, which pip would leave out otherwise. What it means for https, any certificate of the host, is no
/// setting of a mirror.
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let conf = PipConf::of(config);
    let mut lines = Vec::new();
    let mut plain = Vec::new();
    let mut tell = |key: &str, urls: &[&str]| {
        let urls: Vec<_> =
            urls.iter().filter_map(|url| RegistryUrl::parse(url)).take(MAX_TOLD).collect();
        for url in &urls {
            let host = url.authority.host.to_string();
            let trusted = conf
                .trusted
                .iter()
                .any(|trusted| *trusted == host || *trusted == url.authority.to_string());
            if url.scheme == Scheme::Http && trusted {
                // pip takes a port only as it stands in the URL.
                plain.push(match url.authority.port {
                    80 => format!("    {host}\n"),
                    port => format!("    {host}:{port}\n"),
                });
            }
        }
        if let (true, [url]) = (key == "index-url", urls.as_slice()) {
            // Not on a line of its own: pip would take the line feed for a part of it.
            lines.push(format!("{key} = {}\n", url.text()));
        } else if !urls.is_empty() {
            lines.push(format!("{key} =\n"));
            lines.extend(urls.iter().map(|url| format!("    {}\n", url.text())));
        }
    };
    tell("index-url", conf.index.as_slice());
    tell("extra-index-url", &conf.extra);
    tell("find-links", &conf.links);
    if !lines.is_empty() {
        lines.insert(0, "[global]\n".to_owned());
    }
    plain.sort();
    plain.dedup();
    if !plain.is_empty() {
        lines.push("trusted-host =\n".to_owned());
        lines.append(&mut plain);
    }
    let pip = SettingsFile::lines(".config/pip/pip.conf", "#", &lines);

    let mut lines = Vec::new();
    for index in uv(config).iter().take(MAX_TOLD) {
        let Some(url) = RegistryUrl::parse(&index.url) else { continue };
        lines.push(format!("[[index]]\nurl = \"{}\"\n", url.text()));
        if let Some(name) = index.name.as_deref().filter(|name| is_plain(name)) {
            lines.push(format!("name = \"{name}\"\n"));
        }
        if index.default {
            lines.push("default = true\n".to_owned());
        } else if index.explicit {
            lines.push("explicit = true\n".to_owned());
        }
    }
    let uv = SettingsFile::lines(".config/uv/uv.toml", "#", &lines);
    Settings { files: vec![pip, uv], ..Settings::default() }
}

/// What stands before `@` in the URLs: for the index, and for what lies beside it.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    let conf = PipConf::of(config);
    let uv = uv(config);
    let (index, more) = variables(config);
    let urls = index.into_iter().chain(more);
    let urls = urls.chain(conf.index).chain(conf.extra).chain(conf.links);
    let urls = urls.chain(uv.iter().map(|index| index.url.as_str()));
    urls.filter_map(|url| RegistryUrl::parse(url)?.own_login(&INDEX)).collect()
}

fn unnamed(url: &str) -> &str {
    match url.split_once('=') {
        Some((name, rest)) if !name.contains(':') => rest,
        _ => url,
    }
}
