//! Azure's identifiable keys: base 64 with a signature of the service at a fixed place, and in the
//! last four bytes the Marvin32 checksum of those before them, seeded by what the key is for.
//! Signatures, lengths and seeds: <https://github.com/microsoft/security-utilities>,
//! `IdentifiableMetadata` and `IdentifiableSecrets`. Keys from before 2022 have neither and are known
//! by the name before them in a connection string.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use penstock_check::redact;
use penstock_model::{Audience, Confidence, Severity, Sha256};

use crate::{
    Detector,
    detector::{Found, Sight},
    random::looks_random,
    token::{run, stands_alone},
};

/// A kind of key.
struct Kind {
    signature: &'static str,
    /// Characters before the signature.
    before: usize,
    /// Characters in all, the padding included.
    length: usize,
    service: &'static str,
    /// What its checksum may be seeded with: eight letters, the first the most significant.
    seeds: &'static [&'static [u8; 8]],
}

const MESSAGING: &[&[u8; 8]] = &[b"Send0000", b"Listen00", b"Manage00", b"System00", b"Unknown0"];

const KINDS: [Kind; 12] = [
    Kind::new("+ASt", 76, 88, "storage account", &[b"Default0"]),
    Kind::new(
        "ACDb",
        76,
        88,
        "Cosmos DB",
        &[
            b"MastRW00",
            b"MastRO00",
            b"SysAll00",
            b"Resour00",
            b"SystRO00",
            b"SystRW00",
            b"Encryp00",
        ],
    ),
    Kind::new("+ABa", 76, 88, "Batch", &[b"AbAcct00"]),
    Kind::new("+AMC", 76, 88, "Machine Learning", &[b"Classic0"]),
    Kind::new(
        "APIM",
        76,
        88,
        "API Management",
        &[b"Tenant00", b"IoTHub00", b"Gateway0", b"GitKey00"],
    ),
    Kind::new("+ASb", 33, 44, "Service Bus", MESSAGING),
    Kind::new("+AEh", 33, 44, "Event Hubs", MESSAGING),
    Kind::new("+ARm", 33, 44, "Relay", MESSAGING),
    Kind::new("AIoT", 33, 44, "IoT Hub", &[b"IoTHub00", b"DpsKey00", b"Device00"]),
    Kind::new("AzCa", 33, 44, "Cache for Redis", &[b"Access00"]),
    Kind::new("AzSe", 42, 52, "AI Search", &[b"Query000", b"PAdmin00"]),
    Kind::new("AzFu", 44, 56, "Functions", &[b"Functi00", b"System00", b"Master00"]),
];

impl Kind {
    const fn new(
        signature: &'static str,
        before: usize,
        length: usize,
        service: &'static str,
        seeds: &'static [&'static [u8; 8]],
    ) -> Self {
        Self { signature, before, length, service, seeds }
    }
}

pub(crate) const DETECTOR: Detector = Detector::exact(
    &[
        "+ASt",
        "ACDb",
        "+ABa",
        "+AMC",
        "APIM",
        "+ASb",
        "+AEh",
        "+ARm",
        "AIoT",
        "AzCa",
        "AzSe",
        "AzFu",
        "AccountKey=",
        "SharedAccessKey=",
        "SharedSecretValue=",
    ],
    find,
);

fn find(sight: &Sight<'_>) -> Option<Found> {
    let keyword = sight.slice(sight.keyword.clone());
    match KINDS.iter().find(|kind| kind.signature.as_bytes() == keyword) {
        Some(kind) => identifiable(sight, kind),
        // The keyword is the text before a key in a connection string.
        None => named(sight),
    }
}

