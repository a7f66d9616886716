//! What a `uses:` names.

use penstock_document::Node;

/// The parts of a `uses:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uses<'a> {
    /// `./path`: an action or workflow of the same checkout.
    Local,
    /// `docker://image`.
    Docker(&'a str),
    /// `owner/repository/path@reference`.
    Repository {
        /// The user or organisation.
        owner: &'a str,
        /// The repository, without owner.
        name: &'a str,
        /// The path inside it, empty for its root.
        path: &'a str,
        /// What follows the `@`, if there is one.
        reference: Option<&'a str>,
    },
    /// Anything else; GitHub refuses it.
    Malformed,
}

impl<'a> Uses<'a> {
    /// Reads the text of a `uses:`.
    pub(crate) fn parse(text: &'a str) -> Self {
        let text = text.trim();
        if text.starts_with("./") || text.starts_with("../") {
            return Self::Local;
        }
        if let Some(image) = text.strip_prefix("docker://") {
            return Self::Docker(image);
        }
        let (slug, reference) = match text.split_once('@') {
            Some((slug, reference)) => (slug, Some(reference)),
            None => (text, None),
        };
        let mut parts = slug.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(owner), Some(name), path) if !owner.is_empty() && !name.is_empty() => {
                Self::Repository { owner, name, path: path.unwrap_or_default(), reference }
            }
            _ => Self::Malformed,
        }
    }

    /// Whether it is the root action of `owner/repository`, whatever the case.
    pub(crate) fn is(&self, slug: &str) -> bool {
        match *self {
            Self::Repository { owner, name, path, .. } => {
                let (o, n) = slug.split_once('/').unwrap_or((slug, ""));
                path.is_empty() && owner.eq_ignore_ascii_case(o) && name.eq_ignore_ascii_case(n)
            }
            _ => false,
        }
    }

    /// The reference of an action or workflow in a repository.
    pub(crate) fn reference(&self) -> Option<&'a str> {
        match *self {
            Self::Repository { reference, .. } => reference,
            _ => None,
        }
    }
}

/// Whether a reference is the full id of a commit, SHA-1 or SHA-256.
pub(crate) fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The version a tag such as `v4`, `v4.2` or `4.2.2` names: its numbers, at most three.
pub(crate) fn version(tag: &str) -> Option<Vec<u32>> {
    let digits = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let numbers: Vec<u32> = digits.split('.').take(3).map_while(|part| part.parse().ok()).collect();
    (!numbers.is_empty()).then_some(numbers)
}

/// The text of the comment that ends the line a node is on: where update tools keep the version of a
/// pinned commit.
pub(crate) fn trailing_comment(node: Node<'_>) -> Option<&str> {
    let document = node.document();
    let comment =
        document.comments().iter().find(|comment| comment.span.start >= node.span().end)?;
    let gap = document.text().get(node.span().end..comment.span.start)?;
    (!gap.contains('\n')).then(|| comment.text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_told_apart() {
        assert_eq!(Uses::parse("./.github/actions/x"), Uses::Local);
        assert_eq!(Uses::parse("docker://alpine:3"), Uses::Docker("alpine:3"));
        let (owner, name) = ("a", "b");
        for (text, path, reference) in [
            ("a/b@v1", "", Some("v1")),
            ("a/b/c/d.yml@main", "c/d.yml", Some("main")),
            ("a/b", "", None),
        ] {
            assert_eq!(Uses::parse(text), Uses::Repository { owner, name, path, reference });
        }
        for text in ["", "a", "a/", "/b@v1"] {
            assert_eq!(Uses::parse(text), Uses::Malformed, "{text}");
        }
        assert!(Uses::parse("Actions/Checkout@v4").is("actions/checkout"));
        assert!(!Uses::parse("actions/checkout/sub@v4").is("actions/checkout"));
    }

    #[test]
    fn a_commit_is_a_full_id() {
        assert!(is_commit(&"a1".repeat(20)));
        assert!(is_commit(&"a1".repeat(32)));
        for reference in ["v4", "a1b2c3d", "main", &"g1".repeat(20)] {
            assert!(!is_commit(reference), "{reference}");
        }
    }

    #[test]
    fn versions_are_read_from_tags() {
        assert_eq!(version("v4"), Some(vec![4]));
        assert_eq!(version("4.2.2"), Some(vec![4, 2, 2]));
        assert_eq!(version("v4.2-beta"), Some(vec![4]));
        assert_eq!(version("main"), None);
    }
}
