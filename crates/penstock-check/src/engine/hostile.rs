//! Files no honest project has, from the file system to the report.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    sync::Mutex,
};

use penstock_model::{Report, SkipReason};
use tempfile::TempDir;

use crate::{
    Entry, Listing, ReadError, Tree, TreeError, WorkTree, exit, fixture,
    fixture::{options, path, subject, token},
};

fn directory(files: &[(&str, &[u8])]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(directory.path().join(name), content).unwrap();
    }
    directory
}

fn check(tree: &dyn Tree) -> Report {
    fixture::engine().check(tree, subject(), &options()).unwrap()
}

fn gaps(report: &Report) -> Vec<(String, SkipReason)> {
    report.coverage.incomplete.iter().map(|gap| (gap.path.to_string(), gap.reason)).collect()
}

#[test]
fn two_gigabytes_are_a_gap_that_fails_the_check_and_are_not_read() {
    let directory = directory(&[("a.txt", b"fine\n")]);
    fs::File::create(directory.path().join("image")).unwrap().set_len(2 << 30).unwrap();
    let report = check(&WorkTree::new(directory.path()));
    assert_eq!(gaps(&report), [("image".to_owned(), SkipReason::OverLimit)]);
    assert_eq!((report.coverage.files, report.coverage.bytes), (1, 5));
    assert_eq!(exit(&report, false, false), 3);
}

#[test]
fn pipes_and_links_in_circles_are_passed_over_without_waiting() {
    let directory = directory(&[("a.txt", b"eval(x)\n")]);
    let at = |name: &str| directory.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    symlink(".", at("self")).unwrap();
    symlink("two", at("one")).unwrap();
    symlink("one", at("two")).unwrap();
    let report = check(&WorkTree::new(directory.path()));
    assert_eq!(report.coverage.skipped.get(&SkipReason::NotRegular), Some(&4));
    assert_eq!((report.coverage.files, report.findings.len()), (1, 1));
    assert_eq!(exit(&report, false, false), 0);
}

/// What is done to a tree at some instant.
type Event<'a> = Box<dyn FnOnce(&Path) + Send + 'a>;

/// A tree that something happens to after it was listed.
struct Meanwhile<'a> {
    tree: WorkTree,
    event: Mutex<Option<Event<'a>>>,
    root: &'a Path,
}

impl Tree for Meanwhile<'_> {
    fn list(&self) -> Result<Listing, TreeError> {
        let listing = self.tree.list()?;
        if let Some(event) = self.event.lock().unwrap().take() {
            event(self.root);
        }
        Ok(listing)
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.tree.read(entry, limit)
    }
}

fn meanwhile(files: &[(&str, &[u8])], event: impl FnOnce(&Path) + Send) -> Report {
    let directory = directory(files);
    let root = directory.path();
    let event: Box<dyn FnOnce(&Path) + Send> = Box::new(event);
    check(&Meanwhile { tree: WorkTree::new(root), event: Mutex::new(Some(event)), root })
}

#[test]
fn a_file_that_shrinks_or_grows_is_taken_as_it_is_when_it_is_read() {
    let long = b"eval(x)\n".repeat(1000);
    let report = meanwhile(&[("a.txt", &long)], |root| {
        fs::File::options().write(true).open(root.join("a.txt")).unwrap().set_len(8).unwrap();
    });
    assert_eq!((report.coverage.bytes, report.findings.len()), (8, 1));
    let report = meanwhile(&[("a.txt", b"x")], |root| {
        fs::write(root.join("a.txt"), "eval(x)\neval(y)\n").unwrap();
    });
    assert_eq!((report.coverage.bytes, report.findings.len()), (16, 2));
    assert_eq!(gaps(&report), []);
}

#[test]
fn a_file_that_vanishes_or_turns_into_something_else_is_a_gap() {
    let report = meanwhile(&[("a.txt", b"x"), ("b.txt", b"y")], |root| {
        fs::remove_file(root.join("a.txt")).unwrap();
    });
    assert_eq!(gaps(&report), [("a.txt".to_owned(), SkipReason::Unreadable)]);
    assert_eq!(exit(&report, false, true), 3);
    let secret = directory(&[("secret", token().as_bytes())]);
    let report = meanwhile(&[("a.txt", b"x")], |root| {
        fs::remove_file(root.join("a.txt")).unwrap();
        symlink(secret.path().join("secret"), root.join("a.txt")).unwrap();
    });
    assert_eq!(gaps(&report), [("a.txt".to_owned(), SkipReason::Unreadable)]);
    assert_eq!(report.findings.len(), 0, "nothing outside is read");
}

#[test]
fn what_the_system_refuses_to_open_is_a_gap() {
    let directory = directory(&[("open.txt", b"eval(x)\n"), ("closed.txt", b"eval(y)\n")]);
    let closed = directory.path().join("closed.txt");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&closed).is_ok() {
        println!("SKIPPED: no permission stops this user");
        return;
    }
    let report = check(&WorkTree::new(directory.path()));
    assert_eq!(gaps(&report), [("closed.txt".to_owned(), SkipReason::Unreadable)]);
    assert_eq!(exit(&report, false, true), 3);
}

#[test]
fn a_line_of_ten_megabytes_with_thousands_of_findings_is_placed_to_the_column() {
    let mut line = "é".repeat(5 << 20);
    let start = line.chars().count();
    line.push_str(&" eval(x)".repeat(9_999));
    let directory = directory(&[("bundle.js", line.as_bytes())]);
    let report = check(&WorkTree::new(directory.path()));
    assert_eq!(report.findings.len(), 9_999);
    let columns: Vec<u32> =
        report.findings.iter().filter_map(|f| Some(f.location.region?.start_column)).collect();
    let expected: Vec<u32> =
        (0..9_999).map(|index| u32::try_from(start + 8 * index + 2).unwrap()).collect();
    assert_eq!(columns, expected);
    let longest = report.findings.iter().filter_map(|f| Some(f.excerpt.as_ref()?.len())).max();
    assert!(longest.unwrap() < 1000, "{longest:?}");
}

#[test]
fn a_file_made_of_suppressions_takes_neither_time_nor_memory() {
    let marker = concat!("# penstock", ": ignore[ci/eval] x ");
    // On one line, where each could mean reading everything before it.
    let one_line = marker.repeat((2 << 20) / marker.len());
    // On lines of their own, each of which would be kept.
    let lines = format!("{marker}\n").repeat(20_000);
    let files: &[(&str, &[u8])] = &[("one", one_line.as_bytes()), ("many", lines.as_bytes())];
    let report = {
        let directory = directory(files);
        check(&WorkTree::new(directory.path()))
    };
    assert_eq!(report.coverage.files, 2);
    assert!(report.notes.len() <= 2 * 10_001, "{}", report.notes.len());
    let said = report.notes.iter().any(|note| note.message.contains("over 10000 in one file"));
    assert!(said);
}

#[test]
fn names_are_never_taken_for_paths_elsewhere() {
    let directory = directory(&[("a.txt", b"x")]);
    let tree = WorkTree::new(directory.path().join("sub"));
    fs::create_dir(directory.path().join("sub")).unwrap();
    assert_eq!(check(&tree).coverage.files, 0);
    // No path that names anything outside can be made at all.
    for name in ["../a.txt", "/etc/passwd", "x/../../a.txt"] {
        assert!(penstock_model::RepoPath::new(name).is_err(), "{name}");
    }
    symlink("..", directory.path().join("sub/up")).unwrap();
    let through = Entry::new(path("up/a.txt"), 1);
    assert_eq!(tree.read(&through, 100).unwrap_err().reason, SkipReason::Unreadable);
}
