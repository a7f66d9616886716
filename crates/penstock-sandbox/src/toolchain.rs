use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Toolchains outside `/usr` that a step may read: found through the invoking person's `PATH`, and
/// only where a fixed list of known toolchain folders says so.
///
/// There is no other way for a folder of a home to become visible: the fields are private, and no
/// configuration is read here. What the trusted side made for a step is shown in the same manner
/// ([`Toolchains::show_made`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchains {
    mounts: Vec<Mount>,
    made: Vec<Mount>,
    empty: Vec<Mount>,
    path: Vec<OsString>,
    env: BTreeMap<String, OsString>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mount(#[serde(with = "crate::bytes")] PathBuf);

/// A folder of the home that holds a toolchain and nothing private.
struct Known {
    /// A `PATH` entry beneath this folder makes the toolchain wanted.
    path: &'static str,
    /// What is then shown, read-only, at the same place.
    show: &'static [&'static str],
    /// Folders the tool insists on finding; made empty, nothing of the host's is shown.
    empty: &'static [&'static str],
    /// Variables set to a folder of the home.
    env: &'static [(&'static str, &'static str)],
}

/// The whole list. Never here: `.ssh`, `.gnupg`, `.aws`, `.config`, `.npmrc`, `.netrc`, and of
/// `.cargo` anything but `bin` (its configuration and credentials hold registry tokens).
const KNOWN: &[Known] = &[
    Known {
        path: ".cargo/bin",
        show: &[".cargo/bin", ".rustup/toolchains", ".rustup/settings.toml"],
        empty: &[".rustup/downloads", ".rustup/tmp", ".rustup/update-hashes"],
        env: &[("RUSTUP_HOME", ".rustup")],
    },
    Known { path: ".rustup/toolchains", show: &[".rustup/toolchains"], empty: &[], env: &[] },
    Known {
        path: ".pyenv",
        // Not `pyenv.d`: its hook on pip renews the shims afterwards, which cannot be written, and ends
        // an installation that succeeded with 1. What is installed is in the private home anyway.
        show: &[
            ".pyenv/bin",
            ".pyenv/completions",
            ".pyenv/libexec",
            ".pyenv/plugins",
            ".pyenv/shims",
            ".pyenv/version",
            ".pyenv/versions",
        ],
        empty: &[],
        env: &[("PYENV_ROOT", ".pyenv")],
    },
    Known {
        path: ".rbenv",
        show: &[
            ".rbenv/bin",
            ".rbenv/libexec",
            ".rbenv/shims",
            ".rbenv/version",
            ".rbenv/versions",
        ],
        empty: &[],
        env: &[("RBENV_ROOT", ".rbenv")],
    },
    Known { path: ".nvm/versions", show: &[".nvm/versions"], empty: &[], env: &[] },
    Known {
        path: ".volta/bin",
        show: &[".volta/bin", ".volta/tools"],
        empty: &[],
        env: &[("VOLTA_HOME", ".volta")],
    },
    Known { path: "go/bin", show: &["go/bin"], empty: &[], env: &[] },
    Known { path: "sdk", show: &["sdk"], empty: &[], env: &[] },
    Known { path: ".sdkman/candidates", show: &[".sdkman/candidates"], empty: &[], env: &[] },
    Known {
        path: ".asdf",
        show: &[
            ".asdf/asdf.sh",
            ".asdf/bin",
            ".asdf/installs",
            ".asdf/lib",
            ".asdf/plugins",
            ".asdf/shims",
        ],
        empty: &[],
        env: &[("ASDF_DATA_DIR", ".asdf")],
    },
    Known {
        path: ".local/share/mise",
        show: &[".local/share/mise/installs", ".local/share/mise/shims"],
        empty: &[],
        env: &[("MISE_DATA_DIR", ".local/share/mise")],
    },
];

/// The search path that every machine has.
const SYSTEM_PATH: &[&str] =
    &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

