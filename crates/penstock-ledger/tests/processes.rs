//! Several processes at once, and processes that are killed. Children are this test binary, started
//! again with the test `child` and told by the environment what to do.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use penstock_ledger::Ledger;
use penstock_model::Sha256;
use support::{Key, ORIGIN, evidence};

/// Not a test of its own: what a child process does. Appends, and after each answer writes the number
/// and the name of what was logged to a file of its own.
#[test]
fn child() {
    let (Some(home), Some(name)) =
        (std::env::var_os("CHILD_HOME"), std::env::var("CHILD_NAME").ok())
    else {
        return;
    };
    let count: usize = std::env::var("CHILD_COUNT").unwrap().parse().unwrap();
    let home = Path::new(&home);
    let key = Key::log();
    let mut answers = File::create(home.join(&name)).unwrap();
    let ledger = Ledger::open(home, &[&key]).unwrap();
    for number in 0..count {
        let batch: Vec<_> =
            (0..1 + number % 3).map(|n| evidence(&format!("{name} {number} {n}"))).collect();
        let receipts = ledger.append(&batch, &key).unwrap();
        let lines: String = receipts
            .iter()
            .enumerate()
            .map(|(n, receipt)| format!("{} {name} {number} {n}\n", receipt.index))
            .collect();
        answers.write_all(lines.as_bytes()).unwrap();
    }
}

fn start(home: &Path, name: &str, count: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact"])
        .env("CHILD_HOME", home)
        .env("CHILD_NAME", name)
        .env("CHILD_COUNT", count.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The whole lines of a child's answers: number and name.
fn answers(home: &Path, name: &str) -> Vec<(u64, String)> {
    let text = fs::read_to_string(home.join(name)).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| {
            let (number, name) = line.split_once(' ').unwrap();
            (number.parse().unwrap(), name.to_owned())
        })
        .collect()
}

fn assert_logged(ledger: &Ledger<'_>, acknowledged: &[(u64, String)]) {
    for (number, name) in acknowledged {
        let entry = ledger.entry(*number).unwrap();
        assert_eq!(entry.sha256, Sha256::of(&evidence(name).bytes), "{name}");
    }
}

#[test]
fn eight_processes_at_once_lose_and_double_nothing() {
    const WRITERS: usize = 8;
    const APPENDS: usize = 12;
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    Ledger::create(home.path(), ORIGIN, &key).unwrap();
    let names: Vec<String> = (0..WRITERS).map(|n| format!("writer-{n}")).collect();
    let children: Vec<Child> = names.iter().map(|name| start(home.path(), name, APPENDS)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    let report = ledger.verify().unwrap();
    // Batches of one, two and three entries.
    assert_eq!(report.entries, (WRITERS * APPENDS * 2) as u64);
    let all: Vec<(u64, String)> =
        names.iter().flat_map(|name| answers(home.path(), name)).collect();
    let by_number: BTreeMap<u64, &str> = all.iter().map(|(n, name)| (*n, name.as_str())).collect();
    assert_eq!((all.len(), by_number.len()), (WRITERS * APPENDS * 2, WRITERS * APPENDS * 2));
    assert_logged(&ledger, &all);
    let inbox = fs::read_dir(home.path().join("ledger/inbox")).unwrap().count();
    assert_eq!(inbox, 0, "nothing is left in the inbox");
}

#[test]
fn threads_share_one_open_ledger() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    Ledger::create(home.path(), ORIGIN, &key).unwrap();
    let ledger = Ledger::open(home.path(), &[&key]).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (ledger, key) = (&ledger, &key);
            scope.spawn(move || {
                for number in 0..8 {
                    let name = format!("{thread} {number}");
                    let receipt = ledger.append(&[evidence(&name)], key).unwrap()[0];
                    let digest = Sha256::of(name.as_bytes()).to_string();
                    let found = ledger.by_subject("sha256", &digest).unwrap();
                    assert_eq!(found[0].0, receipt.index);
                }
            });
        }
    });
    assert_eq!(ledger.verify().unwrap().entries, 32);
}

#[test]
fn a_writer_killed_at_any_instant_leaves_a_whole_ledger() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::log();
    Ledger::create(home.path(), ORIGIN, &key).unwrap();
    let mut acknowledged = Vec::new();
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    for round in 0..20 {
        let names = [format!("a-{round}"), format!("b-{round}")];
        let mut children = names.clone().map(|name| start(home.path(), &name, usize::MAX));
        // xorshift: after so many answers and so many turns of a loop.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        while answers(home.path(), &names[0]).len() < (random % 4) as usize + 1 {
            assert!(children[0].try_wait().unwrap().is_none(), "the writer ended by itself");
            std::thread::yield_now();
        }
        for _ in 0..random % 2_000_000 {
            std::hint::spin_loop();
        }
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        acknowledged.extend(names.iter().flat_map(|name| answers(home.path(), name)));

        let ledger = Ledger::open(home.path(), &[&key]).unwrap();
        ledger.verify().unwrap();
        assert_logged(&ledger, &acknowledged);
        let name = format!("after {round}");
        let receipt = ledger.append(&[evidence(&name)], &key).unwrap()[0];
        acknowledged.push((receipt.index, name));
        let report = ledger.verify().unwrap();
        let mut logged: Vec<Sha256> =
            ledger.entries(0..report.entries).unwrap().into_iter().map(|e| e.1.sha256).collect();
        logged.sort();
        logged.dedup();
        assert_eq!(logged.len() as u64, report.entries, "an entry is doubled");
        assert_eq!(
            fs::read_dir(home.path().join("ledger/inbox"))
                .unwrap()
                .filter(|e| { !e.as_ref().unwrap().file_name().to_string_lossy().starts_with('.') })
                .count(),
            0
        );
    }
    assert!(acknowledged.len() > 40);
}
