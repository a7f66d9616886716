/// A line of a configuration of sections and keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    /// What stands in the brackets above, as it is.
    pub(super) section: &'t str,
    /// As it is, without space around.
    pub(super) raw: &'t str,
    /// In lower case.
    pub(super) key: String,
    pub(super) value: &'t str,
}

/// The entries of `key = value` lines beneath `[section]`s, the common part of npmrc, pip.conf,
/// git's configuration and Go's `env`. An indented line without `=` is one more value of the key
/// before it, as pip has it.
pub(super) fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut section = "";
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(inner) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = inner.trim();
            continue;
        }
        match (line.split_once('='), entries.last()) {
            (Some((key, value)), _) if !key.contains("://") => entries.push(Entry {
                section,
                raw: key.trim(),
                key: key.trim().to_ascii_lowercase(),
                value: value.trim().trim_matches(['"', '\'']),
            }),
            (_, Some(last)) if indented => {
                let (raw, key) = (last.raw, last.key.clone());
                entries.push(Entry { section, raw, key, value: line });
            }
            _ => {}
        }
    }
    entries
}
