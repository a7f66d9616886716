//! Arguments as they may be shown: they hold passwords more often than they should.

use std::{ffi::OsStr, sync::Arc};

use penstock_model::Secret;
use penstock_sandbox::{
    mask::{Forms, MASK, Masker},
    printable,
};

use super::environment::looks_secret;

/// Masks what is known to be secret and what stands where a secret would.
pub(crate) struct Arguments {
    forms: Arc<Forms>,
}

impl Arguments {
    /// For these secrets.
    pub(super) fn new(secrets: &[Secret]) -> Self {
        Self::of(Forms::new(secrets))
    }

    /// For secrets in these forms.
    pub(crate) fn of(forms: Arc<Forms>) -> Self {
        Self { forms }
    }

    /// A command line's words, each safe to show.
    pub(crate) fn mask(&self, words: &[impl AsRef<OsStr>]) -> Vec<String> {
        let mut masked = Vec::with_capacity(words.len());
        let mut value_next = false;
        for word in words {
            let word = self.text(&word.as_ref().to_string_lossy());
            let flag = word.starts_with('-');
            if value_next && !flag {
                masked.push(stars());
                value_next = false;
                continue;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word.as_str(), None),
            };
            let plain = name.trim_start_matches('-').replace('-', "_");
            let secret = (flag || value.is_some()) && is_name(&plain) && looks_secret(&plain);
            value_next = secret && flag && value.is_none();
            match value {
                Some(value) if secret && !value.is_empty() => {
                    masked.push(format!("{name}={}", stars()));
                }
                _ => masked.push(without_userinfo(&word)),
            }
        }
        masked
    }

    /// Text with the known secrets masked and nothing that moves the cursor.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut masker = Masker::of(Arc::clone(&self.forms));
        let mut shown = masker.push(text.as_bytes());
        shown.extend(masker.finish());
        printable(&shown).replace(['\n', '\t'], " ")
    }
}

fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'@' | b'/'))
}

fn stars() -> String {
    String::from_utf8_lossy(MASK).into_owned()
}

/// `https://user:password@host/` → `https://***@host/`.
fn without_userinfo(word: &str) -> String {
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find("://") {
        let (front, after) = rest.split_at(at + 3);
        shown.push_str(front);
        let end = after.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(after.len());
        let (authority, left) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                shown.push_str(&stars());
                shown.push('@');
                shown.push_str(host);
            }
            None => shown.push_str(authority),
        }
        rest = left;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_where_a_secret_would_is_masked() {
        let secrets = [Secret::new(*b"correct-horse")];
        let masked = |words: &[&str]| Arguments::new(&secrets).mask(words).join(" ");
        for (words, expected) in [
            (
                &["npm", "install", "--registry", "https://h.example/"][..],
                "npm install --registry https://h.example/",
            ),
            (&["curl", "https://ana:pw@h.example/x"], "curl https://***@h.example/x"),
            (&["x", "--password=hunter2", "y"], "x --password=*** y"),
            (&["x", "--api-key", "hunter2", "y"], "x --api-key *** y"),
            (&["env", "DB_PASSWORD=hunter2", "y"], "env DB_PASSWORD=*** y"),
            (&["x", "--token", "--verbose", "y"], "x --token --verbose y"),
            (&["echo", "a correct-horse b"], "echo a *** b"),
            (&["a\u{1b}[2Jb\nc"], "ab c"),
            (&["sh", "-c", "x=1; echo token"], "sh -c x=1; echo token"),
        ] {
            assert_eq!(masked(words), expected);
        }
    }
}
