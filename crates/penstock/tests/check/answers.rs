//! The answer in the exit status, also in surroundings that are missing or full, and twice the same.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::harness::{Answer, FORMATS, program, token};

fn penstock(directory: &Path, home: &Path, arguments: &[&str]) -> Command {
    let mut command = program(directory, arguments);
    command.env("HOME", home).stdin(Stdio::null());
    command
}

fn answer(command: &mut Command) -> (i32, String) {
    let answer = Answer::of(command, b"");
    (answer.code, answer.said())
}

#[test]
fn the_exit_status_follows_its_table() {
    let dir = tempfile::tempdir().unwrap();
    let (root, home) = (dir.path().join("a"), dir.path().join("home"));
    fs::create_dir(&root).unwrap();
    let is = |arguments: &[&str], code: i32| {
        let (status, said) = answer(&mut penstock(&root, &home, arguments));
        assert_eq!(status, code, "{arguments:?}: {said}");
        let complete = code == 0 || code == 1;
        assert!(complete || !said.contains("ok:") && !said.contains("clean"), "{said}");
        said
    };
    is(&["check"], 4);
    is(&["check", "--nope"], 2);
    is(&["check", "nowhere"], 2);
    fs::write(root.join("a.txt"), "hello\n").unwrap();
    is(&["check"], 0);
    is(&["check", "--strict"], 3);
    is(&["check", "a.txt"], 0);
    assert!(is(&["check", "a.txt", "--staged"], 2).contains("leave out the scope"));
    fs::write(root.join("a.txt"), token()).unwrap();
    is(&["check"], 1);
    is(&["check", "--advise"], 0);
    is(&["check", "--strict"], 1);
    is(&["check", "--strict", "--advise"], 2);
    // A file that cannot be looked at: findings are said first, advice hides no gap.
    fs::File::create(root.join("b.txt")).unwrap().set_len(2 << 30).unwrap();
    is(&["check"], 1);
    is(&["check", "--advise"], 3);
    fs::remove_file(root.join("a.txt")).unwrap();
    assert!(is(&["check"], 3).contains("b.txt: over the size limit"));
    fs::write(root.join("penstock.toml"), "[check]\n").unwrap();
    is(&["check"], 2);
}

#[test]
fn no_place_for_a_cache_changes_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (root, home) = (dir.path().join("a"), dir.path().join("home"));
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.txt"), token()).unwrap();
    let check = ["check", "--format", "json", "--now", "2026-11-23T14:00:00Z"];
    let expected = answer(&mut penstock(&root, &home, &check));
    assert_eq!(expected.0, 1);
    for cache in ["/dev/full", "/proc/self", "relative", "", "a.txt"] {
        let mut command = penstock(&root, &home, &check);
        assert_eq!(answer(command.env("XDG_CACHE_HOME", cache)), expected, "{cache}");
    }
    assert_eq!(answer(penstock(&root, &home, &check).env_clear()), expected);
    assert_eq!(answer(penstock(&root, &home, &check).env("HOME", "")), expected);
    assert_eq!(answer(penstock(&root, &home, &check).env("CI", "true")), expected);
    assert_eq!(answer(penstock(&root, &home, &check).env("PATH", "/nowhere")), expected);
    let names: Vec<_> = fs::read_dir(&root).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["a.txt"]);
}

#[test]
fn a_reader_who_leaves_changes_no_answer_and_a_full_disk_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("b.txt"), token()).unwrap();
    for format in ["human", "json"] {
        let mut child = penstock(dir.path(), dir.path(), &["check", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert!(output.stderr.is_empty(), "{output:?}");
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = penstock(dir.path(), dir.path(), &["check", "--format", format]);
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{format}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn every_format_for_machines_is_the_same_with_and_without_cache() {
    let dir = tempfile::tempdir().unwrap();
    let (root, home) = (dir.path().join("a"), dir.path().join("home"));
    fs::create_dir_all(root.join(".github/workflows")).unwrap();
    let workflow = "on: push\njobs:\n  a:\n    steps:\n      - uses: a/b@v1\n";
    for number in 0..12 {
        fs::write(root.join(format!("{number}.txt")), token().repeat(number % 3)).unwrap();
        fs::write(root.join(format!(".github/workflows/{number}.yml")), workflow).unwrap();
    }
    for format in FORMATS {
        let check = ["check", "--format", format, "--now", "2026-11-23T14:00:00Z"];
        let expected = answer(&mut penstock(&root, &home, &check));
        assert!(!expected.1.is_empty());
        for further in [&[][..], &["--no-cache"]] {
            let arguments = [&check[..], further].concat();
            assert_eq!(answer(&mut penstock(&root, &home, &arguments)), expected, "{format}");
        }
    }
    assert!(home.join(".cache").exists(), "the cache was used");
}
