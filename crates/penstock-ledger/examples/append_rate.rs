//! How fast appending is, as a ratio to what the same disk does in the same run without a ledger:
//! the same evidence written to a file each, all of a batch before its first sync.
//!
//! `cargo run --release -p penstock-ledger --example append_rate [DIRECTORY]`

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement for the terminal")]

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use penstock_ledger::{Ledger, NewEvidence};

#[path = "../tests/support/mod.rs"]
mod support;

/// A signed provenance bundle has some two kilobytes.
const EVIDENCE_BYTES: usize = 2000;

const BATCHES: usize = 40;

fn main() {
    let here = std::env::args_os().nth(1).unwrap_or_else(|| std::env::temp_dir().into());
    for batch in [1, 7, 64, 256] {
        let directory = tempfile::tempdir_in(&here).unwrap();
        let (mut files, mut stream, mut ledger) = (Vec::new(), Vec::new(), Vec::new());
        let key = support::Key::log();
        Ledger::create(&directory.path().join("home"), support::ORIGIN, &key).unwrap();
        let open = Ledger::open(&directory.path().join("home"), &[&key]).unwrap();
        let mut raw = File::create(directory.path().join("stream")).unwrap();
        // In turns, so that all three meet the same disk.
        for number in 0..BATCHES {
            let evidence = evidence(number, batch);
            files.push(timed(|| raw_files(directory.path(), number, &evidence)));
            stream.push(timed(|| {
                evidence.iter().for_each(|e| raw.write_all(&e.bytes).unwrap());
                raw.sync_all().unwrap();
            }));
            ledger.push(timed(|| drop(open.append(&evidence, &key).unwrap())));
        }
        let [files, stream, ledger] = [files, stream, ledger].map(median);
        println!(
            "batches of {batch:3}: ledger {:6.0} appends/s = {:3.0} % of synced files, \
             {:3.0} % of one synced file",
            batch as f64 / ledger.as_secs_f64(),
            100.0 * files.as_secs_f64() / ledger.as_secs_f64(),
            100.0 * stream.as_secs_f64() / ledger.as_secs_f64(),
        );
    }
}

fn raw_files(directory: &Path, number: usize, evidence: &[NewEvidence]) {
    let directory = directory.join(format!("raw-{number}"));
    fs::create_dir(&directory).unwrap();
    let open: Vec<File> = evidence
        .iter()
        .enumerate()
        .map(|(n, evidence)| {
            let mut file = File::create(directory.join(n.to_string())).unwrap();
            file.write_all(&evidence.bytes).unwrap();
            file
        })
        .collect();
    open.iter().for_each(|file| file.sync_all().unwrap());
    File::open(&directory).unwrap().sync_all().unwrap();
}

fn evidence(number: usize, batch: usize) -> Vec<NewEvidence> {
    (0..batch)
        .map(|n| {
            let mut evidence = support::evidence(&format!("{number}-{n}"));
            evidence.bytes.resize(EVIDENCE_BYTES, b' ');
            evidence
        })
        .collect()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
