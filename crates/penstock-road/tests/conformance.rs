#![expect(clippy::unwrap_used, reason = "helpers of a test")]
//! The test vectors of the age format, <https://github.com/C2SP/CCTV/tree/main/age>, which are not
//! part of the project; says so when it skips.

use std::{collections::BTreeMap, fs, io::Read as _, path::PathBuf};

use penstock_model::{Secret, Sha256};
use penstock_road::secrets::{AgeFault, decrypt};

/// A vector: fields, an empty line, the file.
struct Vector {
    fields: Vec<(String, String)>,
    file: Vec<u8>,
}

impl Vector {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        let fields: Vec<_> = fields.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let mut this = Self { fields, file: bytes[end + 2..].to_vec() };
        if this.field("compressed") == Some("zlib") {
            let mut file = Vec::new();
            flate2::read::ZlibDecoder::new(&*this.file).read_to_end(&mut file).unwrap();
            this.file = file;
        }
        this
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

#[test]
fn age_vectors() {
    let corpora = std::env::var_os("PENSTOCK_CORPORA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let folder = corpora.join("secrets/age");
    if !folder.is_dir() {
        println!("SKIPPED: {} is not here (set PENSTOCK_CORPORA)", folder.display());
        return;
    }
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let (mut others, mut wrong) = (0, Vec::new());
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files {
        let vector = Vector::parse(&fs::read(&path).unwrap());
        let identities: Vec<&str> = vector
            .fields
            .iter()
            .filter(|(k, _)| k == "identity")
            .map(|(_, v)| v.as_str())
            .collect();
        // Passphrases and post-quantum keys are not read.
        if identities.is_empty() || identities.iter().any(|i| i.starts_with("AGE-SECRET-KEY-PQ")) {
            others += 1;
            continue;
        }
        let result = decrypt(&vector.file, &Secret::new(identities.join("\n")), None);
        let expected = vector.field("expect").unwrap();
        let right = match (expected, &result) {
            ("success", Ok(text)) => {
                let digest = vector.field("payload").unwrap();
                // The last line feed is not given out.
                ["", "\n", "\r\n"].iter().any(|end| {
                    Sha256::of(&[text.expose(), end.as_bytes()].concat()).to_string() == digest
                })
            }
            ("no match", Err(AgeFault::NotForUs)) => true,
            ("success" | "no match", _) => false,
            (_, result) => result.is_err(),
        };
        if right {
            *met.entry(expected.to_owned()).or_default() += 1;
        } else {
            wrong.push(format!("{}: {expected}, {result:?}", path.display()));
        }
    }
    println!("age vectors met: {met:?}; {others} of other kinds of recipients not read");
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(met.values().sum::<usize>(), 97);
}
