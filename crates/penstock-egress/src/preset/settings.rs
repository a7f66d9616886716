use std::collections::BTreeMap;

/// What the first line of each file says that is written for a tool, so that it is known again.
pub const SETTINGS_MARK: &str = "written by penstock run from the person's own configuration";

/// The most registries, mirrors or repositories that are told of to one tool.
pub(super) const MAX_TOLD: usize = 64;

/// What a tool is told of registries and mirrors: written by us from what was read, and nothing else
/// of it; no login, no key, no path of the person's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Every file the tool could be told by, sorted by path, those that say nothing too.
    pub files: Vec<SettingsFile>,
    /// Variables.
    pub variables: BTreeMap<String, String>,
}

/// A file in a tool's home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Beneath the home.
    pub path: &'static str,
    /// All of it, its first line with [`SETTINGS_MARK`]; `None` where there is nothing to tell.
    pub text: Option<String>,
}

impl SettingsFile {
    /// A file of these lines beneath a comment that begins with `comment`; none without lines.
    pub(super) fn lines(path: &'static str, comment: &str, lines: &[String]) -> Self {
        let body = lines.concat();
        let text = (!body.is_empty()).then(|| format!("{comment} {SETTINGS_MARK}\n{body}"));
        Self { path, text }
    }
}

impl Settings {
    pub(super) fn file(file: SettingsFile) -> Self {
        Self { files: vec![file], ..Self::default() }
    }
}

/// Whether a name is plain: letters, digits, `-`, `_` and `.`, and no longer than names are.
pub(super) fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.len() <= 128 && name.bytes().all(plain)
}
