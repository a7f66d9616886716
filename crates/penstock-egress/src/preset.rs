//! Rules for well-known package clients, as the user's own configuration has them.
//!
//! What is read is the user's and the machine's configuration, never the project's: a change under
//! review must not widen what its own steps may reach. A mirror takes the place of what it mirrors.
//! A mirror may be at a private address.
//!
//! Three things are made of it: rules for the proxy; settings for the tool, which sees none of these
//! files, without a login; and the logins, for the proxy to add where the tool itself would have.

mod apt;
mod bundler;
mod cargo;
mod git;
mod go;
mod ini;
mod login;
mod maven;
mod mirror;
mod npm;
mod pip;
mod read;
mod settings;
mod url;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

pub use self::{
    settings::{SETTINGS_MARK, Settings, SettingsFile},
    url::without_logins,
};
use crate::{Credential, Host, Name, Rule, Scheme, rule::HostPattern};

/// A package client, or a family of clients of the same servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Preset {
    /// Debian's and Ubuntu's packages.
    Apt,
    /// Bundler and RubyGems.
    Bundler,
    /// Cargo.
    Cargo,
    /// git, from GitHub.
    Git,
    /// Go modules.
    Go,
    /// Gradle, with the plugin portal and Maven Central.
    Gradle,
    /// Maven Central.
    Maven,
    /// npm, pnpm and Yarn.
    Npm,
    /// pip, uv, Poetry and PDM.
    Pip,
}

/// A file of a client's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ConfigFile {
    /// `sources.list`, or a file of `sources.list.d` in either form.
    AptSources,
    /// `~/.bundle/config`.
    BundleConfig,
    /// `~/.cargo/config.toml`.
    CargoConfig,
    /// `~/.cargo/credentials.toml`.
    CargoCredentials,
    /// `~/.gitconfig`.
    GitConfig,
    /// `~/.config/go/env`.
    GoEnv,
    /// `~/.m2/settings.xml`.
    MavenSettings,
    /// `~/.netrc`.
    Netrc,
    /// `~/.npmrc`.
    Npmrc,
    /// `pip.conf`.
    PipConf,
    /// `~/.config/uv/uv.toml`.
    UvToml,
}

/// The configuration of a user's clients, as text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// Files, those that count less before those that count more.
    pub files: Vec<(ConfigFile, String)>,
    /// The user's environment.
    pub environment: BTreeMap<String, String>,
}

impl fmt::Debug for ClientConfig {
    /// Which there are, not what they hold: passwords, tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<ConfigFile> = self.files.iter().map(|(file, _)| *file).collect();
        f.debug_struct("ClientConfig").field("files", &files).finish_non_exhaustive()
    }
}

impl ClientConfig {
    fn texts(&self, wanted: ConfigFile) -> impl Iterator<Item = &str> {
        let of_that_kind = self.files.iter().filter(move |(file, _)| *file == wanted);
        of_that_kind.map(|(_, text)| text.as_str())
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 9] = [
        Self::Apt,
        Self::Bundler,
        Self::Cargo,
        Self::Git,
        Self::Go,
        Self::Gradle,
        Self::Maven,
        Self::Npm,
        Self::Pip,
    ];

    /// The preset for a program, by its name without a directory.
    pub fn for_program(program: &str) -> Option<Self> {
        Some(match program {
            "apt" | "apt-get" => Self::Apt,
            "bundle" | "bundler" | "gem" => Self::Bundler,
            "cargo" => Self::Cargo,
            "git" => Self::Git,
            "go" => Self::Go,
            "gradle" | "gradlew" => Self::Gradle,
            "mvn" | "mvnw" => Self::Maven,
            "npm" | "npx" | "pnpm" | "yarn" => Self::Npm,
            "pdm" | "pip" | "pip3" | "poetry" | "uv" => Self::Pip,
            _ => return None,
        })
    }

    /// The rules for a client with that configuration, sorted, each once.
    pub fn rules(self, config: &ClientConfig) -> Vec<Rule> {
        let mut rules = match self {
            Self::Apt => apt::rules(config),
            Self::Bundler => bundler::rules(config),
            Self::Cargo => cargo::rules(config),
            Self::Git => git::rules(config),
            Self::Go => go::rules(config),
            Self::Gradle => {
                let mut rules = maven::rules(config);
                // The wrapper's distributions and the plugin portal with where it keeps its files
                // (https://docs.gradle.org/current/userguide/gradle_wrapper.html,
                // https://plugins.gradle.org).
                rules.extend(tls(&[
                    "downloads.gradle.org",
                    "plugins-artifacts.gradle.org",
                    "plugins.gradle.org",
                    "services.gradle.org",
                ]));
                rules
            }
            Self::Maven => maven::rules(config),
            Self::Npm => npm::rules(config),
            Self::Pip => pip::rules(config),
        };
        rules.sort();
        rules.dedup();
        rules
    }

    /// What a client with that configuration is told of registries and mirrors.
    ///
    /// Gradle's are programs (`init.gradle`), apt's are the system's: neither is told anything.
    pub fn settings(self, config: &ClientConfig) -> Settings {
        match self {
            Self::Apt | Self::Gradle => Settings::default(),
            Self::Bundler => bundler::settings(config),
            Self::Cargo => cargo::settings(config),
            Self::Git => git::settings(config),
            Self::Go => go::settings(config),
            Self::Maven => maven::settings(config),
            Self::Npm => npm::settings(config),
            Self::Pip => pip::settings(config),
        }
    }

    /// The logins of that configuration, each for one registry's host, port and path, with what its
    /// URL speaks: [`Scheme::Http`] or [`Scheme::Tls`]. Of two for the same place the first counts.
    ///
    /// A login is never for plain http that the client itself would not send in plain http.
    pub fn credentials(self, config: &ClientConfig) -> Vec<(Scheme, Credential)> {
        let found = match self {
            Self::Apt | Self::Gradle => Vec::new(),
            Self::Bundler => bundler::credentials(config),
            Self::Cargo => cargo::credentials(config),
            Self::Git => git::credentials(config),
            Self::Go => go::credentials(config),
            Self::Maven => maven::credentials(config),
            Self::Npm => npm::credentials(config),
            Self::Pip => pip::credentials(config),
        };
        let mut kept: Vec<(Scheme, Credential)> = Vec::new();
        for (scheme, one) in found {
            let same = |(other, two): &(Scheme, Credential)| {
                *other == scheme && two.authority() == one.authority() && two.path == one.path
            };
            if !kept.iter().any(same) {
                kept.push((scheme, one));
            }
        }
        kept
    }
}

/// Rules for TLS to names of ours.
fn tls(names: &[&str]) -> Vec<Rule> {
    named(Scheme::Tls, 443, names)
}

fn named(scheme: Scheme, port: u16, names: &[&str]) -> Vec<Rule> {
    let names = names.iter().filter_map(|name| Name::parse(name).ok());
    names.map(|name| Rule::new(scheme, HostPattern::Exact(Host::Name(name)), port)).collect()
}

#[cfg(test)]
mod tests;
