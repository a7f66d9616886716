//! Archives made to exhaust, to escape or to hide.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use penstock_model::SkipReason;
use zip::write::SimpleFileOptions;

use super::sample::*;
use crate::{
    Options, exit,
    findings::MAX_PER_FILE,
    fixture::{options, token},
};

const MIB: usize = 1 << 20;

/// As many zeros, compressed.
fn gzip_of_zeros(mebibytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..mebibytes {
        encoder.write_all(&vec![0; MIB]).unwrap();
    }
    encoder.finish().unwrap()
}

/// Gaps whose detail says that a limit was reached.
fn assert_limited(report: &penstock_model::Report, path: &str, words: &str) {
    let gaps = gaps(report);
    let found = gaps.iter().any(|(place, reason, detail)| {
        place == path && *reason == SkipReason::OverLimit && detail.contains(words)
    });
    assert!(found, "{gaps:?}");
    assert_eq!(exit(report, false, true), 3);
}

#[test]
fn a_member_longer_than_any_file_is_passed_over_and_said() {
    let report = check("a.gz", gzip_of_zeros(17));
    assert_limited(&report, "a.gz!/a", "a member of more than 16777216 bytes");
    let small = Options { max_file_bytes: 1000, ..options() };
    let token = token();
    let files: Files<'_> = &[("big", &[b'x'; 1001]), ("after", token.as_bytes())];
    for (name, content) in [("a.zip", zipped(files)), ("a.tgz", gzipped(&tarred(files)))] {
        let report = check_with(name, content, &small);
        assert_limited(&report, &format!("{name}!/big"), "more than 1000 bytes");
        assert_eq!(places(&report), [format!("{name}!/after")], "its siblings are looked at");
    }
}

