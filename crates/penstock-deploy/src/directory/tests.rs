use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;
use crate::ReleaseFile;

/// A target and a place whose files become releases.
struct Site {
    dir: TempDir,
    target: DirectoryTarget,
}

impl Site {
    fn new(keep: usize) -> Self {
        let dir = TempDir::new().unwrap();
        let target = DirectoryTarget::new(dir.path().join("target"), keep);
        Self { dir, target }
    }

    /// A release of `bin/app` and two odd paths, whose bytes hold `text`.
    fn release(&self, text: &str) -> Release {
        let files = [&b"bin/app"[..], b"a b/new\nline", b"\xff\xfe"].map(|path| {
            let content = [path, text.as_bytes()].concat();
            let path = RepoPath::new(path).unwrap();
            let at = self.dir.path().join("out").join(text).join(path.as_path());
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(at, &content).unwrap();
            let executable = path.as_bytes() == b"bin/app";
            ReleaseFile { path, digest: Sha256::of(&content), executable }
        });
        Release::new(Sha256::of(text.as_bytes()), files.to_vec()).unwrap()
    }

    fn source(&self, text: &str) -> impl Fn(&RepoPath) -> PathBuf + use<> {
        let out = self.dir.path().join("out").join(text);
        move |path| out.join(path.as_path())
    }

    fn deploy(&self, text: &str) -> Result<Deployment, DeployError> {
        self.target.deploy(&self.release(text), &self.source(text))
    }

    /// What a user of `current` sees of the one file that is easy to name.
    fn seen(&self) -> Option<String> {
        fs::read_to_string(self.target.root().join("current/bin/app")).ok()
    }

    fn app(&self, text: &str) -> PathBuf {
        self.target.release_dir(&Sha256::of(text.as_bytes())).join("bin/app")
    }
}

