use std::fs;

use penstock_sandbox::{Outcome, Toolchains};

use crate::support::{Place, run};

#[test]
fn nothing_outside_the_workspace_can_be_written() {
    let place = Place::new();
    let marks = [
        "/penstock-test",
        "/usr/penstock-test",
        "/bin/penstock-test",
        "/etc/penstock-test",
        "/etc/passwd",
        "/home/penstock-test",
        "/var/penstock-test",
        "/dev/penstock-test",
        "/root/penstock-test",
        "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/proc/self/oom_score_adj",
        "/usr/bin/sh",
        "/workspace/../penstock-test",
    ];
    for mark in marks {
        // Opened for writing and nothing written: what exists keeps its content if this fails.
        let ran = place.run(&format!(": >> {mark}"));
        assert!(matches!(ran.record.outcome, Outcome::Failed { .. }), "{mark} was written");
    }
    let ran = place
        .run("touch /workspace/a /tmp/b ~/c /dev/shm/d /var/tmp/e && mkdir /tmp/f && echo all");
    assert_eq!(ran.stdout, "all\n", "{}", ran.stderr);
    assert!(place.workspace().join("a").exists());
    for gone in ["/tmp/b", "/dev/shm/d", "/tmp/f"] {
        assert!(!std::path::Path::new(gone).exists(), "{gone} is on the host");
    }
}

#[test]
fn homes_keys_and_sockets_of_the_host_are_not_there() {
    let place = Place::new();
    let home = place.outside().join("home");
    fs::create_dir_all(home.join(".ssh")).unwrap();
    fs::write(home.join(".ssh/id_ed25519"), "planted key").unwrap();
    let signing_key = place.outside().join("signing.key");
    fs::write(&signing_key, "planted key").unwrap();
    for path in [
        home.join(".ssh/id_ed25519").display().to_string(),
        signing_key.display().to_string(),
        format!("/proc/self/root{}", signing_key.display()),
        format!("/proc/1/root{}", signing_key.display()),
        format!("/proc/self/cwd/../{}", signing_key.file_name().unwrap().to_str().unwrap()),
        "../signing.key".into(),
        "~/.ssh/id_ed25519".into(),
        "/etc/shadow".into(),
        "/etc/gshadow".into(),
        "/proc/1/environ".into(),
        "/proc/1/mem".into(),
        "/proc/kcore".into(),
    ] {
        let ran = place.run(&format!("cat {path}"));
        assert!(matches!(ran.record.outcome, Outcome::Failed { .. }), "{path}: {}", ran.stdout);
        assert!(!ran.stdout.contains("planted"), "{path} was read");
    }
    let ran = place.run("test -e /etc/ssl/private || test -e /etc/ssh || test -e /proc/1/cwd/usr");
    assert!(matches!(ran.record.outcome, Outcome::Failed { .. }));
    let ran = place.run("ls -A / ~ /var /home; ls /sys /run /mnt /srv /media 2>/dev/null");
    let system = [
        "/:",
        "bin",
        "dev",
        "etc",
        "home",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "nix",
        "proc",
        "sbin",
        "tmp",
        "usr",
        "var",
        "workspace",
    ];
    let seen: Vec<&str> =
        ran.stdout.lines().filter(|line| !line.is_empty() && !system.contains(line)).collect();
    assert_eq!(seen, ["/home:", "build", "/home/build:", "/var:"]);
}

#[test]
fn every_mount_is_without_setuid_and_all_but_the_private_ones_read_only() {
    let ran = Place::new().run("cat /proc/self/mounts");
    assert!(ran.stdout.lines().count() > 5, "{}", ran.stdout);
    for line in ran.stdout.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let flags: Vec<&str> = fields[3].split(',').collect();
        assert!(flags.contains(&"nosuid"), "{line}");
        let private = ["/workspace", "/tmp", "/home/build", "/dev/shm"].contains(&fields[1]);
        let device = fields[1].starts_with("/dev/") && fields[1] != "/dev/shm";
        assert!(device || flags.contains(&"nodev"), "{line}");
        assert!(private || flags.contains(&"ro"), "{line}");
        assert!(!private || flags.contains(&"rw"), "{line}");
    }
}

#[test]
fn toolchains_are_read_only_and_nothing_else_of_a_home_is_shown() {
    let place = Place::new();
    let home = place.outside().join("home");
    for folder in [".cargo/bin", ".rustup/toolchains", ".ssh", "bin"] {
        fs::create_dir_all(home.join(folder)).unwrap();
    }
    for (file, text) in [
        (".cargo/bin/tool", "#!/bin/sh\necho tool\n"),
        (".cargo/credentials.toml", "planted"),
        (".ssh/key", "planted"),
        ("bin/own", "planted"),
        (".npmrc", "planted"),
    ] {
        fs::write(home.join(file), text).unwrap();
    }
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(home.join(".cargo/bin/tool"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::join_paths([home.join(".cargo/bin"), home.join("bin")]).unwrap();
    let h = home.display();
    let mut spec = place.spec(&format!(
        "tool; (: >> {h}/.cargo/bin/tool) 2>/dev/null || echo kept; \
         cat {h}/.cargo/credentials.toml {h}/.ssh/key {h}/bin/own {h}/.npmrc; ls -A {h} {h}/.cargo; \
         touch {h}/.cargo/bin/x || echo closed; echo $CARGO_HOME"
    ));
    spec.toolchains = Toolchains::find(&home, &path);
    let ran = run(&spec);
    assert!(!ran.stdout.contains("planted"), "{}", ran.stdout);
    assert_eq!(
        ran.stdout,
        format!(
            "tool\nkept\n{h}:\n.cargo\n.rustup\n\n{h}/.cargo:\nbin\nclosed\n/home/build/.cargo\n"
        )
    );
}

#[test]
fn two_steps_share_neither_home_nor_temporary_files() {
    let place = Place::new();
    place.run("echo secret > /tmp/left; echo secret > ~/left; echo secret > /dev/shm/left");
    let ran = place.run("cat /tmp/left ~/left /dev/shm/left; ls -A /tmp ~ /dev/shm");
    assert_eq!(ran.stdout, "/dev/shm:\n\n/home/build:\n\n/tmp:\n");
}

#[test]
fn what_the_step_wrote_belongs_to_the_caller() {
    use std::os::unix::fs::MetadataExt as _;
    let place = Place::new();
    place.run("mkdir d; echo x > d/f; chmod 600 d/f");
    let own = fs::metadata(place.workspace()).unwrap().uid();
    assert_eq!(fs::metadata(place.workspace().join("d/f")).unwrap().uid(), own);
    assert_eq!(fs::read_to_string(place.workspace().join("d/f")).unwrap(), "x\n");
}

#[test]
fn users_of_the_host_are_not_listed() {
    let ran = Place::new().run("id -un; id -u; id -G; cut -d: -f1 /etc/passwd; hostname 2>/dev/null || cat /proc/sys/kernel/hostname");
    assert_eq!(ran.stdout.lines().next(), Some("build"));
    assert!(ran.stdout.ends_with("root\nbuild\nnobody\npenstock\n"), "{}", ran.stdout);
}
