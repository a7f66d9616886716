//! Archives for the tests, written by other programs' libraries where they can write them.

use std::io::{Cursor, Write as _};

use flate2::{Compression, write::GzEncoder};
use penstock_model::{Report, SkipReason, report::Subject};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    MemoryTree, Options,
    fixture::{engine, options, path},
};

pub(super) type Files<'a> = &'a [(&'a str, &'a [u8])];

pub(super) fn zipped(files: Files<'_>) -> Vec<u8> {
    zipped_as(files, SimpleFileOptions::default())
}

pub(super) fn stored(files: Files<'_>) -> Vec<u8> {
    zipped_as(files, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
}

pub(super) fn zipped_as(files: Files<'_>, options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(super) fn tarred(files: Files<'_>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstandard(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Checks one file.
pub(super) fn check(name: &str, content: Vec<u8>) -> Report {
    check_with(name, content, &options())
}

pub(super) fn check_with(name: &str, content: Vec<u8>, options: &Options) -> Report {
    let subject =
        Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() };
    engine().check(&MemoryTree::new([(path(name), content)]), subject, options).unwrap()
}

/// Where findings are, one line for each place.
pub(super) fn places(report: &Report) -> Vec<String> {
    let mut places: Vec<String> = report
        .findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.location).chain(&finding.also))
        .map(|location| location.path.to_string())
        .collect();
    places.sort();
    places
}

/// What makes the result incomplete.
pub(super) fn gaps(report: &Report) -> Vec<(String, SkipReason, String)> {
    let gap = |s: &penstock_model::Skipped| (s.path.to_string(), s.reason, s.detail.clone());
    report.coverage.incomplete.iter().map(gap).collect()
}
