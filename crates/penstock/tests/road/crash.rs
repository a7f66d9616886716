//! Killed at any instant, out of space, not allowed to write, not alone: what was acknowledged is
//! there, nothing is half there, and the next run works.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use penstock_statement::predicate::RunSeal;

use crate::harness::{PIPELINE, Ran, World};

/// The same instants in every run of these tests.
struct Seeded(u64);

impl Seeded {
    /// A number below `end` (splitmix64).
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// Ends a whole process group, as a power failure would.
fn kill_group(child: &mut Child) {
    let group = format!("-{}", child.id());
    // It may be gone already.
    _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status().unwrap();
    child.wait().unwrap();
}

/// Starts a run and kills it after so many bytes of its output and so much work of our own.
fn killed_run(world: &World, bytes: u64, busy: u64) {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut child = world
        .command(["run"])
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .process_group(0)
        .spawn()
        .unwrap();
    let mut left = bytes;
    let mut buffer = [0; 16];
    while left > 0 {
        let want = buffer.len().min(usize::try_from(left).unwrap());
        match reader.read(&mut buffer[..want]).unwrap() {
            0 => break,
            n => left -= n as u64,
        }
    }
    let mut work = Seeded(busy);
    for _ in 0..busy {
        std::hint::black_box(work.below(7));
    }
    kill_group(&mut child);
}

#[test]
fn killed_at_twenty_instants() {
    let mut seeded = Seeded(2026);
    let mut world = World::new();
    for instant in 0..20 {
        // Every third time from nothing: keys, ledger and policy are made by the killed run.
        if instant % 3 == 0 {
            world = World::new();
        }
        let (bytes, busy) = (seeded.below(1500), seeded.below(6_000_000));
        world.write("app.txt", format!("{instant}\n"));
        world.commit("Go on");
        killed_run(&world, bytes, busy);
        let verified = world.penstock(["log", "verify"]);
        let whole = verified.code == Some(0) || verified.has("no ledger for this project yet");
        assert!(whole, "instant {instant} after {bytes} bytes and {busy}:\n{verified}");
        let next = world.penstock(["run"]);
        next.exits(0).says("gate staging      ALLOW").does_not_say("REFUSED");
        assert_eq!(world.deployed("staging"), Some(format!("{instant}\n")));
        world.log_verifies();
    }
}

/// The kernel ends a step whose run was killed; nothing of it goes on building unseen.
#[test]
fn killed_with_a_step_at_work() {
    let mark = "86397.25";
    let world = World::with(&PIPELINE.replace("mkdir dist", &format!("sleep {mark}; mkdir dist")));
    let mut child = world.command(["run"]).process_group(0).spawn().unwrap();
    let is_mark = |argument: &[u8]| argument == mark.as_bytes();
    // The sleeper's own arguments, not those of the shell that is about to start it.
    let sleeps = || {
        fs::read_dir("/proc").unwrap().any(|process| {
            let arguments = fs::read(process.unwrap().path().join("cmdline")).unwrap_or_default();
            arguments.split(|byte| *byte == 0).any(is_mark)
        })
    };
    while !sleeps() {
        assert_eq!(child.try_wait().unwrap(), None, "the run ended before its step began");
        std::thread::yield_now();
    }
    kill_group(&mut child);
    // The whole tree is being ended; a step that was let go on would sleep for a day.
    while sleeps() {
        std::thread::yield_now();
    }
    world.log_verifies();
    assert_eq!(world.evidence::<RunSeal>(), [], "killed, so there is no seal");
    world.write("penstock.toml", PIPELINE);
    world.commit("Do not wait");
    let workspaces = || {
        let runs = fs::read_dir(world.state().join("runs")).unwrap();
        runs.flat_map(|run| fs::read_dir(run.unwrap().path()).unwrap())
            .filter(|step| step.as_ref().unwrap().path().join("workspace").exists())
            .count()
    };
    assert_eq!(workspaces(), 1, "the killed run's is still there");
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
    assert_eq!(workspaces(), 0, "the next run removes it");
    world.log_verifies();
}

#[test]
fn two_runs_at_once() {
    // The first time both make the keys, the ledger and the policy.
    let world = World::new();
    for round in 0..4 {
        let children = [(); 2].map(|()| world.command(["run"]).spawn().unwrap());
        let ended = children.map(|child| Ran::of(child.wait_with_output().unwrap()));
        for ran in &ended {
            assert!(ran.code == Some(0), "round {round}: {ran}");
        }
        assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
        world.log_verifies();
    }
    world.penstock(["run"]).exits(0).does_not_say("REFUSED");
}

/// A small file system of its own, gone with the test.
struct Mounted(PathBuf);

impl Mounted {
    /// `None`, said aloud, where mounting is not allowed.
    fn new(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let options = format!("size={size},mode=0700");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "penstock-test"])
            .arg(at)
            .output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!(
            "SKIPPED: a tmpfs cannot be mounted here, so a full or read-only disk is not shown"
        );
        None
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(status.unwrap().success());
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: u64) -> PathBuf {
        let filler = self.0.join("filler");
        let mut file = fs::File::create(&filler).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(free)).unwrap();
        filler
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk() {
    let world = World::new();
    let home = world.beside("small");
    let Some(mounted) = Mounted::new(&home, "4m") else { return };
    world.set("PENSTOCK_HOME", &home);
    world.penstock(["run"]).exits(0);
    let mut refused = 0;
    for pages in [0, 1, 2, 3, 4, 6, 8, 10, 12, 16] {
        let filler = mounted.fill(pages * 4096);
        let gate = world.penstock(["gate", "production"]);
        match gate.code {
            Some(1) => gate.says("HELD"),
            _ => {
                refused += 1;
                gate.exits(3).says("no space left").says("free some space and try again")
            }
        };
        // Reading needs no space.
        world.log_verifies();
        fs::remove_file(filler).unwrap();
        world.log_verifies();
        world.penstock(["gate", "production"]).exits(1).says("HELD");
    }
    assert!(refused > 0, "the disk was never full");

    world.write("app.txt", "two\n");
    world.commit("Say two");
    for pages in [0, 2, 5, 9, 14, 20] {
        let filler = mounted.fill(pages * 4096);
        let run = world.penstock(["run"]);
        assert!(matches!(run.code, Some(0 | 3)), "{run}");
        fs::remove_file(filler).unwrap();
        world.log_verifies();
        let app = fs::read_to_string(home.join("environments/staging/current/dist/app")).unwrap();
        assert!(app == "two\n" || run.code == Some(3) && app == "one\n", "{app}{run}");
    }
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
    world.log_verifies();
}

#[test]
fn a_read_only_home() {
    let world = World::new();
    let home = world.beside("fixed");
    let Some(mounted) = Mounted::new(&home, "8m") else { return };
    world.set("PENSTOCK_HOME", &home);
    mounted.remount("ro");
    world.penstock(["run"]).exits(2).says("cannot use the state directory").says("Read-only");
    mounted.remount("rw");
    world.penstock(["run"]).exits(0);
    mounted.remount("ro");
    for arguments in [&["run"][..], &["gate", "production"], &["key", "new", "ben"]] {
        let ran = world.penstock(arguments);
        ran.exits(3);
        assert!(ran.err.to_lowercase().contains("read-only file system"), "{ran}");
        assert!(ran.err.contains(home.to_str().unwrap()), "{ran}");
    }
    // Whoever may only read can still look.
    world.log_verifies();
    world.penstock(["log", "list"]).exits(0).says("run/v0.1");
    world.penstock(["policy", "show"]).exits(0);
    mounted.remount("rw");
    world.log_verifies();
    world.penstock(["run"]).exits(0);
}