fn id(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

#[test]
fn a_deployment_puts_the_named_bytes_in_place() {
    let site = Site::new(3);
    assert_eq!(site.target.current(), Ok(None));
    assert_eq!(site.target.releases(), Ok(vec![]));
    let first = site.deploy("one").unwrap();
    assert_eq!((first.release, first.previous, first.was_in_place), (id("one"), None, false));
    assert_eq!(site.seen().unwrap(), "bin/appone");
    let mode = |text| fs::metadata(site.app("one").with_file_name(text)).unwrap().permissions();
    assert_eq!(mode("app").mode() & 0o7777, 0o755);
    assert_eq!(site.target.drift(&site.release("one")), Ok(vec![]));
    let second = site.deploy("two").unwrap();
    assert_eq!(second.previous, Some(id("one")));
    assert_eq!(site.target.current(), Ok(Some(id("two"))));
    assert_eq!(site.target.releases(), Ok(vec![id("two"), id("one")]));
}

#[test]
fn a_source_that_changed_after_the_seal_is_not_deployed() {
    let site = Site::new(3);
    site.deploy("one").unwrap();
    let release = site.release("two");
    fs::write(site.source("two")(&path("bin/app")), "evil").unwrap();
    assert_eq!(
        site.target.deploy(&release, &site.source("two")),
        Err(DeployError::SourceChanged {
            path: path("bin/app"),
            expected: Sha256::of(b"bin/apptwo"),
            found: Sha256::of(b"evil"),
        })
    );
    assert_eq!(site.seen().unwrap(), "bin/appone");
    assert_eq!(site.target.releases(), Ok(vec![id("one")]));
    assert!(!site.target.root().join("releases/.incoming").exists());
}

#[test]
fn a_source_that_is_a_link_or_no_file_is_not_deployed() {
    let site = Site::new(3);
    let release = site.release("one");
    let app = site.source("one")(&path("bin/app"));
    let copy = site.dir.path().join("copy");
    fs::rename(&app, &copy).unwrap();
    std::os::unix::fs::symlink(&copy, &app).unwrap();
    assert!(matches!(
        site.target.deploy(&release, &site.source("one")),
        Err(DeployError::Io { action: "open", .. })
    ));
    fs::remove_file(&app).unwrap();
    fs::create_dir(&app).unwrap();
    assert!(matches!(
        site.target.deploy(&release, &site.source("one")),
        Err(DeployError::Io { action: "read", .. })
    ));
    assert_eq!(site.target.current(), Ok(None));
}

#[test]
fn a_rollback_verifies_before_it_switches() {
    let site = Site::new(3);
    site.deploy("one").unwrap();
    site.deploy("two").unwrap();
    let back = site.target.rollback(&site.release("one")).unwrap();
    assert_eq!((back.release, back.previous), (id("one"), Some(id("two"))));
    assert_eq!(site.seen().unwrap(), "bin/appone");

    fs::write(site.app("two"), "evil").unwrap();
    let error = site.target.rollback(&site.release("two")).unwrap_err();
    let directory = site.target.release_dir(&id("two"));
    let drift = Drift::Changed(path("bin/app"));
    assert_eq!(error, DeployError::Tampered { release: id("two"), directory, drift });
    assert!(error.to_string().contains("`bin/app` was changed; nothing was switched"), "{error}");
    assert_eq!(site.seen().unwrap(), "bin/appone");
    // Deploying it again does not hide the change either.
    assert_eq!(site.deploy("two"), Err(error));
    assert_eq!(
        site.target.rollback(&site.release("three")),
        Err(DeployError::NotInPlace(id("three")))
    );
}

#[test]
fn every_kind_of_tampering_is_named() {
    type Attack = fn(&Path);
    let attacks: [(Attack, Drift); 8] = [
        (
            |app| {
                let (release, moved) =
                    (app.ancestors().nth(2).unwrap(), app.ancestors().nth(5).unwrap());
                fs::rename(release, moved.join("whole")).unwrap();
                std::os::unix::fs::symlink(moved.join("whole"), release).unwrap();
            },
            Drift::Missing(path("bin/app")),
        ),
        (|app| fs::remove_file(app).unwrap(), Drift::Missing(path("bin/app"))),
        (
            |app| fs::set_permissions(app, fs::Permissions::from_mode(0o644)).unwrap(),
            Drift::Permissions(path("bin/app")),
        ),
        (
            |app| fs::set_permissions(app, fs::Permissions::from_mode(0o4755)).unwrap(),
            Drift::Permissions(path("bin/app")),
        ),
        (
            |app| fs::write(app.with_file_name("preload.so"), "x").unwrap(),
            Drift::Extra(path("bin/preload.so")),
        ),
        (
            // The same bytes, but elsewhere, where they can change later.
            |app| {
                let elsewhere = app.ancestors().nth(5).unwrap().join("elsewhere");
                fs::rename(app, &elsewhere).unwrap();
                std::os::unix::fs::symlink(elsewhere, app).unwrap();
            },
            Drift::Missing(path("bin/app")),
        ),
        (
            |app| {
                let (bin, moved) = (app.parent().unwrap(), app.ancestors().nth(5).unwrap());
                fs::rename(bin, moved.join("bin")).unwrap();
                std::os::unix::fs::symlink(moved.join("bin"), bin).unwrap();
            },
            Drift::Extra(path("bin")),
        ),
        (
            |app| {
                fs::remove_file(app).unwrap();
                fs::create_dir(app).unwrap();
            },
            Drift::Changed(path("bin/app")),
        ),
    ];
    for (attack, drift) in attacks {
        let site = Site::new(3);
        site.deploy("one").unwrap();
        site.deploy("two").unwrap();
        attack(&site.app("one"));
        assert!(site.target.drift(&site.release("one")).unwrap().contains(&drift), "{drift:?}");
        assert!(matches!(
            site.target.rollback(&site.release("one")),
            Err(DeployError::Tampered { release, .. }) if release == id("one")
        ));
        assert_eq!(site.seen().unwrap(), "bin/apptwo");
    }
}

#[test]
fn drift_names_another_current_release() {
    let site = Site::new(3);
    site.deploy("one").unwrap();
    site.deploy("two").unwrap();
    assert_eq!(
        site.target.drift(&site.release("one")),
        Ok(vec![Drift::NotCurrent(Some(id("two")))])
    );
    let never = site.target.drift(&site.release("never")).unwrap();
    assert_eq!(never.len(), 4);
    assert_eq!(never[1], Drift::Missing(path("a b/new\nline")));
}

#[test]
fn only_old_releases_are_removed() {
    let site = Site::new(2);
    for text in ["1", "2", "3"] {
        site.deploy(text).unwrap();
    }
    assert_eq!(site.target.releases(), Ok(vec![id("3"), id("2")]));
    site.target.rollback(&site.release("2")).unwrap();
    // "3" was current until now: it stays, although "2" is older.
    let fourth = site.deploy("4").unwrap();
    assert_eq!((fourth.removed, fourth.previous), (vec![id("3")], Some(id("2"))));
    assert_eq!(site.target.releases(), Ok(vec![id("4"), id("2")]));
    // Even `keep = 0` leaves a way back, and a lost history removes neither of the two.
    let careless = DirectoryTarget::new(site.target.root(), 0);
    fs::write(site.target.root().join("history"), "nonsense\n").unwrap();
    careless.deploy(&site.release("5"), &site.source("5")).unwrap();
    assert_eq!(careless.releases().unwrap().len(), 2);
    assert!(careless.releases().unwrap().contains(&id("4")));
}

#[test]
fn a_kill_at_any_stage_leaves_the_old_or_the_new_release() {
    use Stage::*;
    let stages =
        [Locked, FilesWritten, ReleaseInPlace, HistoryWritten, LinkMade, Switched, Pruning];
    for stage in stages {
        let site = Site::new(2);
        for text in ["one", "two"] {
            site.deploy(text).unwrap();
        }
        let killed = DeployError::Busy(PathBuf::from("killed"));
        let mut met = false;
        let result =
            site.target.deploy_observed(&site.release("three"), &site.source("three"), &mut |at| {
                met |= at == stage;
                if at == stage { Err(killed.clone()) } else { Ok(()) }
            });
        assert_eq!((met, result), (true, Err(killed)), "{stage:?}");
        let switched = matches!(stage, Switched | Pruning);
        let now = if switched { "three" } else { "two" };
        assert_eq!(site.target.current(), Ok(Some(id(now))), "{stage:?}");
        assert_eq!(site.target.drift(&site.release(now)), Ok(vec![]), "{stage:?}");
        // What is listed can be gone back to, and the next deployment works.
        for listed in site.target.releases().unwrap() {
            let text = ["one", "two", "three"].into_iter().find(|text| id(text) == listed);
            assert_eq!(site.target.rollback(&site.release(text.unwrap())).unwrap().release, listed);
        }
        assert_eq!(site.deploy("three").unwrap().release, id("three"), "{stage:?}");
        assert_eq!(site.target.drift(&site.release("three")), Ok(vec![]), "{stage:?}");
        let names = ["releases/.incoming", "releases/.outgoing", ".current", ".history"];
        for name in names {
            assert!(!exists(&site.target.root().join(name)).unwrap(), "{stage:?} left {name}");
        }
    }
}

#[test]
fn two_deployers_do_not_meet() {
    let site = Site::new(3);
    site.deploy("one").unwrap();
    let mut met = None;
    site.target
        .deploy_observed(&site.release("two"), &site.source("two"), &mut |at| {
            if at == Stage::FilesWritten {
                met = Some((site.deploy("three"), site.target.rollback(&site.release("one"))));
            }
            Ok(())
        })
        .unwrap();
    let busy = DeployError::Busy(site.target.root().to_owned());
    assert_eq!(met, Some((Err(busy.clone()), Err(busy))));
    assert_eq!(site.seen().unwrap(), "bin/apptwo");
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let site = Site::new(3);
    fs::create_dir_all(site.target.root().join("current")).unwrap();
    let foreign = DeployError::ForeignCurrent(site.target.root().join("current"));
    assert_eq!(site.deploy("one"), Err(foreign.clone()));
    assert!(site.target.releases().unwrap().is_empty());
    fs::remove_dir(site.target.root().join("current")).unwrap();
    for target in ["/etc", "releases/../../x", "releases/sha256:00"] {
        let link = site.target.root().join("current");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert_eq!(site.deploy("one"), Err(foreign.clone()));
        fs::remove_file(link).unwrap();
    }
    site.deploy("one").unwrap();
}

#[test]
fn a_root_that_cannot_be_made_is_an_error() {
    let site = Site::new(3);
    fs::write(site.dir.path().join("file"), "").unwrap();
    let target = DirectoryTarget::new(site.dir.path().join("file/target"), 3);
    let release = site.release("one");
    assert!(matches!(
        target.deploy(&release, &site.source("one")),
        Err(DeployError::Io { action: "create directory", kind: io::ErrorKind::NotADirectory, .. })
    ));
}

#[test]
fn a_full_disk_switches_nothing() {
    let dir = TempDir::new().unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "none"])
        .arg(dir.path())
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: a small file system cannot be mounted here");
        return;
    }
    let site = Site::new(3);
    let target = DirectoryTarget::new(dir.path().join("target"), 3);
    target.deploy(&site.release("one"), &site.source("one")).unwrap();
    let mut big = site.release("two").files().to_vec();
    let content = vec![7; 1 << 20];
    fs::write(site.source("two")(&big[0].path), &content).unwrap();
    big[0].digest = Sha256::of(&content);
    let result = target.deploy(&Release::new(id("two"), big).unwrap(), &site.source("two"));
    let current = target.current();
    // A smaller one still goes in: the half-written one was removed.
    let next = target.deploy(&site.release("three"), &site.source("three"));
    std::process::Command::new("umount").arg(dir.path()).status().unwrap();
    assert!(
        matches!(result, Err(DeployError::Io { kind: io::ErrorKind::StorageFull, .. })),
        "{result:?}"
    );
    assert_eq!(current, Ok(Some(id("one"))));
    assert_eq!(next.unwrap().previous, Some(id("one")));
}

