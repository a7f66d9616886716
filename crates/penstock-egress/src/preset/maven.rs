use quick_xml::{Reader, events::Event};

use super::{ClientConfig, ConfigFile, mirror, tls};
use crate::Rule;

/// Deeper elements than settings have are not looked at.
const MAX_DEPTH: usize = 32;

/// <https://maven.apache.org/settings.html>: mirrors, and the repositories of profiles.
pub(super) fn rules(config: &ClientConfig) -> Vec<Rule> {
    let mut settings = Settings::default();
    for text in config.texts(ConfigFile::MavenSettings) {
        settings.read(text);
    }
    let mut rules = mirror::rules(settings.urls.iter().map(String::as_str));
    if !settings.central_mirrored {
        rules.extend(tls(&["repo.maven.apache.org", "repo1.maven.org"]));
    }
    rules
}

#[derive(Default)]
struct Settings {
    urls: Vec<String>,
    central_mirrored: bool,
}

impl Settings {
    /// Takes what can be read; a file that breaks off counts as far as it goes.
    fn read(&mut self, text: &str) {
        let mut reader = Reader::from_str(text);
        let mut path: Vec<String> = Vec::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(start)) => {
                    let name = start.local_name();
                    path.push(name.as_ref().to_owned());
                    if path.len() > MAX_DEPTH {
                        return;
                    }
                }
                Ok(Event::End(_)) => drop(path.pop()),
                Ok(Event::Text(text)) => {
                    let text = text.trim().to_owned();
                    self.text(&path, text);
                }
                Ok(Event::Eof) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    fn text(&mut self, path: &[String], text: String) {
        let [.., parent, name] = path else { return };
        match (parent.as_str(), name.as_str()) {
            ("mirror" | "repository" | "pluginRepository", "url") => self.urls.push(text),
            ("mirror", "mirrorOf") => {
                let mut of = text.split(',').map(str::trim);
                let all = of.clone().any(|id| matches!(id, "*" | "central" | "external:*"));
                self.central_mirrored |= all && !of.any(|id| id == "!central");
            }
            _ => {}
        }
    }
}
