use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use penstock_attest::{
    LogVerifier,
    keys::{KeyName, KeyStore},
    signer::SignerClient,
};
use penstock_ledger::{Ledger, MAX_BATCH, NewEvidence, Subject};
use penstock_model::{Sha256, Timestamp};

use crate::budget::{Budget, Round, Target, Unit};

const ROUNDS: usize = 15;

/// About the size of a bundle with one provenance in it.
const EVIDENCE_BYTES: usize = 4096;

const ORIGIN: &str = "penstock.example/bench";

pub(crate) fn appends(penstock: &Path, scratch: &Path) -> Result<Vec<Budget>> {
    let (home, keys) = (scratch.join("ledger-home"), scratch.join("ledger-keys"));
    fs::create_dir(&home)?;
    let store = KeyStore::at(&keys).making_demo_keys();
    store.generate_log(ORIGIN)?;
    let verifier = LogVerifier::new(ORIGIN, store.public(&KeyName::Log)?)?;
    let signer = SignerClient::spawn(penstock, &keys)?;
    let log_signer = signer.log()?;
    Ledger::create(&home, ORIGIN, &log_signer)?;
    let ledger = Ledger::open(&home, &[&verifier])?;

    let append = |evidence: &[NewEvidence]| -> Result<Duration> {
        let start = Instant::now();
        let receipts = ledger.append(evidence, &log_signer)?;
        let elapsed = start.elapsed();
        let warnings = ledger.take_warnings();
        if receipts.len() != evidence.len() || !warnings.is_empty() {
            bail!("{} receipts, warnings {warnings:?}", receipts.len());
        }
        Ok(elapsed)
    };
    let (mut batches, mut singles) = (Vec::new(), Vec::new());
    // The first round makes directories that later ones find.
    for round in 0..=ROUNDS {
        let batch: Vec<_> = (0..MAX_BATCH).map(|n| evidence(round, n)).collect::<Result<_>>()?;
        let raw = raw(&scratch.join(format!("raw-{round}")), &batch)?;
        let batched = append(&batch)?;
        let raw_of_one = raw_of_one(scratch, round)?;
        let single = append(&[evidence(round, MAX_BATCH)?])?;
        if round > 0 {
            batches.push(ratio(raw, batched));
            singles.push(ratio(raw_of_one, single));
        }
    }
    signer.finish()?;
    Ok(vec![
        Budget {
            name: "ledger appends, 256 at once",
            target: Target::AtLeast(0.30),
            unit: Unit::Ratio,
            rounds: batches,
            method: "rate of one append of 256 bundles of 4 KiB (stored, logged, signed by the \
                     signer process, proved, indexed) over the rate at which the same bytes are \
                     made durable as plain files: all written, then each synced, then their \
                     directory; in turn, on one disk",
        },
        Budget {
            name: "ledger appends, one by one",
            target: Target::Watched,
            unit: Unit::Ratio,
            rounds: singles,
            method: "as above with one bundle: evidence, bundle and tile, checkpoint and directories \
                     are several syncs where the plain file has two",
        },
    ])
}

fn ratio(raw: Duration, ledger: Duration) -> Round {
    Round { value: raw.as_secs_f64() / ledger.as_secs_f64(), quiet: true }
}

fn evidence(round: usize, number: usize) -> Result<NewEvidence> {
    let name = format!("{round}-{number}");
    let mut bytes = format!("{{\"bundle\":\"{name}\",\"padding\":\"").into_bytes();
    bytes.resize(EVIDENCE_BYTES - 2, b'x');
    bytes.extend_from_slice(b"\"}");
    Ok(NewEvidence {
        predicate_type: "https://slsa.dev/provenance/v1".to_owned(),
        media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
        subjects: vec![Subject::sha256(Some(&name), &Sha256::of(name.as_bytes()))],
        key_id: "bench".to_owned(),
        time: Timestamp::from_unix(0).context("the epoch")?,
        bytes,
    })
}

/// What any store of these bytes has to do, in the order that lets the file system commit once.
fn raw(directory: &Path, evidence: &[NewEvidence]) -> Result<Duration> {
    fs::create_dir(directory)?;
    let paths: Vec<PathBuf> =
        (0..evidence.len()).map(|number| directory.join(number.to_string())).collect();
    let start = Instant::now();
    let mut open = Vec::with_capacity(paths.len());
    for (path, evidence) in paths.iter().zip(evidence) {
        let mut file = File::create_new(path)?;
        file.write_all(&evidence.bytes)?;
        open.push(file);
    }
    for file in &open {
        file.sync_all()?;
    }
    File::open(directory)?.sync_all()?;
    Ok(start.elapsed())
}

fn raw_of_one(scratch: &Path, round: usize) -> Result<Duration> {
    raw(&scratch.join(format!("raw-one-{round}")), &[evidence(round, MAX_BATCH)?])
}
