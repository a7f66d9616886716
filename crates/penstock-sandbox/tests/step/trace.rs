//! What the record of a step says it did.

use penstock_sandbox::{Attempt, Outcome, Protocol, Recording, StepSpec, Trace};

use crate::support::{Place, run};

fn recorded(place: &Place, script: &str) -> Trace {
    let mut spec: StepSpec = place.spec(script);
    spec.recording = Recording::Everything;
    let ran = run(&spec);
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.record.trace
}

#[test]
fn programs_are_recorded_with_their_arguments_and_who_started_them() {
    let trace = recorded(&Place::new(), "sh -c 'cat /dev/null; true' x y && ls -d / > /dev/null");
    let lines: Vec<(Option<u32>, Vec<&str>)> = trace
        .processes
        .iter()
        .map(|process| (process.parent, process.arguments.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0].0, None);
    assert_eq!(lines[1], (Some(0), vec!["sh", "-c", "cat /dev/null; true", "x", "y"]));
    assert_eq!(lines[2], (Some(1), vec!["cat", "/dev/null"]));
    assert_eq!(lines[3], (Some(0), vec!["ls", "-d", "/"]));
    let executable = trace.processes[2].executable.as_deref().unwrap();
    assert!(executable.ends_with("/cat"), "{executable}");
    assert!(trace.lost.is_none(), "{:?}", trace.lost);
}

#[test]
fn a_program_found_along_the_search_path_is_recorded_once() {
    let place = Place::new();
    let mut spec = place.spec("");
    spec.argv = vec!["true".into()];
    spec.recording = Recording::Everything;
    let trace = run(&spec).record.trace;
    assert_eq!(trace.processes.len(), 1, "{:?}", trace.processes);
    let executable = trace.processes[0].executable.as_deref();
    assert!(executable.is_some_and(|path| path.ends_with("/true")), "{executable:?}");
}

#[test]
fn files_read_outside_are_recorded_and_the_steps_own_are_not() {
    let place = Place::new();
    std::fs::write(place.workspace().join("own"), "x").unwrap();
    let trace = recorded(
        &place,
        "cat own /workspace/own ./own > /tmp/copy; cat /tmp/copy ~/x 2> /dev/null; \
         cat /etc/../etc//passwd > /dev/null; cd /usr && cat lib/os-release > /dev/null; \
         cat /etc/no-such-file 2> /dev/null; true",
    );
    assert!(trace.read.contains(&"/etc/passwd".to_owned()), "{:?}", trace.read);
    assert!(trace.read.contains(&"/usr/lib/os-release".to_owned()), "{:?}", trace.read);
    let strange = ["/workspace", "/tmp", "/home", "/dev", "/proc", "/etc/no-such-file"];
    for path in &trace.read {
        assert!(!strange.iter().any(|own| path.starts_with(own)), "{path}");
    }
}

#[test]
fn what_was_tried_and_not_let_is_recorded_with_the_program() {
    let trace = recorded(
        &Place::new().with_attack(),
        "./attack attack calls > /dev/null; ./attack attack tcp 203.0.113.7:443; \
         ./attack attack udp 198.51.100.1:53; ./attack attack unix /run/docker.sock; \
         (: >> /etc/passwd); cat /home/ana/.ssh/id_ed25519 /proc/1/environ; true",
    );
    let call = |name: &str, detail: Option<&str>| Attempt::Call {
        name: name.to_owned(),
        detail: detail.map(str::to_owned),
    };
    let network = |destination: &str, protocol| Attempt::Network {
        destination: destination.to_owned(),
        protocol,
    };
    for attempt in [
        call("ptrace", None),
        call("mount", None),
        call("bpf", None),
        call("io_uring_setup", None),
        call("keyctl", None),
        call("unshare", Some("new namespaces")),
        call("clone", Some("new namespaces")),
        call("ioctl", Some("input to a terminal")),
        call("socket", Some("AF_PACKET, SOCK_DGRAM")),
        call("socket", Some("AF_INET, SOCK_RAW")),
        call("openat", Some("set-user-id or set-group-id")),
        network("203.0.113.7:443", Protocol::Tcp),
        network("198.51.100.1:53", Protocol::Udp),
        Attempt::Socket { destination: "unix:/run/docker.sock".to_owned() },
        Attempt::Write { path: "/etc/passwd".to_owned() },
        Attempt::Credential { path: "/home/ana/.ssh/id_ed25519".to_owned() },
        Attempt::Credential { path: "/proc/1/environ".to_owned() },
    ] {
        let found = trace.denied.iter().find(|denial| denial.attempt == attempt);
        let program = found.and_then(|denial| denial.program.as_deref());
        assert!(program.is_some(), "{attempt:?} is not in {:#?}", trace.denied);
    }
}

