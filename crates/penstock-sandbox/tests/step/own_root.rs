//! A root of the step's own instead of the host's system.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use penstock_sandbox::{Attempt, Outcome, Place as Absolute, Recording, StepSpec, Toolchains};

use crate::support::{Place, Ran, run, try_run};

/// A place and a root beside it that has a few programs of this machine and what they are linked to;
/// `None`, said aloud, where that cannot be found out.
fn scene() -> Option<(Place, PathBuf)> {
    let place = Place::new();
    let root = place.outside().join("tree");
    for folder in ["usr/bin", "etc", "opt"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    symlink("usr/bin", root.join("bin")).unwrap();
    fs::write(root.join("marker"), "of the root\n").unwrap();
    fs::write(root.join("etc/release"), "sample 1\n").unwrap();
    fs::write(
        root.join("etc/passwd"),
        "root:x:0:0::/root:/bin/sh\nbuild:x:0:0::/:/bin/sh\nnode:x:77:77::/:\n",
    )
    .unwrap();
    for program in ["sh", "cat", "ls", "id", "env", "touch"] {
        let at = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(program));
        let Some(from) = at.iter().find(|path| path.exists()) else { return skipped(program) };
        fs::copy(from, root.join("usr/bin").join(program)).unwrap();
        let Ok(linked) = Command::new("ldd").arg(from).output() else { return skipped("ldd") };
        let linked = String::from_utf8(linked.stdout).unwrap();
        for library in linked.split_whitespace().filter(|word| word.starts_with('/')) {
            let to = root.join(library.trim_start_matches('/'));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(library, to).unwrap();
        }
    }
    Some((place, root))
}

fn skipped(program: &str) -> Option<(Place, PathBuf)> {
    println!("SKIPPED: no `{program}` here to make a root of");
    None
}

fn spec(place: &Place, root: &Path, script: &str) -> StepSpec {
    let mut spec = place.spec(script);
    spec.root = Some(Absolute(root.to_owned()));
    spec
}

#[track_caller]
fn ran(spec: &StepSpec) -> Ran {
    let ran = run(spec);
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.record.isolation.rung, 1);
    ran
}

