//! Steps on machines that bar namespaces: Landlock and a filter whose questions are answered.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, net::UnixListener},
    path::Path,
};

use penstock_sandbox::{Attempt, Outcome, Protocol, ReadOnlyInput, Recording, StepSpec};

use crate::support::{Place, Ran, marker, processes_with, run};

fn spec(place: &Place, script: &str) -> StepSpec {
    let mut spec = place.spec(script);
    spec.strongest_rung = 2;
    spec.recording = Recording::Everything;
    spec
}

fn alone(place: &Place, script: &str) -> Ran {
    let ran = run(&spec(place, script));
    assert_eq!(ran.record.isolation.rung, 2, "{:?}", ran.record.isolation);
    ran
}

#[test]
fn a_step_runs_reads_the_system_and_writes_its_own_places() {
    let place = Place::new();
    let ran = alone(
        &place,
        "pwd; echo x > made; mkdir d; mv made d/f; chmod 711 d; touch -t 202001010000 d/f; \
         echo t > $TMPDIR/t; echo h > ~/h; cat d/f ~/h $TMPDIR/t; cat /etc/passwd > /dev/null; \
         ls / > /dev/null; cp -p d/f copy; stat -c %Y copy",
    );
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}", ran.stderr);
    let workspace = place.workspace().canonicalize().unwrap();
    assert_eq!(
        ran.stdout,
        format!("{}\nx\nh\nt\n1577836800\n", workspace.display()),
        "{}",
        ran.stderr
    );
    let mode = fs::metadata(place.workspace().join("d")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o711);
    let programs: Vec<&str> =
        ran.record.trace.processes.iter().map(|process| process.arguments[0].as_str()).collect();
    assert!(programs.contains(&"chmod") && programs.contains(&"mv"), "{programs:?}");
    assert!(ran.record.trace.lost.is_none(), "{:?}", ran.record.trace.lost);
}

#[test]
fn an_exit_status_and_a_signal_are_told_apart() {
    let place = Place::new();
    assert_eq!(alone(&place, "exit 7").record.outcome, Outcome::Failed { status: 7 });
    assert_eq!(alone(&place, "kill -TERM $$").record.outcome, Outcome::Killed { signal: 15 });
    let mut missing = spec(&place, "");
    missing.argv = vec!["no-such-program".into()];
    assert!(matches!(run(&missing).record.outcome, Outcome::NotStarted { .. }));
}

#[test]
fn nothing_else_of_the_host_is_read_written_or_changed() {
    let place = Place::new();
    let outside = place.outside().canonicalize().unwrap();
    fs::write(outside.join("secret"), "planted").unwrap();
    fs::set_permissions(outside.join("secret"), fs::Permissions::from_mode(0o640)).unwrap();
    let o = outside.display();
    let ran = alone(
        &place,
        &format!(
            "cat {o}/secret; echo x > {o}/new; echo x >> {o}/secret; rm {o}/secret; \
             mv {o}/secret {o}/s; ln {o}/secret hard; chmod 777 {o}/secret; \
             chmod 777 {o}; touch -t 202001010000 {o}/secret; ln -s {o}/secret link; chmod 777 link; \
             cat link; chmod 777 /proc/self/cwd/../secret; : > /tmp/penstock-test-alone; true"
        ),
    );
    assert_eq!(ran.stdout, "", "{}", ran.stderr);
    let found = fs::metadata(outside.join("secret")).unwrap();
    assert_eq!(found.permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), "planted");
    assert!(found.modified().unwrap().elapsed().unwrap().as_secs() < 3600);
    assert!(!outside.join("new").exists());
    assert!(!Path::new("/tmp/penstock-test-alone").exists());
    let denied = &ran.record.trace.denied;
    let path = format!("{o}/secret");
    for attempt in [Attempt::Read { path: path.clone() }, Attempt::Write { path }] {
        assert!(denied.iter().any(|denial| denial.attempt == attempt), "{attempt:?}: {denied:#?}");
    }
}

#[test]
fn no_address_is_reached_and_nothing_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let place = Place::new().with_attack();
    let ran = alone(
        &place,
        &format!(
            "./attack attack tcp {address}; ./attack attack tcp 203.0.113.7:443; \
             ./attack attack udp 198.51.100.1:53; ./attack attack own-loopback; \
             ./attack attack tcp [2001:db8::1]:443"
        ),
    );
    assert!(!ran.stdout.contains("done"), "{}", ran.stdout);
    assert!(listener.accept().is_err(), "the step reached the host's loopback");
    let denied = &ran.record.trace.denied;
    for destination in [address.to_string(), "203.0.113.7:443".into(), "[2001:db8::1]:443".into()] {
        let attempt = Attempt::Network { destination, protocol: Protocol::Tcp };
        assert!(denied.iter().any(|denial| denial.attempt == attempt), "{attempt:?}: {denied:#?}");
    }
}

