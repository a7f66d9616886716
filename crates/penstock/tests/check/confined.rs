use std::{fs, io::Read as _, process::Stdio};

use super::harness::{penstock, program};

/// The program is stopped in the middle of its work by not reading what it prints.
#[test]
fn a_check_runs_without_privileges_and_says_so_only_when_asked() {
    let directory = tempfile::tempdir().unwrap();
    // Each line becomes a note; together they are more than a pipe holds.
    fs::write(directory.path().join("a.sh"), "# penstock: ignore\n".repeat(4000)).unwrap();
    let mut child = program(directory.path(), &["check", "--verbose", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();

    let field = |name: &str| {
        status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap()
    };
    // proc_pid_status(5): 2 is SECCOMP_MODE_FILTER.
    assert_eq!((field("Seccomp:"), field("NoNewPrivs:")), ("2", "1"));
    assert!(said.contains("confined: seccomp, sha256:"), "{said}");
    assert!(
        said.contains("onfined: landlock") || said.contains("NOT CONFINED: landlock"),
        "{said}"
    );

    let quiet = penstock(directory.path(), &["check", "--format", "json"]);
    assert_eq!(quiet.err, "");
}
