use std::{ffi::OsString, os::unix::ffi::OsStringExt as _, process::Command};

use penstock_sandbox::{CancelToken, Launch, Outcome, SandboxError, StepSpec, probe, run_step};

use crate::support::{Place, exe, run, try_run};

#[test]
fn a_probe_applies_what_a_step_gets() {
    let probed = probe(&exe()).unwrap();
    assert_eq!(probed.rung, 1, "{probed:#?}");
    let place = Place::new();
    let ran = place.run("true").record.isolation;
    let names = |isolation: &penstock_sandbox::Isolation| -> Vec<(String, bool)> {
        isolation.mechanisms.iter().map(|m| (m.name.clone(), m.applied)).collect()
    };
    assert_eq!(names(&probed), names(&ran));
    assert_eq!(probed.seccomp_filter, ran.seccomp_filter);
    assert!(ran.seccomp_filter.is_some());
    assert_eq!(probed.identity, ran.identity);
    for mechanism in &ran.mechanisms {
        assert_eq!(mechanism.applied, mechanism.reason.is_none(), "{mechanism:?}");
    }
}

#[test]
fn a_step_that_succeeds_is_recorded_with_its_output() {
    let ran = Place::new().run("echo out; echo err >&2; echo made > file");
    assert_eq!(ran.record.outcome, Outcome::Succeeded);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("out\n", "err\n"));
    assert!(ran.record.usage.peak_process_kib > 0);
    assert_eq!(ran.record.output_dropped_bytes, 0);
}

#[test]
fn a_step_that_fails_keeps_its_status() {
    assert_eq!(Place::new().run("exit 7").record.outcome, Outcome::Failed { status: 7 });
    assert_eq!(Place::new().run("exit 255").record.outcome, Outcome::Failed { status: 255 });
}

#[test]
fn a_signal_is_told_apart_from_a_status() {
    assert_eq!(Place::new().run("kill -TERM $$").record.outcome, Outcome::Killed { signal: 15 });
    assert_eq!(Place::new().run("kill -KILL $$").record.outcome, Outcome::Killed { signal: 9 });
}

#[test]
fn a_step_that_hangs_is_ended() {
    let place = Place::new();
    let mut spec = place.spec("trap '' TERM INT HUP; echo started; while :; do sleep 1000; done");
    spec.timeout_seconds = 1;
    let ran = run(&spec);
    assert_eq!(ran.record.outcome, Outcome::TimedOut);
    assert_eq!(ran.stdout, "started\n");
}

#[test]
fn a_cancelled_step_is_ended() {
    let place = Place::new();
    let cancel = CancelToken::new().unwrap();
    let spec = place.spec("trap '' TERM INT HUP; echo started; while :; do sleep 1000; done");
    let record = run_step(&Launch::new(&exe()), &spec, &cancel, &mut |_, bytes| {
        assert_eq!(bytes, b"started\n");
        cancel.cancel();
    });
    assert_eq!(record.unwrap().outcome, Outcome::Cancelled);
    assert!(cancel.is_cancelled());
    // And so is everything after it under the same token.
    let record = run_step(&Launch::new(&exe()), &place.spec("sleep 1000"), &cancel, &mut |_, _| {});
    assert_eq!(record.unwrap().outcome, Outcome::Cancelled);
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let place = Place::new();
    for command in ["no-such-command", "./no-such-file", "/root/tool"] {
        let ran = run(&StepSpec::new("x", [command], place.workspace()));
        let Outcome::NotStarted { reason } = &ran.record.outcome else {
            panic!("{:?}", ran.record.outcome)
        };
        assert!(reason.contains(&format!("`{command}`")), "{reason}");
    }
    let ran = run(&StepSpec::new("x", ["/etc/passwd"], place.workspace()));
    assert!(matches!(ran.record.outcome, Outcome::NotStarted { .. }), "{:?}", ran.record.outcome);
    let ran = run(&StepSpec::new("x", Vec::<String>::new(), place.workspace()));
    assert!(matches!(ran.record.outcome, Outcome::NotStarted { .. }), "{:?}", ran.record.outcome);
}

#[test]
fn a_workspace_that_is_not_there_is_an_error() {
    let place = Place::new();
    let spec = StepSpec::new("x", ["true"], place.outside().join("absent"));
    let Err(SandboxError::Setup { step, reason }) = try_run(&spec) else { panic!("it ran") };
    assert_eq!(step, "x");
    assert!(reason.contains("absent"), "{reason}");
}

