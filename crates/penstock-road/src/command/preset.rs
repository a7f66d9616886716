//! What is built in for a command, by its name: what it may reach, what it is given, where its caches
//! are. One table; an entry is an ecosystem, whose tools share a home.

use std::ffi::OsStr;

/// One ecosystem's tools.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name: also that of the private home its tools share.
    pub name: &'static str,
    /// The commands it is for, by base name.
    pub programs: &'static [&'static str],
    /// Whose registries may be reached.
    pub registry: Registry,
    /// Where its tools keep what they download, in the private home.
    pub caches: &'static [&'static str],
    /// Variables it sets.
    pub env: &'static [(&'static str, &'static str)],
    /// Variables of the caller that are passed on: settings that hold no credential. A user name or
    /// password in a URL is cut out.
    pub pass: &'static [&'static str],
}

/// Whose registries a preset reaches; which hosts these are is a matter of the client's own settings
/// (see [`crate::egress`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// Nobody's.
    None,
    /// npm's.
    Npm,
    /// The Python package index.
    Pip,
    /// crates.io.
    Cargo,
    /// The Go module proxy and checksum database.
    Go,
    /// Maven Central.
    Maven,
    /// Maven Central and Gradle's own.
    Gradle,
    /// rubygems.org.
    Bundler,
    /// The remotes of the repository, and those the arguments name.
    Git,
    /// The hosts that the arguments name.
    Arguments,
}

/// Every preset; the last is for whatever no other is for.
const PRESETS: &[Preset] = &[
    Preset {
        name: "npm",
        programs: &[
            "npm", "npx", "yarn", "yarnpkg", "pnpm", "pnpx", "corepack", "node", "bun", "bunx",
        ],
        registry: Registry::Npm,
        caches: &[".npm", ".cache", ".local/share/pnpm"],
        // A message about a newer npm is no part of a build. docs.npmjs.com/cli/using-npm/config
        env: &[("npm_config_update_notifier", "false"), ("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0")],
        pass: &[
            "NODE_ENV",
            "NODE_OPTIONS",
            "npm_config_registry",
            "NPM_CONFIG_REGISTRY",
            "npm_config_audit",
            "npm_config_fund",
            "npm_config_nodedir",
        ],
    },
    Preset {
        name: "pip",
        programs: &["pip", "uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "tox", "nox"],
        registry: Registry::Pip,
        caches: &[".cache/pip", ".cache/uv", ".cache/pypoetry", ".local"],
        // The cache is another mount than the project, across which uv cannot link and warns of it:
        // docs.astral.sh/uv/reference/settings/#link-mode
        env: &[
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            ("PIP_NO_INPUT", "1"),
            ("UV_LINK_MODE", "copy"),
        ],
        pass: &[
            "PIP_INDEX_URL",
            "PIP_EXTRA_INDEX_URL",
            "PIP_DEFAULT_TIMEOUT",
            "UV_INDEX_URL",
            "UV_EXTRA_INDEX_URL",
            "UV_DEFAULT_INDEX",
            "UV_INDEX",
        ],
    },
    Preset {
        name: "cargo",
        programs: &["cargo", "rustc", "rustup", "cross"],
        registry: Registry::Cargo,
        caches: &[".cargo/registry", ".cargo/git"],
        env: &[],
        pass: &[
            "CARGO_TERM_COLOR",
            "CARGO_TARGET_DIR",
            "CARGO_NET_RETRY",
            "RUSTFLAGS",
            "RUST_BACKTRACE",
        ],
    },
    Preset {
        name: "go",
        programs: &["go", "gofmt"],
        registry: Registry::Go,
        caches: &["go/pkg/mod", ".cache/go-build"],
        // Read-only module directories could not be cleared away. go.dev/ref/mod
        env: &[("GOFLAGS", "-modcacherw")],
        pass: &[
            "GOPROXY",
            "GONOPROXY",
            "GOPRIVATE",
            "GOSUMDB",
            "GONOSUMDB",
            "GOOS",
            "GOARCH",
            "CGO_ENABLED",
            "GOTOOLCHAIN",
        ],
    },
    Preset {
        name: "maven",
        programs: &["mvn", "mvnw", "mvnd"],
        registry: Registry::Maven,
        caches: &[".m2/repository"],
        env: &[],
        pass: &["JAVA_HOME"],
    },
    Preset {
        name: "gradle",
        programs: &["gradle", "gradlew"],
        registry: Registry::Gradle,
        caches: &[".gradle"],
        // A daemon would be ended with the command anyway. docs.gradle.org/current/userguide/gradle_daemon.html
        env: &[("GRADLE_OPTS", "-Dorg.gradle.daemon=false")],
        pass: &["JAVA_HOME"],
    },
    Preset {
        name: "bundle",
        programs: &["bundle", "bundler", "gem"],
        registry: Registry::Bundler,
        caches: &[".bundle", ".local/share/gem"],
        // Where the system's gems are cannot be written. The project's own `.bundle/config` counts before
        // this: bundler.io/man/bundle-config.1.html
        env: &[("BUNDLE_PATH", "~/.bundle/gems")],
        pass: &["BUNDLE_PATH", "BUNDLE_WITHOUT", "BUNDLE_DEPLOYMENT"],
    },
    Preset {
        name: "git",
        programs: &["git"],
        registry: Registry::Git,
        caches: &[],
        // There is no terminal to ask at: git(1).
        env: &[("GIT_TERMINAL_PROMPT", "0")],
        pass: &["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"],
    },
    Preset {
        name: "download",
        programs: &["curl", "wget"],
        registry: Registry::Arguments,
        caches: &[],
        env: &[],
        pass: &[],
    },
    Preset {
        name: "python",
        programs: &["python"],
        registry: Registry::None,
        caches: &[".local"],
        env: &[],
        pass: &["PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"],
    },
    Preset {
        name: "none",
        programs: &[],
        registry: Registry::None,
        caches: &[],
        env: &[],
        pass: &[],
    },
];

impl Preset {
    /// The preset of a command.
    pub fn of(argv: &[impl AsRef<OsStr>]) -> &'static Self {
        let mut words = argv.iter().map(|word| word.as_ref().to_string_lossy());
        let program = words.next().unwrap_or_default();
        let base = base_name(&program);
        // `python -m pip` is pip: https://pip.pypa.io/en/stable/user_guide/#running-pip
        if base == "python"
            && let Some(module) = words.skip_while(|word| word != "-m").nth(1)
            && let Some(preset) = Self::for_program(&module)
        {
            return preset;
        }
        Self::for_program(base).unwrap_or_else(Self::none)
    }

    /// The preset of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// Every preset's name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|preset| preset.name)
    }

    /// The directory of its private home: Python's tools find what pip has installed.
    pub fn home(&self) -> &'static str {
        if self.name == "python" { "pip" } else { self.name }
    }

    /// Whether the command is git.
    pub fn is_git(&self) -> bool {
        self.registry == Registry::Git
    }

    fn for_program(base: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.programs.contains(&base))
    }

    fn none() -> &'static Self {
        const NONE: &Preset = &Preset {
            name: "none",
            programs: &[],
            registry: Registry::None,
            caches: &[],
            env: &[],
            pass: &[],
        };
        NONE
    }
}

