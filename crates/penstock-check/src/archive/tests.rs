use penstock_model::SkipReason;
use zip::write::SimpleFileOptions;

use super::sample::*;
use crate::{
    Options, exit,
    fixture::{options, token},
    format::json::json,
};

fn leak() -> Vec<u8> {
    format!("first\nkey {}\n", token()).into_bytes()
}

#[test]
fn members_of_every_format_are_looked_at_as_files() {
    let files: Files<'_> = &[("conf/a.txt", &leak()), ("b.txt", b"nothing\n")];
    let cases = [
        ("a.zip", zipped(files), "a.zip!/conf/a.txt", 3),
        ("a.jar", stored(files), "a.jar!/conf/a.txt", 3),
        ("a.tar", tarred(files), "a.tar!/conf/a.txt", 3),
        ("a.tar.gz", gzipped(&tarred(files)), "a.tar.gz!/conf/a.txt", 3),
        ("a.tar.zst", zstandard(&tarred(files)), "a.tar.zst!/conf/a.txt", 3),
        ("a.txt.gz", gzipped(&leak()), "a.txt.gz!/a.txt", 2),
        ("a.zst", zstandard(&leak()), "a.zst!/a", 2),
        ("no-extension", zipped(files), "no-extension!/conf/a.txt", 3),
        ("launcher.zip", [b"#!/bin/sh\n", &*zipped(files)].concat(), "launcher.zip!/conf/a.txt", 3),
    ];
    for (name, content, place, seen) in cases {
        let report = check(name, content);
        assert_eq!(places(&report), [place], "{name}");
        assert_eq!(report.findings[0].location.region.unwrap().start_line, 2, "{name}");
        assert_eq!(report.coverage.files, seen, "{name}");
        assert_eq!(gaps(&report), [], "{name}");
        assert_eq!(report.coverage.skipped.get(&SkipReason::Binary), None, "{name}");
        assert!(!json(&report).unwrap().contains(&token()), "{name}");
    }
}

#[test]
fn a_secret_has_one_fingerprint_in_and_out_of_archives() {
    let plain = check("a.txt", leak());
    let packed = check("a.zip", zipped(&[("b", &leak())]));
    assert_eq!(plain.findings[0].fingerprint, packed.findings[0].fingerprint);
}

#[test]
fn several_frames_and_skipped_ones_are_one_file() {
    let leak = leak();
    let (first, second) = leak.split_at(8);
    let gzip = [gzipped(first), gzipped(second), vec![0; 100]].concat();
    assert_eq!(places(&check("a.gz", gzip)), ["a.gz!/a"]);
    let skipped = b"\x53\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    let zstd = [skipped, zstandard(first), zstandard(second)].concat();
    assert_eq!(places(&check("a.zst", zstd)), ["a.zst!/a"]);
}

#[test]
fn archives_are_opened_to_a_depth_and_no_deeper() {
    let inner = zipped(&[("a.txt", &leak())]);
    let nested = gzipped(&tarred(&[("x/inner.zip", &inner)]));
    let place = "a.tgz!/x/inner.zip!/a.txt";
    assert_eq!(places(&check("a.tgz", nested.clone())), [place]);
    let three = zipped(&[("a.tgz", &nested)]);
    assert_eq!(places(&check("b.zip", three.clone())), [format!("b.zip!/{place}")]);
    let report = check("c.zip", zipped(&[("b.zip", &three)]));
    assert_eq!(places(&report), [""; 0]);
    let detail = "an archive inside of 3 archives is not opened; unpack it".to_owned();
    let deepest = "c.zip!/b.zip!/a.tgz!/x/inner.zip".to_owned();
    assert_eq!(gaps(&report), [(deepest, SkipReason::OverLimit, detail)]);
    assert_eq!(exit(&report, false, false), 3);

    let shallow = check_with("b.zip", three.clone(), &Options { archive_depth: 1, ..options() });
    assert_eq!(gaps(&shallow)[0].0, "b.zip!/a.tgz");
    let none = check_with("b.zip", three, &Options { archive_depth: 0, ..options() });
    assert_eq!((none.coverage.files, gaps(&none)), (0, vec![]));
    assert_eq!(none.coverage.skipped.get(&SkipReason::Binary), Some(&1));
}

