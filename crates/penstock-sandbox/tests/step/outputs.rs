use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use penstock_model::{RepoPath, Sha256};
use penstock_sandbox::{
    Outcome,
    outputs::{CollectLimits, Output, OutputDigest, OutputError, collect, collect_within},
};

use crate::support::Place;

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

impl Place {
    fn store(&self) -> PathBuf {
        self.outside().join("store")
    }

    /// Runs the script and takes its outputs.
    fn outputs(&self, script: &str, declared: &[&str]) -> Result<Vec<Output>, OutputError> {
        let ran = self.run(script);
        assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}", ran.stderr);
        let declared: Vec<RepoPath> = declared.iter().map(|text| path(text)).collect();
        collect(&self.workspace(), &declared, &self.store())
    }
}

fn names(store: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(store)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_copied_and_named_by_its_digest() {
    let place = Place::new();
    let outputs = place
        .outputs(
            "mkdir dist; printf abc > dist/app; chmod 755 dist/app; printf abc > b",
            &["dist/app", "b"],
        )
        .unwrap();
    let digest = Sha256::of(b"abc");
    assert_eq!(outputs[0].digest, OutputDigest::File(digest));
    assert_eq!((outputs[0].size, outputs[0].executable), (3, true));
    assert_eq!((outputs[1].size, outputs[1].executable), (3, false));
    assert_eq!(names(&place.store()), [format!("file-{digest}"), format!("file-{digest}.x")]);
    fs::write(place.workspace().join("b"), "changed afterwards").unwrap();
    assert_eq!(fs::read(&outputs[1].stored).unwrap(), b"abc");
    // Taken twice, stored once.
    place.outputs("true", &["dist/app"]).unwrap();
    assert_eq!(names(&place.store()).len(), 2);
}

#[test]
fn a_link_is_refused_wherever_it_stands() {
    for (name, script, declared, at) in [
        ("absolute", "ln -s /etc/passwd out", "out", "out"),
        ("relative", "echo x > real; ln -s real out", "out", "out"),
        ("dangling", "ln -s nowhere out", "out", "out"),
        ("leaving", "ln -s ../../signing.key out", "out", "out"),
        ("on the way", "ln -s /etc dir", "dir/passwd", "dir/passwd"),
        ("on the way, within", "mkdir d; echo x > d/f; ln -s d dir", "dir/f", "dir/f"),
        ("to a process", "ln -s /proc/self/root dir", "dir/etc/passwd", "dir/etc/passwd"),
        ("in a directory", "mkdir -p d/e; ln -s /etc/passwd d/e/f", "d", "d/e/f"),
        ("a directory in a directory", "mkdir d; ln -s /etc d/e", "d", "d/e"),
    ] {
        let place = Place::new();
        let result = place.outputs(script, &[declared]);
        assert_eq!(result, Err(OutputError::Link { path: path(at) }), "{name}");
        assert_eq!(names(&place.store()), Vec::<String>::new(), "{name} left something behind");
    }
}

#[test]
fn what_is_no_file_is_refused_without_waiting_for_it() {
    for (script, at) in [
        ("mkfifo out", "out"),
        ("mkdir d; mkfifo d/f", "d/f"),
        ("./attack attack unix-listen out", "out"),
    ] {
        let place = Place::new().with_attack();
        let declared = at.split('/').next().unwrap();
        let result = place.outputs(script, &[declared]);
        assert_eq!(result, Err(OutputError::Special { path: path(at) }), "{script}");
    }
}

#[test]
fn nothing_outside_can_be_linked_hard() {
    let place = Place::new();
    let ran = place.run(
        "for f in /etc/passwd /usr/bin/env /etc/ld.so.cache /proc/self/status /dev/null; do \
         ln $f hard 2>/dev/null && echo $f; done; true",
    );
    assert_eq!(ran.stdout, "");
    // Within the workspace it is a file like any other: compilers do it.
    let outputs = place.outputs("echo x > a; ln a b", &["a", "b"]).unwrap();
    assert_eq!(outputs[0].digest, outputs[1].digest);
    assert_ne!(
        fs::metadata(&outputs[0].stored).unwrap().ino(),
        fs::metadata(place.workspace().join("a")).unwrap().ino()
    );
}

#[test]
fn what_was_not_made_is_missing() {
    let place = Place::new();
    let missing = |text| Err(OutputError::Missing { path: path(text) });
    assert_eq!(place.outputs("true", &["out"]), missing("out"));
    assert_eq!(place.outputs("echo x > out", &["out/inner"]), missing("out/inner"));
}

#[test]
fn modes_of_the_step_do_not_survive() {
    let place = Place::new();
    let outputs =
        place.outputs("echo x > a; chmod 1777 a; echo y > b; chmod 600 b", &["a", "b"]).unwrap();
    let mode =
        |output: &Output| fs::metadata(&output.stored).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&outputs[0]), mode(&outputs[1])), (0o555, 0o444));
}

