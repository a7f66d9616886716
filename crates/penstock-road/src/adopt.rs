//! Making a text the next version of the policy.

use std::{collections::BTreeSet, fs, path::Path};

use penstock_attest::{keys::KeyName, signer::SignerClient};
use penstock_config::{
    Policy,
    policy::{PolicyChange, diff},
};
use penstock_document::{Document, Format, Limits, Value};
use penstock_git::{EntryKind, GitError};
use penstock_model::{GitOid, RepoPath, Route};
use penstock_statement::{ResourceDescriptor, Statement, predicate::PolicyVersion};

use crate::{
    error::{Refusal, RoadError},
    pinned::Pinned,
    recorder::Recorder,
    session::Session,
};

/// What adopting a text did.
#[derive(Debug)]
pub struct Adopted {
    /// What it changes.
    pub changes: Vec<PolicyChange>,
    /// The version that is in force now.
    pub pinned: Pinned,
    /// Whether more signatures are needed before the text is in force.
    pub waiting: bool,
    /// Why its editors are not known, where they are not.
    pub unknown_editors: Option<String>,
}

/// Reads a policy text.
///
/// # Errors
/// The file cannot be read, or what is wrong with the text.
pub fn read(file: &Path) -> Result<Policy, RoadError> {
    let text = fs::read_to_string(file).map_err(|error| RoadError::io("read", file, &error))?;
    Ok(Policy::parse(&text, &file.display().to_string())?)
}

/// The text of a policy with the next version's number and nothing else changed: what somebody edits
/// who wants to change it.
pub fn next_text(policy: &Policy) -> String {
    let text = policy.text();
    let route = Route::default().then("version");
    let next = Value::Integer(i64::from(policy.version) + 1);
    // A policy is a document with a version, so this cannot fail; were it to, the text comes as it is.
    Document::parse(Format::Toml, text, &Limits::default())
        .ok()
        .and_then(|document| {
            let edit = document.replace(&route, &next).ok()?;
            document.apply(&[edit]).ok()
        })
        .unwrap_or_else(|| text.to_owned())
}

/// What a text would change of the policy in force.
pub fn changes(session: &Session<'_>, text: &Policy) -> Vec<PolicyChange> {
    diff(session.pinned.policy.rules(), text.rules())
}

/// Signs a text as the next version with the policy key that is here.
///
/// A text that is committed has editors: the authors of the commits that changed it. Whoever adopts
/// it must not be among them. A text that is not committed is taken only while the policy is a
/// demonstration, and said to be of unknown editors.
///
/// # Errors
/// It is not the next version; the person edited it; no policy key is here.
pub fn adopt(
    session: &Session<'_>,
    signer: &SignerClient,
    file: &Path,
    person: &str,
) -> Result<Adopted, RoadError> {
    let policy = read(file)?;
    let current = &session.pinned;
    if policy.digest() == current.reference.digest {
        return Err(Refusal::PolicyUnchanged.into());
    }
    if policy.version != current.reference.version + 1 {
        let (found, current) = (policy.version, current.reference.version);
        return Err(Refusal::PolicyVersion { found, current }.into());
    }
    if policy.project != session.project.id {
        let (found, expected) = (policy.project.to_string(), session.project.id.to_string());
        return Err(Refusal::PolicyProject { found, expected }.into());
    }
    if !session.place.keys.holds(&KeyName::Policy)? {
        return Err(Refusal::NoPolicyKey(current.reference.version).into());
    }
    // A trusted key of the version in force, or the chain would not accept it.
    let key = session.place.keys.public(&KeyName::Policy)?.id();
    if current.policy.key(&key).is_none() {
        return Err(Refusal::NoPolicyKey(current.reference.version).into());
    }
    let (editors, unknown_editors) = match editors(session, file, &policy)? {
        Some(commits) => (check_editors(session, commits, person)?, None),
        None if current.policy.demo => {
            (Vec::new(), Some(format!("`{}` is not committed", file.display())))
        }
        None => return Err(Refusal::PolicyNotCommitted(file.to_owned()).into()),
    };
    let changes = changes(session, &policy);
    let statement = Statement::new(
        vec![ResourceDescriptor::sha256("policy.toml", &policy.digest())],
        PolicyVersion {
            version: policy.version,
            project: session.project.id.clone(),
            previous: Some(current.reference.digest),
            text: policy.text().to_owned(),
            adopted_by: person.to_owned(),
            editors,
            adopted_on: session.now(),
        },
    );
    let mut recorder = Recorder::new(&session.ledger, signer, session.now());
    recorder.add(&KeyName::Policy, &statement)?;
    recorder.commit()?;
    let pinned =
        Pinned::load(&session.ledger, &session.project.id)?.ok_or(RoadError::NothingYet)?;
    let waiting = pinned.reference.digest != policy.digest();
    Ok(Adopted { changes, pinned, waiting, unknown_editors })
}

/// Somebody who edited the text, and in which commit.
struct Edit {
    commit: GitOid,
    emails: Vec<String>,
}

/// The commits that changed the text; `None` where it is not committed exactly as it is.
fn editors(
    session: &Session<'_>,
    file: &Path,
    policy: &Policy,
) -> Result<Option<Vec<Edit>>, RoadError> {
    use std::os::unix::ffi::OsStrExt as _;
    let project = session.project;
    let Ok(file) = file.canonicalize() else { return Ok(None) };
    let Ok(relative) = file.strip_prefix(project.repository.root_dir()) else { return Ok(None) };
    let Ok(path) = RepoPath::new(relative.as_os_str().as_bytes()) else { return Ok(None) };
    let tree = project.repository.tree_at(&project.head.id, None)?;
    let committed = project.repository.files(&tree)?.into_iter().find(|entry| entry.path == path);
    let Some(entry) = committed.filter(|e| matches!(e.kind, EntryKind::File { .. })) else {
        return Ok(None);
    };
    if project.repository.blob(&entry.oid)? != policy.text().as_bytes() {
        return Ok(None);
    }
    let mut edits = Vec::new();
    for commit in project.repository.history(None, &project.head.id)? {
        let changed = match project.repository.changed_paths(&commit.id) {
            Err(GitError::Shallow(_)) => return Ok(None),
            other => other?,
        };
        if changed.contains(&path) {
            let emails = [&commit.author.email, &commit.committer.email]
                .into_iter()
                .chain(commit.co_authors.iter().map(|other| &other.email));
            edits.push(Edit { commit: commit.id, emails: emails.cloned().collect() });
        }
    }
    Ok(Some(edits))
}

/// The persons behind the edits, who must not include the one adopting.
fn check_editors(
    session: &Session<'_>,
    edits: Vec<Edit>,
    person: &str,
) -> Result<Vec<String>, RoadError> {
    let policy = &session.pinned.policy;
    let mut persons = BTreeSet::new();
    let mut own = Vec::new();
    for edit in edits {
        for email in &edit.emails {
            let handle = policy.person_of_email(email).map(|(handle, _)| handle.to_owned());
            if handle.as_deref() == Some(person) && !own.contains(&edit.commit) {
                own.push(edit.commit.clone());
            }
            // Somebody the policy does not know is an editor all the same.
            persons.insert(handle.unwrap_or_else(|| email.clone()));
        }
    }
    if own.is_empty() {
        return Ok(persons.into_iter().collect());
    }
    let commits: Vec<&str> = own.iter().map(GitOid::short).collect();
    Err(Refusal::AdopterEdited { person: person.to_owned(), commits: commits.join(", ") }.into())
}
