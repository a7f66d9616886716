//! What a machine gives for confining steps, and what would raise it. Nothing is changed and nothing
//! is asked of the network.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use penstock_sandbox::{Isolation, probe};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    command::{preset::Registry, record},
    error::RoadError,
};

/// The world outside, injected.
pub struct World<'a> {
    /// This executable.
    pub exe: &'a Path,
    /// The person's home.
    pub home: Option<&'a Path>,
    /// `$PATH`.
    pub path: &'a std::ffi::OsStr,
    /// Looks a variable up.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The names of all variables.
    pub names: &'a [String],
}

/// What was found, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Findings {
    /// The version of this form: 1.
    pub version: u32,
    /// What a step would be confined by here, tried out.
    pub isolation: record::Isolation,
    /// Switches and parts of the machine that decide it.
    pub machine: Vec<Fact>,
    /// What would make it stronger.
    pub remedies: Vec<Remedy>,
    /// Programs that steps and commands of projects need.
    pub programs: Vec<Program>,
    /// What each preset may reach, by the person's own configuration.
    pub registries: Vec<Reached>,
}

/// One thing about the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What was found; `not there` where the machine does not have it.
    pub value: String,
    /// Whether steps can be confined with it as it is; none where it decides nothing by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good: Option<bool>,
}

