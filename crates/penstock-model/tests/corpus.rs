//! Fuzz targets over the words everything else is said in: what is read writes itself back.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_model::{GitOid, ProjectId, RepoPath, RuleId, Sha256, Timestamp};

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A path inside a repository, from Git's bytes and from its written form.
pub(crate) fn repo_path(bytes: &[u8]) -> bool {
    let raw = RepoPath::new(bytes);
    let written = text(bytes).and_then(|text| text.parse::<RepoPath>().ok());
    for path in raw.iter().chain(&written) {
        let shown = path.to_string();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert_eq!(shown.parse().as_ref(), Ok(path));
        assert!(path.as_path().is_relative() && path.is_within(path));
        assert!(path.as_bytes().split(|b| *b == b'/').all(|p| !matches!(p, b"" | b"." | b"..")));
    }
    written.is_some()
}

/// A project's identity, and the addresses one is made from.
pub(crate) fn project_id(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    if let Some(id) = ProjectId::from_remote(text, None) {
        assert_eq!(id.as_str().parse().as_ref(), Ok(&id), "{text}");
        let (_, path) = id.as_str().split_once("://").unwrap();
        assert!(!path.contains('@'), "{id} may hold credentials");
        // An identity, taken for an address, is the same identity.
        assert_eq!(ProjectId::from_remote(id.as_str(), None).as_ref(), Some(&id));
    }
    let Ok(id) = text.parse::<ProjectId>() else { return false };
    assert_eq!(id.as_str(), text);
    assert!(text.starts_with(id.repository()));
    true
}

/// An instant.
pub(crate) fn timestamp(bytes: &[u8]) -> bool {
    let Some(time) = text(bytes).and_then(|text| text.parse::<Timestamp>().ok()) else {
        return false;
    };
    for time in [time, time.plus_seconds(i64::MAX), time.plus_seconds(i64::MIN)] {
        assert_eq!(time.to_string().parse(), Ok(time));
        assert_eq!(Timestamp::from_unix(time.unix()), Ok(time));
    }
    true
}

/// Digests, Git object ids and rule ids: each text names at most one of them, and is its name.
pub(crate) fn name(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    if let Ok(digest) = text.parse::<Sha256>() {
        assert_eq!(text.strip_prefix("sha256:").unwrap_or(text), digest.to_string());
        return true;
    }
    if let Ok(oid) = text.parse::<GitOid>() {
        assert_eq!(oid.to_string(), text);
        return true;
    }
    let rule = text.parse::<RuleId>();
    assert!(rule.iter().all(|id| id.as_str() == text && text.is_ascii()));
    rule.is_ok()
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/repo_path"], 4000, repo_path);
    corpus::run(&["tests/corpus/project_id"], 4000, project_id);
    corpus::run(&["tests/corpus/timestamp"], 4000, timestamp);
    corpus::run(&["tests/corpus/name"], 4000, name);
}
