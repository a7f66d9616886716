//! `.htpasswd`: users of a web server and the hashes of their passwords (Apache httpd, "Password
//! Formats"; nginx, `auth_basic_user_file`).

use penstock_check::Rule;
use penstock_model::{Confidence, RepoPath, Severity};

use crate::{
    assignment::is_stand_in,
    detector::{Found, Notes, Sight, Value},
    generated::PASSWORD_FILE,
    structured::lines,
};

/// How a password is kept, from the best on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Bcrypt,
    ShaCrypt,
    SaltedSha,
    Apr1,
    Sha,
    Des,
    Plain,
}

/// Each line's password or its hash.
pub(crate) fn find(path: &RepoPath, bytes: &[u8]) -> Vec<(&'static Rule, Found)> {
    let mut found = Vec::new();
    for line in lines(bytes) {
        let text = bytes.get(line.clone()).unwrap_or_default();
        let Some(colon) = memchr::memchr(b':', text) else { continue };
        let user = text.get(..colon).unwrap_or_default();
        // nginx allows a comment behind a second colon.
        let rest = text.get(colon + 1..).unwrap_or_default();
        let hash = rest.split(|byte| *byte == b':').next().unwrap_or_default();
        let plausible = hash.iter().all(u8::is_ascii_graphic);
        if user.is_empty() || user.starts_with(b"#") || hash.len() < 4 || !plausible {
            continue;
        }
        let kept = Kept::of(hash);
        if kept == Kept::Plain && is_stand_in(hash, true, b"", true) {
            continue;
        }
        let start = line.start + colon + 1;
        let range = start..start + hash.len();
        let user = String::from_utf8_lossy(user).into_owned();
        let (what, severity) = kept.judged();
        let mut one = Found::new(range.clone(), format!("the password of `{user}`, {what}"));
        one.value = Value::Chosen { context: user };
        let sight = Sight { bytes, keyword: range, path, notes: &Notes::default() };
        one = if sight.is_made_up() {
            one.severity(Severity::Low).confidence(Confidence::Low)
        } else {
            one.severity(severity)
        };
        found.push((PASSWORD_FILE, one));
    }
    found
}

impl Kept {
    fn of(hash: &[u8]) -> Self {
        let begins = |all: &[&[u8]]| all.iter().any(|one| hash.starts_with(one));
        let of_crypt = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/');
        if begins(&[b"$2y$", b"$2a$", b"$2b$"]) {
            Self::Bcrypt
        } else if begins(&[b"$5$", b"$6$"]) {
            Self::ShaCrypt
        } else if begins(&[b"{SSHA}"]) {
            Self::SaltedSha
        } else if begins(&[b"$apr1$", b"$1$"]) {
            Self::Apr1
        } else if begins(&[b"{SHA}"]) {
            Self::Sha
        } else if hash.len() == 13 && hash.iter().all(of_crypt) {
            Self::Des
        } else {
            Self::Plain
        }
    }

    /// What that means, and how bad it is that everybody who has the file can try passwords.
    fn judged(self) -> (&'static str, Severity) {
        match self {
            Self::Bcrypt => ("hashed with bcrypt: slow to guess", Severity::Low),
            Self::ShaCrypt => ("hashed with SHA-crypt: slow to guess", Severity::Low),
            Self::SaltedSha => ("hashed once with salted SHA-1: fast to guess", Severity::Medium),
            Self::Apr1 => ("hashed with a thousand rounds of MD5: fast to guess", Severity::Medium),
            Self::Sha => {
                ("hashed once with SHA-1 and no salt: common ones are known", Severity::High)
            }
            Self::Des => (
                "hashed with DES-crypt: its first eight characters can all be tried",
                Severity::High,
            ),
            Self::Plain => ("as it is", Severity::High),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_as_bad_as_it_is_fast() {
        let text = "# users\nana:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC\n\
                    ben:$apr1$dHjB0/..$mkTTbqwpK/0h/rz4ZeN8M0\ncy:{SHA}u4qdmW83Kx9OGXn8dJ3vC2wq1hA=\n\
                    di:rOioh4Wh1bVTQ\ned:Sailboat88:a comment\nfi:changeme\nno colon\n:x\ngo:$6$salt$aaaaBBBBccccDDDD\n";
        let found: Vec<_> = find(&RepoPath::new("web/.htpasswd").unwrap(), text.as_bytes())
            .into_iter()
            .map(|(_, found)| {
                let end = found.range.end;
                (found.severity.unwrap(), found.message, text[end..].starts_with(['\n', ':']))
            })
            .collect();
        let expected = [
            (Severity::Low, "ana", "bcrypt"),
            (Severity::Medium, "ben", "MD5"),
            (Severity::High, "cy", "no salt"),
            (Severity::High, "di", "DES"),
            (Severity::High, "ed", "as it is"),
            (Severity::Low, "go", "SHA-crypt"),
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((severity, message, whole), (level, user, how)) in found.iter().zip(expected) {
            assert_eq!(*severity, level, "{message}");
            assert!(message.contains(&format!("`{user}`")) && message.contains(how), "{message}");
            assert!(whole, "{message}");
        }
    }
}
