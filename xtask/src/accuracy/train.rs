//! The table of three letters in a row: how much likelier the third is in words than by chance.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};

/// Letters and the boundary of a word.
const SYMBOLS: usize = 27;
const BOUNDARY: usize = 26;
/// A word is one if so many packages use it: what one alone has may be anything, data as well.
const PACKAGES: usize = 3;
const MAX_WORD: usize = 20;
/// Of each file so much is read.
const MAX_BYTES: usize = 256 * 1024;
/// Boundaries between the six levels, in bits: log2(p × 27). `words.rs` has their middles.
const LEVELS: [f64; 5] = [-4.0, -2.0, -0.6, 0.6, 1.8];
const KINDS: [&str; 18] = [
    "c", "cfg", "cpp", "go", "h", "html", "ini", "java", "js", "md", "php", "py", "rb", "rs",
    "rst", "ts", "txt", "yml",
];

/// How often a word was seen, and in how many packages.
#[derive(Default)]
struct Seen {
    packages: usize,
    last: usize,
    count: u64,
}

/// The table: for each pair of symbols nine bytes, each with three levels in base six.
pub(super) fn table(folders: &[&Path]) -> Result<Vec<u8>> {
    let mut words = BTreeMap::new();
    let mut package = 0;
    for folder in folders {
        let list =
            fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in list {
            package += 1;
            read(&entry?.path(), package, 0, &mut words);
        }
    }
    let mut counts = vec![0.0_f64; SYMBOLS * SYMBOLS * SYMBOLS];
    for (word, seen) in words.iter().filter(|(_, seen)| seen.packages >= PACKAGES) {
        let weight = (1.0 + seen.count as f64).ln();
        let letters = word.iter().map(|byte| usize::from(byte - b'a')).chain([BOUNDARY]);
        let (mut a, mut b) = (BOUNDARY, BOUNDARY);
        for c in letters {
            counts[(a * SYMBOLS + b) * SYMBOLS + c] += weight;
            (a, b) = (b, c);
        }
    }
    Ok(pack(&counts))
}

fn pack(counts: &[f64]) -> Vec<u8> {
    // What follows a pair that is rare itself is guessed from what follows its second letter.
    let mut after = vec![0.0; SYMBOLS * SYMBOLS];
    for (at, count) in counts.iter().enumerate() {
        after[at % (SYMBOLS * SYMBOLS)] += count;
    }
    let mut table = Vec::new();
    for (pair, row) in counts.chunks(SYMBOLS).enumerate() {
        let second = &after[(pair % SYMBOLS) * SYMBOLS..][..SYMBOLS];
        let seconds = second.iter().sum::<f64>() + 27.0;
        let total = row.iter().sum::<f64>();
        let level = |at: usize| {
            let guess = (second[at] + 1.0) / seconds;
            let share = (row[at] + 20.0 * guess) / (total + 20.0);
            let bits = (share * 27.0).log2();
            LEVELS.iter().filter(|edge| bits > **edge).count()
        };
        for at in (0..SYMBOLS).step_by(3) {
            let packed = level(at) * 36 + level(at + 1) * 6 + level(at + 2);
            table.push(u8::try_from(packed).unwrap_or(u8::MAX));
        }
    }
    table
}

fn read(path: &Path, package: usize, depth: usize, words: &mut BTreeMap<Vec<u8>, Seen>) {
    if path.is_dir() && depth < 12 && !path.is_symlink() {
        let mut paths: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().collect();
        paths.sort_by_key(fs::DirEntry::path);
        paths.iter().for_each(|entry| read(&entry.path(), package, depth + 1, words));
        return;
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if !KINDS.contains(&extension) {
        return;
    }
    let Ok(bytes) = fs::read(path) else { return };
    let bytes = &bytes[..bytes.len().min(MAX_BYTES)];
    let mut word = Vec::new();
    let mut previous = 0_u8;
    for byte in bytes.iter().chain([&b' ']) {
        let begins = byte.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if (begins || !byte.is_ascii_alphabetic()) && !word.is_empty() {
            let word = std::mem::take(&mut word);
            if word.len() <= MAX_WORD {
                let seen = words.entry(word).or_default();
                seen.count += 1;
                if seen.last != package {
                    (seen.packages, seen.last) = (seen.packages + 1, package);
                }
            }
        }
        if byte.is_ascii_alphabetic() {
            word.push(byte.to_ascii_lowercase());
        }
        previous = *byte;
    }
}
