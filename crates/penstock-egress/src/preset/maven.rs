mod settings_xml;

use quick_xml::escape::escape;

use self::settings_xml::{Mirror, Profile, Repository, SettingsXml};
use super::{
    ClientConfig, ConfigFile,
    login::{Login, user_and_password},
    mirror,
    settings::{MAX_TOLD, Settings, SettingsFile, is_plain},
    tls,
    url::RegistryUrl,
};
use crate::Rule;

fn read(config: &ClientConfig) -> SettingsXml {
    let mut settings = SettingsXml::default();
    for text in config.texts(ConfigFile::MavenSettings) {
        settings.read(text);
    }
    settings
}

/// Mirrors, and the repositories of profiles.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let settings = read(config);
    let mut rules = mirror::rules(settings.urls().map(|(_, url)| url));
    if !settings.mirrors.iter().any(Mirror::is_of_central) {
        rules.extend(tls(&["repo.maven.apache.org", "repo1.maven.org"]));
    }
    rules
}

/// A `settings.xml` of mirrors and of the repositories of profiles.
pub(super) fn settings(config: &ClientConfig) -> Settings {
    let read = read(config);
    let mut body = String::new();
    for mirror in read.mirrors.iter().take(MAX_TOLD) {
        let of = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,:!* ".contains(&byte);
        if is_plain(&mirror.id)
            && mirror.of.len() <= 4096
            && mirror.of.bytes().all(of)
            && let Some(url) = RegistryUrl::parse(&mirror.url)
        {
            body.push_str(&format!(
                "<mirror><id>{}</id><mirrorOf>{}</mirrorOf><url>{}</url></mirror>\n",
                mirror.id,
                mirror.of,
                escape(url.text())
            ));
        }
    }
    let mut text = String::new();
    if !body.is_empty() {
        text.push_str(&format!("<mirrors>\n{body}</mirrors>\n"));
    }
    let told: Vec<&Profile> =
        read.profiles.iter().filter(|profile| is_plain(&profile.id)).take(MAX_TOLD).collect();
    let body: String = told.iter().filter_map(|profile| self::profile(profile)).collect();
    if !body.is_empty() {
        text.push_str(&format!("<profiles>\n{body}</profiles>\n"));
        let active = read.active.iter().filter(|id| is_plain(id)).take(MAX_TOLD);
        let active: String =
            active.map(|id| format!("<activeProfile>{id}</activeProfile>")).collect();
        text.push_str(&format!("<activeProfiles>{active}</activeProfiles>\n"));
    }
    let text = (!text.is_empty())
        .then(|| format!("<!-- {} -->\n<settings>\n{text}</settings>\n", super::SETTINGS_MARK));
    Settings::file(SettingsFile { path: ".m2/settings.xml", text })
}

fn profile(profile: &Profile) -> Option<String> {
    let list = |repositories: &[Repository], name: &str, plural: &str| {
        let told = repositories.iter().take(MAX_TOLD).filter(|one| is_plain(&one.id));
        let body: String = told
            .filter_map(|one| {
                let url = RegistryUrl::parse(&one.url)?;
                let enabled = |name: &str, is: Option<bool>| match is {
                    Some(is) => format!("<{name}><enabled>{is}</enabled></{name}>"),
                    None => String::new(),
                };
                Some(format!(
                    "<{name}><id>{}</id><url>{}</url>{}{}</{name}>\n",
                    one.id,
                    escape(url.text()),
                    enabled("releases", one.releases),
                    enabled("snapshots", one.snapshots)
                ))
            })
            .collect();
        if body.is_empty() { body } else { format!("<{plural}>{body}</{plural}>\n") }
    };
    let body = [
        list(&profile.repositories, "repository", "repositories"),
        list(&profile.plugin_repositories, "pluginRepository", "pluginRepositories"),
    ]
    .concat();
    let active = match profile.active_by_default {
        true => "<activation><activeByDefault>true</activeByDefault></activation>",
        false => "",
    };
    (!body.is_empty())
        .then(|| format!("<profile><id>{}</id>{active}{body}</profile>\n", profile.id))
}

/// The `<server>` of the same id as a mirror or repository. One whose password Maven has encrypted is
/// left out: its key is elsewhere.
pub(super) fn credentials(config: &ClientConfig) -> Vec<Login> {
    let settings = read(config);
    let login = |(id, url): (&str, &str)| {
        let url = RegistryUrl::parse(url)?;
        let server = settings.servers.iter().rev().find(|server| server.id == id)?;
        let password = expanded(config, &server.password);
        if password.is_empty() || password.starts_with('{') {
            return None;
        }
        url.credential(&[], user_and_password(&expanded(config, &server.user), &password))
    };
    settings.urls().filter_map(login).collect()
}

/// `${env.NAME}` (<https://maven.apache.org/settings.html>).
fn expanded(config: &ClientConfig, value: &str) -> String {
    let name = value.strip_prefix("${env.").and_then(|rest| rest.strip_suffix('}'));
    match name {
        Some(name) => config.variable(name).unwrap_or_default().to_owned(),
        None => value.to_owned(),
    }
}
