use std::{fs, io::Write as _, os::unix::fs::symlink};

use penstock_model::Secret;

use super::*;

const VALUE: &str = "correct-horse-battery";

fn refuse(make: impl FnOnce(&Path), outputs: &[&str]) -> (Result<(), LeakError>, Vec<String>) {
    let workspace = tempfile::tempdir().unwrap();
    make(workspace.path());
    let outputs: Vec<RepoPath> =
        outputs.iter().map(|o| RepoPath::new(o.as_bytes()).unwrap()).collect();
    let names = ["OTHER".to_owned(), "TOKEN".to_owned()];
    let forms = Forms::new(&[Secret::new(*b"another-value"), Secret::new(VALUE)]);
    let mut notes = Vec::new();
    let result = Leaks { forms, names: &names }
        .refuse(workspace.path(), &outputs, &mut |note| notes.push(note.to_owned()));
    if let Err(error) = &result {
        assert!(!error.to_string().contains(VALUE), "{error}");
    }
    (result, notes)
}

fn content(path: &str) -> (Result<(), LeakError>, Vec<String>) {
    let path = RepoPath::new(path.as_bytes()).unwrap();
    (Err(LeakError::Content { path, secret: "TOKEN".to_owned() }), Vec::new())
}

#[test]
fn a_secret_anywhere_in_an_output_is_found() {
    let far = [&vec![b'x'; 3 * PIECE_BYTES - 5], VALUE.as_bytes(), &[b'y'; 100]].concat();
    assert_eq!(refuse(|w| fs::write(w.join("app"), &far).unwrap(), &["app"]), content("app"));
    let deep = |w: &Path| {
        fs::create_dir_all(w.join("dist/a/b")).unwrap();
        fs::write(w.join("dist/a/fine"), "fine").unwrap();
        fs::write(w.join("dist/a/b/bad"), "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5").unwrap();
    };
    assert_eq!(refuse(deep, &["dist"]), content("dist/a/b/bad"));
    // What is not an output does not leave the step.
    assert_eq!(refuse(|w| fs::write(w.join("x"), VALUE).unwrap(), &["app"]), (Ok(()), vec![]));
}

#[test]
fn a_secret_in_a_name_is_found_and_the_name_not_shown() {
    let make = |w: &Path| {
        fs::create_dir_all(w.join("dist").join(VALUE)).unwrap();
        fs::write(w.join("dist").join(VALUE).join("x"), "").unwrap();
    };
    let (result, _) = refuse(make, &["dist"]);
    let path = RepoPath::new(*b"dist").unwrap();
    assert_eq!(result, Err(LeakError::Name { path, secret: "TOKEN".to_owned() }));
}

fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, name, content).unwrap();
    tar.into_inner().unwrap()
}

#[test]
fn a_secret_in_an_archive_is_found() {
    // Repeated, so that no part of it stands uncompressed.
    let text = format!("token: {VALUE}\n").repeat(20);
    let text = text.as_bytes();
    for (file, bytes, within) in [
        ("app.zip", zip("in/a.txt", text), "app.zip!/in/a.txt"),
        ("app.gz", gzip(text), "app.gz!/app"),
        ("app.tar", tar("a.txt", text), "app.tar"),
        ("app.tar.gz", gzip(&tar("a.txt", text)), "app.tar.gz!/a.txt"),
        ("app.jar", zip("b.zip", &zip("a.txt", text)), "app.jar!/b.zip!/a.txt"),
    ] {
        let write = |w: &Path| fs::write(w.join(file), &bytes).unwrap();
        assert_eq!(refuse(write, &[file]), content(within), "{file}");
    }
    let (result, _) = refuse(|w| fs::write(w.join("a.zip"), zip(VALUE, b"x")).unwrap(), &["a.zip"]);
    // The name of a member stands in the file as it is.
    assert_eq!(result, content("a.zip").0);
    let fine = zip("a.txt", b"nothing");
    assert_eq!(
        refuse(|w| fs::write(w.join("a.zip"), &fine).unwrap(), &["a.zip"]),
        (Ok(()), vec![])
    );
}

#[test]
fn an_archive_that_is_not_searched_within_is_told() {
    let bomb = gzip(&vec![0; 80 << 20]);
    let (result, notes) = refuse(|w| fs::write(w.join("a.gz"), &bomb).unwrap(), &["a.gz"]);
    assert_eq!(result, Ok(()));
    assert!(notes[0].starts_with("output a.gz") && notes[0].contains("not searched"), "{notes:?}");
    let broken = &zip("a.txt", &b"some text ".repeat(50))[..60];
    let (result, notes) = refuse(|w| fs::write(w.join("a.zip"), broken).unwrap(), &["a.zip"]);
    assert_eq!((result, notes.len()), (Ok(()), 1));
}

/// Links lead nowhere: taking over refuses them, and nothing outside is read.
#[test]
fn links_and_special_files_are_left_to_who_refuses_them() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file"), VALUE).unwrap();
    let make = |w: &Path| {
        symlink(outside.path(), w.join("dir")).unwrap();
        symlink(outside.path().join("file"), w.join("file")).unwrap();
        rustix::fs::mknodat(CWD, w.join("fifo"), rustix::fs::FileType::Fifo, Mode::RUSR, 0)
            .unwrap();
    };
    assert_eq!(refuse(make, &["dir/file", "dir", "file", "fifo", "none"]), (Ok(()), vec![]));
}
