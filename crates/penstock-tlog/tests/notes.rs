//! Notes, checkpoints and proofs as text, with a stand-in for a signature algorithm.

use penstock_tlog::{
    Checkpoint, CheckpointError, Hash, MAX_EXTRA_BYTES, MAX_NOTE_BYTES, MAX_SIGNATURES, Note,
    NoteError, NoteSignature, NoteSigner, NoteVerifier, ProofError, SignFailed, SignedCheckpoint,
    TlogProof, TlogProofError, empty_root, leaf_hash, node_hash,
};

/// A key whose signature is a hash of its name and the message: enough to tell texts and keys apart.
struct Key(&'static str, u32);

impl NoteSigner for Key {
    fn name(&self) -> &str {
        self.0
    }

    fn key_id(&self) -> u32 {
        self.1
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed> {
        let input = [self.0.as_bytes(), &self.1.to_be_bytes(), message].concat();
        Ok(leaf_hash(&input).as_bytes().to_vec())
    }
}

impl NoteVerifier for Key {
    fn name(&self) -> &str {
        self.0
    }

    fn key_id(&self) -> u32 {
        self.1
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.sign(message).is_ok_and(|expected| expected == signature)
    }
}

const LOG: Key = Key("log.example", 1);
const WITNESS: Key = Key("witness.example", 2);

fn checkpoint(size: u64, root: Hash) -> Checkpoint {
    Checkpoint { origin: "log.example".into(), size, root, extensions: vec![] }
}

#[test]
fn a_note_reads_what_it_writes_even_with_empty_lines_in_its_text() {
    let note = Note::sign("first\n\nsecond\n", &[&LOG, &WITNESS]).unwrap();
    let bytes = note.to_string();
    assert!(bytes.starts_with("first\n\nsecond\n\n\u{2014} log.example "), "{bytes}");
    assert_eq!(Note::parse(bytes.as_bytes()), Ok(note.clone()));
    assert_eq!(note.verify(&[&LOG]).unwrap().len(), 1);
    assert_eq!(note.verify(&[&WITNESS, &LOG]).unwrap().len(), 2);
}

#[test]
fn the_example_of_the_specification_parses() {
    let note = Note::parse(
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\
         \n\u{2014} quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfL\
         W9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
            .as_bytes(),
    )
    .unwrap();
    let [signature] = note.signatures() else { panic!("one signature") };
    assert_eq!((signature.key_id, signature.signature.len()), (0x367b_a04b, 64));
    assert!(note.text().ends_with("\n\ned è subito sera.\n"));
}

#[test]
fn unknown_keys_are_ignored_and_a_known_key_must_be_right() {
    let note = Note::sign("text\n", &[&LOG, &WITNESS]).unwrap();
    let unverified = |note: &Note, key: &Key| {
        assert!(matches!(note.verify(&[key]), Err(NoteError::Unverified(_))));
    };
    // Same name with another id, and the other way about, are other keys.
    unverified(&note, &Key("log.example", 9));
    unverified(&note, &Key("other.example", 1));
    assert!(matches!(note.verify(&[]), Err(NoteError::Unverified(_))));

    // One changed byte in the signature of a known key rejects the note, though the other is right.
    let mut forged = Note::sign("text\n", &[&WITNESS]).unwrap();
    let mut signature = note.signatures()[0].clone();
    signature.signature[0] ^= 1;
    forged.add(signature).unwrap();
    assert_eq!(
        forged.verify(&[&WITNESS, &LOG]),
        Err(NoteError::BadSignature("log.example".into()))
    );
    // Whoever does not know that key cannot tell.
    assert_eq!(forged.verify(&[&WITNESS]).unwrap().len(), 1);

    let changed = note.to_string().replacen("text", "test", 1);
    let changed = Note::parse(changed.as_bytes()).unwrap();
    assert_eq!(changed.verify(&[&LOG]), Err(NoteError::BadSignature("log.example".into())));
}

#[test]
fn what_is_not_a_note_is_refused() {
    let note = Note::sign("text\n", &[&LOG]).unwrap().to_string();
    for cut in 0..note.len() {
        // A cut that loses only base64 digits may leave a shorter signature, but never a valid one.
        if let Ok(note) = Note::parse(&note.as_bytes()[..cut]) {
            assert!(note.verify(&[&LOG]).is_err(), "{cut}");
        }
    }
    let line = note.rsplit_once("\n\n").unwrap().1;
    for (wrong, error) in [
        ("text\n".to_owned(), NoteError::Unsigned),
        ("te\txt\n\n".to_owned() + line, NoteError::Characters),
        ("text\r\n\n".to_owned() + line, NoteError::Characters),
        ("text\n\n".to_owned() + line.trim_end(), NoteError::Unterminated),
    ] {
        assert_eq!(Note::parse(wrong.as_bytes()), Err(error), "{wrong:?}");
    }
    for signature in ["- a AAAAAAE=", "\u{2014} a", "\u{2014}  AAAAAAE=", "\u{2014} a AAAAAA==", ""]
    {
        let wrong = format!("text\n\n{signature}\n");
        assert!(Note::parse(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
    assert_eq!(Note::parse(b"te\xffxt\n\n"), Err(NoteError::Characters));
    assert_eq!(Note::sign("no newline", &[&LOG]), Err(NoteError::Unterminated));
    assert_eq!(Note::sign("text\n", &[]), Err(NoteError::Unsigned));
}

#[test]
fn notes_have_limits() {
    let long = vec![b'a'; MAX_NOTE_BYTES + 1];
    assert_eq!(Note::parse(&long), Err(NoteError::TooLong(long.len())));
    let mut note = Note::sign("text\n", &[&LOG]).unwrap();
    let signature = note.signatures()[0].clone();
    // At least 16 must be accepted, of nearly 5 kB each.
    let large = NoteSignature { signature: vec![1; 5000], ..signature.clone() };
    for _ in 1..17 {
        note.add(large.clone()).unwrap();
    }
    assert!(Note::parse(note.to_string().as_bytes()).is_ok());
    while note.signatures().len() < MAX_SIGNATURES {
        note.add(signature.clone()).unwrap();
    }
    assert_eq!(note.add(signature), Err(NoteError::TooManySignatures));
    let line = "\u{2014} a AAAAAAE=\n".repeat(MAX_SIGNATURES + 1);
    assert_eq!(Note::parse(format!("t\n\n{line}").as_bytes()), Err(NoteError::TooManySignatures));
}

#[test]
fn a_checkpoint_reads_what_it_writes_and_only_that() {
    let with_extension =
        Checkpoint { extensions: vec!["more".into()], ..checkpoint(7, leaf_hash(b"")) };
    for one in [checkpoint(0, empty_root()), checkpoint(u64::MAX, leaf_hash(b"")), with_extension] {
        assert_eq!(Checkpoint::parse(&one.to_string()), Ok(one));
    }
    let root = leaf_hash(b"").to_base64();
    for (wrong, error) in [
        (format!("\n1\n{root}\n"), CheckpointError::Origin(String::new())),
        (format!("o\n01\n{root}\n"), CheckpointError::Size("01".into())),
        (format!("o\n+1\n{root}\n"), CheckpointError::Size("+1".into())),
        (format!("o\n-1\n{root}\n"), CheckpointError::Size("-1".into())),
        (format!("o\n\n{root}\n"), CheckpointError::Size(String::new())),
        (
            format!("o\n18446744073709551616\n{root}\n"),
            CheckpointError::Size("18446744073709551616".into()),
        ),
        (format!("o\n0\n{root}\n"), CheckpointError::EmptyRoot),
        (format!("o\n1\n{root}"), CheckpointError::Shape),
        (format!("o\n1\n{root}\n\n"), CheckpointError::Shape),
        ("o\n1\n".into(), CheckpointError::Shape),
    ] {
        assert_eq!(Checkpoint::parse(&wrong), Err(error), "{wrong:?}");
    }
    assert!(matches!(Checkpoint::parse("o\n1\nAAAA\n"), Err(CheckpointError::Root(_))));
    let split = Checkpoint { origin: "a\n9".into(), ..checkpoint(1, leaf_hash(b"")) };
    assert!(SignedCheckpoint::sign(split, &[&LOG]).is_err());
}

#[test]
fn a_proof_proves_its_entry_and_nothing_else() {
    let (mine, other) = (leaf_hash(b"mine"), leaf_hash(b"other"));
    let root = node_hash(&other, &mine);
    let signed = SignedCheckpoint::sign(checkpoint(2, root), &[&LOG]).unwrap();
    for extra in [None, Some(vec![]), Some(b"more".to_vec())] {
        let proof = TlogProof { extra, index: 1, path: vec![other], checkpoint: signed.clone() };
        let text = proof.to_string();
        assert_eq!(TlogProof::parse(text.as_bytes()), Ok(proof.clone()), "{text}");
        assert_eq!(proof.verify(b"mine", "log.example", &[&LOG]), Ok(()));
        assert_eq!(
            proof.verify(b"nine", "log.example", &[&LOG]),
            Err(TlogProofError::Proof(ProofError::Root))
        );
        assert_eq!(
            TlogProof { index: 0, ..proof.clone() }.verify(b"mine", "log.example", &[&LOG]),
            Err(TlogProofError::Proof(ProofError::Root))
        );
        assert_eq!(
            TlogProof { index: 2, ..proof.clone() }.verify(b"mine", "log.example", &[&LOG]),
            Err(TlogProofError::Proof(ProofError::Index { index: 2, size: 2 }))
        );
        assert!(matches!(
            proof.verify(b"mine", "other.example", &[&LOG]),
            Err(TlogProofError::Origin { .. })
        ));
        assert!(matches!(
            proof.verify(b"mine", "log.example", &[&WITNESS]),
            Err(TlogProofError::Checkpoint(CheckpointError::Note(NoteError::Unverified(_))))
        ));
    }
}

#[test]
fn what_is_not_a_proof_is_refused() {
    let signed = SignedCheckpoint::sign(checkpoint(1, leaf_hash(b"")), &[&LOG]).unwrap();
    let head = "c2sp.org/tlog-proof@v1\n";
    let hash = leaf_hash(b"").to_base64() + "\n";
    let too_long = "A".repeat((MAX_EXTRA_BYTES / 3 + 1) * 4);
    for (wrong, error) in [
        (format!("c2sp.org/tlog-proof@v2\nindex 0\n\n{signed}"), TlogProofError::Version),
        (format!("{head}index 00\n\n{signed}"), TlogProofError::Index),
        (format!("{head}\n{signed}"), TlogProofError::Index),
        (format!("{head}index 0\nextra AAAA\n\n{signed}"), TlogProofError::Shape),
        (format!("{head}extra *\nindex 0\n\n{signed}"), TlogProofError::Shape),
        (format!("{head}index 0\n{}\n{signed}", hash.repeat(65)), TlogProofError::PathTooLong),
        (
            format!("{head}extra {too_long}\nindex 0\n\n{signed}"),
            TlogProofError::ExtraTooLong(MAX_EXTRA_BYTES / 3 * 3 + 3),
        ),
    ] {
        match (TlogProof::parse(wrong.as_bytes()), error) {
            (Err(TlogProofError::Hash(_)), TlogProofError::Shape) => {}
            (found, expected) => assert_eq!(found, Err(expected), "{wrong:.80}"),
        }
    }
    let long = vec![b'a'; MAX_NOTE_BYTES * 2];
    assert_eq!(TlogProof::parse(&long), Err(TlogProofError::TooLong(long.len())));
}