/// A kill cannot show a missing sync, since the kernel still has everything: so the order of the
/// system calls is checked.
#[test]
fn nothing_is_switched_to_before_it_is_on_the_disk() {
    let dir = TempDir::new().unwrap();
    let trace = dir.path().join("trace");
    let traced = std::process::Command::new("strace")
        .args(["-f", "-y", "-e", "trace=fsync,rename,renameat,renameat2", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "directory::tests::deploys_once", "--ignored"])
        .output();
    if !traced.is_ok_and(|output| output.status.success()) {
        println!("skipped: `strace` is not here or may not trace");
        return;
    }
    let trace = fs::read_to_string(trace).unwrap();
    let calls: Vec<&str> = trace.lines().filter(|line| line.contains("/target")).collect();
    let release = id("one").to_string();
    let expected = [
        ("fsync", "releases/.incoming/a b/new\\nline>"),
        ("fsync", "releases/.incoming/bin/app>"),
        ("fsync", "releases/.incoming/bin>"),
        ("fsync", "releases/.incoming/a b>"),
        ("fsync", "releases/.incoming>"),
        ("rename", &*release),
        ("fsync", "target/releases>"),
        ("fsync", "target/.history>"),
        ("rename", "target/history\""),
        ("rename", "target/current\""),
        ("fsync", "/target>"),
    ];
    let mut rest = calls.iter();
    for (call, path) in expected {
        assert!(
            rest.any(|line| line.contains(call) && line.contains(path)),
            "no {call} of {path} in its place in {calls:#?}"
        );
    }
}

#[test]
#[ignore = "run by the test above, under strace"]
fn deploys_once() {
    let site = Site::new(3);
    assert_eq!(site.deploy("one").unwrap().release, id("one"));
}
