use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256 as Hasher};

use crate::{Route, RuleId};

/// The identity of a finding across commits, `penstock/v1:<32 hexadecimal digits>`.
///
/// Equal findings share one, so a baseline counts how often each occurs and a second copy is new.
/// The three recipes are frozen (tests below): what goes in decides what survives a move.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// A high-entropy secret: HMAC-SHA-256 (RFC 2104) keyed with the repository's salt over the
    /// rule and the value, so that a committed baseline says nothing about the value to somebody
    /// without the salt, and survives any move.
    pub fn of_secret(salt: &[u8; 32], rule: &RuleId, value: &[u8]) -> Self {
        Self::truncated("secret", hmac_sha256(salt, &[rule.as_str().as_bytes(), value]))
    }

    /// A password or another value a guess could find: its place and surroundings, never its
    /// content. `class` is the value's length and character classes, so that a new value of another
    /// shape opens the finding again.
    pub fn of_password(rule: &RuleId, route: &Route, context: &str, class: &str) -> Self {
        let route = route.to_string();
        Self::truncated(
            "password",
            hash(&[rule.as_str(), &route, context, class].map(str::as_bytes)),
        )
    }

    /// Every other finding: the rule, the route to the value and the match with white space folded.
    /// The path is not part of it, so a moved file keeps its findings.
    pub fn of_match(rule: &RuleId, route: &Route, matched: &str) -> Self {
        let normal = matched.split_whitespace().collect::<Vec<_>>().join(" ");
        let route = route.to_string();
        Self::truncated("match", hash(&[rule.as_str(), &route, &normal].map(str::as_bytes)))
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn truncated(recipe: &str, digest: [u8; 32]) -> Self {
        // The recipe is hashed in again so that the three can never collide by construction.
        let digest = hash(&[recipe.as_bytes(), &digest]);
        Self(format!("penstock/v1:{}", hex::encode(&digest[..16])))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads the written form: `penstock/v1:` and 32 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits = text.strip_prefix("penstock/v1:").unwrap_or_default();
        let hexadecimal = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() == 32 && hexadecimal {
            Ok(Self(text.to_owned()))
        } else {
            Err(FingerprintError(text.chars().take(80).collect()))
        }
    }
}

/// Text that is no fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a fingerprint: `penstock/v1:` and 32 hexadecimal digits")]
pub struct FingerprintError(String);

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts hash alike.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// HMAC-SHA-256 (RFC 2104) with a 32-byte key over length-prefixed parts.
fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let mut inner = Hasher::new();
    inner.update(pad(0x36));
    for part in parts {
        inner.update((part.len() as u64).to_be_bytes());
        inner.update(part);
    }
    let mut outer = Hasher::new();
    outer.update(pad(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> RuleId {
        "secrets/aws-access-key".parse().unwrap()
    }

    /// The recipes are a promise to every baseline ever written.
    #[test]
    fn the_recipes_are_frozen() {
        let route = Route::default().then("jobs").then(0_usize);
        let secret = Fingerprint::of_secret(&[7; 32], &rule(), b"value");
        let password = Fingerprint::of_password(&rule(), &route, "db", "8:lower");
        let matched = Fingerprint::of_match(&rule(), &route, "uses:   a@b\n");
        assert_eq!(
            [secret.as_str(), password.as_str(), matched.as_str()],
            [
                "penstock/v1:e2f6d0e1864097e3306d094cef08a7fe",
                "penstock/v1:7e27aca222449375fd17ba1979ab39e7",
                "penstock/v1:f74249dc1f2bec30508efad27e467dd9"
            ]
        );
    }

    #[test]
    fn white_space_does_not_matter_and_everything_else_does() {
        let route = Route::default();
        let a = Fingerprint::of_match(&rule(), &route, "uses: a@b");
        assert_eq!(a, Fingerprint::of_match(&rule(), &route, " uses:\n a@b "));
        assert_ne!(a, Fingerprint::of_match(&rule(), &route, "uses: a@c"));
        assert_ne!(a, Fingerprint::of_match(&rule(), &route.then("x"), "uses: a@b"));
    }

    #[test]
    fn a_fingerprint_is_read_back_and_nothing_else_is() {
        let written = Fingerprint::of_match(&rule(), &Route::default(), "x");
        assert_eq!(written.as_str().parse(), Ok(written.clone()));
        let upper = written.as_str().to_uppercase();
        for wrong in ["", "penstock/v1:", "penstock/v2:00", "penstock/v1:+0", &upper] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_keyed_by_the_salt() {
        let with = |salt| Fingerprint::of_secret(&[salt; 32], &rule(), b"value");
        assert_ne!(with(1), with(2));
    }
}