/// `/usr/bin/python3.12` → `python`, `./gradlew` → `gradlew`, `pip3` → `pip`.
fn base_name(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or(program);
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if bare.is_empty() { name } else { bare }
}

/// Whether a command packs up the directory it works in, so that an empty file that stands in for a
/// protected one would be packed too.
pub fn packs(argv: &[impl AsRef<OsStr>]) -> bool {
    let words: Vec<_> = argv.iter().map(|word| word.as_ref().to_string_lossy()).collect();
    let Some((program, rest)) = words.split_first() else { return false };
    let says = |wanted: &[&str]| rest.iter().any(|word| wanted.contains(&word.as_ref()));
    match base_name(program) {
        "npm" | "yarn" | "pnpm" => says(&["pack", "publish"]),
        "cargo" => says(&["package", "publish"]),
        "python" => says(&["build", "sdist", "bdist_wheel"]),
        "poetry" | "uv" | "hatch" | "pdm" | "gem" => says(&["build", "publish"]),
        "tar" | "zip" | "docker" | "podman" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_command_is_known_by_its_base_name() {
        for (argv, expected) in [
            (&["npm", "install"][..], "npm"),
            (&["/usr/bin/npx", "x"], "npm"),
            (&["pip3.11", "install", "x"], "pip"),
            (&["python3", "-m", "pip", "install", "x"], "pip"),
            (&["python3.12", "-I", "-m", "pip", "download"], "pip"),
            (&["python", "setup.py"], "python"),
            (&["python", "-m", "http.server"], "python"),
            (&["./gradlew", "build"], "gradle"),
            (&["mvn", "package"], "maven"),
            (&["wget", "https://h.example/"], "download"),
            (&["sh", "-c", "npm install"], "none"),
            (&["make"], "none"),
            (&["npm-evil"], "none"),
            (&["7"], "none"),
        ] {
            assert_eq!(Preset::of(argv).name, expected, "{argv:?}");
        }
        assert_eq!(Preset::of(&[] as &[&str]).name, "none");
    }

    #[test]
    fn no_program_has_two_presets_and_no_passed_variable_looks_secret() {
        let mut seen = BTreeSet::new();
        for preset in PRESETS {
            for program in preset.programs {
                assert!(seen.insert(program), "{program}");
            }
            for name in preset.pass {
                assert!(!crate::command::environment::looks_secret(name), "{name}");
            }
            assert_eq!(Preset::named(preset.name), Some(preset));
        }
        assert_eq!(PRESETS.last(), Some(Preset::none()));
    }

    #[test]
    fn packing_is_told_from_building() {
        assert!(packs(&["npm", "pack"]) && packs(&["cargo", "publish", "--dry-run"]));
        assert!(packs(&["python3", "-m", "build"]));
        assert!(!packs(&["npm", "install"]) && !packs(&["cargo", "build"]));
    }
}
