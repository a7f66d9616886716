use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{ClientConfig, ConfigFile};

/// The longest file that is read; a longer one is not.
const MAX_BYTES: u64 = 1024 * 1024;

/// The most files of a directory that are read.
const MAX_FILES: usize = 64;

impl ClientConfig {
    /// Finds the configuration of a user: files beneath `home`, of the machine beneath `/etc`, and
    /// where `environment` says. What is not there is left out.
    pub fn read(home: &Path, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::read_beneath(Path::new("/etc"), home, environment)
    }

    pub(super) fn read_beneath(
        etc: &Path,
        home: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        let variable = |name: &str| environment.get(name).map(PathBuf::from);
        let config = variable("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        let cargo = variable("CARGO_HOME").unwrap_or_else(|| home.join(".cargo"));
        let mut paths = vec![(ConfigFile::AptSources, etc.join("apt/sources.list"))];
        let more = list(&etc.join("apt/sources.list.d"));
        paths.extend(more.into_iter().map(|path| (ConfigFile::AptSources, path)));
        let npmrc = variable("NPM_CONFIG_USERCONFIG").or_else(|| variable("npm_config_userconfig"));
        paths.extend([
            (ConfigFile::BundleConfig, home.join(".bundle/config")),
            (ConfigFile::CargoConfig, cargo.join("config")),
            (ConfigFile::CargoConfig, cargo.join("config.toml")),
            (ConfigFile::CargoCredentials, cargo.join("credentials")),
            (ConfigFile::CargoCredentials, cargo.join("credentials.toml")),
            (ConfigFile::GitConfig, etc.join("gitconfig")),
            (ConfigFile::GitConfig, config.join("git/config")),
            (ConfigFile::GitConfig, home.join(".gitconfig")),
            (ConfigFile::GoEnv, variable("GOENV").unwrap_or_else(|| config.join("go/env"))),
            (ConfigFile::MavenSettings, home.join(".m2/settings.xml")),
            (ConfigFile::Netrc, variable("NETRC").unwrap_or_else(|| home.join(".netrc"))),
            (ConfigFile::Npmrc, etc.join("npmrc")),
            (ConfigFile::Npmrc, npmrc.unwrap_or_else(|| home.join(".npmrc"))),
            (ConfigFile::PipConf, etc.join("pip.conf")),
            (ConfigFile::PipConf, home.join(".pip/pip.conf")),
            (ConfigFile::PipConf, config.join("pip/pip.conf")),
            (ConfigFile::UvToml, etc.join("uv/uv.toml")),
            (ConfigFile::UvToml, config.join("uv/uv.toml")),
        ]);
        paths.extend(variable("PIP_CONFIG_FILE").map(|path| (ConfigFile::PipConf, path)));
        let files = paths.into_iter().filter_map(|(file, path)| Some((file, text(&path)?)));
        Self { files: files.collect(), environment }
    }
}

fn list(directory: &Path) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).take(MAX_FILES).collect();
    paths.sort();
    paths
}

/// The text of a regular file within the limit.
fn text(path: &Path) -> Option<String> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let length = File::open(path).ok()?.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
    (u64::try_from(length).ok()? <= MAX_BYTES).then_some(text)
}