#[test]
fn limits_end_the_collection() {
    let small = CollectLimits { total_bytes: 1000, entries: 5, depth: 3 };
    let collect = |script: &str, declared: &str| {
        let place = Place::new();
        assert_eq!(place.run(script).record.outcome, Outcome::Succeeded);
        let result = collect_within(&place.workspace(), &[path(declared)], &place.store(), small);
        assert_eq!(result.is_err(), names(&place.store()).is_empty(), "something was left behind");
        result.map(|outputs| outputs[0].size)
    };
    assert_eq!(collect("head -c 1000 /dev/zero > a", "a"), Ok(1000));
    let too_large = |at| Err(OutputError::TooLarge { path: path(at), limit: 1000 });
    assert_eq!(collect("head -c 1001 /dev/zero > a", "a"), too_large("a"));
    assert_eq!(collect("truncate -s 15G a", "a"), too_large("a"));
    assert_eq!(
        collect("mkdir d; head -c 600 /dev/zero > d/a; head -c 600 /dev/zero > d/b", "d"),
        too_large("d/b")
    );
    assert_eq!(
        collect("mkdir d; cd d; touch 1 2 3 4 5", "d"),
        Err(OutputError::TooMany { path: path("d/5"), limit: 5 })
    );
    assert_eq!(
        collect("mkdir -p d/e/f/g", "d"),
        Err(OutputError::TooDeep { path: path("d/e/f/g"), limit: 3 })
    );
}

#[test]
fn a_directorys_digest_is_gits_tree() {
    let place = Place::new();
    let script = "mkdir -p d/sub d/a; printf one > d/sub/one; printf '' > d/empty; \
        printf x > d/a/x; chmod 755 d/a/x; printf y > d/a.txt; printf z > 'd/a b'";
    let outputs = place.outputs(script, &["d"]).unwrap();
    let OutputDigest::Directory(digest) = outputs[0].digest else { panic!("no directory") };
    assert_eq!(outputs[0].size, 6);
    assert_eq!(names(&place.store()), [format!("tree-{digest}")]);
    assert_eq!(fs::read(outputs[0].stored.join("sub/one")).unwrap(), b"one");

    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&outputs[0].stored)
            .env("GIT_DIR", place.outside().join("git"))
            .env("GIT_WORK_TREE", &outputs[0].stored)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    if git(&["init", "-q", "--object-format=sha256"]).is_none() {
        println!("SKIPPED: no git with SHA-256 objects here to compare with");
        return;
    }
    git(&["add", "--all", "."]).unwrap();
    assert_eq!(git(&["write-tree"]).unwrap().trim(), digest.to_string());
}

#[test]
fn each_change_of_a_directory_changes_its_digest() {
    let base = "mkdir -p d/e; echo 1 > d/f; ";
    let digest =
        |script: &str| Place::new().outputs(&format!("{base}{script}"), &["d"]).unwrap()[0].digest;
    let plain = digest("true");
    assert_eq!(plain, digest("touch -d 2001-01-01 d/f; chmod 600 d/f"));
    for change in
        ["echo 2 > d/f", "mv d/f d/g", "chmod +x d/f", "mkdir d/h", "rmdir d/e", "touch d/e/x"]
    {
        assert_ne!(plain, digest(change), "{change}");
    }
}

#[test]
fn odd_names_are_taken_as_they_are() {
    let place = Place::new();
    let outputs = place
        .outputs(
            "mkdir d; printf 1 > \"$(printf 'd/a b\\nc\\377')\"; printf 2 > '-rf'",
            &["d", "-rf"],
        )
        .unwrap();
    assert_eq!(outputs[0].size, 1);
    let inner = fs::read_dir(&outputs[0].stored).unwrap().next().unwrap().unwrap().file_name();
    assert_eq!(std::os::unix::ffi::OsStrExt::as_bytes(inner.as_os_str()), b"a b\nc\xff");
}

/// A later step is given the stored copy: one that was spoiled in the store must not reach it under
/// the digest of what was built.
#[test]
fn a_spoiled_copy_in_the_store_is_replaced() {
    let place = Place::new();
    let script = "mkdir -p dist site; echo abc > dist/app; echo abc > site/page";
    let outputs = place.outputs(script, &["dist/app", "site"]).unwrap();
    let page = outputs[1].stored.join("page");
    for file in [&outputs[0].stored, &page] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(file, "evil\n").unwrap();
    }
    let before = names(&place.store());
    let again = place.outputs("true", &["dist/app", "site"]).unwrap();
    assert_eq!(again, outputs);
    for file in [&outputs[0].stored, &page] {
        assert_eq!(fs::read(file).unwrap(), b"abc\n");
    }
    assert_eq!(names(&place.store()), before, "nothing is left over");
}

/// A directory that is whole stays as it is, since another run may be reading it.
#[test]
fn a_whole_directory_in_the_store_stays() {
    let place = Place::new();
    let outputs = place.outputs("mkdir site; echo abc > site/page", &["site"]).unwrap();
    let inode = |outputs: &[Output]| fs::metadata(&outputs[0].stored).unwrap().ino();
    let before = inode(&outputs);
    assert_eq!(inode(&place.outputs("true", &["site"]).unwrap()), before);
}
