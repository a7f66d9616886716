use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{GitOid, RepoPath, Sha256};

/// A project's identity: the repository and the directory in it that holds `penstock.toml`.
///
/// `git+https://host/path#subdir` when the repository has a home on the network, normalised and
/// without credentials; `urn:penstock:<root commit>#subdir` when it has none. The root directory of
/// a repository has no `#subdir`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ProjectId(String);

impl ProjectId {
    /// The identity of a repository cloned from `remote` (any form Git accepts).
    ///
    /// Host names are lower-cased, user and password dropped, default ports and a trailing `.git`
    /// or `/` removed; `ssh`, `git` and scp-like addresses become `https`, since they name the same
    /// repository. `None` for local paths and `file:` addresses: those name no shared place.
    pub fn from_remote(remote: &str, subdirectory: Option<&RepoPath>) -> Option<Self> {
        let (host, path) = split_remote(remote)?;
        let host = host.to_ascii_lowercase();
        let mut path = path.trim_matches('/');
        while let Some(shorter) = path.strip_suffix(".git") {
            path = shorter.trim_end_matches('/');
        }
        let host_ok = !host.is_empty()
            && host.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
            });
        let path_ok = !path.is_empty()
            && !path.contains(['#', '?', '@'])
            && !path.chars().any(|c| c.is_control() || c.is_whitespace());
        (host_ok && path_ok)
            .then(|| Self(format!("git+https://{host}/{path}{}", fragment(subdirectory))))
    }

    /// The identity of a repository without a remote.
    pub fn from_root_commit(root: &GitOid, subdirectory: Option<&RepoPath>) -> Self {
        Self(format!("urn:penstock:{root}{}", fragment(subdirectory)))
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id without the directory: what names the repository.
    pub fn repository(&self) -> &str {
        self.0.split_once('#').map_or(&self.0, |(repository, _)| repository)
    }

    /// Sixteen hexadecimal digits that stand for the id in a directory name.
    pub fn hash(&self) -> String {
        Sha256::of(self.0.as_bytes()).to_string()[..16].to_owned()
    }
}

/// `#subdir`, or nothing for the repository's root.
fn fragment(subdirectory: Option<&RepoPath>) -> String {
    subdirectory.map_or_else(String::new, |path| format!("#{path}"))
}

/// Host (with a port that is not the scheme's default) and path of a remote on the network.
fn split_remote(remote: &str) -> Option<(String, &str)> {
    let Some((scheme, rest)) = remote.split_once("://") else {
        // scp-like: [user@]host:path, where the colon comes before any slash.
        let (host, path) = remote.split_once(':')?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        // One letter before the colon is a drive, not a host.
        return (host.len() > 1 && !host.contains('/')).then(|| (host.to_owned(), path));
    };
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "https" | "git+https" => "443",
        "http" => "80",
        "ssh" | "git+ssh" => "22",
        "git" => "9418",
        _ => return None,
    };
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // What is left is said of `https`, so its default goes too: `ssh://host:443/` is common.
    let mut host = host;
    while let Some(shorter) =
        [default_port, "443"].iter().find_map(|port| host.strip_suffix(port)?.strip_suffix(':'))
    {
        host = shorter;
    }
    Some((host.to_owned(), path))
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProjectId {
    type Err = ProjectIdError;

    fn from_str(text: &str) -> Result<Self, ProjectIdError> {
        let error = || ProjectIdError(text.chars().take(200).collect());
        let (repository, subdirectory) = match text.split_once('#') {
            Some((repository, path)) => (repository, Some(path.parse().map_err(|_| error())?)),
            None => (text, None),
        };
        let id = if let Some(root) = repository.strip_prefix("urn:penstock:") {
            Self::from_root_commit(&root.parse().map_err(|_| error())?, subdirectory.as_ref())
        } else {
            let remote = repository.strip_prefix("git+").ok_or_else(error)?;
            Self::from_remote(remote, subdirectory.as_ref()).ok_or_else(error)?
        };
        // Only the normalised form is an identity; anything else would be a second name for it.
        if id.0 == text { Ok(id) } else { Err(error()) }
    }
}

impl TryFrom<String> for ProjectId {
    type Error = ProjectIdError;

    fn try_from(text: String) -> Result<Self, ProjectIdError> {
        text.parse()
    }
}

impl From<ProjectId> for String {
    fn from(id: ProjectId) -> Self {
        id.0
    }
}

/// Text that is no project identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a project identity: `git+https://host/path#subdir` or `urn:penstock:<root commit>#subdir`, normalised"
)]
pub struct ProjectIdError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_repository_is_one_identity() {
        let sub = RepoPath::new(*b"examples/a").unwrap();
        for remote in [
            "https://example.org/team/app.git",
            "https://user:token@Example.org/team/app",
            "https://example.org:443/team/app/",
            "ssh://git@example.org/team/app.git",
            "ssh://git@example.org:443/team/app.git",
            "http://example.org:443/team/app",
            "git@example.org:team/app.git",
            "git@example.org:team/app.git.git/",
            "example.org:team/app",
        ] {
            let id = ProjectId::from_remote(remote, Some(&sub)).unwrap();
            assert_eq!(id.as_str(), "git+https://example.org/team/app#examples/a", "{remote}");
            assert_eq!(id.as_str().parse(), Ok(id));
        }
    }

    #[test]
    fn local_addresses_name_no_shared_place() {
        for remote in
            ["/srv/git/app", "../app", "file:///srv/app", "C:/app", "", "https://", "https://h"]
        {
            assert_eq!(ProjectId::from_remote(remote, None), None, "{remote}");
        }
    }

    #[test]
    fn an_identity_that_is_not_normalised_is_refused() {
        let root = "a".repeat(40);
        assert!(format!("urn:penstock:{root}").parse::<ProjectId>().is_ok());
        for wrong in [
            "git+https://Example.org/a".to_owned(),
            "git+https://example.org/a.git".to_owned(),
            "git+ssh://example.org/a".to_owned(),
            "git+https://u:p@example.org/a".to_owned(),
            "https://example.org/a".to_owned(),
            format!("urn:penstock:{root}#../x"),
            "urn:penstock:abc".to_owned(),
        ] {
            assert!(wrong.parse::<ProjectId>().is_err(), "{wrong}");
        }
    }
}
