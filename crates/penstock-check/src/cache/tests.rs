use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use penstock_model::{Area, Audience, Timestamp};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{
    table::{Kept, Outcome},
    *,
};
use crate::{
    Check, Engine, File, FileInfo, Findings, Options, Rule, Tree as _, WorkTree, fixture,
    fixture::{options, subject, token},
    format::json::json,
};

/// A tree, a cache beside it, and a clock that stands an hour after everything was written.
struct Place {
    directory: TempDir,
    hours: u64,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Self { directory, hours: 1 };
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    /// With findings, suppressions good and bad, a parse error, facts, a question, an archive's
    /// worth of plain files and a binary one.
    fn varied() -> Self {
        let token = token();
        let mut place = Self::new(&[
            (".github/workflows/a.yml", "on: push\nimage: alpine\n"),
            (".github/workflows/b.yml", "on: push\nimage: ${IMAGE}\n"),
            (".github/workflows/c.yml", "on: push\nimage: debian\n"),
            (".github/workflows/d.yml", "on: push\nimage: ubuntu\n"),
            (".github/workflows/bad.yml", "a: ["),
            ("src/token.txt", &format!("x {token} password=hunter2\n")),
            ("src/quiet.txt", "# penstock: ignore[ci/eval] known\neval(x)\n# penstock: ignore\n"),
            ("binary", "\0eval(x)"),
            ("odd name\u{e9}\n", "eval(odd)\n"),
        ]);
        for index in 0..50 {
            place.write(&format!("plain/{index}.txt"), "nothing to see\n");
        }
        place.hours = 1;
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join("tree").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    /// Returns when the file system's clock shows another instant than that of the last change.
    fn tick(&self) {
        let probe = self.directory.path().join("probe");
        let changed = || {
            fs::write(&probe, "x").unwrap();
            let metadata = probe.metadata().unwrap();
            (metadata.ctime(), metadata.ctime_nsec())
        };
        let first = changed();
        while changed() == first {}
    }

    fn kept(&self) -> PathBuf {
        self.directory.path().join("cache/results")
    }

    fn cache(&self) -> Cache {
        self.cache_of(b"1")
    }

    fn cache_of(&self, program: &[u8]) -> Cache {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let began = since + Duration::from_secs(self.hours * 3600);
        Cache::open(&self.directory.path().join("cache"), program, began).unwrap()
    }

    fn plain(&self, engine: &Engine, options: &Options) -> String {
        let tree = WorkTree::new(self.at(""));
        json(&engine.check(&tree, subject(), options).unwrap()).unwrap()
    }

    fn with(&self, engine: &Engine, options: &Options, cache: &mut Cache) -> String {
        let tree = WorkTree::new(self.at(""));
        let listing = tree.list().unwrap();
        let report = engine.check_listing(&tree, listing, subject(), options, Some(cache)).unwrap();
        json(&report).unwrap()
    }

    /// Checks with the cache, saves it, and expects what a check without finds. Whether it was
    /// written.
    fn same(&self, engine: &Engine, options: &Options) -> bool {
        let mut cache = self.cache();
        assert_eq!(self.with(engine, options, &mut cache), self.plain(engine, options));
        cache.save().unwrap()
    }
}

/// The fixture's checks, and how many files they were shown.
struct Counted(fixture::Secrets, &'static AtomicUsize);

impl Check for Counted {
    fn rules(&self) -> &'static [&'static Rule] {
        self.0.rules()
    }

    fn wants(&self, file: &FileInfo<'_>) -> bool {
        self.0.wants(file)
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.file(file, findings);
    }
}

fn counted() -> (Engine, &'static AtomicUsize) {
    let count: &'static AtomicUsize = Box::leak(Box::default());
    let checks: Vec<Box<dyn Check>> =
        vec![Box::new(Counted(fixture::Secrets, count)), Box::new(fixture::Ci)];
    (Engine::new(checks).unwrap(), count)
}

fn taken(count: &AtomicUsize) -> usize {
    count.swap(0, Ordering::Relaxed)
}

#[test]
fn threads_and_cache_change_no_byte_and_the_second_run_looks_at_nothing() {
    let place = Place::varied();
    let (engine, count) = counted();
    let plain = place.plain(&engine, &options());
    assert!(plain.contains("ci/many") && plain.contains("malformed"), "{plain}");
    let all = taken(count);
    assert!(all > 50);
    for (run, threads) in [1, 2, 8, 1].into_iter().enumerate() {
        let options = Options { threads, ..options() };
        assert_eq!(place.plain(&engine, &options), plain);
        taken(count);
        let mut cache = place.cache();
        assert_eq!(place.with(&engine, &options, &mut cache), plain, "{threads} threads");
        assert_eq!(taken(count), if run == 0 { all } else { 0 });
        assert_eq!(cache.save().unwrap(), run == 0, "written only when something is new");
    }
}

#[test]
fn no_secret_is_kept() {
    let token = token();
    let text = format!("{token} password=hunter22\n# penstock: ignore[{token}] {token}\n");
    let place = Place::new(&[("a.txt", &text)]);
    assert!(place.same(&fixture::engine(), &options()));
    let kept = fs::read(place.kept()).unwrap();
    assert!(memchr::memmem::find(&kept, b"secrets/token").is_some());
    assert!(memchr::memmem::find(&kept, token.as_bytes()).is_none());
    assert!(memchr::memmem::find(&kept, b"hunter22").is_none());
    assert_eq!(place.kept().metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_change_is_seen_although_size_and_time_of_modification_are_put_back() {
    let place = Place::new(&[("a.txt", "eval(x)\n"), ("b.txt", "eval(x)\n")]);
    let engine = fixture::engine();
    assert!(place.same(&engine, &options()));
    place.tick();
    let before = place.at("a.txt").metadata().unwrap().modified().unwrap();
    place.write("a.txt", "nothing\n");
    fs::File::options().write(true).open(place.at("a.txt")).unwrap().set_modified(before).unwrap();
    assert_eq!(place.at("a.txt").metadata().unwrap().modified().unwrap(), before);
    assert!(place.same(&engine, &options()));
    // Another file put in its place, with the same times of modification and size.
    place.write("c.txt", "eval(y)\n");
    fs::File::options().write(true).open(place.at("c.txt")).unwrap().set_modified(before).unwrap();
    fs::rename(place.at("c.txt"), place.at("b.txt")).unwrap();
    assert!(place.same(&engine, &options()));
}

#[test]
fn files_that_come_and_go_are_followed() {
    let place = Place::varied();
    let engine = fixture::engine();
    assert!(place.same(&engine, &options()));
    fs::remove_file(place.at("src/token.txt")).unwrap();
    assert!(place.same(&engine, &options()), "what is gone is dropped");
    place.write("src/more.txt", "eval(z)\n");
    fs::rename(place.at("plain"), place.at("moved")).unwrap();
    assert!(place.same(&engine, &options()));
    assert!(!place.same(&engine, &options()));
    let excluded = Options { exclude: vec!["moved/".to_owned()], ..options() };
    assert!(place.same(&engine, &excluded));
}

#[test]
fn a_file_as_young_as_the_run_is_looked_at_again() {
    let mut place = Place::new(&[("a.txt", "eval(x)\n"), ("b.txt", "plain\n")]);
    let (engine, count) = counted();
    // The run begins before the files were written, as far as the clock can tell.
    place.hours = 0;
    place.same(&engine, &options());
    taken(count);
    // The same size within the same instant: only reading tells.
    let mut cache = place.cache();
    place.with(&engine, &options(), &mut cache);
    // `a.txt` is known by its content, the plain file is looked at.
    assert_eq!(taken(count), 1);
    cache.save().unwrap();
    place.hours = 1;
    place.same(&engine, &options());
    taken(count);
    place.with(&engine, &options(), &mut place.cache());
    assert_eq!(taken(count), 0);
}

#[test]
fn a_file_that_was_only_touched_is_known_by_its_content() {
    let place = Place::new(&[("a.txt", "eval(x)\n")]);
    let (engine, count) = counted();
    place.same(&engine, &options());
    place.tick();
    place.write("a.txt", "eval(x)\n");
    taken(count);
    let mut cache = place.cache();
    let report = place.with(&engine, &options(), &mut cache);
    assert_eq!(taken(count), 0);
    assert_eq!(report, place.plain(&engine, &options()));
    assert!(cache.save().unwrap(), "its new times are kept");
}

#[test]
fn other_rules_options_and_programs_start_anew() {
    let place = Place::varied();
    let (engine, count) = counted();
    place.same(&engine, &options());
    taken(count);
    let looked = |options: &Options, program: &[u8]| {
        place.with(&engine, options, &mut place.cache_of(program));
        taken(count) > 0
    };
    assert!(!looked(&options(), b"1"));
    assert!(looked(&options(), b"2"));
    for other in [
        Options { salt: [8; 32], ..options() },
        Options { areas: Some(vec![Area::Secrets]), ..options() },
        Options { audience: Audience::Pedantic, ..options() },
        Options { max_file_bytes: 100, ..options() },
        Options { archive_depth: 0, ..options() },
        Options { exclude: vec!["x".to_owned()], ..options() },
        Options { tool_version: "0.2.0".to_owned(), ..options() },
    ] {
        assert!(looked(&other, b"1"), "{other:?}");
    }
    let later = Options { now: Timestamp::from_unix(9_999_999_999).unwrap(), ..options() };
    assert!(!looked(&later, b"1"), "the time decides only what the cache does not hold");
    place.write(".gitleaks.toml", "[allowlist]\nregexes = ['TOKEN']\n");
    assert!(place.same(&engine, &options()));
    assert!(!place.same(&engine, &options()));
    let rules = Engine::new(vec![Box::new(Counted(fixture::Secrets, count))]).unwrap();
    place.with(&rules, &options(), &mut place.cache());
    assert!(taken(count) > 0, "fewer rules");
}

#[test]
fn a_larger_file_than_allowed_stays_a_gap() {
    let place = Place::new(&[("a.txt", "eval(x) and more\n")]);
    let small = Options { max_file_bytes: 5, ..options() };
    for _ in 0..3 {
        place.same(&fixture::engine(), &small);
    }
    assert!(place.plain(&fixture::engine(), &small).contains("over-limit"));
}

#[test]
fn damage_of_any_kind_is_as_good_as_no_cache() {
    let place = Place::varied();
    let engine = fixture::engine();
    place.same(&engine, &options());
    let sound = fs::read(place.kept()).unwrap();
    let plain = place.plain(&engine, &options());
    let check = |bytes: &[u8]| {
        fs::write(place.kept(), bytes).unwrap();
        assert_eq!(place.with(&engine, &options(), &mut place.cache()), plain);
    };
    for length in (0..sound.len()).step_by(97) {
        check(&sound[..length]);
    }
    for at in (0..sound.len()).step_by(61) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x41;
        check(&bytes);
    }
    check(&[sound.as_slice(), b"x"].concat());
    // Something else than a file.
    fs::remove_file(place.kept()).unwrap();
    symlink("/dev/zero", place.kept()).unwrap();
    assert_eq!(place.with(&engine, &options(), &mut place.cache()), plain);
    fs::remove_file(place.kept()).unwrap();
    fs::create_dir(place.kept()).unwrap();
    assert_eq!(place.with(&engine, &options(), &mut place.cache()), plain);
}

proptest! {
    /// Whoever can make the digest fit is the user; even then nothing breaks.
    #[test]
    fn no_bytes_break_the_reader(body in prop::collection::vec(any::<u8>(), 0..400), flip in any::<(u16, u8)>()) {
        let key = Sha256::of(b"key");
        let kept = Kept { path: b"a", stat: None, content: Some([1; 32]), outcome: Outcome::Result(b"{}") };
        let sound = Table::new(&key, vec![kept]).bytes().unwrap();
        let mut changed = sound[48..].to_vec();
        let at = usize::from(flip.0) % changed.len();
        changed[at] = flip.1;
        for body in [body, changed] {
            let bytes = [&sound[..16], Sha256::of(&body).as_bytes(), &body].concat();
            for kept in Table::read(&bytes, &key).entries {
                _ = kept.outcome.result();
            }
        }
    }
}

#[test]
fn what_others_could_have_written_is_not_believed() {
    let place = Place::varied();
    let (engine, count) = counted();
    place.same(&engine, &options());
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&place.kept(), 0o666);
    taken(count);
    place.with(&engine, &options(), &mut place.cache());
    assert!(taken(count) > 0, "the file");
    let directory = place.directory.path().join("cache");
    mode(&directory, 0o777);
    let error = Cache::open(&directory, b"1", Duration::ZERO).unwrap_err();
    assert!(matches!(&error, CacheError::NotOurs(path) if *path == directory), "{error}");
    let link = place.directory.path().join("link");
    mode(&directory, 0o700);
    symlink(&directory, &link).unwrap();
    assert!(matches!(Cache::open(&link, b"1", Duration::ZERO), Err(CacheError::NotOurs(_))));
    // Another user's: only root can make one.
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&directory, Some(65534), Some(65534)).unwrap();
        assert!(matches!(
            Cache::open(&directory, b"1", Duration::ZERO),
            Err(CacheError::NotOurs(_))
        ));
    } else {
        println!("SKIPPED: a directory of another user");
    }
}

#[test]
fn two_at_once_leave_one_sound_cache() {
    let place = Place::varied();
    let plain = place.plain(&fixture::engine(), &options());
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (place, plain) = (&place, &plain);
            scope.spawn(move || {
                let engine = fixture::engine();
                for round in 0..8 {
                    // Two programs, so that each finds what the other kept and replaces it.
                    let mut cache = place.cache_of(&[number % 2]);
                    assert_eq!(&place.with(&engine, &options(), &mut cache), plain);
                    cache.save().unwrap_or_else(|error| panic!("{number} {round}: {error}"));
                }
            });
        }
    });
    assert_eq!(place.plain(&fixture::engine(), &options()), plain);
    place.same(&fixture::engine(), &options());
    let left: Vec<_> = fs::read_dir(place.directory.path().join("cache")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing unfinished is left: {left:?}");
}

#[test]
fn what_a_killed_process_left_is_no_obstacle() {
    let place = Place::varied();
    drop(place.cache());
    fs::write(place.directory.path().join("cache/results.new"), "half").unwrap();
    assert!(place.same(&fixture::engine(), &options()));
    assert!(!place.same(&fixture::engine(), &options()));
}