/// What would raise what the machine gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remedy {
    /// For what.
    pub gives: String,
    /// What to do, in words.
    pub how: String,
    /// What to type or write, line by line.
    pub text: Vec<String>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Where it is, if it is on the `PATH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// What a preset reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reached {
    /// The preset.
    pub preset: String,
    /// The rules.
    pub rules: Vec<String>,
}

/// The newest Landlock interface that something here makes use of: scopes for signals and abstract
/// sockets came with 6, audit flags with 7. <https://docs.kernel.org/userspace-api/landlock.html>
const WANTED_LANDLOCK: u32 = 6;

/// Looks at the machine.
///
/// # Errors
/// The step-host cannot be started.
pub fn examine(world: &World<'_>) -> Result<Findings, RoadError> {
    let isolation = probe(world.exe)?;
    let machine = machine(&isolation);
    let remedies = remedies(world.exe, &isolation, &machine);
    let programs = ["git", "npm", "pip", "cargo", "go", "mvn", "gradle", "bundle"];
    let programs =
        programs.map(|name| Program { name: name.to_owned(), path: find(world.path, name) });
    let registries = [
        ("npm", Registry::Npm),
        ("pip", Registry::Pip),
        ("cargo", Registry::Cargo),
        ("go", Registry::Go),
        ("maven", Registry::Maven),
        ("gradle", Registry::Gradle),
        ("bundle", Registry::Bundler),
    ];
    let client = crate::egress::Client {
        home: world.home,
        lookup: world.lookup,
        names: world.names,
        argv: &[],
        root: Path::new("/"),
    };
    let registries = registries.map(|(name, registry)| Reached {
        preset: name.to_owned(),
        rules: crate::egress::Registries::of(registry, &client)
            .rules
            .into_iter()
            .map(|rule| rule.trim_start_matches(crate::egress::PRIVATE).to_owned())
            .collect(),
    });
    Ok(Findings {
        version: 1,
        isolation: (&isolation).into(),
        machine,
        remedies,
        programs: programs.into(),
        registries: registries.into(),
    })
}

/// What the kernel and its settings say.
fn machine(isolation: &Isolation) -> Vec<Fact> {
    let mut facts = vec![Fact {
        name: "kernel".to_owned(),
        value: format!("{} ({})", isolation.kernel, isolation.machine),
        good: None,
    }];
    let mut setting = |name: &str, path: &str, good: &dyn Fn(&str) -> bool| {
        let value = fs::read_to_string(path).map(|text| text.trim().to_owned());
        let (value, good) = match value {
            Ok(value) => {
                let good = good(&value);
                (value, Some(good))
            }
            // A switch that is not there switches nothing off.
            Err(_) => ("not there".to_owned(), None),
        };
        facts.push(Fact { name: name.to_owned(), value, good });
    };
    let positive = |value: &str| value.parse::<u64>().is_ok_and(|number| number > 0);
    setting("user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", &positive);
    // Debian's switch, and Ubuntu's since 23.10:
    // https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces
    let one = |value: &str| value == "1";
    setting("kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", &one);
    let zero = |value: &str| value == "0";
    setting(
        "kernel.apparmor_restrict_unprivileged_userns",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        &zero,
    );
    setting("security modules", "/sys/kernel/security/lsm", &|list| list.contains("landlock"));
    // seccomp(2): the actions the kernel knows.
    let asks = |list: &str| list.split_whitespace().any(|action| action == "user_notif");
    setting("seccomp actions", "/proc/sys/kernel/seccomp/actions_avail", &asks);
    facts.push(Fact {
        name: "Landlock ABI".to_owned(),
        value: match isolation.landlock_abi {
            0 => "none".to_owned(),
            abi => abi.to_string(),
        },
        good: Some(isolation.landlock_abi >= WANTED_LANDLOCK),
    });
    let overlay = fs::read_to_string("/proc/filesystems").is_ok_and(|list| {
        list.lines().any(|line| line.split_whitespace().next_back() == Some("overlay"))
    });
    facts.push(Fact {
        name: "overlay file system".to_owned(),
        value: if overlay { "there" } else { "not there" }.to_owned(),
        good: None,
    });
    facts.push(cgroup());
    let container =
        ["/.dockerenv", "/run/.containerenv"].iter().any(|path| Path::new(path).exists());
    facts.push(Fact {
        name: "container".to_owned(),
        value: if container { "yes" } else { "no mark of one" }.to_owned(),
        good: None,
    });
    facts
}

/// Whether control groups of version 2 are delegated to us.
/// <https://docs.kernel.org/admin-guide/cgroup-v2.html#delegation>
fn cgroup() -> Fact {
    let name = "cgroup v2 delegation".to_owned();
    let own = fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("0::"))?;
        Some(PathBuf::from("/sys/fs/cgroup").join(line.trim_start_matches('/')))
    });
    let Some(own) = own.filter(|own| own.join("cgroup.controllers").exists()) else {
        return Fact { name, value: "no cgroup v2 here".to_owned(), good: Some(false) };
    };
    let controllers = fs::read_to_string(own.join("cgroup.controllers")).unwrap_or_default();
    let memory = controllers.split_whitespace().any(|controller| controller == "memory");
    let writable =
        rustix::fs::access(own.join("cgroup.procs"), rustix::fs::Access::WRITE_OK).is_ok();
    let value = match (writable, memory) {
        (true, true) => "delegated, with memory",
        (true, false) => "delegated, without memory",
        (false, _) => "not delegated",
    };
    Fact { name, value: value.to_owned(), good: Some(writable && memory) }
}

/// What would make it stronger, the strongest first.
fn remedies(exe: &Path, isolation: &Isolation, machine: &[Fact]) -> Vec<Remedy> {
    let value = |name: &str| {
        machine.iter().find(|fact| fact.name == name).map_or("", |fact| fact.value.as_str())
    };
    let mut remedies = Vec::new();
    let mut add = |gives: &str, how: &str, text: &[&str]| {
        remedies.push(Remedy {
            gives: gives.to_owned(),
            how: how.to_owned(),
            text: text.iter().map(|line| (*line).to_owned()).collect(),
        });
    };
    let rung_1 = "rung 1 (namespaces)";
    if isolation.rung != 1 {
        if value("user.max_user_namespaces") == "0" {
            add(rung_1, "raise the limit", &["sysctl -w user.max_user_namespaces=15000"]);
        }
        if value("kernel.unprivileged_userns_clone") == "0" {
            add(rung_1, "allow them", &["sysctl -w kernel.unprivileged_userns_clone=1"]);
        }
        if value("kernel.apparmor_restrict_unprivileged_userns") == "1" {
            // https://gitlab.com/apparmor/apparmor/-/wikis/unprivileged_userns_restriction
            let exe = exe.display().to_string();
            add(
                rung_1,
                "write this to /etc/apparmor.d/penstock, then: apparmor_parser -r /etc/apparmor.d/penstock",
                &[
                    "abi <abi/4.0>,",
                    "include <tunables/global>",
                    &format!("profile penstock \"{exe}\" flags=(unconfined) {{"),
                    "  userns,",
                    "}",
                ],
            );
        }
        if value("container") == "yes" || remedies_are_none(isolation, machine) {
            let mut add = |gives: &str, how: &str, text: &[&str]| {
                remedies.push(Remedy {
                    gives: gives.to_owned(),
                    how: how.to_owned(),
                    text: text.iter().map(|line| (*line).to_owned()).collect(),
                });
            };
            // https://docs.docker.com/engine/security/seccomp/, .../apparmor/, and --security-opt of
            // docker run: masked /proc keeps a new one from being mounted in a user namespace.
            add(
                rung_1,
                "let the container make user namespaces and mount within them",
                &[
                    "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined \\",
                    "  --security-opt systempaths=unconfined …",
                ],
            );
        }
    }
    let mut add = |gives: &str, how: &str, text: &[&str]| {
        remedies.push(Remedy {
            gives: gives.to_owned(),
            how: how.to_owned(),
            text: text.iter().map(|line| (*line).to_owned()).collect(),
        });
    };
    if isolation.landlock_abi == 0 {
        add(
            "Landlock",
            "turn it on when booting: a kernel from 5.13 on, with landlock among the modules",
            &["lsm=landlock,…"],
        );
    } else if isolation.landlock_abi < WANTED_LANDLOCK {
        add("newer rights of Landlock", "use a kernel from 6.12 on", &[]);
    }
    if machine.iter().any(|fact| fact.name.starts_with("cgroup") && fact.good == Some(false)) {
        // systemd-run(1), Delegate= of systemd.resource-control(5)
        add(
            "a bound on the memory of all processes together",
            "start penstock in a scope whose control group is delegated to it",
            &["systemd-run --user --scope -p Delegate=yes penstock run …"],
        );
    }
    remedies
}

/// Whether none of the known switches explains why there are no namespaces.
fn remedies_are_none(isolation: &Isolation, machine: &[Fact]) -> bool {
    isolation.rung != 1 && !machine.iter().take(4).any(|fact| fact.good == Some(false))
}

/// Where a program is on the `PATH`.
fn find(path: &std::ffi::OsStr, name: &str) -> Option<String> {
    let mut places = std::env::split_paths(path).map(|directory| directory.join(name));
    places.find(|place| place.is_file()).map(|place| crate::command::shown(&place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn isolation(rung: u8, landlock_abi: u32) -> Isolation {
        Isolation {
            rung,
            mechanisms: Vec::new(),
            kernel: "6.8.0".to_owned(),
            machine: "x86_64".to_owned(),
            seccomp_filter: None,
            landlock_abi,
            identity: None,
            degradations: Vec::new(),
        }
    }

    fn fact(name: &str, value: &str, good: Option<bool>) -> Fact {
        Fact { name: name.to_owned(), value: value.to_owned(), good }
    }

    #[test]
    fn a_remedy_fits_what_stands_in_the_way() {
        let exe = Path::new("/opt/pen stock");
        let strong = [fact("cgroup v2 delegation", "delegated, with memory", Some(true))];
        assert_eq!(remedies(exe, &isolation(1, 7), &strong), []);

        let ubuntu = [fact("kernel.apparmor_restrict_unprivileged_userns", "1", Some(false))];
        let raised = remedies(exe, &isolation(2, 7), &ubuntu);
        assert_eq!(raised.len(), 1);
        assert!(
            raised[0].text.iter().any(|line| line.contains("profile penstock \"/opt/pen stock\""))
        );

        let container = [fact("container", "yes", None)];
        let raised = remedies(exe, &isolation(0, 4), &container);
        assert!(raised[0].text[0].starts_with("docker run --security-opt"));
        assert!(raised[1].how.contains("6.12"));
    }
}