#[test]
fn a_step_sees_its_root_and_what_is_ours_and_nothing_of_the_host() {
    let Some((place, root)) = scene() else { return };
    fs::write(root.join("etc/hosts"), "203.0.113.1 evil\n").unwrap();
    fs::write(root.join("etc/resolv.conf"), "nameserver 203.0.113.1\n").unwrap();
    let script = "cat /marker /etc/release; echo $PATH $HOME $USER; id -un; cat /etc/hosts /etc/resolv.conf; \
                  ls /; ls /etc; ls /usr; touch /tmp/a ~/b /workspace/c /dev/shm/d /var/tmp/e && echo written; \
                  cat /etc/passwd; ls /proc/self/fd > /dev/null && echo proc";
    let said = ran(&spec(&place, &root, script)).stdout;
    let top: Vec<&str> =
        ["bin", "dev", "etc", "home", "marker", "opt", "proc", "tmp", "usr", "var", "workspace"]
            .into();
    assert!(said.starts_with("of the root\nsample 1\n/usr/local/sbin:"), "{said}");
    for wanted in
        ["/home/build build\nbuild\n127.0.0.1 localhost", "written\n", "node:x:77:77", "proc\n"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(!said.contains("evil") && !said.contains("203.0.113.1"), "{said}");
    assert!(!said.contains("build:x:0:0"), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    for name in top {
        assert!(lines.contains(&name), "{name}: {said}");
    }
    for absent in ["share", "include", "ssl", "alternatives", "local"] {
        assert!(!lines.contains(&absent), "{absent}: {said}");
    }
    assert!(place.workspace().join("c").exists());
}

#[test]
fn nothing_of_the_root_can_be_written() {
    let Some((place, root)) = scene() else { return };
    fs::set_permissions(root.join("marker"), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(root.join("opt"), fs::Permissions::from_mode(0o777)).unwrap();
    for place_of in [
        "/marker",
        "/opt/x",
        "/usr/x",
        "/etc/release",
        "/etc/x",
        "/x",
        "/home/x",
        "/var/x",
        "/etc/passwd",
    ] {
        let ran = run(&spec(&place, &root, &format!(": >> {place_of}")));
        assert!(matches!(ran.record.outcome, Outcome::Failed { .. }), "{place_of} was written");
    }
    let mounts = ran(&spec(&place, &root, "cat /proc/self/mountinfo")).stdout;
    let mut seen = 0;
    for line in mounts.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let of_the_root = ["/usr", "/opt", "/marker", "/etc/release"].contains(&fields[4]);
        seen += u32::from(of_the_root);
        for option in ["ro", "nosuid", "nodev"] {
            assert!(!of_the_root || fields[5].split(',').any(|is| is == option), "{line}");
        }
    }
    assert_eq!(seen, 4, "{mounts}");
    assert_eq!(fs::read_to_string(root.join("marker")).unwrap(), "of the root\n");
}

#[test]
fn links_of_the_root_lead_to_nothing_of_the_host() {
    let Some((place, root)) = scene() else { return };
    fs::write(place.outside().join("loot"), "planted\n").unwrap();
    let outside = place.outside().display().to_string();
    symlink(&outside, root.join("out")).unwrap();
    symlink(format!("../../../../../../../..{outside}"), root.join("up")).unwrap();
    symlink("/proc/1/root", root.join("init")).unwrap();
    symlink(format!("{outside}/loot"), root.join("etc/loot")).unwrap();
    _ = fs::remove_file(root.join("etc/passwd"));
    symlink(format!("{outside}/loot"), root.join("etc/passwd")).unwrap();
    let script = "cat /out/loot /up/loot /init/*/loot /etc/loot /etc/passwd; echo end";
    let said = ran(&spec(&place, &root, script)).stdout;
    assert!(said.ends_with("end\n") && said.contains("build:x:1000"), "{said}");
    assert!(!said.contains("planted"), "{said}");
}

/// What stands where ours has to be.
#[test]
fn a_root_takes_no_place_of_ours() {
    for target in ["/", "/etc", "usr", "/proc/self/root", "/workspace"] {
        let Some((place, root)) = scene() else { return };
        _ = fs::remove_dir_all(root.join("etc"));
        for ours in ["dev", "proc", "sys", "tmp", "home", "var", "etc", "workspace"] {
            symlink(target, root.join(ours)).unwrap();
        }
        let script =
            "echo x > /dev/null && touch /tmp/a ~/b c && ls -d /proc/self > /dev/null && id -un";
        let ran = ran(&spec(&place, &root, script));
        assert_eq!(ran.stdout, "build\n", "{}", ran.stderr);
        assert!(place.workspace().join("c").exists());
        for untouched in ["a", "b", "c", "null", "usr/a", "usr/null"] {
            assert!(fs::symlink_metadata(root.join(untouched)).is_err(), "{untouched}");
        }
    }
    let Some((place, root)) = scene() else { return };
    for ours in ["dev", "proc", "tmp", "workspace"] {
        fs::write(root.join(ours), "a file").unwrap();
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("var"), rustix::fs::Mode::RUSR).unwrap();
    ran(&spec(&place, &root, "echo x > /dev/null && touch /tmp/a c /var/tmp/d"));
}

#[test]
fn what_the_root_preloads_is_the_steps_own_affair() {
    let Some((place, root)) = scene() else { return };
    fs::write(root.join("etc/ld.so.preload"), "/opt/evil.so\n").unwrap();
    fs::write(root.join("opt/evil.so"), "no library").unwrap();
    let ran = ran(&spec(&place, &root, "echo ran"));
    assert_eq!(ran.stdout, "ran\n");
    assert!(ran.stderr.contains("evil.so") || ran.stderr.is_empty(), "{}", ran.stderr);
}

#[test]
fn without_namespaces_a_step_with_a_root_is_not_run_in_the_hosts() {
    let Some((place, root)) = scene() else { return };
    let mut spec = spec(&place, &root, "touch ran");
    spec.strongest_rung = 2;
    spec.allow_unconfined = true;
    let error = try_run(&spec).err().unwrap().to_string();
    assert!(error.contains("a step with a root of its own needs namespaces"), "{error}");
    assert!(!place.workspace().join("ran").exists());
}

#[test]
fn a_root_that_is_not_there_is_not_replaced_by_the_hosts() {
    let place = Place::new();
    for root in ["nowhere", "link", "file"] {
        let root = place.outside().join(root);
        fs::write(place.outside().join("file"), "x").unwrap();
        _ = symlink("/", place.outside().join("link"));
        assert!(try_run(&spec(&place, &root, "touch ran")).is_err());
        assert!(!place.workspace().join("ran").exists());
    }
    let empty = place.outside().join("empty");
    fs::create_dir(&empty).unwrap();
    let outcome = run(&spec(&place, &empty, "touch ran")).record.outcome;
    let Outcome::NotStarted { reason } = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("is not in the step's root"), "{reason}");
}

#[test]
fn toolchains_of_a_person_are_not_in_it() {
    let Some((place, root)) = scene() else { return };
    let home = place.outside().join("person");
    let bin = home.join(".cargo/bin");
    fs::create_dir_all(&bin).unwrap();
    let mut spec =
        spec(&place, &root, &format!("echo $PATH; ls -d {} || echo none", bin.display()));
    spec.toolchains = Toolchains::find(&home, bin.as_os_str());
    let said = ran(&spec).stdout;
    assert!(said.ends_with("none\n") && !said.contains(".cargo"), "{said}");
}

#[test]
fn what_is_read_in_the_root_is_declared_and_what_is_not_is_told() {
    let Some((place, root)) = scene() else { return };
    // Something of the host's that no step is shown, outside of what a step has to itself.
    let mut kept = ["/etc/login.defs", "/etc/shells", "/etc/profile"].into_iter();
    let Some(loot) = kept.find(|path| Path::new(path).is_file()) else {
        println!("SKIPPED: none of the files this looks for is here");
        return;
    };
    fs::write(root.join("etc/shadow"), "of the root\n").unwrap();
    let script = format!(
        "cat /marker /etc/release /etc/shadow /usr/bin/env /usr/lib/os-release /no-such > /dev/null; \
         cat {loot} /etc/gshadow; (: >> /etc/release); true"
    );
    let mut spec = spec(&place, &root, &script);
    spec.recording = Recording::Everything;
    let trace = ran(&spec).record.trace;
    assert_eq!(trace.read, [""; 0]);
    let mut denied: Vec<Attempt> = trace.denied.into_iter().map(|one| one.attempt).collect();
    denied.sort();
    let path = loot.to_owned();
    assert_eq!(
        denied,
        [
            Attempt::Write { path: "/etc/release".to_owned() },
            Attempt::Read { path },
            Attempt::Credential { path: "/etc/gshadow".to_owned() },
        ]
    );
    assert!(trace.processes.iter().any(|p| p.executable.as_deref() == Some("/usr/bin/cat")));
}
