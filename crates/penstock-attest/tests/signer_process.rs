//! The signer as a process: this program starts itself as one.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program that tests")]

use std::{
    fs,
    io::Write as _,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
};

use penstock_attest::{
    Trust, TrustedKey,
    keys::{KeyName, KeyStore},
    signer::{SUBCOMMAND, SignerClient, SignerError, protocol::Refusal, signer_main},
};
use penstock_model::Sha256;
use penstock_statement::{
    RawStatement, ResourceDescriptor, Statement,
    predicate::{CYCLONEDX, SourceChange},
};
use penstock_tlog::{Checkpoint, NoteSigner as _, SignedCheckpoint, empty_root};

const ORIGIN: &str = "example.org/ledger";

/// An account that owns nothing, for what root cannot see.
const NOBODY: u32 = 65_534;

const TESTS: &[(&str, fn())] = &[
    ("a_statement_makes_the_round_trip", a_statement_makes_the_round_trip),
    ("a_checkpoint_makes_the_round_trip", a_checkpoint_makes_the_round_trip),
    ("a_refusal_is_no_end", a_refusal_is_no_end),
    ("a_key_is_opened_when_first_asked_for", a_key_is_opened_when_first_asked_for),
    ("the_signer_is_not_dumpable", the_signer_is_not_dumpable),
    ("the_signer_leaves_no_core", the_signer_leaves_no_core),
    ("no_key_is_in_the_environment_or_arguments", no_key_is_in_the_environment_or_arguments),
    ("garbage_ends_the_signer_and_harms_nobody", garbage_ends_the_signer_and_harms_nobody),
    ("a_dead_signer_is_noticed", a_dead_signer_is_noticed),
    ("another_program_is_not_taken_for_a_signer", another_program_is_not_taken_for_a_signer),
    ("the_signer_ends_with_its_client", the_signer_ends_with_its_client),
];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.first().and_then(|first| first.to_str()) {
        Some(SUBCOMMAND) => return signer_main(Path::new(&arguments[1])),
        // A process like any other, to compare with.
        Some("idle") => {
            let _ = std::io::stdin().read_line(&mut String::new());
            return ExitCode::SUCCESS;
        }
        // Whether this process can read another one's environment: the same right as its memory.
        Some("peek") => return ExitCode::from(u8::from(fs::read(&arguments[1]).is_err())),
        _ => {}
    }
    let filters: Vec<&str> =
        arguments.iter().filter_map(|a| a.to_str()).filter(|a| !a.starts_with('-')).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    for (name, test) in TESTS.iter().filter(|(name, _)| wanted(name)) {
        if arguments.iter().any(|argument| argument == "--list") {
            println!("{name}: test");
            continue;
        }
        test();
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}

fn exe() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The build, log and one person's key, and a signer over them.
fn signer() -> (tempfile::TempDir, KeyStore, SignerClient) {
    let directory = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(directory.path().join("keys"));
    keys.generate(&KeyName::Build).unwrap();
    keys.generate_log(ORIGIN).unwrap();
    let client = SignerClient::spawn(&exe(), keys.path()).unwrap();
    (directory, keys, client)
}

fn subject() -> Vec<ResourceDescriptor> {
    vec![ResourceDescriptor::sha256("app", &Sha256::of(b"app"))]
}

fn change() -> Statement<SourceChange> {
    let predicate = SourceChange {
        project: "git+https://example.org/app".parse().unwrap(),
        environment: "staging".into(),
        from: None,
        to: "c".repeat(40).parse().unwrap(),
        commits: Vec::new(),
        gap: None,
    };
    Statement::new(subject(), predicate)
}

fn a_statement_makes_the_round_trip() {
    let (_directory, keys, client) = signer();
    let public = client.public(&KeyName::Build).unwrap();
    assert_eq!(Ok(&public), keys.public(&KeyName::Build).as_ref());
    let trust = Trust::new(vec![TrustedKey {
        public: public.clone(),
        role: KeyName::Build.role(),
        label: "build".into(),
        predicates: None,
        person: None,
        revoked: false,
    }])
    .unwrap();
    let signed = client.sign(&KeyName::Build, &change()).unwrap();
    assert_eq!(signed.key, public.id());
    let verified = trust.verify(&signed.bundle, 3).unwrap();
    assert_eq!(verified.evidence, signed.evidence);
    assert_eq!(verified.decode::<SourceChange>().unwrap().statement, change());

    let document =
        serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "ratio": 0.5});
    let foreign = RawStatement::foreign(subject(), CYCLONEDX, document);
    let signed = client.sign_foreign(&KeyName::Build, &foreign).unwrap();
    assert_eq!(trust.verify(&signed.bundle, 4).unwrap().statement, foreign);
    client.finish().unwrap();
}

