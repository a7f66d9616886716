use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown, symlink},
    path::Path,
};

use penstock_attest::{
    keys::{KeyFileError, KeyName, KeyStore, KeyStoreError, StoredKey},
    signer::protocol::{Answer, Refusal, Request},
};

use crate::signer::{ORIGIN, Signer, person};

fn store() -> (tempfile::TempDir, KeyStore) {
    let directory = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(directory.path().join("state/keys"));
    (directory, keys)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What the signer says when it is to use the build key.
fn use_build(signer: &Signer) -> Result<(), String> {
    match signer.ask(&Request::Public { key: KeyName::Build }, &[]) {
        (Answer::Public { .. }, _) => Ok(()),
        (Answer::Refused { refusal: Refusal::Key { reason, .. } }, _) => Err(reason),
        (answer, _) => panic!("answered {answer:?}"),
    }
}

#[test]
fn a_key_is_for_its_owner_alone() {
    let (_directory, keys) = store();
    keys.generate(&KeyName::Build).unwrap();
    assert_eq!(mode(keys.path()), 0o700);
    assert_eq!(mode(&keys.path().join("build.pem")), 0o600);
    let pem = fs::read_to_string(keys.path().join("build.pem")).unwrap();
    assert!(pem.starts_with(&["-----BEGIN ", "PRIVATE KEY-----\n"].concat()));
    let public = fs::read_to_string(keys.path().join("build.pub")).unwrap();
    assert_eq!(public, keys.public(&KeyName::Build).unwrap().to_pem());
}

#[test]
fn a_key_is_never_overwritten() {
    let (_directory, keys) = store();
    let first = keys.generate(&person("ana")).unwrap();
    let path = keys.path().join("person-ana.pem");
    let pem = fs::read(&path).unwrap();
    let exists = Err(KeyStoreError::File(KeyFileError::Exists(path.clone())));
    assert_eq!(keys.generate(&person("ana")), exists);
    assert_eq!(fs::read(&path).unwrap(), pem);
    assert_eq!(keys.public(&person("ana")), Ok(first));
    // Nor is anything else of that name, not even a link to nowhere.
    symlink("/nonexistent", keys.path().join("gate.pem")).unwrap();
    assert!(matches!(
        keys.generate(&KeyName::Gate),
        Err(KeyStoreError::File(KeyFileError::Exists(_)))
    ));
    assert!(!Path::new("/nonexistent").exists());
}

#[test]
fn two_makers_of_one_key_make_one() {
    let (_directory, keys) = store();
    let made = std::thread::scope(|scope| {
        let makers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| keys.generate(&KeyName::Build))).collect();
        makers.into_iter().filter_map(|maker| maker.join().unwrap().ok()).collect::<Vec<_>>()
    });
    assert_eq!(made.len(), 1);
    assert_eq!(keys.public(&KeyName::Build), Ok(made[0].clone()));
    assert_eq!(fs::read_dir(keys.path()).unwrap().count(), 2, "no file is left over");
}

/// Killed before the private half was in place: what there is says nothing and is replaced.
#[test]
fn half_a_key_does_not_stand_in_the_way() {
    let (_directory, keys) = store();
    keys.generate_log("example.org/old").unwrap();
    let old = keys.public(&KeyName::Log).unwrap();
    fs::remove_file(keys.path().join("log.pem")).unwrap();
    fs::write(keys.path().join(".log.pem.1-0.new"), "half").unwrap();
    assert_eq!(keys.holds(&KeyName::Log), Ok(false));
    assert_eq!(keys.list(), Ok(Vec::new()));
    let new = keys.generate_log(ORIGIN).unwrap();
    assert_ne!(new, old);
    assert_eq!(keys.public(&KeyName::Log), Ok(new));
    assert_eq!(keys.log_origin(), Ok(ORIGIN.to_owned()));
}

#[test]
fn a_key_others_may_read_is_refused() {
    let signer = Signer::new();
    let path = signer.keys.path().join("build.pem");
    for open in [0o644, 0o640, 0o604, 0o620, 0o601, 0o4644] {
        set_mode(&path, open);
        let reason = use_build(&signer).unwrap_err();
        assert!(reason.contains(&format!("{open:04o}")) && reason.contains("chmod"), "{reason}");
    }
    set_mode(&path, 0o400);
    assert_eq!(use_build(&signer), Ok(()));
}