#[test]
fn a_bomb_of_many_members_ends_with_the_budget() {
    let zeros = vec![0; 8 * MIB];
    let names: Vec<String> = (0..10).map(|index| format!("{index}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), zeros.as_slice())).collect();
    let report = check("a.zip", zipped(&files));
    assert_limited(&report, "a.zip", "expands to more bytes");
    assert!(report.coverage.bytes < 18 * MIB as u64);
}

#[test]
fn nested_bombs_share_one_budget() {
    // As 42.zip does it: every level multiplies.
    let mut bomb = zipped(&[("0", &vec![0; 4 * MIB])]);
    for _ in 0..2 {
        let files: Vec<(&str, &[u8])> =
            ["a", "b", "c", "d", "e", "f"].iter().map(|name| (*name, bomb.as_slice())).collect();
        bomb = stored(&files);
    }
    let report = check("42.zip", bomb);
    assert_limited(&report, "42.zip", "expands to more bytes");
    assert!(report.coverage.bytes < 18 * MIB as u64, "{}", report.coverage.bytes);
}

#[test]
fn members_that_lie_over_one_another_are_refused() {
    // Every entry of the directory points at the one member.
    let one = zipped(&[("a", &vec![b'x'; 1000])]);
    let at = one.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = one.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").unwrap();
    let (content, entry, mut record) = (&one[..at], &one[at..end], one[end..].to_vec());
    let copies = 1000_u16;
    record[8..10].copy_from_slice(&copies.to_le_bytes());
    record[10..12].copy_from_slice(&copies.to_le_bytes());
    let size = u32::try_from(entry.len()).unwrap() * u32::from(copies);
    record[12..16].copy_from_slice(&size.to_le_bytes());
    let bomb = [content, &entry.repeat(usize::from(copies)), &record].concat();
    let report = check("flat.zip", bomb);
    let gap = ("flat.zip".to_owned(), SkipReason::Malformed, "members lie over one another".into());
    assert_eq!(gaps(&report), [gap]);
    assert!(report.coverage.files < 500);
}

#[test]
fn more_entries_than_are_read_are_said() {
    let block = tarred(&[("d", b"")]);
    let tar = block[..512].repeat(20_001);
    let report = check("a.tar", tar.clone());
    assert_limited(&report, "a.tar", "more entries than the 20000");
    assert_limited(&check("a.tgz", gzipped(&tar)), "a.tgz", "more entries than the 20000");
    let frames = gzipped(b"").repeat(20_001);
    assert_limited(&check("a.gz", frames), "a.gz", "more entries than the 20000");
}

#[test]
fn more_findings_than_are_kept_are_said() {
    let text = "password=x\n".repeat(MAX_PER_FILE / 2 + 1);
    let token = token();
    let files: Files<'_> =
        &[("a", text.as_bytes()), ("b", text.as_bytes()), ("c", token.as_bytes())];
    let report = check("a.zip", zipped(files));
    assert_limited(&report, "a.zip", "over 10000 findings");
    assert_eq!(places(&report).len(), MAX_PER_FILE + 2);
}

#[test]
fn tar_sizes_are_not_believed() {
    for (size, words) in [
        (&b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"[..], "breaks off"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "makes no sense"),
        (b"77777777777\0", "breaks off"),
        (b"not a number", "makes no sense"),
    ] {
        let mut tar = tarred(&[("a", b"some content")]);
        tar[124..136].copy_from_slice(size);
        sum(&mut tar);
        for (name, content) in [("a.tar", tar.clone()), ("a.tgz", gzipped(&tar))] {
            let gaps = gaps(&check(name, content));
            assert_eq!(gaps.len(), 1, "{gaps:?}");
            assert_eq!((gaps[0].0.as_str(), gaps[0].1), (name, SkipReason::Malformed));
            assert!(gaps[0].2.contains(words), "{gaps:?}");
        }
    }
}

/// Writes the checksum of the first header.
fn sum(tar: &mut [u8]) {
    tar[148..156].fill(b' ');
    let sum: u32 = tar[..512].iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

#[test]
fn a_long_name_that_is_too_long_takes_no_memory() {
    let mut tar = tarred(&[("a", b"")]);
    tar[156] = b'L';
    tar[124..136].copy_from_slice(b"00100000000\0");
    sum(&mut tar);
    tar.resize(20 * MIB, b'n');
    let report = check("a.tgz", gzipped(&tar));
    assert_limited(&report, "a.tgz", "an extended header of 16777216 bytes");
}

#[test]
fn links_and_devices_are_counted_and_names_lead_nowhere() {
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, name) in [
        (tar::EntryType::Symlink, &b"link"[..]),
        (tar::EntryType::Link, b"hard"),
        (tar::EntryType::Char, b"null"),
        (tar::EntryType::Fifo, b"fifo"),
        (tar::EntryType::Regular, b"../../etc/shadow"),
        (tar::EntryType::Regular, b"/absolute\x1b[31m"),
        (tar::EntryType::Directory, b"dir"),
    ] {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        let content = token();
        let size = if kind == tar::EntryType::Regular { content.len() } else { 0 };
        header.set_size(size as u64);
        header.set_cksum();
        builder.append(&header, &content.as_bytes()[..size]).unwrap();
    }
    let report = check("a.tar", builder.into_inner().unwrap());
    assert_eq!(places(&report), ["a.tar!/__/__/etc/shadow", "a.tar!/absolute%1B[31m"]);
    assert_eq!(report.coverage.skipped.get(&SkipReason::NotRegular), Some(&4));

    let mut zip = stored(&[("..A..A..AetcAshadow", token().as_bytes()), ("twin", b"password=x")]);
    for (from, to) in [(&b"..A..A..AetcAshadow"[..], &b"..\\..\\..\\etc/\0hadow"[..])] {
        while let Some(at) = zip.windows(from.len()).position(|bytes| bytes == from) {
            zip[at..at + to.len()].copy_from_slice(to);
        }
    }
    assert_eq!(places(&check("a.zip", zip))[0], "a.zip!/__/__/__/etc/_hadow");
}

#[test]
fn two_members_of_one_name_are_both_looked_at() {
    let mut zip = stored(&[("one", b"password=x"), ("two", token().as_bytes())]);
    while let Some(at) = zip.windows(3).position(|bytes| bytes == b"two") {
        zip[at..at + 3].copy_from_slice(b"one");
    }
    assert_eq!(places(&check("a.zip", zip)), ["a.zip!/one", "a.zip!/one"]);
}

#[test]
fn what_breaks_off_is_looked_at_as_far_as_it_goes() {
    let text = [token().into_bytes(), b"\n".repeat(5000)].concat();
    let random: Vec<u8> =
        (0..3000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let files: Files<'_> = &[("a.txt", &text), ("random", &random), ("z", b"")];
    let all = gzipped(&tarred(files));
    let report = check("a.tgz", all[..all.len() - 4000].to_vec());
    assert_eq!(places(&report), ["a.tgz!/a.txt"]);
    assert_eq!(gaps(&report)[0].1, SkipReason::Malformed);
    let renamed = check("renamed", all[..all.len() - 4000].to_vec());
    assert_eq!(gaps(&renamed)[0].1, SkipReason::Malformed, "what was opened was an archive");

    let zip = zipped(files);
    let report = check("a.zip", zip[..zip.len() - 30].to_vec());
    assert_eq!(gaps(&report)[0].1, SkipReason::Malformed);
    let mut damaged = zipped(&[("a", &random), ("b", &leak())]);
    // A block of the kind that does not exist.
    damaged[31] = 7;
    let report = check("a.zip", damaged);
    assert_eq!(places(&report), ["a.zip!/b"]);
    assert_eq!(gaps(&report)[0].0, "a.zip!/a");
    for end in (0..all.len()).step_by(101) {
        let _no_panic = check("a.tgz", all[..end].to_vec());
    }
}

fn leak() -> Vec<u8> {
    token().into_bytes()
}

#[test]
fn what_follows_compressed_data_is_not_hidden() {
    let mut padded = gzipped(b"fine\n");
    padded.extend_from_slice(b"\0\0garbage");
    let report = check("a.gz", padded);
    let detail = "what follows the compressed data is none".to_owned();
    assert_eq!(gaps(&report), [("a.gz".to_owned(), SkipReason::Malformed, detail)]);
    let two = [tarred(&[("a", b"x")]), tarred(&[("b", &leak())])].concat();
    assert_eq!(places(&check("a.tar", two)), ["a.tar!/b"]);
}

#[test]
fn a_zstd_frame_may_not_ask_for_any_window() {
    // A frame without content size and a window of 2^41 bytes, then of 64 MiB.
    for descriptor in [0xff_u8, 0x80] {
        let frame = [&b"\x28\xb5\x2f\xfd\0"[..], &[descriptor], b"\x01\0\0"].concat();
        let gaps = gaps(&check("a.zst", frame));
        assert_eq!(gaps[0].1, SkipReason::Malformed);
        assert!(gaps[0].2.to_lowercase().contains("window"), "{gaps:?}");
    }
}

#[test]
fn a_prefix_of_a_directory_of_large_numbers_is_not_believed() {
    let zip = zipped_as(&[("a", b"x")], SimpleFileOptions::default().large_file(true));
    let end = zip.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").unwrap();
    for at in end - 46..zip.len() {
        for value in [0, 1, 0xff] {
            let mut changed = zip.clone();
            changed[at] = value;
            let _no_panic = check("a.zip", changed);
        }
    }
}
