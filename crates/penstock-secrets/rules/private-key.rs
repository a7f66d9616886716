//! Formats: RFC 7468 (PKCS #8, PKCS #1 and SEC 1 in PEM), RFC 1421 (encrypted by OpenSSL's older
//! way), PROTOCOL.key of OpenSSH, RFC 9580 (OpenPGP), Google Cloud docs "Service account keys".

use penstock_model::{Audience, Severity};

use crate::{
    Detector,
    detector::{Found, Sight, Value},
    pem::PrivateKey,
};

/// How far from the key the rest of a service account's file is looked for, in bytes.
const REACH: usize = 2048;

pub(crate) const DETECTOR: Detector = Detector::exact(&["-----BEGIN "], find);

fn find(sight: &Sight<'_>) -> Option<Found> {
    let key = PrivateKey::read(sight.bytes, sight.keyword.start)?;
    let kind = match key.label.as_str() {
        "RSA PRIVATE KEY" => "RSA private key",
        "EC PRIVATE KEY" => "private key on an elliptic curve",
        "DSA PRIVATE KEY" => "DSA private key",
        "OPENSSH PRIVATE KEY" => "OpenSSH private key",
        "PGP PRIVATE KEY BLOCK" => "OpenPGP private key",
        _ => "private key",
    };
    let account = service_account(sight, &key);
    let (message, severity, audience) = if account {
        let message = "private key of a Google service account".to_owned();
        (message, Some(Severity::Critical), None)
    } else if sight.is_made_up() {
        let message = format!("{kind} made for tests or as an example; nothing may trust it");
        (message, Some(Severity::Low), Some(Audience::Pedantic))
    } else if key.encrypted {
        let message = format!("{kind}, encrypted: as strong as its passphrase");
        (message, Some(Severity::Low), None)
    } else {
        (format!("{kind} without a passphrase"), None, None)
    };
    let mut found = Found::new(key.range, message);
    found.value = Value::Decoded(key.content);
    found.severity = severity;
    found.audience = audience;
    Some(found)
}

/// Whether the key is part of the JSON file Google hands out for a service account.
fn service_account(sight: &Sight<'_>, key: &PrivateKey) -> bool {
    let start = key.range.start.saturating_sub(REACH);
    let end = key.range.end.saturating_add(REACH).min(sight.bytes.len());
    let around = sight.slice(start..end);
    [&b"\"service_account\""[..], b"\"private_key_id\"", b"gserviceaccount.com"]
        .iter()
        .all(|mark| around.windows(mark.len()).any(|part| part == *mark))
}
