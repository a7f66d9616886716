//! Who is behind a change: the `source-change` statement of a candidate against what an environment
//! holds now.

use penstock_git::{Commit, CommitSignature, GitError, Repository, SshSignatureError};
use penstock_model::{GitOid, ProjectId, RepoPath};
use penstock_statement::predicate::{ChangedCommit, Party, SignatureStatus, SourceChange};

/// The longest change that is described commit by commit. A longer one has a gap that says so,
/// rather than a statement nobody can store.
const MAX_COMMITS: usize = 20_000;

/// The persons of the policy, as commits name them.
pub trait People {
    /// The person's name in the policy; `None` for somebody it does not know.
    fn person(&self, email: &str) -> Option<String>;

    /// Whether that person signs commits with the key of this fingerprint (`SHA256:…`).
    fn signs_with(&self, person: &str, fingerprint: &str) -> bool;
}

/// What a change is described for.
pub struct Question<'a> {
    /// The project.
    pub project: &'a ProjectId,
    /// Its directory in the repository.
    pub subdirectory: Option<&'a RepoPath>,
    /// The environment the candidate wants to enter.
    pub environment: &'a str,
    /// The commit that is there now.
    pub from: Option<&'a GitOid>,
    /// The candidate.
    pub to: &'a GitOid,
}

/// Describes a change. What cannot be read is a gap in the answer, never a shorter list.
///
/// # Errors
/// Objects of the candidate itself that are missing or damaged.
pub fn describe(
    repository: &Repository,
    question: &Question<'_>,
    people: &dyn People,
) -> Result<SourceChange, GitError> {
    let mut change = SourceChange {
        project: question.project.clone(),
        environment: question.environment.to_owned(),
        from: question.from.cloned(),
        to: question.to.clone(),
        commits: Vec::new(),
        gap: None,
    };
    let history = match repository.history(question.from, question.to) {
        Ok(history) => history,
        Err(error @ (GitError::Shallow { .. } | GitError::MissingObject(_))) => {
            change.gap = Some(error.to_string());
            return Ok(change);
        }
        Err(error) => return Err(error),
    };
    if history.len() > MAX_COMMITS {
        change.gap = Some(format!(
            "{} commits, more than the {MAX_COMMITS} that are described",
            history.len()
        ));
        return Ok(change);
    }
    for commit in &history {
        match repository.changed_paths(&commit.id) {
            Ok(paths) => {
                change.commits.push(changed(commit, &paths, question.subdirectory, people))
            }
            Err(error @ (GitError::Shallow { .. } | GitError::MissingObject(_))) => {
                change.gap = Some(error.to_string());
                return Ok(change);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(change)
}

fn changed(
    commit: &Commit,
    paths: &[RepoPath],
    subdirectory: Option<&RepoPath>,
    people: &dyn People,
) -> ChangedCommit {
    let party = |name: &str, email: &str| Party {
        name: name.to_owned(),
        email: email.to_owned(),
        person: people.person(email),
    };
    ChangedCommit {
        id: commit.id.clone(),
        author: party(&commit.author.name, &commit.author.email),
        committer: party(&commit.committer.name, &commit.committer.email),
        co_authors: commit
            .co_authors
            .iter()
            .map(|other| party(&other.name, &other.email))
            .collect(),
        signature: signature(commit, people),
        edits_pipeline: paths.iter().any(|path| is_pipeline(path, subdirectory)),
        edits_policy: paths.iter().any(|path| is_policy(path, subdirectory)),
    }
}

/// What a commit's signature says of its committer. Only OpenSSH's are verified; of others it is
/// known that they are there.
fn signature(commit: &Commit, people: &dyn People) -> SignatureStatus {
    let CommitSignature::Present(signature) = &commit.signature else {
        return SignatureStatus::Unsigned;
    };
    match signature.verify_ssh() {
        Ok(key) => {
            let committer = people.person(&commit.committer.email);
            let theirs = committer.is_some_and(|name| people.signs_with(&name, &key.fingerprint()));
            if theirs { SignatureStatus::Verified } else { SignatureStatus::Invalid }
        }
        Err(SshSignatureError::NotSsh) => SignatureStatus::Unverified,
        Err(_) => SignatureStatus::Invalid,
    }
}

/// Files that say what runs: the project's `penstock.toml` and the definitions of CI systems.
fn is_pipeline(path: &RepoPath, subdirectory: Option<&RepoPath>) -> bool {
    let in_project = |name: &[u8]| is_in_project(path, subdirectory, name);
    let bytes = path.as_bytes();
    in_project(b"penstock.toml")
        || bytes.starts_with(b".github/workflows/")
        || bytes.starts_with(b".github/actions/")
        || matches!(path.name(), b".gitlab-ci.yml" | b"Jenkinsfile" | b"azure-pipelines.yml")
}

/// The policy's text, where it is kept in the repository: `policy.toml` beside `penstock.toml`.
fn is_policy(path: &RepoPath, subdirectory: Option<&RepoPath>) -> bool {
    is_in_project(path, subdirectory, b"policy.toml")
}

fn is_in_project(path: &RepoPath, subdirectory: Option<&RepoPath>, name: &[u8]) -> bool {
    match subdirectory {
        None => path.as_bytes() == name,
        Some(directory) => path
            .as_bytes()
            .strip_prefix(directory.as_bytes())
            .and_then(|rest| rest.strip_prefix(b"/"))
            .is_some_and(|rest| rest == name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipeline_files_are_known_by_their_place() {
        let sub = RepoPath::new(*b"app").unwrap();
        let path = |text: &str| RepoPath::new(text.as_bytes()).unwrap();
        assert!(is_pipeline(&path("app/penstock.toml"), Some(&sub)));
        assert!(!is_pipeline(&path("other/penstock.toml"), Some(&sub)));
        assert!(!is_pipeline(&path("app/sub/penstock.toml"), Some(&sub)));
        assert!(is_pipeline(&path(".github/workflows/ci.yml"), Some(&sub)));
        assert!(is_policy(&path("policy.toml"), None));
        assert!(!is_policy(&path("app/policy.toml"), None));
    }
}