#[test]
fn unix_sockets_of_the_host_are_out_of_reach_and_the_steps_own_are_not() {
    let place = Place::new().with_attack();
    let path = place.outside().join("docker.sock");
    let listener = UnixListener::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let ran = alone(
        &place,
        &format!(
            "./attack attack unix {}; ln -s {} s; ./attack attack unix s; \
             ./attack attack abstract penstock-nobody; ./attack attack own-unix",
            path.display(),
            path.display()
        ),
    );
    assert!(listener.accept().is_err(), "the step reached it");
    assert_eq!(ran.stdout.matches("done").count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.trim_end().ends_with("done"), "{}", ran.stdout);
    assert!(
        ran.record.trace.denied.iter().any(|denial| matches!(
            &denial.attempt, Attempt::Socket { destination } if destination.ends_with("docker.sock")
        )),
        "{:#?}",
        ran.record.trace.denied
    );
}

#[test]
fn nobody_else_is_signalled_and_nothing_outlives_the_step() {
    let mine = marker(20);
    let mut bystander = std::process::Command::new("sleep").arg("100000").spawn().unwrap();
    let place = Place::new();
    let ran = alone(
        &place,
        &format!(
            "kill -TERM {}; kill -KILL -1; kill -0 $$ && echo self; \
             sleep {mine} & setsid sleep {mine} & (setsid sh -c 'sleep {mine} & sleep {mine}' &); \
             sh -c \"trap '' TERM HUP INT; sleep {mine}\" > /dev/null 2>&1 & echo left",
            bystander.id()
        ),
    );
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}", ran.stderr);
    assert_eq!(ran.stdout, "self\nleft\n");
    assert_eq!(bystander.try_wait().unwrap(), None, "the bystander was signalled");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert_eq!(processes_with(&mine), Vec::<i32>::new());
    let denied = &ran.record.trace.denied;
    let attempt = Attempt::Signal { signal: 15 };
    assert!(denied.iter().any(|denial| denial.attempt == attempt), "{denied:#?}");
}

#[test]
fn other_processes_cannot_be_looked_into() {
    let place = Place::new();
    let own = std::process::id();
    let ran = alone(
        &place,
        &format!(
            "cat /proc/{own}/environ /proc/{own}/maps; ls /proc/{own}/cwd/; \
             readlink /proc/{own}/fd/0; cat /proc/$PPID/environ; true"
        ),
    );
    assert_eq!(ran.stdout, "", "{}", ran.stderr);
}

#[test]
fn the_doors_of_the_kernel_are_closed_here_too() {
    let place = Place::new().with_attack();
    let ran = alone(&place, "./attack attack calls");
    for line in ran.stdout.lines().filter(|line| *line != "done") {
        let (name, errno) = line.split_once(' ').unwrap();
        let open = errno == "0";
        assert_eq!(open, name.starts_with("allowed-"), "{line}");
    }
}

#[test]
fn what_a_step_needs_is_there_and_gone_afterwards() {
    let place = Place::new();
    fs::create_dir(place.outside().join("tree")).unwrap();
    fs::write(place.outside().join("tree/inner"), "tree\n").unwrap();
    fs::write(place.outside().join("file"), "file\n").unwrap();
    let mut spec = spec(&place, "cat dist/app lib/inner ~/cache/x; echo $HOME; echo $TMPDIR");
    let input = |host: &str, inside: &str| ReadOnlyInput {
        host: place.outside().join(host),
        inside: inside.parse().unwrap(),
    };
    spec.inputs = vec![input("file", "dist/app"), input("tree", "lib")];
    spec.home = vec![input("file", "cache/x")];
    let ran = run(&spec);
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}", ran.stderr);
    let mut lines = ran.stdout.lines().skip(3);
    assert!(ran.stdout.starts_with("file\ntree\nfile\n"), "{}{}", ran.stdout, ran.stderr);
    for own in [lines.next().unwrap(), lines.next().unwrap()] {
        assert!(!Path::new(own).exists(), "{own} was left");
    }
    assert!(!place.workspace().join("dist/app").exists());
    assert!(!place.workspace().join("lib").exists());
}

#[test]
fn a_machine_without_any_rung_refuses_unless_it_was_allowed() {
    let place = Place::new();
    let mut spec = place.spec("echo ran; cat /proc/self/status | grep NoNewPrivs");
    spec.strongest_rung = 3;
    assert!(crate::support::try_run(&spec).is_err());
    spec.allow_unconfined = true;
    let ran = run(&spec);
    assert_eq!(ran.stdout, "ran\nNoNewPrivs:\t1\n", "{}", ran.stderr);
    assert_eq!(ran.record.isolation.rung, 0);
    assert!(ran.record.isolation.mechanisms.iter().any(|m| m.name == "landlock" && !m.applied));
}

#[test]
fn a_timeout_ends_everything_here_too() {
    let (place, marker) = (Place::new(), marker(21));
    let mut spec = spec(&place, &format!("setsid sleep {marker} & sleep {marker}"));
    spec.timeout_seconds = 1;
    assert_eq!(run(&spec).record.outcome, Outcome::TimedOut);
    assert_eq!(processes_with(&marker), Vec::<i32>::new());
}