#[test]
fn suppressions_and_exclusions_work_inside() {
    let comment = format!("# penstock{} known\n{}\n", ": ignore[secrets/token]", token());
    let files: Files<'_> =
        &[("plain.txt", &leak()), ("said.txt", comment.as_bytes()), ("skip/me.txt", &leak())];
    let options = Options { exclude: vec!["skip/".to_owned()], ..options() };
    let report = check_with("a.zip", zipped(files), &options);
    assert_eq!(places(&report), ["a.zip!/plain.txt"]);
    assert_eq!(report.suppressed.len(), 1);
    assert_eq!(report.suppressed[0].finding.location.path.to_string(), "a.zip!/said.txt");
    assert_eq!(report.coverage.skipped.get(&SkipReason::Excluded), Some(&1));
    let whole = Options { exclude: vec!["*.zip".to_owned()], ..options };
    let report = check_with("a.zip", zipped(files), &whole);
    assert_eq!((places(&report), report.coverage.files), (vec![], 0));
}

#[test]
fn what_cannot_be_opened_is_said() {
    let encrypted = include_bytes!("../../tests/corpus/archive/refused-encrypted.zip").to_vec();
    let report = check("a.zip", encrypted);
    assert_eq!(report.coverage.skipped.get(&SkipReason::Encrypted), Some(&1));
    assert_eq!((report.coverage.files, gaps(&report)), (1, vec![]));

    let mut other = stored(&[("a.txt", &leak())]);
    let directory = other.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    other[directory + 10] = 14;
    let report = check("a.zip", other);
    let detail = "compression method 14 is not supported; unpack it".to_owned();
    assert_eq!(gaps(&report), [("a.zip!/a.txt".to_owned(), SkipReason::OverLimit, detail)]);

    let noise = b"\0\x01\x02noise".to_vec();
    for name in ["a.zip", "A.JAR", "b.tar", "c.tgz", "d.zst"] {
        let report = check(name, noise.clone());
        assert_eq!(gaps(&report)[0].1, SkipReason::Malformed, "{name}");
        assert_eq!(exit(&report, false, false), 3);
    }
    let report = check("pointer.zip", leak());
    assert_eq!((places(&report), gaps(&report)), (vec!["pointer.zip".to_owned()], vec![]));
    let report = check("begins-like-one", b"PK\x03\x04\0\0\0".to_vec());
    assert_eq!(gaps(&report), []);
    assert_eq!(report.coverage.skipped.get(&SkipReason::Binary), Some(&1));
}

#[test]
fn a_check_that_looks_into_no_archive_sees_none() {
    let workflow = b"on: push\nimage: alpine:1\n";
    let only_ci = Options { areas: Some(vec![penstock_model::Area::Ci]), ..options() };
    let archive = zipped(&[(".github/workflows/a.yml", workflow)]);
    let report = check_with("a.zip", archive.clone(), &only_ci);
    assert_eq!(report.coverage.skipped.get(&SkipReason::Binary), Some(&1), "it is not even opened");
    let report = check_with("a.zip", archive, &options());
    assert_eq!((report.findings.len(), report.coverage.files), (0, 2));
}

#[test]
fn other_writers_archives_are_read_alike() {
    let long = format!("{}/{}.txt", "d".repeat(150), "n".repeat(150));
    let files: Files<'_> = &[(&long, &leak()), ("é.txt", b"x")];
    for (name, content) in [
        ("a.tar", tarred(files)),
        ("a.zip", zipped_as(files, SimpleFileOptions::default().large_file(true))),
        ("b.zip", zipped_as(files, SimpleFileOptions::default().unix_permissions(0o755))),
        ("c.zip", zipped_as(files, SimpleFileOptions::default().with_alignment(4096))),
    ] {
        let report = check(name, content);
        assert_eq!(places(&report), [format!("{name}!/{long}")]);
        assert_eq!((report.coverage.files, gaps(&report)), (3, vec![]));
    }
}

#[test]
fn utf_16_text_is_looked_at() {
    let text = format!("\u{feff}Windows Registry Editor\r\n\"é\"=\"{}\"\r\n", token());
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content, place) in
        [("a.reg", bytes.clone(), "a.reg"), ("a.zip", zipped(&[("a.reg", &bytes)]), "a.zip!/a.reg")]
    {
        let report = check(name, content);
        assert_eq!(places(&report), [place]);
        let region = report.findings[0].location.region.unwrap();
        assert_eq!((region.start_line, region.start_column), (2, 6));
        assert_eq!(report.coverage.skipped.get(&SkipReason::Binary), None);
    }
}
