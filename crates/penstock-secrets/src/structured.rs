//! Files whose place in a format makes a value a secret, whatever it is called: the data of Kubernetes
//! Secrets, the lines of `.pgpass`, `.netrc` and `.htpasswd`.
//!
//! They are read line by line, not parsed, so that a template of such a file is read as well.

use std::ops::Range;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use penstock_check::Rule;
use penstock_model::{Confidence, RepoPath, Severity};

use crate::{
    RULES,
    assignment::{Strength, is_stand_in, strength},
    detector::{Found, Notes, Sight, Value},
    htpasswd, netrc,
};

/// Longest value, in bytes of base 64 or of text.
const MAX_VALUE: usize = 2048;
/// Shortest key that is no text, and the longest.
const KEY: std::ops::RangeInclusive<usize> = 16..=64;

/// What the forms of known files say is secret.
pub(crate) fn find(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    let name = path.name();
    let is_yaml = [&b".yaml"[..], b".yml", b".tpl"].iter().any(|end| name.ends_with(end));
    if is_yaml && memchr::memmem::find(bytes, b"Secret").is_some() {
        return kubernetes(path, bytes);
    }
    if is_netrc(path) {
        return netrc::find(path, bytes);
    }
    if name == b"htpasswd" || name.ends_with(b".htpasswd") {
        return htpasswd::find(path, bytes);
    }
    if name == b".pgpass" || name == b"pgpass.conf" {
        return lines(bytes).filter_map(|line| pgpass(path, bytes, line)).collect();
    }
    Vec::new()
}

/// Whether a file is read as `.netrc`, whose reader knows more of a password than its name.
pub(crate) fn is_netrc(path: &RepoPath) -> bool {
    matches!(path.name(), b".netrc" | b"_netrc" | b".authinfo")
}

/// Every line without its end.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    bytes.split(|byte| *byte == b'\n').map(move |line| {
        let start = from;
        from += line.len() + 1;
        start..start + line.trim_ascii_end().len()
    })
}

/// `host:port:database:user:password` (PostgreSQL, "The Password File").
fn pgpass(path: &RepoPath, bytes: &[u8], line: Range<usize>) -> Option<(&'static Rule, Found)> {
    let text = bytes.get(line.clone())?;
    if text.starts_with(b"#") {
        return None;
    }
    let mut colons = text.iter().enumerate().filter(|(at, byte)| {
        **byte == b':' && at.checked_sub(1).and_then(|at| text.get(at)) != Some(&b'\\')
    });
    let (at, _) = colons.nth(3)?;
    let range = line.start + at + 1..line.end;
    let value = bytes.get(range.clone())?.to_vec();
    judged(path, bytes, range, &value, false, "the password of a `.pgpass` line")
}

/// The entries of `data` and `stringData` of each `kind: Secret` (Kubernetes API, Secret v1).
fn kubernetes(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    let all: Vec<Range<usize>> = lines(bytes).collect();
    let text = |line: &Range<usize>| bytes.get(line.clone()).unwrap_or_default();
    let documents = all.split(|line| text(line).starts_with(b"---"));
    let mut found = Vec::new();
    for document in documents {
        let is_secret = |line: &&Range<usize>| {
            matches!(text(line), b"kind: Secret" | b"kind: \"Secret\"" | b"kind: 'Secret'")
        };
        if !document.iter().any(|line| is_secret(&line)) {
            continue;
        }
        let mut encoded = None;
        let mut depth = None;
        for line in document {
            let content = text(line);
            let indent = content.iter().take_while(|byte| **byte == b' ').count();
            let entry = content.get(indent..).unwrap_or_default();
            if entry.is_empty() || entry.starts_with(b"#") || entry.starts_with(b"{{") {
                continue;
            }
            if indent == 0 {
                encoded = match entry {
                    b"data:" => Some(true),
                    b"stringData:" => Some(false),
                    _ => None,
                };
                depth = None;
                continue;
            }
            // What is deeper than the first entry is the text of one.
            if let Some(encoded) = encoded
                && *depth.get_or_insert(indent) == indent
            {
                found.extend(secret_entry(path, bytes, line.start + indent..line.end, encoded));
            }
        }
    }
    found
}