impl Toolchains {
    /// Finds the toolchains that `path` (a `PATH` value) names beneath `home`, beneath `/opt` and
    /// beneath `/usr`. Both are arguments, never read from the environment here. Entries elsewhere,
    /// relative ones and those with `..` are left out.
    pub fn find(home: &Path, path: &OsStr) -> Self {
        let mut found = Self::default();
        for entry in std::env::split_paths(path) {
            let plain =
                entry.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_)));
            if !entry.is_absolute() || !plain || !entry.is_dir() {
                continue;
            }
            let shown = if let Ok(beneath) = entry.strip_prefix(home)
                && home.components().count() > 1
            {
                found.show_from_home(home, beneath)
            } else if let Ok(beneath) = entry.strip_prefix("/opt")
                && let Some(first) = beneath.components().next()
            {
                found.show(Path::new("/opt").join(first))
            } else {
                entry.starts_with("/usr")
            };
            let entry = entry.into_os_string();
            if shown && !found.path.contains(&entry) {
                found.path.push(entry);
            }
        }
        found
    }

    fn show_from_home(&mut self, home: &Path, beneath: &Path) -> bool {
        let mut shown = false;
        for known in KNOWN.iter().filter(|known| beneath.starts_with(known.path)) {
            for folder in known.show {
                shown |= self.show(home.join(folder));
            }
            for folder in known.empty.iter().map(|folder| Mount(home.join(folder))) {
                if !self.empty.contains(&folder) {
                    self.empty.push(folder);
                }
            }
            for (name, folder) in known.env {
                self.env.insert((*name).to_owned(), home.join(folder).into_os_string());
            }
        }
        shown
    }

    fn show(&mut self, folder: PathBuf) -> bool {
        if !folder.exists() {
            return false;
        }
        if !self.mounts.iter().any(|mount| mount.0 == folder) {
            self.mounts.push(Mount(folder));
        }
        true
    }

    /// Shows one more folder or file, at its own place like the others: what the trusted side made for
    /// this step, such as certificates. Never a path that a configuration names.
    pub fn show_made(&mut self, path: PathBuf) {
        if path.exists() && self.folders().all(|shown| shown != path) {
            self.made.push(Mount(path));
        }
    }

    /// What was made for the step, without a toolchain: for a step with a system of its own.
    #[must_use]
    pub(crate) fn made_alone(self) -> Self {
        Self { made: self.made, ..Self::default() }
    }

    /// Host folders and files that are shown, read-only, at the same place inside.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.mounts.iter().chain(&self.made).map(|mount| mount.0.as_path())
    }

    /// Folders that are empty and read-only inside, whatever the host has there.
    pub fn empty_folders(&self) -> impl Iterator<Item = &Path> {
        self.empty.iter().map(|mount| mount.0.as_path())
    }

    /// The step's `PATH`: the found entries in their order, then the system's.
    pub fn search_path(&self) -> OsString {
        let system = SYSTEM_PATH.iter().map(|entry| OsStr::new(*entry));
        let found = self.path.iter().map(OsString::as_os_str);
        let extra = system.filter(|entry| !self.path.iter().any(|have| have == entry));
        let entries: Vec<&OsStr> = found.chain(extra).collect();
        entries.join(OsStr::new(":"))
    }

    /// Variables that point tools at their folders. What tools write goes to the private home.
    pub fn env(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        let cargo =
            self.env.contains_key("RUSTUP_HOME").then_some(("CARGO_HOME", OsStr::new(CARGO_HOME)));
        self.env.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).chain(cargo)
    }
}

/// Beneath [`crate::HOME`].
const CARGO_HOME: &str = "/home/build/.cargo";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn home_with(folders: &[&str]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for folder in folders {
            fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        home
    }

    fn shown(home: &Path, found: &Toolchains) -> Vec<String> {
        found
            .folders()
            .map(|f| f.strip_prefix(home).unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn only_known_folders_of_a_home_are_shown() {
        let home = home_with(&[
            ".cargo/bin",
            ".cargo/registry",
            ".rustup/toolchains",
            ".ssh",
            "bin",
            ".local/bin",
        ]);
        fs::write(home.path().join(".cargo/credentials.toml"), "x").unwrap();
        let path = std::env::join_paths(
            [".cargo/bin", ".ssh", "bin", ".local/bin", ".cargo/bin/../../.ssh", ""]
                .map(|entry| home.path().join(entry)),
        )
        .unwrap();
        let found = Toolchains::find(home.path(), &path);
        assert_eq!(shown(home.path(), &found), [".cargo/bin", ".rustup/toolchains"]);
        let first = found.search_path().into_string().unwrap();
        assert!(first.starts_with(home.path().join(".cargo/bin").to_str().unwrap()), "{first}");
        assert!(!first.contains(".ssh") && !first.contains(".local"), "{first}");
        assert!(found.env().any(|(n, v)| n == "CARGO_HOME" && v == "/home/build/.cargo"));
    }

    #[test]
    fn a_home_that_is_the_root_shows_nothing_of_it() {
        let found = Toolchains::find(Path::new("/"), OsStr::new("/go/bin:/sdk"));
        assert_eq!(found.folders().count(), 0);
    }

    #[test]
    fn relative_entries_are_left_out() {
        let found =
            Toolchains::find(Path::new("/nowhere"), OsStr::new("bin:.:./node_modules/.bin"));
        assert_eq!(
            found.search_path(),
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        );
    }

    #[test]
    fn the_cargo_home_is_the_private_home() {
        assert!(Path::new(CARGO_HOME).starts_with(crate::HOME));
    }

    #[test]
    fn what_was_made_for_a_step_is_shown_and_changes_no_search_path() {
        let home = home_with(&["made"]);
        let mut found = Toolchains::default();
        let path = found.search_path();
        found.show_made(home.path().join("made"));
        found.show_made(home.path().join("missing"));
        assert_eq!(shown(home.path(), &found), ["made"]);
        assert_eq!(found.search_path(), path);
    }

    #[test]
    fn a_step_with_a_system_of_its_own_is_shown_what_was_made_and_no_toolchain() {
        let home = home_with(&[".cargo/bin", "made"]);
        let mut found = Toolchains::find(home.path(), home.path().join(".cargo/bin").as_os_str());
        assert!(!shown(home.path(), &found).is_empty());
        found.show_made(home.path().join("made"));
        let found = found.made_alone();
        assert_eq!(shown(home.path(), &found), ["made"]);
        assert_eq!(found.env().count(), 0);
        assert_eq!(found.search_path(), Toolchains::default().search_path());
    }
}
