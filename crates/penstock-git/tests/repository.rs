#![expect(clippy::unwrap_used, reason = "set-up that fails or is skipped")]
//! Finding a repository and reading what is in it.

mod support;

use std::fs;

use penstock_git::{CoAuthor, CommitSignature, EntryKind, GitError, Repository, SignatureKind};
use penstock_model::GitOid;
use support::{Sandbox, path};

#[test]
fn a_repository_is_found_from_within() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("sub/dir/x", "");
    let repository = Repository::discover(&sandbox.path("sub/dir")).unwrap();
    assert_eq!(repository.root_dir(), sandbox.root().canonicalize().unwrap());
    let sub = repository.subdirectory(&sandbox.path("sub/dir"));
    assert_eq!(sub, Ok(Some(path("sub/dir"))));
    assert_eq!(repository.subdirectory(&sandbox.root()), Ok(None));
    // A link into the project is the project.
    let link = sandbox.dir.path().join("link");
    std::os::unix::fs::symlink(sandbox.path("sub"), &link).unwrap();
    assert_eq!(repository.subdirectory(&link), Ok(Some(path("sub"))));
    assert!(matches!(
        repository.subdirectory(sandbox.dir.path()),
        Err(GitError::OutsideWorkTree { .. })
    ));
    assert_eq!(repository.head().unwrap().id, sandbox.head());
    assert!(!repository.is_shallow());
}

#[test]
fn what_is_no_repository_says_so() {
    let dir = tempfile::TempDir::new().unwrap();
    let error = Repository::discover(dir.path()).err().unwrap();
    assert_eq!(error, GitError::NotARepository(dir.path().canonicalize().unwrap()));
    assert!(error.to_string().contains("run `git init` and commit"), "{error}");
    assert!(matches!(
        Repository::discover(&dir.path().join("gone")),
        Err(GitError::Io { kind: std::io::ErrorKind::NotFound, .. })
    ));
    let sandbox = Sandbox::new();
    sandbox.git_in(dir.path(), &["init", "-q", "--bare", "bare.git"], b"");
    assert!(matches!(Repository::discover(&dir.path().join("bare.git")), Err(GitError::Bare(_))));
    sandbox.git_in(dir.path(), &["init", "-q", "--object-format=sha256", "new"], b"");
    let new = Repository::discover(&dir.path().join("new"));
    assert_eq!(new.err(), Some(GitError::Sha256Unsupported));
    fs::write(sandbox.path(".git/config"), "[core\n").unwrap();
    let broken = Repository::discover(&sandbox.root());
    assert!(matches!(broken, Err(GitError::Open { .. })), "{:?}", broken.err());
}

#[test]
fn a_repository_without_a_commit_is_empty() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository();
    assert_eq!(repository.head(), Err(GitError::Empty));
    assert_eq!(repository.root_commit(), Err(GitError::Empty));
    assert_eq!(repository.status(None), Err(GitError::Empty));
    assert_eq!(repository.tracked(&path("x")), Ok(vec![]));
}

