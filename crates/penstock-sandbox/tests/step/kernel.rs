use std::collections::BTreeMap;

use penstock_sandbox::Outcome;

use crate::support::Place;

/// Denied with another answer than `EPERM`, and why.
const OTHER_ANSWERS: &[(&str, i32)] = &[
    // Programs fall back to the older form when it seems not to exist.
    ("clone3", libc::ENOSYS),
    ("openat2", libc::ENOSYS),
    // Calls the filter does not know.
    ("future-call", libc::ENOSYS),
    ("x32-getpid", libc::ENOSYS),
    ("x32-ptrace", libc::ENOSYS),
];

#[test]
fn the_doors_of_the_kernel_are_closed_and_the_needed_ones_open() {
    let place = Place::new().with_attack();
    let said = place.attack("calls");
    let answers: BTreeMap<&str, i32> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, errno)| (name, errno.parse().unwrap()))
        .collect();
    assert!(said.ends_with("done"), "{said}");
    assert!(answers.len() > 55, "{said}");
    for (name, errno) in answers {
        let expected = if name.starts_with("allowed-") {
            0
        } else {
            OTHER_ANSWERS.iter().find(|(other, _)| *other == name).map_or(libc::EPERM, |(_, e)| *e)
        };
        // No user 0 to become: it does not exist in an ordinary user's namespace.
        let unmapped = matches!(name, "setuid-0" | "setgid-0") && errno == libc::EINVAL;
        assert!(errno == expected || unmapped, "{name}: {errno} instead of {expected}");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn calls_of_another_architecture_kill() {
    let place = Place::new().with_attack();
    let ran = place.run("exec ./attack attack foreign-architecture");
    let Outcome::Killed { signal } = ran.record.outcome else { panic!("{}", ran.stdout) };
    // SIGSYS from the filter; SIGSEGV where the kernel has no 32-bit gate at all.
    assert!([libc::SIGSYS, libc::SIGSEGV].contains(&signal), "{signal}");
}

#[test]
fn no_privilege_is_left_and_none_can_be_gained() {
    let ran = Place::new()
        .run("grep '^Cap\\|^NoNewPrivs\\|^Seccomp:\\|^Uid\\|^Groups' /proc/self/status");
    let status: BTreeMap<&str, &str> =
        ran.stdout.lines().filter_map(|line| line.split_once(":\t")).collect();
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(status[set], "0000000000000000", "{set}");
    }
    assert_eq!(status["NoNewPrivs"], "1");
    assert_eq!(status["Seccomp"], "2");
    assert_eq!(status["Uid"], "1000\t1000\t1000\t1000");
}

#[test]
fn programs_with_the_set_user_id_bit_gain_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let planted = place.workspace().join("id");
    std::fs::copy("/usr/bin/id", &planted).unwrap();
    std::fs::set_permissions(&planted, std::fs::Permissions::from_mode(0o6755)).unwrap();
    let ran = place.run("./id -u; ./id -g; for s in $(find /usr/bin -perm -4000); do test -u $s || echo lost; done; cp ./id copy; chmod u+s copy");
    assert!(ran.stdout.starts_with("1000\n1000\n"), "{}", ran.stdout);
    assert!(matches!(ran.record.outcome, Outcome::Failed { .. }), "the bit was set on the host");
    let mode = std::fs::metadata(place.workspace().join("copy")).unwrap().permissions().mode();
    assert_eq!(mode & 0o6000, 0, "{mode:o}");
}

#[test]
fn only_its_own_processes_are_there() {
    let own = std::process::id();
    let ran = Place::new().run(&format!(
        "cd /proc; echo [0-9]*; kill -0 {own} && echo signalled; kill -KILL 1; kill -STOP 1; echo alive"
    ));
    let mut lines = ran.stdout.lines();
    // The second handed the listener over and is gone.
    assert_eq!(lines.next(), Some("1 3"));
    assert_eq!(lines.next(), Some("alive"));
    assert_eq!(ran.record.outcome, Outcome::Succeeded);
}

#[test]
fn the_host_keeps_its_name_and_its_shared_memory() {
    let ran = Place::new().run("cat /proc/sys/kernel/hostname; wc -l < /proc/sysvipc/shm; cat /proc/self/cgroup | grep -c '/\\.\\.' ");
    assert_eq!(ran.stdout, "penstock\n1\n0\n");
}
