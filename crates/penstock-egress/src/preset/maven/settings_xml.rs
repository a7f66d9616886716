use quick_xml::{Reader, events::Event};

/// Deeper elements than settings have are not looked at.
const MAX_DEPTH: usize = 32;

/// The most mirrors, servers, profiles, and repositories of a profile that are read.
const MAX_EACH: usize = 256;

/// What matters here of Maven's settings (<https://maven.apache.org/settings.html>).
#[derive(Default)]
pub(super) struct SettingsXml {
    pub(super) mirrors: Vec<Mirror>,
    pub(super) servers: Vec<Server>,
    pub(super) profiles: Vec<Profile>,
    /// Ids of profiles that are active.
    pub(super) active: Vec<String>,
}

#[derive(Default)]
pub(super) struct Mirror {
    pub(super) id: String,
    pub(super) of: String,
    pub(super) url: String,
}

impl Mirror {
    /// Whether Maven Central is reached by it.
    pub(super) fn is_of_central(&self) -> bool {
        let mut of = self.of.split(',').map(str::trim);
        let all = of.clone().any(|id| matches!(id, "*" | "central" | "external:*"));
        all && !of.any(|id| id == "!central")
    }
}

/// Who a server knows.
#[derive(Default)]
pub(super) struct Server {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) password: String,
}

#[derive(Default)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) active_by_default: bool,
    pub(super) repositories: Vec<Repository>,
    pub(super) plugin_repositories: Vec<Repository>,
}

#[derive(Default)]
pub(super) struct Repository {
    pub(super) id: String,
    pub(super) url: String,
    /// Whether releases come from it; not said is yes.
    pub(super) releases: Option<bool>,
    pub(super) snapshots: Option<bool>,
}

impl SettingsXml {
    /// Takes what can be read; a file that breaks off counts as far as it goes.
    pub(super) fn read(&mut self, text: &str) {
        let mut reader = Reader::from_str(text);
        let mut path: Vec<String> = Vec::new();
        // Of the element that is open.
        let mut value = String::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(start)) => {
                    path.push(start.local_name().as_ref().to_owned());
                    if path.len() > MAX_DEPTH {
                        return;
                    }
                    value.clear();
                    self.open(&path);
                }
                Ok(Event::End(_)) => {
                    let text = std::mem::take(&mut value);
                    self.close(&path, text.trim());
                    path.pop();
                }
                Ok(Event::Text(text)) => value.push_str(&text),
                Ok(Event::GeneralRef(entity)) => {
                    let by_number = entity.resolve_char_ref().ok().flatten();
                    value.extend(by_number.or_else(|| predefined(&entity)));
                }
                Ok(Event::Eof) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    fn open(&mut self, path: &[String]) {
        let [.., parent, name] = path else { return };
        match (parent.as_str(), name.as_str()) {
            ("mirrors", "mirror") => push(&mut self.mirrors),
            ("servers", "server") => push(&mut self.servers),
            ("profiles", "profile") => push(&mut self.profiles),
            ("repositories", "repository") => {
                self.profiles.last_mut().into_iter().for_each(|one| push(&mut one.repositories));
            }
            ("pluginRepositories", "pluginRepository") => {
                let profile = self.profiles.last_mut().into_iter();
                profile.for_each(|one| push(&mut one.plugin_repositories));
            }
            _ => {}
        }
    }

    fn close(&mut self, path: &[String], text: &str) {
        let text = text.to_owned();
        let mut names = path.iter().rev().map(String::as_str);
        let mut next = || names.next().unwrap_or_default();
        let (name, parent, above) = (next(), next(), next());
        match (above, parent, name) {
            (_, "mirror", _) => {
                let Some(mirror) = self.mirrors.last_mut() else { return };
                match name {
                    "id" => mirror.id = text,
                    "mirrorOf" => mirror.of = text,
                    "url" => mirror.url = text,
                    _ => {}
                }
            }
            (_, "server", _) => {
                let Some(server) = self.servers.last_mut() else { return };
                match name {
                    "id" => server.id = text,
                    "username" => server.user = text,
                    "password" => server.password = text,
                    _ => {}
                }
            }
            (_, "activeProfiles", "activeProfile") if self.active.len() < MAX_EACH => {
                self.active.push(text);
            }
            (_, "profile", "id") => {
                self.profiles.last_mut().into_iter().for_each(|one| one.id.clone_from(&text));
            }
            (_, "activation", "activeByDefault") => {
                let profile = self.profiles.last_mut().into_iter();
                profile.for_each(|one| one.active_by_default = text == "true");
            }
            (_, "repository" | "pluginRepository", _) | ("repository" | "pluginRepository", ..) => {
                let is_plugins = [parent, above].contains(&"pluginRepository");
                let Some(repository) = self.repository(is_plugins) else { return };
                match (parent, name) {
                    ("releases", "enabled") => repository.releases = Some(text == "true"),
                    ("snapshots", "enabled") => repository.snapshots = Some(text == "true"),
                    (_, "id") => repository.id = text,
                    (_, "url") => repository.url = text,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The one that is being read.
    fn repository(&mut self, is_plugins: bool) -> Option<&mut Repository> {
        let profile = self.profiles.last_mut()?;
        match is_plugins {
            true => profile.plugin_repositories.last_mut(),
            false => profile.repositories.last_mut(),
        }
    }

    /// The ids and URLs of mirrors and repositories.
    pub(super) fn urls(&self) -> impl Iterator<Item = (&str, &str)> {
        let mirrors = self.mirrors.iter().map(|mirror| (mirror.id.as_str(), mirror.url.as_str()));
        let repositories = self
            .profiles
            .iter()
            .flat_map(|profile| profile.repositories.iter().chain(&profile.plugin_repositories));
        mirrors.chain(repositories.map(|one| (one.id.as_str(), one.url.as_str())))
    }
}

/// The entities that XML itself knows (XML 1.0 section 4.6); a document's own are not read.
fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ => return None,
    })
}

/// One more, within the limit. Beyond it the last one is written over, which ends nowhere.
fn push<T: Default>(list: &mut Vec<T>) {
    if list.len() >= MAX_EACH {
        list.pop();
    }
    list.push(T::default());
}