fn a_checkpoint_makes_the_round_trip() {
    let (_directory, _keys, client) = signer();
    let log = client.log().unwrap();
    assert_eq!(log.name(), ORIGIN);
    let checkpoint = |origin: &str| Checkpoint {
        origin: origin.into(),
        size: 0,
        root: empty_root(),
        extensions: Vec::new(),
    };
    let signed = SignedCheckpoint::sign(checkpoint(ORIGIN), &[&log]).unwrap();
    let read = SignedCheckpoint::open(signed.to_string().as_bytes(), &[log.verifier()]).unwrap();
    assert_eq!(read.checkpoint(), &checkpoint(ORIGIN));
    let changed = signed.to_string().replace("\n0\n", "\n1\n");
    assert!(SignedCheckpoint::open(changed.as_bytes(), &[log.verifier()]).is_err());

    let other = log.sign(checkpoint("example.org/other").to_string().as_bytes()).unwrap_err();
    assert!(other.reason.contains("example.org/other"), "{other}");
    assert!(log.sign(b"anything else").is_err());
}

fn a_refusal_is_no_end() {
    let (_directory, _keys, client) = signer();
    let refused = client.sign(&KeyName::Log, &change()).unwrap_err();
    assert!(matches!(refused, SignerError::Refused(Refusal::WrongRole { .. })), "{refused}");
    let refused = client.sign(&KeyName::Gate, &change()).unwrap_err();
    assert!(matches!(refused, SignerError::Refused(Refusal::WrongRole { .. })), "{refused}");
    assert!(client.sign(&KeyName::Build, &change()).is_ok());
    client.finish().unwrap();
}

fn a_key_is_opened_when_first_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(directory.path().join("keys"));
    let client = SignerClient::spawn(&exe(), keys.path()).unwrap();
    let refused = client.public(&KeyName::Build).unwrap_err();
    assert!(matches!(refused, SignerError::Refused(Refusal::Key { .. })), "{refused}");
    keys.generate(&KeyName::Build).unwrap();
    assert_eq!(
        client.public(&KeyName::Build),
        keys.public(&KeyName::Build).map_err(|_| SignerError::Answer)
    );
    let descriptors = fs::read_dir(format!("/proc/{}/fd", client.id())).map(|entries| {
        entries.filter_map(|e| fs::read_link(e.unwrap().path()).ok()).collect::<Vec<_>>()
    });
    // Only root may look; nothing is kept open once the key is read.
    if let Ok(descriptors) = descriptors {
        assert!(!descriptors.iter().any(|d| d.ends_with("build.pem")), "{descriptors:?}");
    }
}

/// A process started as somebody who is not root. `None` where that is not possible.
fn as_nobody(mode: &str, argument: &Path) -> Option<Child> {
    let mut command = Command::new(exe());
    command.arg(mode).arg(argument).stdin(Stdio::piped()).stdout(Stdio::piped());
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    match command.spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            println!("skipped: `{}` cannot be run as another user: {error}", exe().display());
            None
        }
    }
}

fn can_peek(at: &Child) -> bool {
    let environment = PathBuf::from(format!("/proc/{}/environ", at.id()));
    let status = as_nobody("peek", &environment).unwrap().wait().unwrap();
    status.code() == Some(0)
}

