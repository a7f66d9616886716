//! Image layouts: which image is meant, and whether it is what its digests say.

use std::fs;

use penstock_model::Sha256;
use penstock_rootfs::{Limits, RootError};
use serde_json::{Value, json};

use crate::sample::*;

fn layer() -> Vec<u8> {
    tar(&[file("bin/sh", "x")])
}

/// A layout with one image for this platform.
fn layout() -> (Layout, Value) {
    let mut layout = Layout::default();
    let image = layout.image(&[(layer(), "gzip")], ("linux", "amd64"));
    layout.index(std::slice::from_ref(&image));
    (layout, image)
}

#[test]
fn a_directory_and_a_tar_of_it_are_the_same_image() {
    let (layout, image) = layout();
    let scene = Scene::new();
    let first = scene.add_layout(&layout).unwrap();
    assert_eq!(format!("sha256:{}", first.record.digest), image["digest"]);
    assert!(!first.already);
    let second = scene.add_file(&layout.tar()).unwrap();
    assert!(second.already);
    assert_eq!(second.record, first.record);
    let record = first.record;
    assert_eq!(record.platform.as_deref(), Some("linux/amd64"));
    assert_eq!((record.members, record.bytes), (2, 1));
    let environment: Vec<_> = record.environment.into_iter().collect();
    let wanted = [("GREETING", "hello"), ("PATH", "/opt/bin:/usr/bin:/bin")];
    assert_eq!(environment, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn every_changed_byte_of_every_blob_is_noticed() {
    let (layout, _) = layout();
    let scene = Scene::new();
    let blobs: Vec<usize> =
        (0..layout.files.len()).filter(|i| layout.files[*i].0.starts_with("blobs/")).collect();
    assert_eq!(blobs.len(), 3);
    for blob in blobs {
        let length = layout.files[blob].1.len();
        for place in [0, length / 2, length - 1] {
            let mut changed = layout.clone();
            changed.files[blob].1[place] ^= 0x20;
            assert!(scene.add_layout(&changed).is_err(), "byte {place} of {length}");
        }
        let mut longer = layout.clone();
        longer.files[blob].1.push(b' ');
        assert!(matches!(scene.add_layout(&longer), Err(RootError::Size { .. })));
        let mut missing = layout.clone();
        missing.files.remove(blob);
        assert!(matches!(scene.add_layout(&missing), Err(RootError::NoBlob { .. })));
    }
    scene.nothing_is_left();
}

/// The layer is what its descriptor says, and not what the configuration says.
#[test]
fn a_layer_that_becomes_something_else_is_noticed() {
    let mut layout = Layout::default();
    let layer = layout.blob(&format!("{LAYER}+gzip"), &gzip(&layer()));
    let other = Sha256::of(b"other");
    let config = json!({"os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{other}")]}});
    let config = layout.blob(CONFIG, config.to_string().as_bytes());
    let image = layout.manifest(&config, &[layer], None);
    layout.index(&[image]);
    let scene = Scene::new();
    match scene.add_layout(&layout) {
        Err(RootError::Digest { expected, .. }) => assert_eq!(expected, other),
        other => panic!("{other:?}"),
    }
    scene.nothing_is_left();
}

