//! Every way out of a tree that archives have been used for, and every way to make one cost more than
//! it should. [`Scene`] compares what lies outside after each.

use penstock_rootfs::{Limits, RootError};

use crate::sample::*;

#[track_caller]
fn refused_name(members: &[Member], why: &str) {
    let scene = Scene::new();
    match scene.members(members) {
        Err(RootError::Name { why: found, .. }) => assert_eq!(found, why),
        other => panic!("{other:?}"),
    }
    match scene.layers(&[members]) {
        Err(RootError::Name { why: found, .. }) => assert_eq!(found, why),
        other => panic!("{other:?}"),
    }
    scene.nothing_is_left();
}

#[test]
fn names_that_lead_upwards_are_refused() {
    for name in ["../outside/x", "a/../../outside/x", "..", "a/..", "./../x"] {
        refused_name(&[file(name, "evil")], "its name leads upwards");
        refused_name(&[directory(name)], "its name leads upwards");
        refused_name(&[symlink(name, "x")], "its name leads upwards");
    }
    let nul = pax(b'x', &[("path", "a\0b")]);
    assert!(Scene::new().members(&[nul, file("x", "")]).is_err());
}

#[test]
fn an_absolute_name_is_beneath_the_root() {
    let scene = Scene::new();
    let name = format!("{}/evil", scene.outside());
    let long = pax(b'x', &[("path", &name)]);
    let stored = scene.members(&[long, file("short", "evil")]).unwrap();
    assert!(stored.tree.join(&name[1..]).is_file());
}

#[test]
fn nothing_is_written_through_a_link() {
    let scene = Scene::new();
    let outside = scene.outside();
    let up = "../".repeat(40) + &outside;
    for target in [&outside, &up, "/proc/self/root", "/proc/self/cwd/../../../outside"] {
        let link = [pax(b'x', &[("linkpath", target)]), symlink("out", "short")];
        for attack in [
            file("out/evil", "evil"),
            file("out/kept", "evil"),
            directory("out/evil/"),
            symlink("out/evil", "/etc"),
            file("out/a/b/c", "evil"),
            special(b'6', "out/kept"),
        ] {
            // Within the root it may lead where it likes.
            let members = [&link[..], std::slice::from_ref(&attack)].concat();
            _ = scene.members(&members);
            _ = scene.layers(&[&link, &[attack]]);
        }
        // The link itself is replaced, not followed.
        let kept = format!("{target}/kept");
        let link = [pax(b'x', &[("linkpath", &kept)]), symlink("out", "short")];
        let stored = scene.members(&[&link[..], &[file("out", "mine")]].concat()).unwrap();
        assert_eq!(listing(&stored), ["out: mine"]);
    }
}

#[test]
fn a_hard_link_leads_to_nothing_outside() {
    let scene = Scene::new();
    let outside = format!("{}/kept", scene.outside());
    let why = "it is a hard link to what is not there";
    for target in [outside.as_str(), "/etc/passwd", "nowhere", "a/nowhere", "/proc/self/exe"] {
        let members = [pax(b'x', &[("linkpath", target)]), hard_link("evil", "short")];
        refused_name(&members, why);
    }
    refused_name(&[hard_link("evil", "../outside/kept")], "its name leads upwards");
    refused_name(&[directory("d/"), hard_link("evil", "d")], "it is a hard link to a directory");
    refused_name(&[directory("d/"), hard_link("evil", "/")], why);
    // Through a link that leads outside, and to one.
    let up = "../".repeat(40) + &scene.outside();
    let through =
        [pax(b'x', &[("linkpath", &up)]), symlink("out", "short"), hard_link("evil", "out/kept")];
    refused_name(&through, why);
    let members = [
        pax(b'x', &[("linkpath", &outside)]),
        symlink("out", "short"),
        hard_link("evil", "out"),
        file("evil", "mine"),
    ];
    let stored = scene.members(&members).unwrap();
    assert_eq!(listing(&stored), ["evil: mine".to_owned(), format!("out -> {outside}")]);
    // What stood in its place held what it names.
    refused_name(&[file("d/x", "x"), hard_link("d", "d/x")], why);
}

