#![expect(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]
//! Writing a tree to a directory, and trees made to write elsewhere.

mod support;

use std::{
    fs, io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use penstock_git::{GitError, Materialised};
use penstock_model::GitOid;
use support::{Sandbox, listing, path, time};

const FILE: &str = "100644";
const DIRECTORY: &str = "40000";
const LINK: &str = "120000";

/// Materialises everything into `out` beside the repository.
fn materialise(sandbox: &Sandbox, tree: &GitOid) -> Result<Materialised, GitError> {
    let out = sandbox.dir.path().join("out");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir(&out).unwrap();
    sandbox.repository().materialise(tree, &out, time(), &|_| true)
}

/// Tries to, and checks that nothing appeared beside `out` and the repository.
fn attack(sandbox: &Sandbox, tree: &GitOid) -> GitError {
    let error = materialise(sandbox, tree).unwrap_err();
    let names = |dir: &Path| {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(sandbox.dir.path()), ["out", "repo"]);
    assert!(!sandbox.path(".git/evil").exists());
    error
}

#[test]
fn a_tree_is_written_as_committed() {
    let sandbox = Sandbox::with_commit();
    sandbox.git(&["config", "core.autocrlf", "true"]);
    sandbox.write(".gitattributes", "*.txt text eol=crlf\n*.id ident\n");
    sandbox.write("run.sh", "#!/bin/sh\n");
    fs::set_permissions(sandbox.path("run.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    sandbox.write("x.id", "$Id$\n");
    sandbox.write("deep/er/odd \n\u{e9}", "odd");
    std::os::unix::fs::symlink("../a.txt", sandbox.path("deep/link")).unwrap();
    let blob = sandbox.blob(b"\r\n\0raw");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},\u{e9}.bin")]);
    let root = sandbox.git(&["write-tree"]).parse().unwrap();
    let done = materialise(&sandbox, &root).unwrap();
    let out = sandbox.dir.path().join("out");
    assert_eq!(
        listing(&out),
        [
            ".gitattributes",
            "\\xc3\\xa9.bin",
            "a.txt",
            "deep/er/odd \\n\\xc3\\xa9",
            "deep/link@",
            "run.sh*",
            "x.id"
        ]
    );
    // Raw blobs: no line endings, no keywords.
    assert_eq!(fs::read(out.join("a.txt")).unwrap(), b"one\n");
    assert_eq!(fs::read(out.join("x.id")).unwrap(), b"$Id$\n");
    assert_eq!(fs::read(out.join("\u{e9}.bin")).unwrap(), b"\r\n\0raw");
    assert_eq!(fs::read_link(out.join("deep/link")).unwrap(), Path::new("../a.txt"));
    assert_eq!(done.files, 7);
    for name in ["", "a.txt", "run.sh", "deep", "deep/er", "deep/link"] {
        let metadata = fs::symlink_metadata(out.join(name)).unwrap();
        assert_eq!(metadata.mtime(), time().unix(), "{name}");
    }
    let mode = |name: &str| fs::metadata(out.join(name)).unwrap().mode() & 0o7777;
    assert_eq!((mode("run.sh"), mode("a.txt"), mode("deep")), (0o755, 0o644, 0o755));
}

#[test]
fn only_what_is_selected_is_written() {
    let sandbox = Sandbox::new();
    let (lfs, text) = (sandbox.blob(LFS.as_bytes()), sandbox.blob(b"x"));
    let out = sandbox.blob(b"../out");
    let inner = sandbox.tree(&[(FILE, b"b", &text)]);
    let root = sandbox.tree(&[
        (FILE, b"a", &text),
        (DIRECTORY, b"d", &inner),
        (LINK, b"l", &out),
        (FILE, b"lfs", &lfs),
        ("160000", b"sub", &"a".repeat(40).parse().unwrap()),
    ]);
    let into = sandbox.dir.path().join("out");
    fs::create_dir(&into).unwrap();
    let repository = sandbox.repository();
    let done = repository
        .materialise(&root, &into, time(), &|selected| selected.is_within(&path("d")))
        .unwrap();
    assert_eq!((done, listing(&into)), (Materialised { files: 1, bytes: 1 }, vec!["d/b".into()]));
    assert_eq!(
        repository.materialise(&root, &into, time(), &|_| true),
        Err(GitError::LinkLeavesTree { path: path("l"), target: "../out".to_owned() })
    );
    assert_eq!(
        repository.materialise(&inner, &into, time(), &|_| true),
        Err(GitError::NotEmpty(into))
    );
}

const LFS: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:0000000000000000000000000000000000000000000000000000000000000000\nsize 12345\n";

#[test]
fn content_that_is_not_in_the_commit_is_an_error() {
    let sandbox = Sandbox::new();
    let lfs = sandbox.blob(LFS.as_bytes());
    let tree = sandbox.tree(&[(FILE, b"big.bin", &lfs)]);
    assert_eq!(attack(&sandbox, &tree), GitError::LfsPointer(path("big.bin")));
    // Text about pointers is no pointer.
    let text = sandbox.blob(format!("See:\n{LFS}").as_bytes());
    materialise(&sandbox, &sandbox.tree(&[(FILE, b"doc.md", &text)])).unwrap();
    let tree = sandbox.tree(&[("160000", b"sub", &"a".repeat(40).parse().unwrap())]);
    assert_eq!(attack(&sandbox, &tree), GitError::Submodule(path("sub")));
    let missing: GitOid = "b".repeat(40).parse().unwrap();
    let tree = sandbox.tree(&[(FILE, b"x", &missing)]);
    assert_eq!(attack(&sandbox, &tree), GitError::MissingObject(missing.clone()));
    assert_eq!(attack(&sandbox, &missing), GitError::MissingObject(missing));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let sandbox = Sandbox::new();
    let evil = sandbox.blob(b"evil");
    let names: [&[u8]; 16] = [
        b"",
        b".",
        b"..",
        b"../evil",
        b"/evil",
        b"a/b",
        b".git",
        b".GIT",
        b".gIt ",
        b".git.",
        b".git::$INDEX_ALLOCATION",
        b"git~1",
        b"GIT~1",
        ".g\u{200c}it".as_bytes(),
        "\u{feff}.git".as_bytes(),
        b".git ..",
    ];
    for name in names {
        let files = sandbox.tree(&[(FILE, name, &evil)]);
        let inner = sandbox.tree(&[(FILE, b"evil", &evil)]);
        let directories = sandbox.tree(&[(DIRECTORY, name, &inner)]);
        let below = sandbox.tree(&[(DIRECTORY, b"d", &files)]);
        for tree in [files, directories, below] {
            let error = attack(&sandbox, &tree);
            assert!(
                matches!(error, GitError::UnsafeName { .. } | GitError::MalformedTree(_)),
                "{name:?}: {error:?}"
            );
        }
    }
    let fine: [&[u8]; 6] = [b".gitignore", b".github", b"...", b"-rf", b"git~2", b"a\\..\\b"];
    for name in fine {
        materialise(&sandbox, &sandbox.tree(&[(FILE, name, &evil)])).unwrap();
    }
}

#[test]
fn a_link_and_a_directory_of_one_name_cannot_meet() {
    let sandbox = Sandbox::new();
    let evil = sandbox.blob(b"evil");
    let outside = sandbox.blob(b"..");
    let inside = sandbox.blob(b"b");
    let inner = sandbox.tree(&[(FILE, b"evil", &evil)]);
    for target in [&outside, &inside] {
        let entries: [(&str, &[u8], &GitOid); 2] =
            [(LINK, b"a", target), (DIRECTORY, b"a", &inner)];
        for entries in [entries, [entries[1], entries[0]]] {
            let tree = sandbox.tree(&entries);
            assert_eq!(attack(&sandbox, &tree), GitError::DuplicateEntry(path("a")));
        }
    }
}

#[test]
fn links_that_lead_outside_are_refused() {
    let sandbox = Sandbox::new();
    let evil = sandbox.blob(b"evil");
    let inner = |target: &str| {
        let target = sandbox.blob(target.as_bytes());
        sandbox.tree(&[(LINK, b"link", &target), (FILE, b"x", &evil)])
    };
    for target in ["/etc/passwd", "..", "../../x", "x/../../..", "", "a\0b", "//", "d/../.."] {
        let tree = inner(target);
        let error = attack(&sandbox, &tree);
        assert!(matches!(error, GitError::LinkLeavesTree { .. }), "{target:?}: {error:?}");
    }
    // Through a directory link that is harmless alone.
    let up = sandbox.blob(b"../..");
    let through = sandbox.blob(b"p/q/d/../evil");
    let q = sandbox.tree(&[(LINK, b"d", &up)]);
    let p = sandbox.tree(&[(DIRECTORY, b"q", &q)]);
    materialise(&sandbox, &sandbox.tree(&[(DIRECTORY, b"p", &p)])).unwrap();
    let tree = sandbox.tree(&[(LINK, b"e", &through), (DIRECTORY, b"p", &p)]);
    assert_eq!(
        attack(&sandbox, &tree),
        GitError::LinkLeavesTree { path: path("e"), target: "p/q/d/../evil".to_owned() }
    );
    let tree = sandbox.tree(&[(DIRECTORY, b"d", &inner("../d/x"))]);
    materialise(&sandbox, &tree).unwrap();
    let read = fs::read_to_string(sandbox.dir.path().join("out/d/link")).unwrap();
    assert_eq!(read, "evil");
}

#[test]
fn a_link_in_place_of_the_directory_is_not_followed() {
    let sandbox = Sandbox::with_commit();
    let repository = sandbox.repository();
    let tree = repository.head().unwrap().tree;
    let (real, link) = (sandbox.dir.path().join("real"), sandbox.dir.path().join("link"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    assert!(matches!(
        repository.materialise(&tree, &link, time(), &|_| true),
        Err(GitError::Io { kind: io::ErrorKind::NotADirectory, .. })
    ));
    assert_eq!(listing(&real), Vec::<String>::new());
}

#[test]
fn trees_that_are_none_are_refused() {
    let sandbox = Sandbox::new();
    let blob = sandbox.blob(b"x");
    let raw = hex::decode(blob.as_str()).unwrap();
    let contents: [&[u8]; 5] = [
        b"100644",
        b"100644 name",
        b"100644 name\0short",
        &[b"644 name\0", &*raw].concat(),
        &[b"777777 name\0", &*raw].concat(),
    ];
    for content in contents {
        let tree = sandbox.object("tree", content);
        assert_eq!(attack(&sandbox, &tree), GitError::MalformedTree(tree));
    }
    let not_a_tree =
        GitError::WrongKind { oid: blob.clone(), expected: penstock_git::ObjectKind::Tree };
    assert_eq!(attack(&sandbox, &blob), not_a_tree);
    let tree = sandbox.tree(&[(DIRECTORY, b"d", &blob)]);
    assert_eq!(attack(&sandbox, &tree), not_a_tree);
}

#[test]
fn paths_and_targets_have_a_length() {
    let sandbox = Sandbox::new();
    let mut deep = sandbox.tree(&[(FILE, b"x", &sandbox.blob(b"x"))]);
    let name = [b'd'; 255];
    for _ in 0..17 {
        deep = sandbox.tree(&[(DIRECTORY, &name, &deep)]);
    }
    assert!(matches!(attack(&sandbox, &deep), GitError::TooLarge { limit: 4095, .. }));
    let long = sandbox.blob(&[b'a'; 5000]);
    let tree = sandbox.tree(&[(LINK, b"l", &long)]);
    assert!(matches!(attack(&sandbox, &tree), GitError::TooLarge { limit: 4095, .. }));
}

#[test]
fn odd_paths_are_written() {
    let sandbox = Sandbox::new();
    let blob = sandbox.blob(b"x");
    let names: [&[u8]; 5] = [b"\xff\xfe", b"a b", b"new\nline", b"tab\t", "\u{1f600}".as_bytes()];
    let mut entries: Vec<_> = names.iter().map(|name| (FILE, *name, &blob)).collect();
    entries.sort_by_key(|(_, name, _)| *name);
    let tree = sandbox.tree(&entries);
    assert_eq!(materialise(&sandbox, &tree).unwrap(), Materialised { files: 5, bytes: 5 });
    assert_eq!(
        listing(&sandbox.dir.path().join("out")),
        ["\\xf0\\x9f\\x98\\x80", "\\xff\\xfe", "a b", "new\\nline", "tab\\t"]
    );
}
