use std::io::Write as _;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use flate2::{Compression, write::GzEncoder};

use super::*;

const TEXT: &str =
    "user = someone; what they know = ~~?>?>~~ and no more than that, not a bit of it";

fn all(text: &str) -> Vec<(String, &'static str, String)> {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    all_encoded(text.as_bytes())
        .into_iter()
        .map(|e| (shown(&text.as_bytes()[e.range]), e.how, shown(&e.text)))
        .collect()
}

#[test]
fn every_encoding_gives_its_text_back_at_every_offset() {
    let standard = BASE64_STANDARD.encode(TEXT);
    let escapes: String =
        TEXT.bytes().map(|b| if b == b' ' { "_".into() } else { format!("\\x{b:02x}") }).collect();
    let underscored = TEXT.replace(' ', "_");
    let hex: String = TEXT.bytes().map(|b| format!("{b:02x}")).collect();
    for offset in 0..32 {
        let before = " ".repeat(offset);
        for (value, how, text) in [
            (standard.trim_end_matches('=').to_owned(), "base64-encoded", TEXT),
            (BASE64_URL_SAFE_NO_PAD.encode(TEXT), "base64-encoded", TEXT),
            (hex.clone(), "written as hexadecimal digits", TEXT),
            (hex.to_uppercase(), "written as hexadecimal digits", TEXT),
            (escapes.clone(), "written with escapes", underscored.as_str()),
            (escapes.replace("\\x", "\\u00"), "written with escapes", underscored.as_str()),
            (escapes.replace("\\x", "%"), "written with escapes", underscored.as_str()),
        ] {
            let found = all(&format!("{before}\"{value}\" x"));
            assert_eq!(found, [(value.clone(), how, text.to_owned())], "{offset}");
        }
    }
    assert_eq!(all("k=&#65;&#x42;&#100;cdefghijkl ")[0].2, "k=ABdcdefghijkl");
}

#[test]
fn the_shortest_runs_are_found_and_shorter_ones_are_not() {
    for offset in 0..40 {
        let text = format!("{}{} ", " ".repeat(offset), BASE64_STANDARD.encode(&TEXT[..24]));
        assert_eq!(all(&text).len(), 1, "{offset}");
        let text = format!("{}{} ", " ".repeat(offset), BASE64_STANDARD.encode(&TEXT[..21]));
        assert_eq!(all(&text).len(), 0, "{offset}");
    }
}

#[test]
fn wrapped_lines_are_one_text() {
    let long = TEXT.repeat(4);
    let one = BASE64_STANDARD.encode(&long);
    let lines: Vec<_> =
        one.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    for joint in ["\n", "\r\n", "\n    ", "\\n"] {
        let found = all(&lines.join(joint));
        assert_eq!(
            found.iter().map(|f| f.2.as_str()).collect::<Vec<_>>(),
            [long.as_str()],
            "{joint:?}"
        );
    }
}

#[test]
fn gzip_is_unpacked_up_to_its_limits() {
    let pack = |bytes: &[u8]| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(bytes).unwrap();
        BASE64_STANDARD.encode(packer.finish().unwrap())
    };
    let found = all(&pack(TEXT.as_bytes()));
    assert_eq!(found[0].1, "compressed and base64-encoded");
    assert_eq!(found[0].2, TEXT);
    let bomb = pack(&vec![b'a'; 4 << 20]);
    let text = &all_encoded(bomb.as_bytes())[0].text;
    assert!(text.len() as u64 <= bomb.len() as u64 * MAX_INFLATION, "{}", text.len());
    // Cut short it still says what it can.
    let cut = pack(TEXT.as_bytes());
    assert!(!all_encoded(&cut.as_bytes()[..60]).is_empty());
}

#[test]
fn what_stands_for_no_text_is_left_alone() {
    for text in [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "std/collections/hash_map/internalHasherBuilderDefault",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
        "100%de la %s %x \\x \\u12 &#; &# %",
        "",
    ] {
        assert_eq!(all(text), [], "{text}");
    }
}
