//! Telling a dirty directory from the commit.

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _};

use penstock_git::Status;
use penstock_model::RepoPath;
use support::{Sandbox, path};

fn paths(texts: &[&str]) -> Vec<RepoPath> {
    texts.iter().map(path).collect()
}

#[test]
fn a_fresh_checkout_is_clean() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("exec", "x");
    fs::set_permissions(sandbox.path("exec"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("a.txt", sandbox.path("link")).unwrap();
    sandbox.write("odd \n\u{e9}", "");
    sandbox.write(".gitignore", "ignored\n");
    sandbox.commit("x");
    sandbox.write("ignored", "");
    sandbox.write(".penstock/cache", "");
    assert!(sandbox.repository().status(None).unwrap().is_clean());
}

#[test]
fn every_difference_is_listed() {
    let sandbox = Sandbox::new();
    for name in ["same", "size", "bytes", "mode", "kind", "gone", "dir/gone", "staged"] {
        sandbox.write(name, "12345");
    }
    std::os::unix::fs::symlink("same", sandbox.path("link")).unwrap();
    sandbox.write(".gitignore", "*.log\n");
    sandbox.write("forced.log", "");
    sandbox.git(&["add", "-f", "forced.log"]);
    sandbox.commit("x");
    sandbox.write("size", "1234");
    sandbox.write("bytes", "12346");
    sandbox.write("forced.log", "x");
    fs::set_permissions(sandbox.path("mode"), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["kind", "gone", "link"] {
        fs::remove_file(sandbox.path(name)).unwrap();
    }
    fs::create_dir(sandbox.path("kind")).unwrap();
    std::os::unix::fs::symlink("size", sandbox.path("link")).unwrap();
    fs::remove_dir_all(sandbox.path("dir")).unwrap();
    sandbox.write("dir", "now a file");
    sandbox.write("new/file", "");
    sandbox.write("new.log", "");
    sandbox.write("added.log", "");
    sandbox.git(&["add", "-f", "added.log"]);
    sandbox.git(&["rm", "-q", "--cached", "staged"]);
    sandbox.git(&["init", "-q", "nested"]);
    sandbox.write("nested/inside", "");
    assert_eq!(
        sandbox.repository().status(None).unwrap(),
        Status {
            modified: paths(&["bytes", "forced.log", "kind", "link", "mode", "size"]),
            deleted: paths(&["dir/gone", "gone"]),
            untracked: paths(&["added.log", "dir", "nested", "new/file"]),
        }
    );
}

#[test]
fn a_project_sees_only_itself() {
    let sandbox = Sandbox::with_commit();
    sandbox.write(".gitignore", "target\n");
    sandbox.write("app/src", "1");
    sandbox.commit("x");
    sandbox.write("a.txt", "dirty");
    sandbox.write("outside", "");
    sandbox.write("app/target/x", "");
    let app = path("app");
    let status = |sandbox: &Sandbox| sandbox.repository().status(Some(&app)).unwrap();
    assert!(status(&sandbox).is_clean());
    sandbox.write("app/src", "2");
    sandbox.write("app/new", "");
    let found = status(&sandbox);
    assert_eq!((found.modified, found.untracked), (paths(&["src"]), paths(&["new"])));
}

#[test]
fn tracked_files_are_those_of_the_commit_or_the_index() {
    let sandbox = Sandbox::with_commit();
    sandbox.write(".penstock/committed", "");
    sandbox.commit("x");
    sandbox.git(&["rm", "-q", "--cached", ".penstock/committed"]);
    sandbox.write(".penstock/staged", "");
    sandbox.git(&["add", ".penstock/staged"]);
    sandbox.write(".penstock/neither", "");
    sandbox.write(".penstock.toml", "");
    sandbox.git(&["add", ".penstock.toml"]);
    assert_eq!(
        sandbox.repository().tracked(&path(".penstock")).unwrap(),
        paths(&[".penstock/committed", ".penstock/staged"])
    );
    fs::write(sandbox.path(".git/index"), "nonsense").unwrap();
    let error = sandbox.repository().tracked(&path(".penstock"));
    assert_eq!(error, Err(penstock_git::GitError::Index));
}
