use ignore::gitignore::{Gitignore, GitignoreBuilder};
use penstock_model::RepoPath;

/// Patterns of paths with the meaning `.gitignore` gives them: `vendor/**`, `*.min.js`, `!keep.js`.
#[derive(Clone, Debug)]
pub(crate) struct Patterns(Gitignore);

impl Patterns {
    /// Compiles them.
    ///
    /// # Errors
    /// The first pattern that cannot be compiled.
    pub(crate) fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, GlobError> {
        let mut builder = GitignoreBuilder::new("");
        let mut last = "";
        for pattern in patterns {
            last = pattern;
            builder.add_line(None, pattern).map_err(|error| GlobError::new(pattern, &error))?;
        }
        builder.build().map(Self).map_err(|error| GlobError::new(last, &error))
    }

    /// Whether a file's path or one of its directories is named.
    pub(crate) fn matches(&self, path: &RepoPath) -> bool {
        !self.0.is_empty() && self.0.matched_path_or_any_parents(path.as_path(), false).is_ignore()
    }
}

/// A path pattern that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a path pattern: {detail}; write it as in `.gitignore`")]
pub struct GlobError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub detail: String,
}

impl GlobError {
    fn new(pattern: &str, error: &ignore::Error) -> Self {
        Self { pattern: pattern.to_owned(), detail: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_gitignore_means() {
        let patterns = Patterns::new(["vendor/", "*.min.js", "!keep.min.js", "/top"]).unwrap();
        for (path, expected) in [
            ("vendor/a/b.rs", true),
            ("x/vendor/b", true),
            ("a/b.min.js", true),
            ("keep.min.js", false),
            ("top", true),
            ("x/top", false),
            ("vendors", false),
        ] {
            assert_eq!(patterns.matches(&RepoPath::new(path).unwrap()), expected, "{path}");
        }
        assert!(patterns.matches(&RepoPath::new(*b"vendor/\xff").unwrap()));
    }

    #[test]
    fn a_pattern_that_makes_no_sense_is_an_error_that_names_it() {
        let error = Patterns::new(["ok", "a{b"]).unwrap_err();
        assert_eq!(error.pattern, "a{b");
    }
}