#[test]
fn denials_are_recorded_without_full_recording_too() {
    let ran = Place::new().with_attack().run("./attack attack calls > /dev/null");
    let trace = ran.record.trace;
    assert!(trace.denied.len() > 30, "{:?}", trace.denied);
    assert!(trace.processes.is_empty() && trace.read.is_empty());
}

#[test]
fn datagrams_that_nobody_was_asked_about_are_counted() {
    let trace = recorded(&Place::new(), "true");
    assert_eq!(trace.lost.datagrams, 0);
}

#[test]
fn a_program_that_races_its_own_memory_hides_a_name_and_gains_nothing() {
    let place = Place::new().with_attack();
    std::fs::write(place.outside().join("secret"), "planted").unwrap();
    let target = place.outside().join("secret");
    let mut spec = place.spec(&format!("./attack attack race-open {}", target.display()));
    spec.recording = Recording::Everything;
    let ran = run(&spec);
    assert!(ran.stdout.ends_with("done\n"), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("opened the other"), "{}", ran.stdout);
}

#[test]
fn changed_names_are_recorded_where_they_cannot_be_and_nowhere_else() {
    let script = "mkdir -p ~/a/b /tmp/c; mv ~/a ~/d; rm -r ~/d; ln -s /x /tmp/l; touch t; truncate -s 0 t; \
         rm t; mkdir /usr/hostile; mv /usr/bin/env /tmp; rm -f /etc/hosts; ln -s /x /etc/l; true";
    let trace = recorded(&Place::new(), script);
    let written: Vec<&str> = trace
        .denied
        .iter()
        .map(|denial| match &denial.attempt {
            Attempt::Write { path } => path.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(written, ["/etc/hosts", "/etc/l", "/usr/bin/env", "/usr/hostile"]);
}

#[test]
fn a_program_that_no_path_of_ours_leads_to_is_recorded_all_the_same() {
    let trace = recorded(&Place::new().with_attack(), "./attack attack escape file from-memory");
    let last = trace.processes.last().unwrap();
    let executable = last.executable.as_deref().unwrap_or_default();
    assert!(executable.starts_with("/memfd:hidden"), "{last:?}");
    assert!(last.program.starts_with("/proc/self/fd/"), "{last:?}");
    assert_eq!(last.arguments.last().unwrap(), "through: program: runs from memory");
}

#[test]
fn a_hundred_thousand_events_take_the_step_host_forty_megabytes_at_most() {
    const EVENTS: u64 = 100_000;
    for rung in [1, 2] {
        let place = Place::new();
        let mut spec = place.spec(
            "find /usr -xdev -type f -readable | head -n 20000 > ~/files
             while read -r file; do true < \"$file\"; done < ~/files
             for n in $(seq 5000); do true 2> /dev/null >> /etc/denied-$n; done
             for n in $(seq 3500); do /bin/true a-word-of-thirty-letters-or-so-$n; done
             true",
        );
        spec.recording = Recording::Everything;
        spec.strongest_rung = rung;
        let ran = run(&spec);
        assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}{}", ran.stdout, ran.stderr);
        let (trace, usage) = (&ran.record.trace, &ran.record.usage);
        println!(
            "rung {rung}: {} events ({} files, {} programs, {} denials): {} KiB",
            trace.events,
            trace.read.len(),
            trace.processes.len(),
            trace.denied.len(),
            usage.peak_supervisor_kib
        );
        assert!(trace.events >= EVENTS, "{}", trace.events);
        assert!((1..=40_000).contains(&usage.peak_supervisor_kib), "{}", usage.peak_supervisor_kib);
    }
}
