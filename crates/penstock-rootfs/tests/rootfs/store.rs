//! What is kept: whole, as it was, and not taken away from a run.

use std::{fs, os::unix::fs::PermissionsExt as _};

use penstock_model::Sha256;
use penstock_rootfs::{Form, RootError};

use crate::sample::*;

/// What somebody does to a tree, and how it is undone.
type Change<'a> = (&'a dyn Fn(), &'a dyn Fn());

fn members() -> Vec<Member> {
    vec![
        directory("empty/"),
        program("bin/sh", 0o755),
        file("etc/os", "x"),
        symlink("sh", "bin/sh"),
    ]
}

#[test]
fn a_tar_is_named_by_its_own_digest_however_it_is_compressed() {
    let scene = Scene::new();
    let plain = tar(&members());
    let mut trees = Vec::new();
    for bytes in [plain.clone(), gzip(&plain), zstandard(&plain)] {
        let record = scene.add_file(&bytes).unwrap().record;
        assert_eq!(record.digest, Sha256::of(&bytes));
        assert_eq!((record.form, record.name.as_str()), (Form::Tar, "given"));
        trees.push(record.tree);
    }
    assert!(trees.iter().all(|tree| *tree == trees[0]), "one tree, however it was packed");
    let listed: Vec<Sha256> = scene.store.list().unwrap().iter().map(|one| one.digest).collect();
    assert_eq!(listed.len(), 3);
    assert!(listed.is_sorted());
}

#[test]
fn whatever_is_changed_in_a_tree_is_noticed() {
    let scene = Scene::new();
    let digest = scene.members(&members()).unwrap().record.digest;
    let tree = scene.path("roots").join(digest.to_string()).join("root");
    let mode = |name: &str, mode| {
        fs::set_permissions(tree.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let changes: &[Change<'_>] = &[
        (&|| fs::write(tree.join("new"), "x").unwrap(), &|| {
            fs::remove_file(tree.join("new")).unwrap()
        }),
        (&|| fs::create_dir(tree.join("new")).unwrap(), &|| {
            fs::remove_dir(tree.join("new")).unwrap()
        }),
        (&|| fs::remove_dir(tree.join("empty")).unwrap(), &|| {
            fs::create_dir(tree.join("empty")).unwrap();
            mode("empty", 0o755);
        }),
        (&|| mode("etc/os", 0o4755), &|| mode("etc/os", 0o444)),
        (
            &|| {
                fs::remove_file(tree.join("sh")).unwrap();
                std::os::unix::fs::symlink("/etc", tree.join("sh")).unwrap();
            },
            &|| {
                fs::remove_file(tree.join("sh")).unwrap();
                std::os::unix::fs::symlink("bin/sh", tree.join("sh")).unwrap();
            },
        ),
        (
            &|| {
                let pipe = tree.join("pipe");
                rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
            },
            &|| fs::remove_file(tree.join("pipe")).unwrap(),
        ),
        (
            &|| {
                mode("bin/sh", 0o755);
                fs::write(tree.join("bin/sh"), "#!/bin/ev\n").unwrap();
                mode("bin/sh", 0o555);
            },
            &|| {
                mode("bin/sh", 0o755);
                fs::write(tree.join("bin/sh"), "#!/bin/sh\n").unwrap();
                mode("bin/sh", 0o555);
            },
        ),
    ];
    for (change, undo) in changes {
        change();
        assert_eq!(scene.store.get(&digest).unwrap_err(), RootError::Changed(digest));
        undo();
        scene.store.get(&digest).unwrap();
    }
    // It is not mended by adding it again in silence.
    fs::write(tree.join("new"), "x").unwrap();
    assert_eq!(scene.add_changed(&tar(&members())), RootError::Changed(digest));
    scene.store.remove(&digest).unwrap();
    scene.members(&members()).unwrap();
}

impl Scene {
    fn add_changed(&self, bytes: &[u8]) -> RootError {
        let path = self.path("given");
        fs::write(&path, bytes).unwrap();
        self.store.add(&path, &platform()).unwrap_err()
    }
}

#[test]
fn a_damaged_record_is_no_record() {
    let scene = Scene::new();
    let digest = scene.members(&members()).unwrap().record.digest;
    let record = scene.path("roots").join(digest.to_string()).join("record.json");
    let text = fs::read_to_string(&record).unwrap();
    for bad in ["", "{}", &text.replace("\"version\": 1", "\"version\": 2")] {
        fs::write(&record, bad).unwrap();
        assert_eq!(scene.store.get(&digest).unwrap_err(), RootError::Changed(digest));
    }
    let other = Sha256::of(b"other").to_string();
    fs::write(&record, text.replace(&digest.to_string(), &other)).unwrap();
    assert_eq!(scene.store.get(&digest).unwrap_err(), RootError::Changed(digest));
    scene.store.remove(&digest).unwrap();
}

#[test]
fn nobody_removes_what_is_used() {
    let scene = Scene::new();
    let stored = scene.members(&members()).unwrap();
    let digest = stored.record.digest;
    assert_eq!(scene.store.remove(&digest).unwrap_err(), RootError::InUse(digest));
    drop(stored);
    scene.store.remove(&digest).unwrap();
    assert_eq!(scene.store.get(&digest).unwrap_err(), RootError::NotThere(digest));
    assert_eq!(scene.store.remove(&digest).unwrap_err(), RootError::NotThere(digest));
    scene.nothing_is_left();
}

#[test]
fn what_a_killed_process_left_is_cleared_away() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("roots/partial/root").join("usr")).unwrap();
    fs::set_permissions(scene.path("roots"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(scene.path("roots/partial/record.json"), "{").unwrap();
    assert!(scene.store.list().unwrap().is_empty());
    scene.members(&members()).unwrap();
    assert!(!scene.path("roots/partial").exists());
}

#[test]
fn a_store_others_may_write_to_is_refused() {
    let scene = Scene::new();
    fs::create_dir(scene.path("roots")).unwrap();
    fs::set_permissions(scene.path("roots"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(scene.path("given"), tar(&members())).unwrap();
    let refused = scene.store.add(&scene.path("given"), &platform());
    assert!(matches!(refused, Err(RootError::WritableByOthers(_))));
}
