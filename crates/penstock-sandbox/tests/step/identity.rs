//! Who a step is.

use std::{fs, os::unix::fs::MetadataExt as _, process::Command};

use crate::support::{Place, exe};

#[test]
fn root_makes_its_steps_somebody_else() {
    let record = Place::new().run("id -u").record;
    let identity = record.isolation.identity.unwrap();
    assert_eq!(identity.inside_uid, 1000);
    let own = rustix::process::geteuid();
    if own.is_root() {
        assert_eq!(identity.host_uid, 65530);
    } else {
        assert_eq!(identity.host_uid, own.as_raw());
    }
    let separate = record.isolation.mechanisms.iter().find(|m| m.name == "separate-user").unwrap();
    assert_eq!(separate.applied, own.is_root());
}

#[test]
fn a_file_system_that_cannot_map_owners_has_its_files_given_away() {
    let place = Place::new();
    let folder = place.outside();
    for name in ["upper", "work", "merged"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    fs::write(place.workspace().join("file"), "from below\n").unwrap();
    // An overlay cannot map owners.
    let script = "mount -t overlay overlay \
        -o lowerdir=workspace,upperdir=upper,workdir=work merged && exec \"$0\" \"$@\"";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script])
        .arg(exe())
        .args(["run", folder.join("merged").to_str().unwrap(), "sh", "-c"])
        .arg("cat file; echo more >> file && id -u && echo x > new")
        .current_dir(folder)
        .output()
        .unwrap();
    if !rustix::process::geteuid().is_root() || !output.status.success() {
        println!("SKIPPED: only root can mount an overlay here");
        return;
    }
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "from below\n1000\nOk(Succeeded)\n");
    assert_eq!(fs::metadata(folder.join("upper/new")).unwrap().uid(), 65530);
}

#[test]
fn root_that_cannot_make_it_somebody_else_says_so_and_confines_it_all_the_same() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: this already is an ordinary user");
        return;
    }
    let place = Place::new();
    let as_weak_root = |arguments: &[&str]| {
        let output = Command::new("setpriv")
            .args(["--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"])
            .arg(exe())
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let probed = as_weak_root(&["probe"]);
    assert!(probed.contains("rung: 1") && probed.contains("host_uid: 0"), "{probed}");
    assert!(probed.contains("the step is the host's user 0 without capabilities"), "{probed}");
    // All of these belong to the host's user 0, which the kernel lets change them by that alone.
    // Each attempt leaves them as they are should it succeed after all: nothing is written to what
    // is opened, and modes are set to what they are.
    let script = "for f in /proc/sys/kernel/core_pattern /proc/sys/vm/overcommit_memory \
        /proc/sysrq-trigger /etc/passwd /usr/bin/env /etc/ld.so.cache; do \
        (: >> $f) 2>/dev/null && echo opened $f; done; \
        for f in /dev/null /usr /etc/ld.so.cache /usr/bin/env; do \
        chmod --reference=$f $f 2>/dev/null && echo changed $f; done; echo end; echo x > /dev/null";
    let said = as_weak_root(&["run", place.workspace().to_str().unwrap(), "sh", "-c", script]);
    assert_eq!(said, "end\nOk(Succeeded)\n");
}