#[test]
fn revisions_name_commits() {
    let sandbox = Sandbox::with_commit();
    let first = sandbox.head();
    let second = sandbox.commit("second");
    sandbox.git(&["tag", "-a", "-m", "x", "annotated"]);
    sandbox.git(&["tag", "-a", "-m", "x", "twice", "annotated"]);
    sandbox.git(&["tag", "light", "HEAD~1"]);
    let repository = sandbox.repository();
    for (revision, id) in [
        ("HEAD", &second),
        ("HEAD~1", &first),
        ("main", &second),
        ("annotated", &second),
        ("twice", &second),
        ("light", &first),
        (first.as_str(), &first),
        (first.short(), &first),
    ] {
        assert_eq!(&repository.resolve(revision).unwrap().id, id, "{revision}");
    }
    for revision in ["gone", "HEAD~5", "HEAD^{tree}", "HEAD:a.txt", "", "\u{1b}[31m", "a..b"] {
        let error = repository.resolve(revision).unwrap_err();
        assert!(matches!(&error, GitError::UnknownRevision(_)), "{revision}: {error:?}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    sandbox.git(&["checkout", "-q", "--detach", "HEAD~1"]);
    assert_eq!(sandbox.repository().head().unwrap().id, first);
}

#[test]
fn a_commit_names_its_people() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit(
        "Title\n\nCo-authored-by: Not This <not@example.org>\nis body text\n\n\
         Reviewed-by: Rev <rev@example.org>\nco-AUTHORED-by: Cleo Example <cleo@example.org>\n\
         Co-authored-by: Dan\n <dan@example.org>\nCo-authored-by: nobody\n\
         Co-authored-by: A <a@example.org> <b@example.org>\n\
         Co-authored-by: Cleo Example <cleo@example.org>",
    );
    let commit = sandbox.repository().commit(&id).unwrap();
    assert_eq!((&*commit.author.name, &*commit.author.email), ("Ana Example", "ana@example.org"));
    assert_eq!(commit.committer.email, "ben@example.org");
    assert_eq!(commit.author.time.to_string(), "2026-01-02T03:04:07Z");
    assert_eq!((commit.summary(), commit.parents.len()), ("Title", 0));
    let person =
        |name: &str, email: &str| CoAuthor { name: name.to_owned(), email: email.to_owned() };
    assert_eq!(
        commit.co_authors,
        [
            person("Cleo Example", "cleo@example.org"),
            person("Dan", "dan@example.org"),
            person("nobody", ""),
            person("A <a@example.org> <b@example.org>", ""),
        ]
    );
    let title = sandbox.commit("Co-authored-by: Title <t@example.org>");
    assert_eq!(sandbox.repository().commit(&title).unwrap().co_authors, []);
}

/// A commit object of these header lines.
fn raw(sandbox: &Sandbox, lines: &str) -> Result<penstock_git::Commit, GitError> {
    let tree = sandbox.tree(&[]);
    let id = sandbox.object("commit", lines.replace("TREE", tree.as_str()).as_bytes());
    sandbox.repository().commit(&id)
}

#[test]
fn odd_commits_are_read_without_guessing() {
    let sandbox = Sandbox::new();
    let committer = "committer C <c@x> 1 +0000";
    let author = |line: &str| {
        let commit = raw(&sandbox, &format!("tree TREE\nauthor {line}\n{committer}\n\nx")).unwrap();
        (commit.author.name, commit.author.email, commit.author.time.unix())
    };
    let person = |name: &str, email: &str, time| (name.to_owned(), email.to_owned(), time);
    assert_eq!(author("A B <a@x> 5 +0100"), person("A B", "a@x", 5));
    assert_eq!(author("<a@x> 5 +0000"), person("", "a@x", 5));
    // Two addresses: neither is believed.
    assert_eq!(author("A <a@x> <b@x> 5 +0000"), person("A <a@x> <b@x> 5 +0000", "", 5));
    assert_eq!(author("A <a@x"), person("A <a@x", "", 0));
    assert_eq!(author("A <a@x> 99999999999999999999 +0000"), person("A", "a@x", 0));
    assert_eq!(author("A <a@x> 9223372036854775807 +0000"), person("A", "a@x", 0));

    let malformed = |lines: &str| match raw(&sandbox, lines) {
        Err(GitError::MalformedCommit { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(malformed(""), "tree");
    assert_eq!(malformed("tree TREE\ntree TREE\n\n"), "tree");
    assert_eq!(malformed("tree xyz\n\n"), "tree");
    assert_eq!(malformed("tree TREE\nparent 12\n\n"), "parent");
    assert_eq!(malformed("tree TREE\n\nauthor A <a@x> 1 +0000\n"), "author");
    // A second author line would let each reader see another person.
    let two = format!("tree TREE\nauthor A <a@x> 1 +0000\nauthor B <b@x> 1 +0000\n{committer}\n\n");
    assert_eq!(malformed(&two), "author");
}

#[test]
fn a_signature_is_cut_out_of_what_it_signs() {
    let sandbox = Sandbox::new();
    let head = "tree TREE\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 1 +0000\n";
    let armour = |name: &str| format!("-----BEGIN {name}-----\nabc\n\ndef\n-----END {name}-----");
    let folded = |name: &str| armour(name).replace('\n', "\n ");
    for (name, kind) in [
        ("SSH SIGNATURE", SignatureKind::Ssh),
        ("PGP SIGNATURE", SignatureKind::OpenPgp),
        ("SIGNED MESSAGE", SignatureKind::X509),
        ("NONSENSE", SignatureKind::Unknown),
    ] {
        let text =
            format!("{head}gpgsig {}\nencoding UTF-8\n\nMessage\n\ngpgsig no\n", folded(name));
        let CommitSignature::Present(signature) = raw(&sandbox, &text).unwrap().signature else {
            panic!("{name}");
        };
        assert_eq!((signature.kind, &*signature.armour), (kind, armour(name).as_bytes()));
        let tree = sandbox.tree(&[]);
        let payload = format!("{head}encoding UTF-8\n\nMessage\n\ngpgsig no\n");
        assert_eq!(signature.payload, payload.replace("TREE", tree.as_str()).as_bytes());
    }
    let unsigned = raw(&sandbox, &format!("{head}\ngpgsig x\n")).unwrap();
    assert_eq!(unsigned.signature, CommitSignature::None);
    let twice = raw(&sandbox, &format!("{head}gpgsig a\ngpgsig b\n\n"));
    assert!(matches!(twice, Err(GitError::MalformedCommit { field: "gpgsig", .. })));
}

#[test]
fn files_of_a_tree_are_listed() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("sub/b/c", "c");
    sandbox.write("sub/b.x", "x");
    std::os::unix::fs::symlink("b.x", sandbox.path("sub/l")).unwrap();
    let id = sandbox.commit("x");
    let repository = sandbox.repository();
    let tree = repository.tree_at(&id, None).unwrap();
    let files = repository.files(&tree).unwrap();
    let names: Vec<_> = files.iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(names, ["a.txt", "sub/b.x", "sub/b/c", "sub/l"]);
    assert_eq!(files[3].kind, EntryKind::Link);
    assert_eq!(repository.blob(&files[3].oid).unwrap(), b"b.x");
    let sub = repository.tree_at(&id, Some(&path("sub"))).unwrap();
    assert_eq!(sub.as_str(), sandbox.git(&["rev-parse", "HEAD:sub"]));
    for missing in ["gone", "sub/gone", "a.txt", "sub/l", "sub/b.x/c"] {
        let error = repository.tree_at(&id, Some(&path(missing)));
        assert_eq!(error, Err(GitError::PathNotFound { commit: id.clone(), path: path(missing) }));
    }
}

#[test]
fn an_object_that_is_not_what_its_id_says_is_refused() {
    let sandbox = Sandbox::with_commit();
    let head = sandbox.repository().head().unwrap();
    let (good, evil) = (sandbox.blob(b"good"), sandbox.blob(b"evil"));
    // A well-formed object under the id of another.
    fs::set_permissions(sandbox.loose(&good), std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .unwrap();
    // Not `copy`, which brings the mode along: only root could then write the file again.
    fs::write(sandbox.loose(&good), fs::read(sandbox.loose(&evil)).unwrap()).unwrap();
    assert_eq!(sandbox.repository().blob(&good), Err(GitError::CorruptObject(good.clone())));
    let tree = sandbox.tree(&[("100644", b"x", &good)]);
    let out = sandbox.dir.path().join("out");
    fs::create_dir(&out).unwrap();
    let result = sandbox.repository().materialise(&tree, &out, support::time(), &|_| true);
    assert_eq!(result, Err(GitError::CorruptObject(good.clone())));
    for bytes in [&b""[..], b"not zlib"] {
        fs::write(sandbox.loose(&good), bytes).unwrap();
        assert_eq!(sandbox.repository().blob(&good), Err(GitError::CorruptObject(good.clone())));
    }
    // The same for a commit, and one that is not there.
    fs::remove_file(sandbox.loose(&head.tree)).unwrap();
    let missing = sandbox.repository().tree_at(&head.id, Some(&path("x")));
    assert_eq!(missing, Err(GitError::MissingObject(head.tree)));
    let other = sandbox.commit("other");
    fs::remove_file(sandbox.loose(&head.id)).unwrap();
    fs::copy(sandbox.loose(&other), sandbox.loose(&head.id)).unwrap();
    assert_eq!(sandbox.repository().commit(&head.id), Err(GitError::CorruptObject(head.id)));
    let sha256: GitOid = "c".repeat(64).parse().unwrap();
    assert_eq!(sandbox.repository().blob(&sha256), Err(GitError::Sha256Unsupported));
}

#[test]
fn packed_objects_are_read_and_verified() {
    let sandbox = Sandbox::with_commit();
    let text: String = (0..2000).map(|n| format!("line {n}\n")).collect();
    sandbox.write("big", &text);
    sandbox.commit("big");
    sandbox.write("big", format!("{text}more\n"));
    sandbox.commit("bigger");
    sandbox.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    let repository = sandbox.repository();
    let head = repository.head().unwrap();
    let files = repository.files(&head.tree).unwrap();
    assert_eq!(repository.blob(&files[1].oid).unwrap(), format!("{text}more\n").as_bytes());
    let packs = sandbox.path(".git/objects/pack");
    let entries = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
    let pack = entries.into_iter().find(|path| path.extension().is_some_and(|e| e == "pack"));
    let pack = pack.unwrap();
    let mut bytes = fs::read(&pack).unwrap();
    fs::set_permissions(&pack, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let mut refused = 0;
    for at in (12..bytes.len() - 20).step_by(101) {
        bytes[at] ^= 0x20;
        fs::write(&pack, &bytes).unwrap();
        let repository = sandbox.repository();
        for entry in &files {
            match repository.blob(&entry.oid) {
                // Whatever is given out is what the id says.
                Ok(content) => assert_eq!(sandbox.blob(&content), entry.oid),
                Err(GitError::CorruptObject(_) | GitError::MissingObject(_)) => refused += 1,
                Err(GitError::TooLarge { .. } | GitError::WrongKind { .. }) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        bytes[at] ^= 0x20;
    }
    assert!(refused > 0);
}

#[test]
fn a_replacement_does_not_change_what_a_commit_is() {
    let sandbox = Sandbox::with_commit();
    let good = sandbox.head();
    sandbox.write("a.txt", "evil\n");
    let evil = sandbox.commit("evil");
    sandbox.git(&["replace", good.as_str(), evil.as_str()]);
    let shown = sandbox.git(&["show", "-s", "--format=%s", good.as_str()]);
    assert_eq!(shown, "evil", "the attack works on git itself");
    let repository = sandbox.repository();
    assert_eq!(repository.commit(&good).unwrap().message, "first\n");
    assert_eq!(repository.root_commit(), Ok(good));
}

#[test]
fn worktrees_and_alternates_are_repositories() {
    let sandbox = Sandbox::with_commit();
    sandbox.git(&["config", "remote.origin.url", "https://example.org/app.git"]);
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = sandbox.dir.path().join("side");
    fs::write(side.join("b.txt"), "b").unwrap();
    sandbox.git_in(&side, &["add", "-A"], b"");
    sandbox.git_in(&side, &["commit", "-q", "-m", "side"], b"");
    let repository = Repository::discover(&side).unwrap();
    assert_eq!(repository.root_dir(), side.canonicalize().unwrap());
    assert_eq!(repository.head().unwrap().summary(), "side");
    assert_eq!(repository.tracked(&path("b.txt")), Ok(vec![path("b.txt")]));
    assert_eq!(repository.root_commit(), Ok(sandbox.head()));
    let origin = repository.remote_url("origin");
    assert_eq!(origin.as_deref(), Some("https://example.org/app.git"));
    assert_eq!(repository.remote_url("upstream"), None);

    sandbox.git_in(sandbox.dir.path(), &["clone", "-q", "--shared", "repo", "shared"], b"");
    let shared = Repository::discover(&sandbox.dir.path().join("shared")).unwrap();
    assert_eq!(shared.head().unwrap().id, sandbox.head());
    assert!(shared.files(&shared.head().unwrap().tree).is_ok());
}

#[test]
fn nothing_but_the_repository_decides_what_is_read() {
    let sandbox = Sandbox::with_commit();
    // A repository's own configuration may point anywhere; none of these is run or followed.
    let marker = sandbox.dir.path().join("ran");
    let command = format!("touch {}", marker.display());
    for key in
        ["core.fsmonitor", "core.sshCommand", "core.pager", "filter.x.smudge", "filter.x.clean"]
    {
        sandbox.git(&["config", key, &command]);
    }
    fs::write(sandbox.path(".gitattributes"), "* filter=x\n").unwrap();
    let repository = sandbox.repository();
    let head = repository.head().unwrap();
    let out = sandbox.dir.path().join("out");
    fs::create_dir(&out).unwrap();
    repository.materialise(&head.tree, &out, support::time(), &|_| true).unwrap();
    assert_eq!(repository.status(None).unwrap().untracked, [path(".gitattributes")]);
    assert!(!marker.exists());
}

/// Runs one test of this file again, in a process with these variables.
fn again(test: &str, variables: &[(&str, &std::path::Path)]) {
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&status.stdout);
    assert!(status.status.success() && output.contains("1 passed"), "{output}");
}

#[test]
fn the_environment_does_not_change_what_is_read() {
    let (sandbox, other) = (Sandbox::with_commit(), Sandbox::with_commit());
    other.commit("other");
    other.write("other", "");
    other.git(&["add", "-A"]);
    let (root, git) = (other.root(), other.path(".git"));
    let (index, objects, config) =
        (other.path(".git/index"), other.path(".git/objects"), other.path("config"));
    fs::write(&config, "[remote \"origin\"]\nurl = evil\n[core]\nworktree = /\n").unwrap();
    let head = sandbox.dir.path().join("shallow");
    fs::write(&head, format!("{}\n", sandbox.head())).unwrap();
    again(
        "reads_the_repository_it_is_told",
        &[
            ("PENSTOCK_TEST_REPOSITORY", &sandbox.root()),
            ("GIT_DIR", &git),
            ("GIT_WORK_TREE", &root),
            ("GIT_COMMON_DIR", &git),
            ("GIT_INDEX_FILE", &index),
            ("GIT_OBJECT_DIRECTORY", &objects),
            ("GIT_SHALLOW_FILE", &head),
            ("GIT_CONFIG_GLOBAL", &config),
            ("GIT_CONFIG_SYSTEM", &config),
            ("GIT_CEILING_DIRECTORIES", &sandbox.root()),
        ],
    );
}

#[test]
#[ignore = "run by the test above, with an environment of its own"]
fn reads_the_repository_it_is_told() {
    let root = std::path::PathBuf::from(std::env::var_os("PENSTOCK_TEST_REPOSITORY").unwrap());
    let repository = Repository::discover(&root).unwrap();
    assert_eq!(repository.root_dir(), root.canonicalize().unwrap());
    assert_eq!(repository.head().unwrap().message, "first\n");
    assert!(!repository.is_shallow());
    assert_eq!(repository.remote_url("origin"), None);
    assert_eq!(repository.tracked(&path("other")), Ok(vec![]));
    assert!(repository.status(None).unwrap().is_clean());
}

#[test]
fn a_repository_of_somebody_else_is_read_all_the_same() {
    let sandbox = Sandbox::with_commit();
    sandbox.git(&["config", "remote.origin.url", "https://example.org/app.git"]);
    let given =
        std::process::Command::new("chown").args(["-R", "12345"]).arg(sandbox.root()).output();
    if !given.is_ok_and(|output| output.status.success()) {
        println!("skipped: only root can give a repository away");
        return;
    }
    let repository = sandbox.repository();
    assert_eq!(repository.head().unwrap().message, "first\n");
    let origin = repository.remote_url("origin");
    assert_eq!(origin.as_deref(), Some("https://example.org/app.git"));
    assert!(repository.status(None).unwrap().is_clean());
}
