//! Where two builds of one output part ways.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use penstock_sandbox::outputs::{Output, OutputDigest, StoredFile, verify_directory};

/// Bytes shown before and from the first that differs.
const BEFORE: u64 = 16;
const SHOWN: u64 = 48;

/// The first difference of two outputs of the same path, in words.
pub(super) fn difference(first: &Output, second: &Output) -> String {
    let found = match (&first.digest, &second.digest) {
        (OutputDigest::Directory(one), OutputDigest::Directory(other)) => {
            let files = |output: &Output, digest| {
                verify_directory(&output.stored, digest).map_err(io::Error::other)
            };
            files(first, one)
                .and_then(|one| Ok((one, files(second, other)?)))
                .and_then(|(one, other)| in_directories(first, &one, second, &other))
        }
        (OutputDigest::File(_), OutputDigest::File(_)) if first.executable != second.executable => {
            Ok("only one of them is executable".to_owned())
        }
        (OutputDigest::File(_), OutputDigest::File(_)) => in_files(&first.stored, &second.stored),
        _ => Ok("one of them is a directory, the other a file".to_owned()),
    };
    found.unwrap_or_else(|error| format!("where cannot be told: {error}"))
}

fn in_directories(
    first: &Output,
    one: &[StoredFile],
    second: &Output,
    other: &[StoredFile],
) -> io::Result<String> {
    let only = |files: &[StoredFile], others: &[StoredFile]| {
        let is_there = |file: &&StoredFile| others.iter().any(|other| other.path == file.path);
        files.iter().find(|file| !is_there(file)).map(|file| file.path.clone())
    };
    if let Some(path) = only(one, other) {
        return Ok(format!("`{path}` is in the first only"));
    }
    if let Some(path) = only(other, one) {
        return Ok(format!("`{path}` is in the second only"));
    }
    // Both are sorted, and of the same names.
    for (one, other) in one.iter().zip(other) {
        let path = &one.path;
        if one.digest != other.digest {
            let [one, other] = [first, second].map(|output| output.stored.join(path.as_path()));
            return Ok(format!("`{path}`, {}", in_files(&one, &other)?));
        }
        if one.executable != other.executable {
            return Ok(format!("`{path}` is executable in only one of them"));
        }
    }
    Ok("their empty directories differ".to_owned())
}

fn in_files(first: &Path, second: &Path) -> io::Result<String> {
    let sizes = (fs::metadata(first)?.len(), fs::metadata(second)?.len());
    let at = common(first, second)?;
    if at == sizes.0.min(sizes.1) {
        return Ok(format!("the same up to byte {at}, where only one of them ends"));
    }
    let (one, other) = (around(first, at)?, around(second, at)?);
    let hint = hint(first, at)?.map(|hint| format!(" ({hint})")).unwrap_or_default();
    Ok(format!("from byte {at} on{hint}: `{one}` and `{other}`"))
}

/// How many bytes two files begin with in common.
fn common(first: &Path, second: &Path) -> io::Result<u64> {
    let open = |path| File::open(path).map(|file| BufReader::with_capacity(1 << 16, file));
    let (mut first, mut second) = (open(first)?, open(second)?);
    let mut common = 0;
    loop {
        let (one, other) = (first.fill_buf()?, second.fill_buf()?);
        let length = one.len().min(other.len());
        let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        common += u64::try_from(same).unwrap_or(0);
        if same < length || length == 0 {
            return Ok(common);
        }
        first.consume(length);
        second.consume(length);
    }
}

/// What stands there, with a little before it.
fn around(path: &Path, at: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(at.saturating_sub(BEFORE)))?;
    let mut bytes = Vec::new();
    file.take(SHOWN).read_to_end(&mut bytes)?;
    // On one line, each byte told from every other.
    Ok(bytes.escape_ascii().to_string())
}

/// What that place means in formats that are known for carrying times.
fn hint(path: &Path, at: u64) -> io::Result<Option<&'static str>> {
    let mut magic = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut magic)?;
    Ok(match magic.as_slice() {
        // RFC 1952, section 2.3: MTIME.
        [0x1f, 0x8b, ..] if (4..8).contains(&at) => Some("the time in gzip's header; `gzip -n`"),
        // APPNOTE.TXT, section 4.3.7: last modification time and date of the first entry.
        [b'P', b'K', 3, 4] if (10..14).contains(&at) => Some("the time of the first zip entry"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(one: &[u8], other: &[u8]) -> String {
        let place = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| place.path().join(name));
        fs::write(&first, one).unwrap();
        fs::write(&second, other).unwrap();
        in_files(&first, &second).unwrap()
    }

    #[test]
    fn the_first_byte_that_differs_is_shown_with_what_is_around_it() {
        let told = told(b"built by make on Monday\n", b"built by make on Tuesday\n");
        assert!(told.starts_with("from byte 17 on: `uilt by make on Monday"), "{told}");
        assert!(told.ends_with("uilt by make on Tuesday\\n`"), "{told}");
    }

    #[test]
    fn a_longer_one_differs_where_the_other_ends() {
        assert_eq!(
            told(b"same", b"same and more"),
            "the same up to byte 4, where only one of them ends"
        );
        assert_eq!(told(b"", b"x"), "the same up to byte 0, where only one of them ends");
    }

    #[test]
    fn a_difference_beyond_one_buffer_is_found() {
        let mut one = vec![7; 200_000];
        let other = one.clone();
        one[150_000] = 8;
        assert!(told(&one, &other).starts_with("from byte 150000 on: "));
    }

    #[test]
    fn times_in_headers_are_named() {
        let gzip = |time: u8| [0x1f, 0x8b, 8, 0, time, 0, 0, 0, 0, 3];
        assert!(told(&gzip(1), &gzip(2)).contains("`gzip -n`"));
        let mut other = gzip(1);
        other[9] = 4;
        assert!(!told(&gzip(1), &other).contains("gzip -n"));
    }
}