#[test]
fn a_directory_others_may_write_is_refused() {
    let signer = Signer::new();
    for open in [0o777, 0o770, 0o702, 0o720] {
        set_mode(signer.keys.path(), open);
        assert!(use_build(&signer).unwrap_err().contains("chmod"));
        assert!(matches!(
            signer.keys.generate(&person("cem")),
            Err(KeyStoreError::File(KeyFileError::Exposed { .. }))
        ));
    }
    set_mode(signer.keys.path(), 0o755);
    assert_eq!(use_build(&signer), Ok(()));
}

#[test]
fn a_link_to_a_key_is_refused() {
    let signer = Signer::new();
    let path = signer.keys.path().join("build.pem");
    let moved = signer.keys.path().join("moved.pem");
    fs::rename(&path, &moved).unwrap();
    symlink(&moved, &path).unwrap();
    assert!(use_build(&signer).unwrap_err().contains("symbolic link"));
    // The public half as well: trust is set up from it.
    let public = signer.keys.path().join("gate.pub");
    let moved = signer.keys.path().join("moved.pub");
    fs::rename(&public, &moved).unwrap();
    symlink(&moved, &public).unwrap();
    assert_eq!(
        signer.keys.public(&KeyName::Gate),
        Err(KeyStoreError::File(KeyFileError::Link(public)))
    );
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let signer = Signer::new();
    let path = signer.keys.path().join("build.pem");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(use_build(&signer).unwrap_err().contains("regular file"));
    fs::remove_dir(&path).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(use_build(&signer).unwrap_err().contains("regular file"));
}

#[test]
fn a_key_of_another_account_is_refused() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    let signer = Signer::new();
    let path = signer.keys.path().join("build.pem");
    chown(&path, Some(65_534), None).unwrap();
    assert!(use_build(&signer).unwrap_err().contains("belongs to user 65534"));
    chown(&path, Some(0), None).unwrap();
    chown(signer.keys.path(), Some(65_534), None).unwrap();
    assert!(use_build(&signer).unwrap_err().contains("belongs to user 65534"));
}

#[test]
fn a_file_with_something_else_in_it_is_refused() {
    let signer = Signer::new();
    let path = signer.keys.path().join("build.pem");
    let pem = fs::read(&path).unwrap();
    let log = fs::read(signer.keys.path().join("log.pem")).unwrap();
    for wrong in [&b""[..], &pem[..pem.len() / 2], &log, &[0xff; 100], &[b'A'; 100_000]] {
        fs::write(&path, wrong).unwrap();
        let reason = use_build(&signer).unwrap_err();
        assert!(reason.contains("build.pem"), "{reason}");
    }
    fs::write(&path, &pem).unwrap();
    assert_eq!(use_build(&signer), Ok(()));
    // A public half of the wrong kind is not taken for one of the right kind.
    let public = fs::read(signer.keys.path().join("log.pub")).unwrap();
    fs::write(signer.keys.path().join("build.pub"), public).unwrap();
    assert!(matches!(signer.keys.public(&KeyName::Build), Err(KeyStoreError::Invalid(_))));
}

#[test]
fn keys_are_listed_and_demo_keys_are_called_that() {
    let (_directory, keys) = store();
    assert_eq!(keys.list(), Ok(Vec::new()));
    assert_eq!(keys.holds(&KeyName::Build), Ok(false));
    let demo = keys.clone().making_demo_keys();
    let build = demo.generate(&KeyName::Build).unwrap();
    let log = demo.generate_log(ORIGIN).unwrap();
    let ana = keys.generate(&person("ana")).unwrap();
    fs::write(keys.path().join("notes.txt"), "x").unwrap();
    fs::write(keys.path().join("other.pem"), "x").unwrap();
    let stored = |name: KeyName, public: &_, demo: bool| StoredKey {
        name,
        public: Clone::clone(public),
        demo,
    };
    assert_eq!(
        keys.list(),
        Ok(vec![
            stored(KeyName::Build, &build, true),
            stored(KeyName::Log, &log, true),
            stored(person("ana"), &ana, false),
        ])
    );
    assert_eq!(keys.holds(&KeyName::Build), Ok(true));
}

#[test]
fn a_log_key_belongs_to_one_ledger() {
    let (_directory, keys) = store();
    assert_eq!(keys.generate(&KeyName::Log), Err(KeyStoreError::OriginMissing));
    for origin in ["", "two words", "a+b", "a\nb"] {
        assert!(matches!(keys.generate_log(origin), Err(KeyStoreError::Origin(_))), "{origin}");
    }
    keys.generate_log(ORIGIN).unwrap();
    assert!(matches!(
        keys.generate_log("example.org/other"),
        Err(KeyStoreError::File(KeyFileError::Exists(_)))
    ));
    assert_eq!(keys.log_origin(), Ok(ORIGIN.to_owned()));
}