#[test]
fn a_whiteout_hides_nothing_outside() {
    let scene = Scene::new();
    let up = "../".repeat(40) + &scene.outside();
    for target in [&scene.outside(), &up] {
        let lower = [pax(b'x', &[("linkpath", target)]), symlink("out", "short")];
        for attack in ["out/.wh.kept", "out/.wh..wh..opq", ".wh.out"] {
            _ = scene.layers(&[&lower, &[file(attack, "")]]);
        }
        // In one layer too.
        _ = scene.layers(&[&[&lower[..], &[file("out/.wh.kept", "")]].concat()]);
    }
    for name in [".wh.", ".wh..", ".wh...", "a/.wh..."] {
        match scene.layers(&[&[file("a/b", "x")], &[file(name, "")]]) {
            Err(RootError::Name { why, .. }) => assert_eq!(why, "the whiteout names no member"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let stored = scene.layers(&[&[file("a", "x")], &[file(".wh..wh.plnk/1.2", "")]]).unwrap();
    assert_eq!(listing(&stored), ["a: x"]);
    assert!(scene.layers(&[&[file(".wh.x/y", "")]]).is_err());
}

#[test]
fn links_that_lead_in_circles_end() {
    let circle = [symlink("a", "b"), symlink("b", "a"), file("a/x", "evil")];
    assert!(Scene::new().members(&circle).is_err());
    let mut chain: Vec<Member> =
        (0..60).map(|i| symlink(&format!("l{i}"), &format!("l{}/d", i + 1))).collect();
    chain.push(file("l0/x", "evil"));
    assert!(Scene::new().members(&chain).is_err());
}

/// Each link lets the next name begin where the last one ended.
#[test]
fn links_make_no_tree_deeper_than_it_may_be() {
    let limits = Limits { depth: 20, ..Limits::default() };
    let mut members = Vec::new();
    let mut at = String::new();
    for i in 0..10 {
        members.push(directory(&format!("{at}a/a/a/a/a")));
        members.push(symlink(&format!("l{i}"), &format!("{at}a/a/a/a/a")));
        at = format!("l{i}/");
    }
    match Scene::limited(limits).members(&members) {
        Err(RootError::Name { why, .. }) => assert_eq!(why, "it lies too deep"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn limits_hold() {
    let over = |limits: Limits, members: &[Member]| {
        let scene = Scene::limited(limits);
        let (one, several) = (scene.members(members), scene.layers(&[members, members]));
        scene.nothing_is_left();
        match (one.unwrap_err(), several.unwrap_err()) {
            (RootError::OverLimit { what, limit }, other) => {
                assert_eq!(other, RootError::OverLimit { what, limit });
                (what, limit)
            }
            other => panic!("{other:?}"),
        }
    };
    let usual = Limits::default();
    let many: Vec<Member> = (0..20).map(|i| directory(&format!("d{i}"))).collect();
    assert_eq!(over(Limits { entries: 19, ..usual }, &many), ("members", 19));
    let big = [file("big", &"x".repeat(100_000))];
    assert_eq!(over(Limits { bytes: 90_000, ..usual }, &big), ("bytes", 90_000));
    let long = "n".repeat(5000);
    let names =
        [Member { content: long.clone().into_bytes(), ..special(b'L', "x") }, file("a", "")];
    assert_eq!(over(usual, &names).0, "bytes in an extended header");
    let huge = Member { content: vec![b'1'; 2 << 20], ..special(b'x', "x") };
    assert_eq!(over(usual, &[huge]).0, "bytes in an extended header");
    refused_name(&[pax(b'x', &[("path", &long)]), file("a", "")], "its name is too long");
    // Members are counted over all layers.
    let scene = Scene::limited(Limits { entries: 30, ..usual });
    assert!(scene.layers(&[&many]).is_ok());
    assert_eq!(
        scene.layers(&[&many, &many]).unwrap_err(),
        RootError::OverLimit { what: "members", limit: 30 }
    );
}

#[test]
fn a_bomb_does_not_go_off() {
    let limits = Limits { free_bytes: 1 << 20, ratio: 50, ..Limits::default() };
    let tar = tar(&[file("zeros", &"\0".repeat(8 << 20))]);
    for bomb in [gzip(&tar), zstandard(&tar)] {
        let error = Scene::limited(limits).add_file(&bomb).unwrap_err();
        assert_eq!(
            error,
            RootError::OverLimit { what: "bytes for each compressed one", limit: 50 }
        );
    }
    // Not compressed, it is as large as it says.
    Scene::limited(limits).add_file(&tar).unwrap();
}

#[test]
fn what_programs_could_read_differently_is_refused() {
    let plain = tar(&[file("a", "xyz")]);
    let second = tar(&[file("b", "y")]);
    let mut wrong_sum = plain.clone();
    wrong_sum[0] ^= 1;
    let mut hidden = plain.clone();
    hidden.extend(&second);
    let mut negative = plain.clone();
    negative[124..136].copy_from_slice(&[0xff; 12]);
    for (what, bytes) in [
        ("a second archive behind the end", hidden),
        ("a checksum", wrong_sum),
        ("a size below zero", negative),
        ("half a header", plain[..300].to_vec()),
        ("half a content", plain[..513].to_vec()),
        ("a sparse file", tar(&[Member { kind: b'S', ..file("a", "x") }])),
        ("a sparse file", tar(&[pax(b'x', &[("GNU.sparse.major", "1")]), file("a", "x")])),
        ("a volume", tar(&[special(b'V', "x")])),
        ("a name for all", tar(&[pax(b'g', &[("path", "b")]), file("a", "x")])),
        ("a size for all", tar(&[pax(b'g', &[("size", "1")]), file("a", "x")])),
        ("no record", tar(&[Member { content: b"zzz".to_vec(), ..special(b'x', "x") }])),
        ("no size", tar(&[pax(b'x', &[("size", "-1")]), file("a", "x")])),
        (
            "two names",
            tar(&[
                Member { content: b"b\0".to_vec(), ..special(b'L', "x") },
                pax(b'x', &[("path", "c")]),
                file("a", "x"),
            ]),
        ),
        ("a file for the root", tar(&[file("./", "x"), file(".", "x")])),
    ] {
        let scene = Scene::new();
        assert!(scene.add_file(&bytes).is_err(), "{what}");
    }
    Scene::new().add_file(&tar(&[pax(b'g', &[("comment", "x")]), file("a", "x")])).unwrap();
}