/// What a process of the same user can see of the signer, and of any other process of that user.
fn the_signer_is_not_dumpable() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let keys = KeyStore::at(directory.path().join("keys"));
    let build = keys.generate(&KeyName::Build).unwrap();
    if rustix::process::geteuid().is_root() {
        for path in [keys.path().to_owned(), keys.path().join("build.pem")] {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let Some(mut idle) = as_nobody("idle", Path::new("")) else { return };
    let mut signer = as_nobody(SUBCOMMAND, keys.path()).unwrap();
    // One answer shows that both are past their start.
    let header = br#"{"request":"public","key":"build"}"#;
    let mut record = vec![0, 0, 0, header.len() as u8, 0, 0, 0, 0];
    record.extend_from_slice(header);
    signer.stdin.as_mut().unwrap().write_all(&record).unwrap();
    let mut answer = vec![0; 8 + r#"{"answer":"public"}"#.len() + build.to_spki().len()];
    std::io::Read::read_exact(signer.stdout.as_mut().unwrap(), &mut answer).unwrap();
    assert!(answer.ends_with(&build.to_spki()), "it holds the key now");

    assert!(can_peek(&idle), "a process of the same user can be looked into");
    assert!(!can_peek(&signer), "the signer cannot");
    // proc(5): what belongs to an undumpable process belongs to root.
    let owner = |child: &Child| fs::metadata(format!("/proc/{}/fd", child.id())).unwrap().uid();
    assert_eq!(owner(&signer), 0);
    assert_ne!(owner(&idle), 0);
    drop((idle.stdin.take(), signer.stdin.take()));
    assert!(signer.wait().unwrap().success());
    idle.wait().unwrap();
}

fn the_signer_leaves_no_core() {
    let (_directory, _keys, client) = signer();
    client.public(&KeyName::Build).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", client.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let values: Vec<&str> = core.split_whitespace().filter(|w| w.parse::<u64>().is_ok()).collect();
    assert_eq!(values, ["0", "0"], "soft and hard: {core}");
}

fn no_key_is_in_the_environment_or_arguments() {
    let (_directory, keys, client) = signer();
    client.sign(&KeyName::Build, &change()).unwrap();
    let of = |file: &str| fs::read(format!("/proc/{}/{file}", client.id()));
    let arguments = of("cmdline").unwrap();
    let exe = exe();
    let expected = [
        exe.as_os_str().as_encoded_bytes(),
        SUBCOMMAND.as_bytes(),
        keys.path().as_os_str().as_encoded_bytes(),
    ];
    let expected: Vec<u8> =
        expected.iter().flat_map(|part| part.iter().copied().chain([0])).collect();
    assert_eq!(arguments, expected);
    // Nothing of ours reaches it: no token, no preloaded library. Only root may look.
    if let Ok(environment) = of("environ") {
        assert_eq!(environment, b"");
    }
}

fn garbage_ends_the_signer_and_harms_nobody() {
    let (_directory, keys, client) = signer();
    let mut child = Command::new(exe())
        .arg(SUBCOMMAND)
        .arg(keys.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&[0xff; 64]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "it ended by itself, not by a panic or a signal");
    assert!(String::from_utf8_lossy(&output.stdout).contains("bad-request"));
    assert_eq!(output.stderr, b"");
    assert!(client.sign(&KeyName::Build, &change()).is_ok());
}

fn a_dead_signer_is_noticed() {
    let (_directory, _keys, client) = signer();
    client.public(&KeyName::Build).unwrap();
    let process = rustix::process::Pid::from_raw(client.id() as i32).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    let gone = client.sign(&KeyName::Build, &change()).unwrap_err();
    assert!(matches!(gone, SignerError::Frame(_)), "{gone}");
    assert!(matches!(client.finish(), Err(SignerError::Ended(_))));
}

fn another_program_is_not_taken_for_a_signer() {
    let directory = tempfile::tempdir().unwrap();
    let missing = SignerClient::spawn(&directory.path().join("none"), directory.path());
    assert!(matches!(missing, Err(SignerError::Start(_))));
    let script = directory.path().join("echo");
    fs::write(&script, "#!/bin/sh\nexec /bin/cat\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let echo = SignerClient::spawn(&script, directory.path()).unwrap();
    assert_eq!(echo.sign(&KeyName::Build, &change()), Err(SignerError::Answer));
    fs::write(&script, "#!/bin/sh\nexit 0\n").unwrap();
    let silent = SignerClient::spawn(&script, directory.path()).unwrap();
    let gone = silent.sign(&KeyName::Build, &change()).unwrap_err();
    assert!(matches!(gone, SignerError::Frame(_)), "{gone}");
}

fn the_signer_ends_with_its_client() {
    let (_directory, _keys, client) = signer();
    client.public(&KeyName::Build).unwrap();
    let process = PathBuf::from(format!("/proc/{}", client.id()));
    assert!(process.exists());
    drop(client);
    assert!(!process.exists());
}
