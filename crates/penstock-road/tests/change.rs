//! What a change says of the persons behind it, over real repositories with real signatures.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use penstock_git::Repository;
use penstock_model::ProjectId;
use penstock_road::change::{People, Question, describe};
use penstock_statement::predicate::{SignatureStatus, SourceChange};

struct Team {
    fingerprint: String,
}

impl People for Team {
    fn person(&self, email: &str) -> Option<String> {
        (email == "ana@example.org").then(|| "ana".to_owned())
    }

    fn signs_with(&self, person: &str, fingerprint: &str) -> bool {
        person == "ana" && fingerprint == self.fingerprint
    }
}

fn git(directory: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args([
            "-c",
            "user.name=Ana",
            "-c",
            "user.email=ana@example.org",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}

/// A key pair, and its fingerprint as ssh-keygen prints it; `None` where there is no ssh-keygen.
fn key(directory: &Path, name: &str) -> Option<(String, String)> {
    let path = directory.join(name);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&path)
        .status()
        .is_ok_and(|status| status.success());
    if !made {
        return None;
    }
    let shown = Command::new("ssh-keygen").arg("-lf").arg(&path).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    Some((path.display().to_string(), shown.split_whitespace().nth(1)?.to_owned()))
}

fn commit(directory: &Path, message: &str, key: Option<&str>) {
    fs::write(directory.join("file"), message).unwrap();
    git(directory, &["add", "."]);
    match key {
        None => git(directory, &["commit", "-q", "--no-gpg-sign", "-m", message]),
        Some(key) => {
            let key = format!("user.signingkey={key}");
            git(
                directory,
                &["-c", "gpg.format=ssh", "-c", &key, "commit", "-q", "-S", "-m", message],
            );
        }
    }
}

fn change(directory: &Path, team: &Team) -> SourceChange {
    let repository = Repository::discover(directory).unwrap();
    let head = repository.head().unwrap();
    let project: ProjectId = ProjectId::from_root_commit(&repository.root_commit().unwrap(), None);
    let question = Question {
        project: &project,
        subdirectory: None,
        environment: "staging",
        from: None,
        to: &head.id,
    };
    describe(&repository, &question, team).unwrap()
}

#[test]
fn a_signature_counts_only_with_a_key_of_the_committer() {
    let dir = tempfile::tempdir().unwrap();
    let (repository, keys) = (dir.path().join("repository"), dir.path().join("keys"));
    fs::create_dir_all(&repository).unwrap();
    fs::create_dir_all(&keys).unwrap();
    let (Some((own, fingerprint)), Some((stranger, _))) =
        (key(&keys, "own"), key(&keys, "stranger"))
    else {
        println!("SKIPPED: no ssh-keygen here");
        return;
    };
    git(&repository, &["init", "-q"]);
    commit(&repository, "unsigned", None);
    commit(&repository, "signed", Some(&own));
    commit(&repository, "signed by a stranger", Some(&stranger));
    let change = change(&repository, &Team { fingerprint });
    let newest_first: Vec<SignatureStatus> = change.commits.iter().map(|c| c.signature).collect();
    assert_eq!(
        newest_first,
        [SignatureStatus::Invalid, SignatureStatus::Verified, SignatureStatus::Unsigned]
    );
    assert_eq!(change.gap, None);
}

#[test]
fn a_history_that_was_cut_off_is_a_gap_not_a_shorter_list() {
    let dir = tempfile::tempdir().unwrap();
    let full = dir.path().join("full");
    fs::create_dir_all(&full).unwrap();
    git(&full, &["init", "-q"]);
    commit(&full, "one", None);
    commit(&full, "two", None);
    let from = format!("file://{}", full.display());
    git(dir.path(), &["clone", "-q", "--depth", "1", &from, "shallow"]);
    let repository = Repository::discover(&dir.path().join("shallow")).unwrap();
    let head = repository.head().unwrap();
    let project: ProjectId = "git+https://example.org/a".parse().unwrap();
    let question = Question {
        project: &project,
        subdirectory: None,
        environment: "staging",
        from: None,
        to: &head.id,
    };
    let team = Team { fingerprint: String::new() };
    let change = describe(&repository, &question, &team).unwrap();
    assert!(change.gap.is_some());
    assert!(change.commits.is_empty());
}
