//! Runs a fuzz target without a fuzzer: over its committed corpus, and over changes of each file
//! that are the same on every machine and in every run.
//!
//! A part of every crate's `tests/corpus.rs`, by `#[path]`. A target says whether it accepted its
//! input, and panics when one of its promises is broken.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
};

/// No changed input grows beyond this many bytes, unless the file it comes from is longer.
const MAX_BYTES: usize = 64 * 1024;

/// What means something to one format or another, to be strewn in.
const TOKENS: [&[u8]; 44] = [
    b"\n",
    b"\r\n",
    b"\n\n",
    b" ",
    b"\t",
    b"\0",
    b"\x1b[",
    b"\x1b]",
    b"\xff",
    b"\xc2",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\xe2\x80\xa8",
    b"\xf0\x9f\xa6\x80",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\"",
    b"\"\"\"",
    b"'",
    b"'''",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b": ",
    b" = ",
    b"- ",
    b"#",
    b"//",
    b"/*",
    b"&a ",
    b"*a",
    b"<<: ",
    b"|\n",
    b"../",
    b"%2e%2e",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"${{ ",
    b" }}",
    b"@",
];

/// Runs `target` over every file of `folders` (relative to the crate), then over `cases` changed
/// files. A file named `refused-*` must be refused, every other one accepted.
pub(crate) fn run(folders: &[&str], cases: usize, target: fn(&[u8]) -> bool) {
    let mut seeds = Vec::new();
    for folder in folders {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                seeds.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    run_seeds(seeds, cases, target);
}

/// As [`run`], over inputs that are not files of a folder.
pub(crate) fn run_seeds(
    mut seeds: Vec<(String, Vec<u8>)>,
    cases: usize,
    target: fn(&[u8]) -> bool,
) {
    // The order in which a directory lists its files differs from one file system to another.
    seeds.sort();
    assert!(seeds.iter().any(|(name, _)| !name.starts_with("refused")), "nothing is accepted");
    for (name, bytes) in &seeds {
        let accepted = call(name, bytes, target);
        assert_eq!(accepted, !name.starts_with("refused"), "{name}: whether it is accepted");
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for case in 0..cases {
        let (name, bytes) = &seeds[case % seeds.len()];
        let mut changed = bytes.clone();
        for _ in 0..=random.below(3) {
            let (_, other) = &seeds[random.below(seeds.len())];
            change(&mut changed, other, &mut random);
        }
        changed.truncate(MAX_BYTES.max(bytes.len()));
        call(&format!("{name}, change {case}"), &changed, target);
    }
}

/// Shows the input a target fails on: as a file of the corpus it is the regression test.
fn call(name: &str, bytes: &[u8], target: fn(&[u8]) -> bool) -> bool {
    catch_unwind(AssertUnwindSafe(|| target(bytes))).unwrap_or_else(|panic| {
        eprintln!("the input is {name}: b\"{}\"", bytes.escape_ascii());
        resume_unwind(panic)
    })
}

/// One change at one place.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let start = random.below(bytes.len() + 1);
    let length = random.below((bytes.len() - start).min(64) + 1);
    let piece = bytes[start..start + length].to_vec();
    match random.below(10) {
        0 => bytes.truncate(start),
        1 => drop(bytes.drain(start..start + length)),
        2 => drop(bytes.splice(start..start, piece)),
        3 | 4 if start < bytes.len() => bytes[start] ^= 1 << random.below(8),
        5 if start < bytes.len() => bytes[start] = random.next().to_be_bytes()[0],
        6 => {
            // The head of one file and the tail of another.
            bytes.truncate(start);
            bytes.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        7 => {
            let from = random.below(other.len() + 1);
            let to = from + random.below((other.len() - from).min(64) + 1);
            drop(bytes.splice(start..start, other[from..to].iter().copied()));
        }
        8 => {
            // A line again, or somewhere else.
            let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            if let Some(line) = lines.get(random.below(lines.len().max(1))) {
                let line = line.to_vec();
                drop(bytes.splice(start..start, line));
            }
        }
        _ => {
            let token = TOKENS[random.below(TOKENS.len())];
            drop(bytes.splice(start..start + length.min(token.len()), token.iter().copied()));
        }
    }
}

/// Xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators").
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}