#[test]
fn a_program_that_is_no_step_host_gives_no_record() {
    let place = Place::new();
    let cancel = CancelToken::new().unwrap();
    let spec = place.spec("true");
    let result = run_step(&Launch::new("/bin/true".as_ref()), &spec, &cancel, &mut |_, _| {});
    assert!(matches!(result, Err(SandboxError::NoRecord { .. })), "{result:?}");
    let result = run_step(&Launch::new("/no/such".as_ref()), &spec, &cancel, &mut |_, _| {});
    assert!(matches!(result, Err(SandboxError::StepHost { .. })), "{result:?}");
}

#[test]
fn only_the_given_environment_arrives() {
    let place = Place::new();
    let mut spec = place.spec("env | grep -v '^PWD=\\|^_=\\|^SHLVL=' | sort");
    spec.env.insert("GREETING".into(), "hello\tworld".into());
    spec.source_date_epoch = Some(1_700_000_000);
    let ran = run(&spec);
    assert_eq!(
        ran.stdout,
        "GREETING=hello\tworld\nHOME=/home/build\nLANG=C.UTF-8\nLOGNAME=build\n\
         PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n\
         SOURCE_DATE_EPOCH=1700000000\nTMPDIR=/tmp\nTZ=UTC\nUSER=build\n"
    );
}

#[test]
fn a_secret_in_the_callers_environment_is_nowhere_in_the_step() {
    let place = Place::new();
    let planted = format!("planted-{}", std::process::id());
    let output = Command::new(exe())
        .args(["run", place.workspace().to_str().unwrap(), "sh", "-c"])
        .arg("env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; echo end")
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &planted)
        .env("LD_PRELOAD_NOT", &planted)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("end\nOk(Succeeded)\n"), "{said}");
    assert!(said.contains("HOME=/home/build"), "{said}");
    assert!(!said.contains("planted-") && !said.contains("ACTIONS_"), "{said}");
}

#[test]
fn toolchains_of_the_person_work() {
    let (Some(home), Some(path)) = (std::env::home_dir(), std::env::var_os("PATH")) else { return };
    let place = Place::new();
    let mut spec = place.spec("cargo new --vcs none hello && cd hello && cargo run --offline");
    spec.toolchains = penstock_sandbox::Toolchains::find(&home, &path);
    let ran = run(&spec);
    if ran.stderr.contains("cargo: not found") {
        println!("SKIPPED: no cargo beneath `{}` or `/usr`", home.display());
        return;
    }
    assert!(ran.stdout.ends_with("Hello, world!\n"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn nothing_is_inherited_but_the_two_streams() {
    // A descriptor without close-on-exec, as careless code leaves them: the step must not have it.
    let place = Place::new();
    let secret = place.outside().join("secret");
    std::fs::write(&secret, "secret").unwrap();
    let file = std::fs::File::open(&secret).unwrap();
    // SAFETY: fcntl(2) on a descriptor that is open.
    #[expect(unsafe_code, reason = "std cannot make a descriptor inheritable")]
    unsafe {
        libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(&file), libc::F_SETFD, 0)
    };
    let ran = place.run("ls /proc/self/fd; cat; cat <&0 | wc -c; tty");
    // 3 is ls reading the folder.
    assert_eq!(ran.stdout, "0\n1\n2\n3\n0\nnot a tty\n");
}

#[test]
fn streams_can_be_opened_by_name() {
    let ran = Place::new().run("echo a > /dev/stdout; echo b > /dev/stderr; echo c > /dev/fd/1");
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("a\nc\n", "b\n"));
}

#[test]
fn arguments_and_folders_that_are_no_text_are_passed_on() {
    let place = Place::new();
    let odd = OsString::from_vec(b"a b\nc\xff".to_vec());
    std::fs::create_dir(place.workspace().join(&odd)).unwrap();
    let spec = StepSpec::new("odd", ["ls".into(), "-d".into(), odd.clone()], place.workspace());
    let cancel = CancelToken::new().unwrap();
    let mut bytes = Vec::new();
    run_step(&Launch::new(&exe()), &spec, &cancel, &mut |_, part| bytes.extend_from_slice(part))
        .unwrap();
    assert_eq!(bytes, [&odd.into_vec()[..], b"\n"].concat());
}

#[test]
fn a_step_starts_where_it_is_told() {
    let place = Place::new();
    std::fs::create_dir_all(place.workspace().join("sub/inner")).unwrap();
    let mut spec = place.spec("pwd");
    spec.directory = Some("sub/inner".parse().unwrap());
    assert_eq!(run(&spec).stdout, "/workspace/sub/inner\n");
    spec.directory = Some("absent".parse().unwrap());
    assert!(matches!(run(&spec).record.outcome, Outcome::NotStarted { .. }));
}

#[test]
fn steps_run_at_the_same_time() {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn(move || Place::new().run(&format!("echo {number} > f; cat f")).stdout)
            })
            .collect();
        for (number, thread) in threads.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap(), format!("{number}\n"));
        }
    });
}
