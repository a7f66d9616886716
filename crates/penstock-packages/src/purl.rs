use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

/// A package URL in its canonical form (<https://github.com/package-url/purl-spec>).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl(String);

impl Purl {
    /// Builds the canonical form. `namespace` and `subpath` are split at `/`; qualifiers with an
    /// empty value are left out. Names are normalised where their type demands it (`golang`, `pypi`,
    /// `github`, `bitbucket`).
    ///
    /// # Errors
    /// A type or a qualifier key with other characters than the specification allows; no name.
    pub fn new(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
        qualifiers: &BTreeMap<String, String>,
        subpath: Option<&str>,
    ) -> Result<Self, PurlError> {
        let starts_well = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
        let kind_ok = kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        if !starts_well(kind) || !kind_ok {
            return Err(PurlError::Type(kind.chars().take(80).collect()));
        }
        let kind = kind.to_ascii_lowercase();
        let name = name.trim_matches('/');
        if name.is_empty() {
            return Err(PurlError::NoName);
        }
        let mut text = format!("pkg:{kind}/");
        let lower = matches!(&*kind, "bitbucket" | "github" | "golang");
        for segment in namespace.unwrap_or_default().split('/').filter(|s| !s.is_empty()) {
            push(&mut text, &if lower { segment.to_lowercase() } else { segment.to_owned() });
            text.push('/');
        }
        let name = match &*kind {
            "pypi" => name.to_lowercase().replace('_', "-"),
            _ if lower => name.to_lowercase(),
            _ => name.to_owned(),
        };
        push(&mut text, &name);
        if let Some(version) = version.filter(|version| !version.is_empty()) {
            text.push('@');
            push(&mut text, version);
        }
        let mut separator = '?';
        for (key, value) in qualifiers {
            let key_ok =
                key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            if !starts_well(key) || !key_ok {
                return Err(PurlError::Qualifier(key.chars().take(80).collect()));
            }
            if value.is_empty() {
                continue;
            }
            text.push(separator);
            text.push_str(&key.to_ascii_lowercase());
            text.push('=');
            push(&mut text, value);
            separator = '&';
        }
        separator = '#';
        let subpath = subpath.unwrap_or_default().split('/');
        for segment in subpath.filter(|segment| !matches!(*segment, "" | "." | "..")) {
            text.push(separator);
            push(&mut text, segment);
            separator = '/';
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Percent-encodes everything but the characters the specification leaves as they are.
fn push(text: &mut String, part: &str) {
    use fmt::Write as _;

    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':') {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Purl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Parts that make no package URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PurlError {
    /// The name is missing.
    #[error("a package has no name")]
    NoName,
    /// The key of a qualifier has characters it may not have.
    #[error("`{0}` is not the key of a purl qualifier")]
    Qualifier(String),
    /// The type has characters it may not have.
    #[error("`{0}` is not a purl type")]
    Type(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(kind: &str, namespace: &str, name: &str, version: &str) -> Result<String, PurlError> {
        Purl::new(kind, Some(namespace), name, Some(version), &BTreeMap::new(), None)
            .map(|purl| purl.to_string())
    }

    #[test]
    fn parts_are_encoded_and_normalised() {
        assert_eq!(
            purl("npm", "@angular", "core", "1.0.0").unwrap(),
            "pkg:npm/%40angular/core@1.0.0"
        );
        assert_eq!(purl("cargo", "", "a", "1.0.0+b").unwrap(), "pkg:cargo/a@1.0.0%2Bb");
        assert_eq!(
            purl("golang", "github.com/A", "B", "v1").unwrap(),
            "pkg:golang/github.com/a/b@v1"
        );
        assert_eq!(purl("pypi", "", "Ruamel_Yaml", "1").unwrap(), "pkg:pypi/ruamel-yaml@1");
        assert_eq!(purl("npm", "", "é\n?#", "").unwrap(), "pkg:npm/%C3%A9%0A%3F%23");
        assert_eq!(purl("npm", "", "/", ""), Err(PurlError::NoName));
        assert_eq!(purl("3a", "", "a", ""), Err(PurlError::Type("3a".to_owned())));
    }
}
