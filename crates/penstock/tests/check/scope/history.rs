use std::fs;

use super::{Sandbox, places, secret};

#[test]
fn a_secret_is_found_after_it_was_removed_with_its_first_and_last_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("a.ini", secret('A'));
    let first = sandbox.commit("leak");
    sandbox.write("a.ini", format!("{}# more\n", secret('A')));
    sandbox.commit("more");
    sandbox.git(&["mv", "a.ini", "b.ini"]);
    let last = sandbox.commit("move");
    fs::remove_file(sandbox.root().join("b.ini")).unwrap();
    sandbox.commit("remove");
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, places(&report)), (1, vec!["a.ini:2".to_owned()]));
    let finding = &report.findings[0];
    let history = finding.history.as_ref().unwrap();
    assert_eq!((history.first.commit.as_str(), history.last.commit.as_str()), (&*first, &*last));
    assert!(!history.at_head);
    assert_eq!(finding.occurrences(), 1, "one place, however many versions of the file");
    let coverage = &report.coverage;
    assert_eq!((coverage.blobs, coverage.commits, coverage.files), (3, 5, 0));
    assert_eq!(sandbox.check(&[]).code, 0, "the files as they are have none");
}

#[test]
fn every_ref_is_followed_and_each_content_read_once() {
    let sandbox = Sandbox::new();
    sandbox.write("copy.txt", "nothing to see\n");
    sandbox.commit("the same content again");
    let at = |name: &str, letter| {
        sandbox.git(&["checkout", "-q", "--detach", "main"]);
        sandbox.write(name, secret(letter));
        sandbox.commit(name)
    };
    let side = at("side.ini", 'A');
    sandbox.git(&["branch", "side", &side]);
    let tagged = at("tagged.ini", 'B');
    sandbox.git(&["tag", "-a", "-m", "one", "inner", &tagged]);
    sandbox.git(&["tag", "-a", "-m", "of a tag", "outer", "inner"]);
    sandbox.git(&["tag", "-d", "inner"]);
    let odd = at("odd.ini", 'C');
    sandbox.git(&["update-ref", "refs/odd/place", &odd]);
    // In the stash, twice packed, and only in a detached HEAD.
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("readme.txt", secret('D'));
    sandbox.git(&["stash", "-q"]);
    at("detached.ini", 'E');
    // A blob and a tree of no commit.
    sandbox.write("blob.ini", secret('F'));
    let blob = sandbox.git(&["hash-object", "-w", "blob.ini"]);
    sandbox.git(&["tag", "blob", &blob]);
    fs::remove_file(sandbox.root().join("blob.ini")).unwrap();
    sandbox.git(&["pack-refs", "--all"]);
    sandbox.git(&["repack", "-adq"]);
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, report.findings.len()), (1, 6), "{:?}", places(&report));
    assert_eq!(report.coverage.blobs, 7);
    assert!(report.is_complete());
    let at_head = |name: &str| {
        let finding = report.findings.iter().find(|f| f.location.path.name() == name.as_bytes());
        finding.unwrap().history.as_ref().unwrap().at_head
    };
    assert!(at_head("detached.ini") && !at_head("side.ini"));
    let again = sandbox.check(&["--history", "--format", "json"]).out;
    assert_eq!(
        serde_json::from_str::<penstock_model::Report>(&again).unwrap().findings,
        report.findings
    );
}

#[test]
fn other_work_trees_and_alternates_belong_to_it() {
    let sandbox = Sandbox::new();
    let linked = sandbox.beside("linked");
    sandbox.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap()]);
    fs::write(linked.join("leak.ini"), secret('A')).unwrap();
    sandbox.git_in(&linked, &["add", "-A"]);
    sandbox.git_in(&linked, &["commit", "-q", "-m", "leak"]);
    for directory in [&sandbox.root(), &linked] {
        assert_eq!(sandbox.report_in(directory, &["--history"]).0, 1);
    }
    fs::write(linked.join("staged.ini"), secret('B')).unwrap();
    sandbox.git_in(&linked, &["add", "-A"]);
    assert_eq!(sandbox.report_in(&linked, &["--staged"]).0, 1);
    assert_eq!(sandbox.report_in(&sandbox.root(), &["--staged"]).0, 0);

    // A clone that borrows every object.
    sandbox.git_in(&linked, &["branch", "leak"]);
    let borrower = sandbox.beside("borrower");
    let borrower_name = borrower.to_str().unwrap();
    sandbox.git(&["clone", "-q", "--shared", ".", borrower_name]);
    let (code, report) = sandbox.report_in(&borrower, &["--history"]);
    assert_eq!((code, report.findings.len()), (1, 1));
    assert!(report.is_complete());
}