#[test]
fn the_image_for_the_platform_is_taken_through_indexes() {
    let mut layout = Layout::default();
    let wanted = layout.image(&[(layer(), "plain")], ("linux", "amd64"));
    let other = layout.image(&[(tar(&[file("bin/sh", "arm")]), "zstd")], ("linux", "arm64"));
    let mut attestation = layout.image(&[(layer(), "gzip")], ("unknown", "unknown"));
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    let inner = json!({"schemaVersion": 2, "manifests": [other, wanted, attestation]});
    let inner = layout.blob(INDEX, inner.to_string().as_bytes());
    layout.index(&[inner.clone(), inner]);
    let scene = Scene::new();
    let added = scene.add_layout(&layout).unwrap();
    assert_eq!(format!("sha256:{}", added.record.digest), wanted["digest"]);
    let arm = scene.store.add(&scene.path("layout"), &"linux/arm64".parse().unwrap()).unwrap();
    assert_eq!(format!("sha256:{}", arm.record.digest), other["digest"]);
    match scene.store.add(&scene.path("layout"), &"linux/riscv64".parse().unwrap()) {
        Err(RootError::NoPlatform { there, .. }) => {
            assert_eq!(there, "linux/amd64, linux/arm64, unknown/unknown");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_images_for_one_platform_are_not_guessed_between() {
    let mut layout = Layout::default();
    let one = layout.image(&[(layer(), "plain")], ("linux", "amd64"));
    let two = layout.image(&[(tar(&[file("x", "y")]), "plain")], ("linux", "amd64"));
    layout.index(&[one, two]);
    assert!(matches!(Scene::new().add_layout(&layout), Err(RootError::Ambiguous(2))));
}

#[test]
fn an_image_for_another_machine_is_refused_whatever_its_descriptor_says() {
    let mut layout = Layout::default();
    let mut image = layout.image(&[(layer(), "plain")], ("linux", "arm64"));
    image["platform"] = json!({"os": "linux", "architecture": "amd64"});
    layout.index(&[image.clone()]);
    assert!(matches!(Scene::new().add_layout(&layout), Err(RootError::OtherPlatform { .. })));
    image.as_object_mut().unwrap().remove("platform");
    layout.files.truncate(layout.files.len() - 2);
    layout.index(&[image]);
    assert!(matches!(Scene::new().add_layout(&layout), Err(RootError::OtherPlatform { .. })));
}

#[test]
fn documents_have_limits() {
    let deep = |levels: u32| {
        let mut layout = Layout::default();
        let mut descriptor = layout.image(&[(layer(), "plain")], ("linux", "amd64"));
        for _ in 0..levels {
            let index = json!({"schemaVersion": 2, "manifests": [descriptor]});
            descriptor = layout.blob(INDEX, index.to_string().as_bytes());
        }
        layout.index(&[descriptor]);
        Scene::new().add_layout(&layout)
    };
    deep(3).unwrap();
    assert_eq!(deep(4).unwrap_err(), RootError::OverLimit { what: "indexes in indexes", limit: 4 });
    let mut many = Layout::default();
    let image = many.image(&vec![(layer(), "plain"); 129], ("linux", "amd64"));
    many.index(&[image]);
    let over = Scene::new().add_layout(&many).unwrap_err();
    assert_eq!(over, RootError::OverLimit { what: "layers", limit: 128 });
    let (mut large, _) = layout();
    let blanks = " ".repeat(5 << 20).into_bytes();
    large.files.last_mut().unwrap().1.extend(blanks);
    let over = Scene::new().add_layout(&large).unwrap_err();
    assert_eq!(over, RootError::OverLimit { what: "bytes in a document", limit: 4 << 20 });
    let (small, _) = layout();
    let limits = Limits { document_bytes: 100, ..Limits::default() };
    assert!(Scene::limited(limits).add_layout(&small).is_err());
}

#[test]
fn what_is_no_image_is_told() {
    let with = |change: &dyn Fn(&mut Layout)| {
        let (mut layout, _) = layout();
        change(&mut layout);
        Scene::new().add_layout(&layout).unwrap_err()
    };
    let index = |text: &'static str| {
        with(&move |layout: &mut Layout| {
            layout.files.last_mut().unwrap().1 = text.as_bytes().to_vec();
        })
    };
    assert!(matches!(index("{"), RootError::Document { .. }));
    assert!(matches!(index(r#"{"schemaVersion":1,"manifests":[]}"#), RootError::Document { .. }));
    assert!(matches!(index(r#"{"schemaVersion":2,"manifests":[]}"#), RootError::NoPlatform { .. }));
    let sha512 = r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha512:00","size":1}]}"#;
    assert!(matches!(index(sha512), RootError::Algorithm(_)));
    let upwards = r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../../outside/kept","size":9}]}"#;
    assert!(matches!(index(upwards), RootError::Algorithm(_)));
    let no_marker = with(&|layout| layout.files.retain(|(name, _)| name != "oci-layout"));
    assert_eq!(no_marker, RootError::Unknown);
    let mut chart = Layout::default();
    let config = chart.blob("application/vnd.cncf.helm.config.v1+json", b"{}");
    let image = chart.manifest(&config, &[], None);
    chart.index(&[image]);
    assert!(matches!(Scene::new().add_layout(&chart), Err(RootError::MediaType(_))));
    let scene = Scene::new();
    assert_eq!(scene.add_file(b"not an archive").unwrap_err(), RootError::Unknown);
    assert_eq!(scene.add_file(b"").unwrap_err(), RootError::Unknown);
    let (layout, _) = layout();
    assert_eq!(scene.add_file(&gzip(&layout.tar())).unwrap_err(), RootError::CompressedLayout);
    let old = tar(&[file("manifest.json", "[]"), file("abc/layer.tar", "x")]);
    assert_eq!(scene.add_file(&old).unwrap_err(), RootError::OldDockerSave);
    let twice =
        tar(&[file("index.json", "{}"), file("oci-layout", "{}"), file("./index.json", "")]);
    assert!(matches!(scene.add_file(&twice), Err(RootError::Malformed(_))));
}

/// The layout is a stranger's directory: a link in it may not be the way to a file of ours, a pipe
/// may not be waited for.
#[test]
fn parts_are_files_of_the_layout() {
    let (layout, image) = layout();
    let scene = Scene::new();
    let place = scene.path("layout");
    layout.write(&place);
    let digest = image["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap().to_owned();
    let blob = place.join("blobs/sha256").join(digest);
    let elsewhere = scene.path("elsewhere");
    fs::rename(&blob, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &blob).unwrap();
    assert!(matches!(scene.store.add(&place, &platform()), Err(RootError::Io { .. })));
    fs::remove_file(&blob).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &blob, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    assert!(matches!(scene.store.add(&place, &platform()), Err(RootError::Name { .. })));
    let pipe = scene.path("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    assert_eq!(scene.store.add(&pipe, &platform()).unwrap_err(), RootError::Unknown);
    scene.nothing_is_left();
}
