//! Layers upon layers: what the specification says of them.

use std::{fs, os::unix::fs::MetadataExt as _};

use crate::sample::*;

#[test]
fn a_layer_adds_replaces_and_hides() {
    let lower = [
        directory("./"),
        directory("etc/"),
        file("etc/a", "lower"),
        file("etc/b", "lower"),
        directory("opt/x/"),
        file("opt/x/y", "lower"),
        symlink("lib", "usr/lib"),
        directory("usr/lib"),
    ];
    let upper = [
        file("etc/a", "upper"),
        file("etc/.wh.b", ""),
        file("opt/.wh.x", ""),
        file("lib/new", "through the link"),
    ];
    let scene = Scene::new();
    let stored = scene.layers(&[&lower, &upper]).unwrap();
    assert_eq!(
        listing(&stored),
        [
            "etc/",
            "etc/a: upper",
            "lib -> usr/lib",
            "opt/",
            "usr/",
            "usr/lib/",
            "usr/lib/new: through the link",
        ]
    );
}

#[test]
fn a_whiteout_is_for_lower_layers_only() {
    let lower = [file("d/old", "1"), file("d/sub/old", "1"), file("e/old", "1")];
    // In whichever order they come.
    for swapped in [false, true] {
        let mut upper = vec![
            file("d/new", "2"),
            file("d/sub/new", "2"),
            file("d/.wh..wh..opq", ""),
            file("e/old", "2"),
            file("e/.wh.old", ""),
            directory("e/sub/"),
            file("e/sub/new", "2"),
            file("e/.wh.sub", ""),
        ];
        if swapped {
            upper.reverse();
        }
        let scene = Scene::new();
        let stored = scene.layers(&[&lower, &upper]).unwrap();
        assert_eq!(
            listing(&stored),
            [
                "d/",
                "d/new: 2",
                "d/sub/",
                "d/sub/new: 2",
                "e/",
                "e/old: 2",
                "e/sub/",
                "e/sub/new: 2",
            ]
        );
    }
}

#[test]
fn one_type_gives_way_to_another() {
    let lower = [file("a", "file"), directory("b/"), file("b/in/deep", "x"), symlink("c", "b")];
    let upper =
        [directory("a/"), file("a/in", "y"), file("b", "file"), directory("c/"), file("c/z", "z")];
    let scene = Scene::new();
    let stored = scene.layers(&[&lower, &upper]).unwrap();
    assert_eq!(listing(&stored), ["a/", "a/in: y", "b: file", "c/", "c/z: z"]);
    // A file also gives way to a directory that only a name tells of.
    let upper = [file("a/in", "y")];
    let scene = Scene::new();
    let stored = scene.layers(&[&lower, &upper]).unwrap();
    assert!(listing(&stored).contains(&"a/in: y".to_owned()));
}

#[test]
fn the_last_of_equal_names_counts() {
    let scene = Scene::new();
    let stored = scene.members(&[file("a", "first"), file("./a", "last")]).unwrap();
    assert_eq!(listing(&stored), ["a: last"]);
}

#[test]
fn a_link_that_leads_to_nothing_yet_is_followed_within_the_root() {
    let members = [
        symlink("var/run", "/run"),
        file("var/run/pid", "1"),
        symlink("x", "y/../z"),
        file("x/in", "2"),
    ];
    let scene = Scene::new();
    let stored = scene.members(&members).unwrap();
    let listed = listing(&stored);
    assert!(listed.contains(&"run/pid: 1".to_owned()), "{listed:?}");
    assert!(listed.contains(&"z/in: 2".to_owned()), "{listed:?}");
}

#[test]
fn replacing_one_name_of_a_file_leaves_the_other() {
    let lower = [file("a", "lower"), hard_link("b", "a")];
    let scene = Scene::new();
    let stored = scene.layers(&[&lower, &[file("b", "upper")]]).unwrap();
    assert_eq!(listing(&stored), ["a: lower", "b: upper"]);
    let scene = Scene::new();
    let stored =
        scene.members(&[file("a", "x"), hard_link("a", "a"), hard_link("c", "./a")]).unwrap();
    assert_eq!(listing(&stored), ["a: x", "c: x"]);
}

#[test]
fn rights_do_not_come_along() {
    let members = [
        program("su", 0o4755),
        program("plain", 0o755),
        Member { mode: 0o666, ..file("writable", "x") },
        Member { mode: 0o000, ..file("hidden", "x") },
        Member { mode: 0o1777, ..directory("tmp/") },
        pax(b'x', &[("SCHILY.xattr.security.capability", "all")]),
        program("ping", 0o755),
        special(b'3', "dev/null"),
        special(b'4', "dev/sda"),
        special(b'6', "pipe"),
    ];
    let scene = Scene::new();
    let stored = scene.members(&members).unwrap();
    let mode = |name: &str| fs::symlink_metadata(stored.tree.join(name)).unwrap().mode() & 0o7777;
    assert_eq!(["su", "plain", "ping"].map(mode), [0o555; 3]);
    assert_eq!(["writable", "hidden"].map(mode), [0o444; 2]);
    assert_eq!(mode("tmp"), 0o755);
    assert!(fs::read_dir(stored.tree.join("dev")).unwrap().next().is_none());
    assert!(fs::symlink_metadata(stored.tree.join("pipe")).is_err());
    let left_out = stored.record.left_out;
    assert_eq!((left_out.devices, left_out.pipes), (2, 1));
    assert_eq!((left_out.special_bits, left_out.attributes), (1, 1));
    let owner = fs::metadata(stored.tree.join("su")).unwrap().uid();
    assert_eq!(owner, fs::metadata(&stored.tree).unwrap().uid());
    // Python compares a source's time with what it compiled.
    assert_eq!(fs::metadata(stored.tree.join("plain")).unwrap().mtime(), 0o14_712_345_670);
}

#[test]
fn long_names_are_read_in_both_ways() {
    let deep = format!("{}/file", ["directory"; 20].join("/"));
    let long = |kind| Member {
        content: [deep.as_bytes(), b"\0"].concat(),
        ..special(kind, "././@LongLink")
    };
    let scene = Scene::new();
    let stored = scene.members(&[long(b'L'), file("short", "gnu")]).unwrap();
    assert!(listing(&stored).contains(&format!("{deep}: gnu")));
    let scene = Scene::new();
    let stored = scene.members(&[pax(b'x', &[("path", &deep)]), file("short", "pax")]).unwrap();
    assert!(listing(&stored).contains(&format!("{deep}: pax")));
    let target = "t".repeat(200);
    let members = [pax(b'x', &[("linkpath", &target)]), symlink("l", "short")];
    let scene = Scene::new();
    assert_eq!(listing(&scene.members(&members).unwrap()), [format!("l -> {target}")]);
}

#[test]
fn in_a_tar_of_a_root_whiteouts_are_names() {
    let scene = Scene::new();
    let stored = scene.members(&[file("a", "x"), file(".wh.a", "y")]).unwrap();
    assert_eq!(listing(&stored), [".wh.a: y", "a: x"]);
}
