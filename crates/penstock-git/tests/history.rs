//! Which commits a change consists of, and where history ends.

mod support;

use penstock_git::{GitError, Repository};
use penstock_model::GitOid;
use support::{Sandbox, path};

fn summaries(
    repository: &Repository,
    from: Option<&GitOid>,
    to: &GitOid,
) -> Result<Vec<String>, GitError> {
    let commits = repository.history(from, to)?;
    Ok(commits.iter().map(|commit| commit.summary().to_owned()).collect())
}

#[test]
fn a_line_of_commits() {
    let sandbox = Sandbox::new();
    let ids: Vec<GitOid> = ["1", "2", "3", "4"].map(|text| sandbox.commit(text)).to_vec();
    let repository = sandbox.repository();
    assert_eq!(summaries(&repository, Some(&ids[1]), &ids[3]).unwrap(), ["4", "3"]);
    assert_eq!(summaries(&repository, None, &ids[3]).unwrap(), ["4", "3", "2", "1"]);
    assert_eq!(repository.history(Some(&ids[3]), &ids[3]), Ok(vec![]));
    // Going back brings in nothing new.
    assert_eq!(repository.history(Some(&ids[3]), &ids[1]), Ok(vec![]));
    assert_eq!(repository.root_commit(), Ok(ids[0].clone()));
    let gone: GitOid = "d".repeat(40).parse().unwrap();
    let missing = Err(GitError::MissingObject(gone.clone()));
    assert_eq!(repository.history(Some(&gone), &ids[3]), missing);
    assert_eq!(repository.history(None, &gone), missing);
}

#[test]
fn a_merge_brings_in_what_was_not_there_before() {
    let sandbox = Sandbox::new();
    sandbox.commit("base");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.commit("side 1");
    sandbox.git(&["checkout", "-q", "main"]);
    let deployed = sandbox.commit("main 1");
    sandbox.git(&["checkout", "-q", "side"]);
    sandbox.commit("side 2");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    let head = sandbox.head();
    let repository = sandbox.repository();
    // The side branch is older than what was deployed and new all the same.
    assert_eq!(
        summaries(&repository, Some(&deployed), &head).unwrap(),
        ["merge", "side 2", "side 1"]
    );
    assert_eq!(summaries(&repository, None, &head).unwrap().len(), 5);
    for (from, to) in [("main~1", "side"), ("side", "main"), ("side~1", "main"), ("main", "side~1")]
    {
        let id = |revision: &str| repository.resolve(revision).unwrap().id;
        let ours = repository.history(Some(&id(from)), &id(to)).unwrap();
        let mut ours: Vec<String> = ours.iter().map(|commit| commit.id.to_string()).collect();
        let theirs = sandbox.git(&["rev-list", &format!("{from}..{to}")]);
        let mut theirs: Vec<String> = theirs.lines().map(str::to_owned).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{from}..{to}");
    }
}

#[test]
fn a_foreign_root_does_not_change_the_first_commit() {
    let sandbox = Sandbox::with_commit();
    let first = sandbox.head();
    sandbox.git(&["checkout", "-q", "--orphan", "other"]);
    sandbox.commit("other root");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["merge", "-q", "--allow-unrelated-histories", "-m", "merge", "other"]);
    assert_eq!(sandbox.repository().root_commit(), Ok(first.clone()));
    let new = summaries(&sandbox.repository(), Some(&first), &sandbox.head()).unwrap();
    assert_eq!(new, ["merge", "other root"]);
}

#[test]
fn a_shallow_clone_answers_only_what_it_knows() {
    let sandbox = Sandbox::new();
    let ids: Vec<GitOid> = ["1", "2", "3", "4"].map(|text| sandbox.commit(text)).to_vec();
    let url = format!("file://{}", sandbox.root().display());
    sandbox.git_in(sandbox.dir.path(), &["clone", "-q", "--depth", "2", &url, "shallow"], b"");
    let repository = Repository::discover(&sandbox.dir.path().join("shallow")).unwrap();
    assert!(repository.is_shallow());
    assert_eq!(summaries(&repository, Some(&ids[2]), &ids[3]).unwrap(), ["4"]);
    let error = GitError::Shallow(ids[2].clone());
    assert!(error.to_string().contains("git fetch --unshallow"), "{error}");
    assert_eq!(repository.history(None, &ids[3]), Err(error.clone()));
    assert_eq!(repository.root_commit(), Err(error.clone()));
    assert_eq!(repository.changed_paths(&ids[2]), Err(error));
    assert!(repository.changed_paths(&ids[3]).is_ok());
    let before = repository.history(Some(&ids[1]), &ids[3]);
    assert_eq!(before, Err(GitError::MissingObject(ids[1].clone())));
}

#[test]
fn a_gap_is_never_taken_for_the_end() {
    let sandbox = Sandbox::new();
    sandbox.commit("base");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.commit("side 1");
    let side = sandbox.commit("side 2");
    sandbox.git(&["checkout", "-q", "main"]);
    let deployed = sandbox.commit("main 1");
    sandbox.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    let head = sandbox.head();
    // Cut off below `side 2`: who wrote `side 1` cannot be known.
    std::fs::write(sandbox.path(".git/shallow"), format!("{side}\n")).unwrap();
    let repository = sandbox.repository();
    assert_eq!(repository.history(Some(&deployed), &head), Err(GitError::Shallow(side)));
    // A missing commit that no boundary explains is damage.
    std::fs::remove_file(sandbox.path(".git/shallow")).unwrap();
    let lost = sandbox.repository().resolve("side~1").unwrap().id;
    std::fs::remove_file(sandbox.loose(&lost)).unwrap();
    let result = sandbox.repository().history(Some(&deployed), &head);
    assert_eq!(result, Err(GitError::MissingObject(lost)));
}

#[test]
fn changed_paths_are_those_against_the_first_parent() {
    let sandbox = Sandbox::new();
    sandbox.write("keep/a", "1");
    sandbox.write("mode", "1");
    sandbox.write("swap", "1");
    sandbox.write("d/e/f", "1");
    let root = sandbox.commit("root");
    let changed = |id: &GitOid| {
        let paths = sandbox.repository().changed_paths(id).unwrap();
        paths.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(changed(&root), ["d/e/f", "keep/a", "mode", "swap"]);
    std::fs::remove_file(sandbox.path("swap")).unwrap();
    std::fs::remove_dir_all(sandbox.path("d")).unwrap();
    sandbox.write("swap/in", "1");
    sandbox.write("keep/b", "1");
    sandbox.write("penstock.toml", "1");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["update-index", "--chmod=+x", "mode"]);
    sandbox.git(&["commit", "-q", "-m", "x"]);
    let second = sandbox.head();
    assert_eq!(changed(&second), ["d/e/f", "keep/b", "mode", "penstock.toml", "swap", "swap/in"]);
    sandbox.git(&["checkout", "-q", "-f", "-b", "side", root.as_str()]);
    sandbox.git(&["rm", "-q", "keep/a"]);
    sandbox.git(&["commit", "-q", "-m", "side"]);
    sandbox.git(&["checkout", "-q", "-f", "main"]);
    sandbox.git(&["merge", "-q", "-m", "merge", "side"]);
    assert_eq!(changed(&sandbox.head()), ["keep/a"]);
    let policy = sandbox.repository().changed_paths(&second).unwrap();
    assert!(policy.contains(&path("penstock.toml")));
}