#[test]
fn what_no_ref_leads_to_is_looked_at_when_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("leak.ini", secret('A'));
    sandbox.commit("leak");
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    sandbox.write("never.ini", secret('B'));
    sandbox.git(&["hash-object", "-w", "never.ini"]);
    fs::remove_file(sandbox.root().join("never.ini")).unwrap();
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, report.findings.len()), (0, 0));
    assert!(report.not_checked.iter().any(|part| part.part == "objects no ref leads to"));
    let (code, report) = sandbox.report(&["--history", "--unreachable"]);
    assert_eq!((code, report.findings.len()), (1, 2), "{:?}", places(&report));
    let of_a_commit = report.findings.iter().filter(|finding| finding.history.is_some());
    assert_eq!(of_a_commit.count(), 1);
}

#[test]
fn an_empty_repository_has_nothing_to_check() {
    assert_eq!(Sandbox::empty().check(&["--history"]).code, 4);
}

#[test]
fn a_bare_repository_has_history_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("leak.ini", secret('A'));
    sandbox.commit("leak");
    let bare = sandbox.beside("bare.git");
    sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    assert_eq!(sandbox.report_in(&bare, &["--history"]).0, 1);
    let answer = sandbox.check_in(&bare, &["--staged"], &[]);
    assert_eq!(answer.code, 3);
    assert!(answer.err.contains("is a bare repository"), "{}", answer.err);
}

#[test]
fn a_project_in_a_subdirectory_has_a_history_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.write("inner/leak.ini", secret('A'));
    sandbox.write("other/leak.ini", secret('B'));
    sandbox.commit("leak");
    sandbox.git(&["rm", "-rq", "inner/leak.ini"]);
    sandbox.write("inner/rest.txt", "rest\n");
    sandbox.commit("gone");
    let (code, report) = sandbox.report_in(&sandbox.root().join("inner"), &["--history"]);
    assert_eq!((code, places(&report)), (1, vec!["leak.ini:2".to_owned()]));
    assert_eq!(report.coverage.blobs, 2);
}

#[test]
fn links_and_submodules_are_named_and_not_entered() {
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink("readme.txt", sandbox.root().join("link")).unwrap();
    let other = sandbox.beside("other");
    sandbox.git(&["clone", "-q", ".", other.to_str().unwrap()]);
    sandbox.git(&["submodule", "--quiet", "add", other.to_str().unwrap(), "sub"]);
    sandbox.commit("a link and a submodule");
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, report.coverage.skipped.values().sum::<u64>()), (0, 1));
    assert!(report.not_checked.iter().any(|part| part.part == "submodules"));
}

#[test]
fn a_big_file_is_not_unpacked_but_said() {
    let sandbox = Sandbox::new();
    let big = fs::File::create(sandbox.root().join("big.bin")).unwrap();
    big.set_len(64 << 20).unwrap();
    sandbox.commit("big");
    fs::remove_file(sandbox.root().join("big.bin")).unwrap();
    sandbox.commit("gone");
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!(code, 3);
    assert_eq!(report.coverage.incomplete[0].path.name(), b"big.bin");
    assert_eq!(report.coverage.incomplete[0].reason, penstock_model::SkipReason::OverLimit);
}

#[test]
fn a_name_no_file_may_have_hides_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("leak.ini", secret('A'));
    let blob = sandbox.git(&["hash-object", "-w", "leak.ini"]);
    fs::remove_file(sandbox.root().join("leak.ini")).unwrap();
    let mut tree = Vec::new();
    let id: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(&blob[2 * at..2 * at + 2], 16).unwrap()).collect();
    for name in ["..", ".git"] {
        tree.extend([b"100644 ", name.as_bytes(), b"\0", &id].concat());
    }
    fs::write(sandbox.beside("tree"), tree).unwrap();
    let file = sandbox.beside("tree");
    let literally = ["hash-object", "-w", "--literally", "-t", "tree", file.to_str().unwrap()];
    let tree = sandbox.git(&literally);
    let commit = sandbox.git(&["commit-tree", "-m", "hostile", &tree]);
    sandbox.git(&["branch", "hostile", &commit]);
    let (code, report) = sandbox.report(&["--history"]);
    assert_eq!((code, places(&report)), (1, vec!["unsafe-name-2e2e:2".to_owned()]));
}
