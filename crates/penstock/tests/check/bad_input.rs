//! Files made to harm, through the real program: each ends in an answer that names the gap.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use super::harness::{Answer, git, penstock, token};

fn check(directory: &Path, arguments: &[&str]) -> Answer {
    penstock(directory, &[&["check"], arguments].concat())
}

#[track_caller]
fn is(directory: &Path, code: i32, word: &str) {
    let answer = check(directory, &[]);
    assert_eq!(answer.code, code, "{}", answer.said());
    assert!(answer.flat().contains(word), "no `{word}`: {}", answer.said());
}

fn run(directory: &Path, program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).current_dir(directory).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}");
}

#[test]
fn links_in_circles_and_pipes_are_counted_and_never_opened() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("a")).unwrap();
    symlink("..", dir.path().join("a/up")).unwrap();
    symlink("self", dir.path().join("self")).unwrap();
    symlink("/dev/zero", dir.path().join("endless")).unwrap();
    run(dir.path(), "mkfifo", &["pipe"]);
    fs::write(dir.path().join("a/b.txt"), token()).unwrap();
    is(dir.path(), 1, "a/b.txt:1");
    is(dir.path(), 1, "4 links or special files");
}

#[test]
fn without_permission_the_answer_is_incomplete() {
    let dir = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(dir.path(), 0o755);
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    for name in ["closed/a.txt", "b.txt"] {
        fs::write(dir.path().join(name), token()).unwrap();
    }
    fs::write(dir.path().join("c.txt"), "hello\n").unwrap();
    // Where nobody else may reach the build directory, the program is needed elsewhere.
    let place = tempfile::tempdir().unwrap();
    mode(place.path(), 0o755);
    let program = place.path().join("penstock");
    fs::copy(env!("CARGO_BIN_EXE_penstock"), &program).unwrap();
    mode(&dir.path().join("b.txt"), 0o000);
    mode(&closed, 0o000);
    // Nothing is closed to root, so there the check runs as nobody.
    let mut command = if fs::read_dir(&closed).is_ok() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    command.arg("check").current_dir(dir.path()).env_clear().env("HOME", "/dev/null");
    let answer = Answer::of(&mut command, b"");
    let (code, said) = (answer.code, answer.said());
    mode(&closed, 0o755);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("b.txt: ") && said.contains("closed: "), "{said}");
    assert!(!said.contains("clean") && !said.contains("ok:"), "{said}");
}

#[test]
fn an_alias_bomb_is_a_gap_and_no_end() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(".github/workflows")).unwrap();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let alias = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb = format!("{bomb}a{level}: &a{level} [{alias}]\n");
    }
    fs::write(dir.path().join(".github/workflows/a.yml"), bomb).unwrap();
    is(dir.path(), 3, ".github/workflows/a.yml");
}

#[test]
fn archives_in_archives_end_at_a_depth_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let tar = |name: &str, member: &str| {
        run(dir.path(), "tar", &["-czf", name, member]);
        fs::remove_file(dir.path().join(member)).unwrap();
    };
    fs::write(dir.path().join("a.txt"), token()).unwrap();
    tar("0.tar.gz", "a.txt");
    is(dir.path(), 1, "0.tar.gz!");
    for level in 1..12 {
        tar(&format!("{level}.tar.gz"), &format!("{}.tar.gz", level - 1));
    }
    is(dir.path(), 3, "11.tar.gz");
}

#[test]
fn a_file_that_unpacks_to_a_thousand_times_its_size_is_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    fs::File::create(dir.path().join("zeros")).unwrap().set_len(1 << 30).unwrap();
    run(dir.path(), "gzip", &["-1", "zeros"]);
    is(dir.path(), 3, "zeros.gz");
}

#[test]
fn what_a_stranger_allows_in_the_same_change_is_not_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| git(dir.path(), arguments);
    git(&["init", "-q", "-b", "main"]);
    git(&["commit", "-q", "--allow-empty", "-m", "one"]);
    fs::write(dir.path().join("a.txt"), token()).unwrap();
    let regexes = format!("'''({})+$''', '''.*''', ", "(a|a|a)*".repeat(200)).repeat(200);
    let allow = format!("[allowlist]\npaths = ['''.*''']\nregexes = [{regexes}]\n");
    fs::write(dir.path().join(".gitleaks.toml"), allow).unwrap();
    fs::write(dir.path().join(".gitleaksignore"), "a.txt:gitlab-pat:1\n".repeat(10_000)).unwrap();
    fs::create_dir(dir.path().join(".penstock")).unwrap();
    fs::write(dir.path().join(".penstock/cache"), [0xff; 4096]).unwrap();
    is(dir.path(), 1, "a.txt:1");
    git(&["add", "a.txt", ".gitleaks.toml", ".gitleaksignore"]);
    for scope in [&["--staged"][..], &["--diff", "HEAD"]] {
        let answer = check(dir.path(), scope);
        assert_eq!(answer.code, 1, "{}", answer.said());
    }
    git(&["add", "-f", ".penstock"]);
    is(dir.path(), 2, "is tracked by git");
}
