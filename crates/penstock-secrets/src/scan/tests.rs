use base64::prelude::{BASE64_STANDARD, Engine as _};
use penstock_check::template;

use super::*;
use crate::decode::all_encoded;
use crate::detector::Value;

fn found(path: &str, text: &str) -> Vec<(&'static str, String)> {
    let text = template::expand(text, "scan").unwrap();
    let path = RepoPath::new(path).unwrap();
    scan(&path, text.as_bytes()).into_iter().map(|(rule, f)| (rule.id, f.message)).collect()
}

#[test]
fn a_token_in_an_address_is_named_once_and_by_its_own_rule() {
    let all = found("a.sh", "git clone https://x:sk_live_{{alnum:24}}@git.acme.io/a");
    assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["secrets/stripe-live-key"]);
}

/// The same text in another form.
type Form = fn(&str) -> String;

#[test]
fn a_token_is_found_in_every_encoding_and_in_encodings_of_encodings() {
    let token = template::expand("key: ghp_{{alnum:36|crc}}; and no more of it", "scan").unwrap();
    let base64: Form = |text| format!("a: {}\n", BASE64_STANDARD.encode(text));
    let hex: Form = |text| text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: Form = |text| {
        text.bytes()
            .map(|b| if b.is_ascii_graphic() { format!("%{b:02X}") } else { "+".into() })
            .collect()
    };
    for (forms, ends) in [
        (&[base64][..], ", base64-encoded"),
        (&[hex], ", written as hexadecimal digits"),
        (&[percent], ", written with escapes"),
        (&[base64, base64], ", base64-encoded, base64-encoded"),
        (&[percent, base64], ", written with escapes, base64-encoded"),
        (&[base64, hex, base64], ", base64-encoded, written as hexadecimal digits, base64-encoded"),
    ] {
        let text = forms.iter().fold(token.clone(), |text, form| form(&text));
        let path = RepoPath::new("a.txt").unwrap();
        let all = scan(&path, text.as_bytes());
        assert_eq!(all.len(), 1, "{ends}: {text}");
        let found = &all[0].1;
        assert!(found.message.ends_with(ends), "{}", found.message);
        let Value::Decoded(value) = &found.value else { panic!("{ends}") };
        assert_eq!(value, &token.as_bytes()[5..45], "{ends}");
        assert!(!text[found.range.clone()].contains(' '));
    }
    let deep = (0..=MAX_DEPTH).fold(token, |text, _| base64(&text));
    assert!(scan(&RepoPath::new("a").unwrap(), deep.as_bytes()).is_empty(), "too deep");
}

#[test]
fn what_stands_in_a_word_with_escapes_and_in_none_is_one_finding() {
    let all = found("a", "x%3D1&token=ghp_{{alnum:36|crc}}&next=%2Fhome");
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(!all[0].1.contains("escapes"));
}

#[test]
fn no_message_holds_the_middle_of_its_secret() {
    let text = "postgres://app:{{alnum:18}}@db.acme.io/a ghp_{{alnum:36|crc}} \
                AKIA{{base32:16}} {{base64:40}}";
    let expanded = template::expand(text, "scan").unwrap();
    let all = found("a.sh", text);
    assert_eq!(all.len(), 3);
    for word in expanded.split([' ', ':', '@', '/']).filter(|word| word.len() >= 16) {
        let middle = &word[5..11];
        assert!(all.iter().all(|(_, message)| !message.contains(middle)), "{middle}");
    }
}

#[test]
fn what_stands_in_a_file_of_another_purpose_is_said_so() {
    let web = "apiKey: \"AIza{{base64url:35}}\",\nauthDomain: \"a.firebaseapp.com\"";
    assert!(found("src/app.js", web)[0].1.ends_with("which is not secret"));
    let plain = "key = \"AIza{{base64url:35}}\"";
    assert!(!found("src/app.js", plain)[0].1.contains("secret"));
}

#[test]
fn a_routable_gitlab_token_is_known_by_its_checksum() {
    let signed = format!("glpat-{}.0r", "aB3dE6gH9jK2mN5pQ8sT1uV4wX7".to_owned());
    let mut checksum = crate::token::crc32(signed.as_bytes());
    let mut digits = Vec::new();
    while checksum > 0 {
        digits.push(char::from_digit(checksum % 36, 36).unwrap());
        checksum /= 36;
    }
    let text: String = digits.iter().rev().collect();
    let token = format!("{signed}{text:0>7}");
    assert_eq!(found("a", &token).len(), 1);
    assert_eq!(found("a", &token.replace("aB3", "aB4")).len(), 0);
}

#[test]
fn a_stateless_token_is_known_by_its_jwt() {
    let token = "ghs_12345_eyJhbGciOiJSUzI1NiJ9.{{alnum:80}}.{{alnum:86}}";
    assert_eq!(found("a", token).len(), 1);
    assert_eq!(found("a", &token.replace("eyJhbGci", "eyJhbGdi")).len(), 0);
    assert_eq!(found("a", &token.replace("12345_", "_")).len(), 0);
}

#[test]
fn bytes_that_are_no_text_are_no_trouble() {
    let path = RepoPath::new(*b"a").unwrap();
    for owner in DETECTORS.iter().flat_map(|(_, detector)| detector.keywords) {
        for tail in [&b""[..], b"\xff\xfe", &[b'A'; 9000], b":@", b"\0\0\0\0"] {
            let text = [owner.as_bytes(), tail].concat();
            assert!(scan(&path, &text).is_empty(), "{owner}");
            let _ = scan(&path, &[b"\xff", text.as_slice(), b"\n", &text].concat());
        }
    }
}

#[test]
fn keywords_without_end_cost_a_fixed_number_of_steps_for_each_byte() {
    const LENGTH: usize = 3_000;
    let path = RepoPath::new("a.txt").unwrap();
    let keywords = &*KEYWORDS;
    // Not those that know a secret by its name only: their work on such files is not bounded here.
    let by_form = |entry: &&Entry| !matches!(&entry.look, Look::Detector(d) if d.yields);
    for entry in keywords.entries.iter().chain(&keywords.addresses).filter(by_form) {
        for joint in ["", "-", "_", ".", "/", " ", "=\"", ":\"a", "A", "0", "a:b@"] {
            let part = format!("{}{joint}", entry.keyword);
            let text = part.repeat(LENGTH / part.len());
            let steps = crate::steps::of(|| scan(&path, text.as_bytes()));
            assert!(steps < LENGTH * 150, "{}{joint}: {}", entry.keyword, steps / LENGTH);
        }
    }
}

#[test]
fn sixteen_megabytes_of_encodings_are_decoded_once_for_each_level() {
    let inner = "k = v; nothing to see here, go on, go on\n".repeat(220_000);
    let text = BASE64_STANDARD.encode(BASE64_STANDARD.encode(inner));
    assert!(text.len() >= 16_000_000);
    let (mut work, mut level) = (0, vec![text.clone().into_bytes()]);
    for _ in 0..MAX_DEPTH {
        level = level.iter().flat_map(|text| all_encoded(text)).map(|found| found.text).collect();
        work += level.iter().map(Vec::len).sum::<usize>();
    }
    assert!((text.len()..text.len() * 3 / 2).contains(&work), "{work} of {}", text.len());
}