/// A key with a signature and a checksum that is right.
fn identifiable(sight: &Sight<'_>, kind: &Kind) -> Option<Found> {
    let start = sight.keyword.start.checked_sub(kind.before)?;
    let key = start..start + kind.length;
    let text = sight.slice(key.clone());
    if text.len() != kind.length || !stands_alone(sight.bytes, &key, base64_character) {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(text).or_else(|_| BASE64_URL_SAFE.decode(text)).ok()?;
    let (signed, checksum) = bytes.split_last_chunk::<4>()?;
    let is_right = |seed: &&[u8; 8]| marvin32(signed, u64::from_be_bytes(**seed)) == *checksum;
    if !kind.seeds.iter().any(is_right) {
        return None;
    }
    let shown = redact(text);
    let message = format!("Azure {} key `{shown}`, its checksum is right", kind.service);
    Some(Found::new(key, message))
}

/// A key of a connection string: 64 bytes of a storage or Cosmos DB account, 32 of a messaging
/// namespace.
fn named(sight: &Sight<'_>) -> Option<Found> {
    let body = run(sight.bytes, sight.keyword.end, 89, base64_character);
    let padding = run(sight.bytes, body.end, 3, |byte| *byte == b'=');
    let key = body.start..padding.end;
    let text = sight.slice(key.clone());
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let is_key = matches!(bytes.len(), 32 | 64) && looks_random(sight.slice(body));
    if !is_key || is_of_an_emulator(text) || has_signature(text) {
        return None;
    }
    let shown = redact(text);
    Some(if sight.is_made_up() {
        let message = format!("Azure access key `{shown}` made for tests or as an example");
        Found::new(key, message).severity(Severity::Low).audience(Audience::Pedantic)
    } else {
        let message = format!("Azure access key `{shown}` in a connection string");
        Found::new(key, message).confidence(Confidence::Medium)
    })
}

/// Whether the key says of itself what it is: then its checksum decides, wherever it stands.
fn has_signature(text: &[u8]) -> bool {
    KINDS.iter().any(|kind| {
        let place = kind.before..kind.before + kind.signature.len();
        text.len() == kind.length && text.get(place) == Some(kind.signature.as_bytes())
    })
}

/// The keys of the storage and Cosmos DB emulators are the same everywhere and published:
/// <https://learn.microsoft.com/en-us/azure/storage/common/storage-use-azurite>,
/// <https://learn.microsoft.com/en-us/azure/cosmos-db/emulator>.
fn is_of_an_emulator(text: &[u8]) -> bool {
    const DIGESTS: [&str; 2] = [
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",
        "aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615",
    ];
    let digest = Sha256::of(text).to_string();
    DIGESTS.iter().any(|known| digest.ends_with(known))
}

fn base64_character(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Marvin32 (<https://github.com/microsoft/SymCrypt/blob/main/lib/marvin32.c>), its two halves
/// combined as .NET does, least significant byte first.
fn marvin32(bytes: &[u8], seed: u64) -> [u8; 4] {
    let (low, high) = marvin(bytes, seed);
    (low ^ high).to_le_bytes()
}

fn marvin(bytes: &[u8], seed: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = seed.to_le_bytes();
    let mut state = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let (words, rest) = bytes.as_chunks::<4>();
    // The end is marked by one byte and filled up with zeros.
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest.iter().chain([&0x80])) {
        *to = *from;
    }
    for word in words.iter().chain([&last]) {
        state = block(state.0.wrapping_add(u32::from_le_bytes(*word)), state.1);
    }
    block(state.0, state.1)
}

fn block(mut low: u32, mut high: u32) -> (u32, u32) {
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    high = high.rotate_left(19);
    (low, high)
}

#[cfg(test)]
mod tests {
    use penstock_check::template;
    use penstock_model::RepoPath;

    use super::*;

    /// A key of the kind, made as Azure makes them, from a seed of the test's.
    fn sample(kind: &Kind, which: usize, seed: &str) -> String {
        let pad = "=".repeat(match kind.length {
            44 => 1,
            52 => 0,
            _ => 2,
        });
        let body = kind.length - pad.len();
        let random = template::expand("{{alnum:200}}", seed).unwrap();
        let head = format!("{}{}", &random[..kind.before], kind.signature);
        // What is between the signature and the checksum is zero: `A`.
        let text = format!("{head}{}{pad}", "A".repeat(body - head.len()));
        let mut bytes = BASE64_STANDARD.decode(&text).unwrap();
        let at = bytes.len() - 4;
        let sum = marvin32(&bytes[..at], u64::from_be_bytes(*kind.seeds[which]));
        bytes[at..].copy_from_slice(&sum);
        BASE64_STANDARD.encode(bytes)
    }

    fn found(text: &str) -> Vec<String> {
        let path = RepoPath::new("src/app.conf").unwrap();
        let all = crate::scan::scan(&path, text.as_bytes());
        let mine = all.into_iter().filter(|(rule, _)| rule.id == "secrets/azure-service-key");
        mine.map(|(_, found)| found.message).collect()
    }

    #[test]
    fn marvin_is_the_one_of_symcrypt() {
        // The test vectors of SymCrypt's `lib/marvin32.c`.
        let hash = |text: &[u8], seed| {
            let (low, high) = marvin(text, seed);
            u64::from(high) << 32 | u64::from(low)
        };
        assert_eq!(hash(b"abc", 0xd53c_d9ce_cd08_93b7), 0x22c7_4339_4927_69bf);
        let alphabet = b"abcdefghijklmnopqrstuvwxyz";
        assert_eq!(hash(alphabet, 0x0ddd_deee_efff_f000), 0xa128_eb7e_7260_aca2);
    }

    #[test]
    fn every_kind_is_known_by_its_checksum_and_not_without() {
        for kind in &KINDS {
            for which in 0..kind.seeds.len() {
                let key = sample(kind, which, kind.signature);
                let all = found(&format!("key = \"{key}\""));
                assert_eq!(all.len(), 1, "{} {which}", kind.service);
                assert!(all[0].contains(kind.service) && !all[0].contains(&key[8..20]));
                let mut wrong = key.into_bytes();
                wrong[5] = if wrong[5] == b'a' { b'b' } else { b'a' };
                let wrong = String::from_utf8(wrong).unwrap();
                assert_eq!(found(&format!("key = \"{wrong}\"")), [""; 0], "{}", kind.service);
                // Nor does the name of a connection string help a key whose checksum is wrong.
                assert_eq!(found(&format!("AccountKey={wrong};")), [""; 0], "{}", kind.service);
            }
        }
    }

    #[test]
    fn keys_of_emulators_are_published() {
        let azurite = [
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6",
            "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        ];
        let cosmos = [
            "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2n",
            "Q9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
        ];
        for key in [azurite.concat(), cosmos.concat()] {
            assert_eq!(found(&format!("AccountKey={key};")), [""; 0]);
        }
        let random = template::expand("AccountKey={{base64:85}}A==;", "9").unwrap();
        assert_eq!(found(&random).len(), 1);
    }

    #[test]
    fn ends_and_holes_are_no_trouble() {
        for text in ["+ASt", "AccountKey=", "AccountKey===", "SharedAccessKey=A", "xAzSeA"] {
            assert_eq!(found(text), [""; 0]);
        }
        assert_eq!(found(&"+ASt".repeat(500)), [""; 0]);
        assert_eq!(found(&"AIoT".repeat(500)), [""; 0]);
    }
}
