use std::{fs, io::Write as _, os::fd::AsRawFd as _, path::PathBuf};

use super::{
    vault::fake::{Fake, JWT, well_behaved},
    *,
};

/// The variables of the caller.
fn lookup(name: &str) -> Option<OsString> {
    let value = match name {
        "TOKEN" => "value-of-the-caller",
        "EMPTY" => "",
        "SHORT" => "abc",
        "JWT" => JWT,
        _ => return None,
    };
    Some(value.into())
}

struct World {
    dir: tempfile::TempDir,
    identity: Option<PathBuf>,
    inherited: BTreeSet<u32>,
    vault: Option<Vault>,
}

impl World {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            identity: None,
            inherited: BTreeSet::new(),
            vault: None,
        }
    }

    fn with<R>(&self, act: impl FnOnce(&Sources<'_>) -> R) -> R {
        act(&Sources {
            lookup: &lookup,
            inherited: &self.inherited,
            identity: self.identity.as_deref(),
            vault: self.vault.as_ref(),
            vault_timeout: VAULT_TIMEOUT,
            project: Source::WorkTree { directory: self.dir.path() },
            from_descriptors: Mutex::default(),
        })
    }

    fn fetch(&self, wanted: &[(&str, &str)]) -> (Fetched, Option<String>) {
        self.with(|sources| fetch(sources, wanted))
    }
}

fn fetch(sources: &Sources<'_>, wanted: &[(&str, &str)]) -> (Fetched, Option<String>) {
    let wanted = wanted.iter().map(|(name, from)| ((*name).to_owned(), from.parse().unwrap()));
    let mut fetched = Fetched::default();
    let error = sources.fetch(&wanted.collect(), &mut fetched).err();
    (fetched, error.map(|error| error.to_string()))
}

#[test]
fn a_variable_of_the_caller_is_read_and_recorded() {
    let (fetched, error) = World::new().fetch(&[("NPM_TOKEN", "env:TOKEN")]);
    assert_eq!(error, None);
    assert_eq!(fetched.values["NPM_TOKEN"].expose(), b"value-of-the-caller");
    let read = SecretRead { name: "NPM_TOKEN".to_owned(), source: "env:TOKEN".to_owned() };
    assert_eq!(fetched.read, [read]);
    assert!(!format!("{fetched:?}").contains("value-of"));
}

#[test]
fn an_error_names_the_secret_and_its_source_alone() {
    let cases = [
        ("env:NONE", "it wants the variable `NONE`, which is not set"),
        ("env:EMPTY", "it wants the variable `EMPTY`, which is not set"),
        (
            "env:SHORT",
            "its value has fewer than 4 bytes, which cannot be kept out of a log: take a longer one",
        ),
        (
            "vault:kv/ci#npm",
            "the policy names no Vault: add `[vault]` to it (penstock policy show --next)",
        ),
        (
            "age:secrets.age#A",
            "nothing to decrypt it with: name an identity file with --identity or PENSTOCK_AGE_IDENTITY",
        ),
        (
            "fd:1000",
            "penstock was not started with descriptor 1000 open: open it in the call, 1000<FILE",
        ),
    ];
    for (from, why) in cases {
        let (fetched, error) = World::new().fetch(&[("A", "env:TOKEN"), ("B", from)]);
        assert_eq!(error, Some(format!("secret `B` from `{from}`: {why}")));
        // The first was read, and that is on record.
        assert_eq!(fetched.read.len(), 1);
    }
}

#[test]
fn a_value_no_variable_can_hold_is_refused() {
    let world = |value: &[u8]| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(value).unwrap();
        let number = u32::try_from(file.as_raw_fd()).unwrap();
        let world = World { inherited: BTreeSet::from([number]), ..World::new() };
        world.fetch(&[("A", &format!("fd:{number}"))]).1.unwrap()
    };
    assert!(world(b"with\0nul").contains("not UTF-8 text without NUL"));
    assert!(world(b"with\xff\xfe").contains("not UTF-8 text without NUL"));
    assert!(world(&vec![b'x'; MAX_SECRET_BYTES + 1]).contains("more than 16384 bytes"));
    assert!(world(b"ab\n").contains("fewer than 4 bytes"));
    assert!(world(b"").contains("fewer than 4 bytes"));
}

#[test]
fn a_descriptor_is_read_once_and_given_to_who_names_it() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(b"value-from-a-pipe\n").unwrap();
    drop(writer);
    let number = u32::try_from(reader.as_raw_fd()).unwrap();
    let world = World { inherited: BTreeSet::from([number]), ..World::new() };
    let from = format!("fd:{number}");
    world.with(|sources| {
        for _ in 0..2 {
            let (fetched, error) = fetch(sources, &[("A", &from), ("B", &from)]);
            assert_eq!(error, None);
            assert_eq!(fetched.values["A"].expose(), b"value-from-a-pipe");
            assert_eq!(fetched.values["A"], fetched.values["B"]);
        }
    });
}

/// A descriptor of our own, of the signer's pipe, say, is nobody's to name.
#[test]
fn only_the_callers_descriptors_can_be_named() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"ours").unwrap();
    let (_, error) = World::new().fetch(&[("A", &format!("fd:{}", file.as_raw_fd()))]);
    assert!(error.unwrap().contains("was not started with descriptor"));
}

#[test]
fn the_secrets_of_a_step_need_one_login_and_leave_no_token() {
    let fake = Fake::new(Box::new(well_behaved));
    let vault = Vault {
        address: format!("http://127.0.0.1:{}", fake.port),
        namespace: None,
        ca: None,
        mount: "jwt".to_owned(),
        role: Some("ci".to_owned()),
        jwt: Some("env:JWT".parse().unwrap()),
        token: None,
    };
    let world = World { vault: Some(vault), ..World::new() };
    let (fetched, error) =
        world.fetch(&[("A", "vault:kv/ci#npm"), ("B", "env:TOKEN"), ("C", "vault:kv/ci#npm")]);
    assert_eq!((error, fetched.notes), (None, Vec::<String>::new()));
    assert_eq!(fetched.values["C"].expose(), b"value-in-the-vault");
    let count = |part: &str| fake.seen().iter().filter(|first| first.contains(part)).count();
    assert_eq!((count("login"), count("kv/data"), count("revoke-self")), (1, 2, 1));
    // Also where a later secret cannot be had.
    let (_, error) = world.fetch(&[("A", "vault:kv/ci#npm"), ("B", "vault:kv/ci#none")]);
    assert_eq!(
        error.unwrap(),
        "secret `B` from `vault:kv/ci#none`: the secret there has no field `none`"
    );
    assert_eq!((count("login"), count("revoke-self")), (2, 2));
}

#[test]
fn an_age_file_of_the_project_is_not_reached_through_a_link() {
    let world = World::new();
    let outside = tempfile::tempdir().unwrap();
    let identity = outside.path().join("identity");
    fs::write(&identity, "").unwrap();
    fs::write(outside.path().join("secrets.age"), "age-encryption.org/v1\n").unwrap();
    std::os::unix::fs::symlink(outside.path(), world.dir.path().join("link")).unwrap();
    let link = world.dir.path().join("secrets.age");
    std::os::unix::fs::symlink(outside.path().join("secrets.age"), link).unwrap();
    let world = World { identity: Some(identity), ..world };
    world.with(|sources| {
        for path in ["secrets.age", "link/secrets.age", "none.age"] {
            let (_, error) = fetch(sources, &[("A", &format!("age:{path}"))]);
            assert!(error.unwrap().ends_with("the work tree has no such regular file"), "{path}");
        }
    });
}