/// `key: value` of a Secret.
fn secret_entry(
    path: &RepoPath,
    bytes: &[u8],
    entry: Range<usize>,
    encoded: bool,
) -> Option<(&'static Rule, Found)> {
    let text = bytes.get(entry.clone())?;
    let colon = text.windows(2).position(|pair| pair == b": ")?;
    let key = String::from_utf8_lossy(text.get(..colon)?).to_ascii_lowercase();
    let mut range = entry.start + colon + 2..entry.end;
    while bytes.get(range.start) == Some(&b' ') {
        range.start += 1;
    }
    let value = bytes.get(range.clone())?;
    if let [quote @ (b'"' | b'\''), inner @ .., last] = value
        && quote == last
    {
        range = range.start + 1..range.start + 1 + inner.len();
    } else if let Some(comment) = value.windows(2).position(|pair| pair == b" #") {
        range.end = range.start + comment;
    }
    let value = bytes.get(range.clone())?.trim_ascii_end();
    range.end = range.start + value.len();
    if value.len() > MAX_VALUE || is_known(key.trim_matches(['"', '\''])) {
        return None;
    }
    let secret = if encoded { STANDARD.decode(value).ok()? } else { value.to_vec() };
    judged(path, bytes, range, &secret, encoded, &format!("the Kubernetes Secret's `{key}`"))
}

/// Whether what stands beside secrets is called so: users, addresses, certificates.
fn is_known(key: &str) -> bool {
    const PUBLIC: [&str; 18] = [
        "cert",
        "certificate",
        "crt",
        "database",
        "db",
        "dbname",
        "email",
        "endpoint",
        "host",
        "hostname",
        "id",
        "login",
        "name",
        "port",
        "pub",
        "region",
        "user",
        "username",
    ];
    let last = key.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    PUBLIC.contains(&last)
}

/// A value that is no word and stands for nothing.
pub(crate) fn judged(
    path: &RepoPath,
    bytes: &[u8],
    range: Range<usize>,
    secret: &[u8],
    encoded: bool,
    place: &str,
) -> Option<(&'static Rule, Found)> {
    let is_text = secret.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    let strength = if is_text {
        if is_stand_in(secret, true, b"", true) {
            return None;
        }
        strength(secret)?
    } else {
        (encoded && KEY.contains(&secret.len())).then_some(Strength::Generated)?
    };
    let generated = strength >= Strength::Uuid && secret.len() >= 16;
    if strength < Strength::Chosen {
        return None;
    }
    let id = if generated { "secrets/generic-secret" } else { "secrets/password" };
    let rule = RULES.iter().find(|rule| rule.id == id)?;
    let what = if generated { "a generated secret" } else { "a password" };
    let mut found = Found::new(range.clone(), format!("{what} is written into {place}"));
    found.value = match (generated, encoded) {
        (false, _) => Value::Chosen { context: place.to_owned() },
        (true, true) => Value::Decoded(secret.to_vec()),
        (true, false) => Value::Plain,
    };
    let sight = Sight { bytes, keyword: range, path, notes: &Notes::default() };
    Some((
        rule,
        match (sight.is_made_up(), generated) {
            (true, _) => found.severity(Severity::Low).confidence(Confidence::Low),
            (false, true) => found,
            (false, false) => found.severity(Severity::Medium),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(path: &str, text: &str) -> Vec<usize> {
        let found = find(&RepoPath::new(path).unwrap(), text.as_bytes());
        found.iter().map(|(_, f)| text[..f.range.start].matches('\n').count()).collect()
    }

    #[test]
    fn the_data_of_a_secret_is_read_by_any_key() {
        let value = STANDARD.encode("Sailboat88");
        let user = STANDARD.encode("operator77");
        let text = format!(
            "kind: Secret\nmetadata:\n  smtp: {value}\ndata:\n  smtp: {value}\n  username: {user}\n  \
             note: !broken\n---\nkind: ConfigMap\ndata:\n  smtp: {value}\n---\nstringData:\n  a: \
             Sailboat99 # why\n  b: |\n    c: Sailboat99\n  d: ${{VALUE}}\nkind: \"Secret\"\n"
        );
        assert_eq!(lines_found("k/s.yaml", &text), [4, 13]);
        assert_eq!(lines_found("k/s.txt", &text), [0; 0]);
    }

    #[test]
    fn a_template_of_a_secret_is_read_too() {
        let text = "{{- if .x }}\nkind: Secret\nstringData:\n  {{- if .y }}\n  smtp: Sailboat88\n  x: {{ .z }}\n";
        assert_eq!(lines_found("chart/templates/s.yaml", text), [4]);
    }

    #[test]
    fn the_fifth_field_of_pgpass_is_a_password() {
        let text = "#a:1:b:c:Sailboat88\ndb:1:b:c:Sailboat88\ndb\\:1:1:b:c:Sail:boat88\na:b:c\n*:*:*:*:changeme\n";
        assert_eq!(lines_found(".pgpass", text), [1, 2]);
    }
}
