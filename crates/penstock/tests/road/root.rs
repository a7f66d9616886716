//! Steps in a root file system of their own: added, named by digest, and in the evidence by the same.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use penstock_model::Sha256;
use penstock_statement::predicate::{Provenance, RunOutcome, RunSeal, RuntimeTrace};
use serde_json::{Value, json};

use crate::harness::{World, files};

/// A tar of a few programs of this machine with what they are linked to; `None`, said aloud, where
/// that cannot be found out.
fn tar_of_a_root() -> Option<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.mode(tar::HeaderMode::Deterministic);
    let mut add = |name: &str, content: &[u8], mode: u32| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        builder.append_data(&mut header, name, content).unwrap();
    };
    add("marker", b"of the root\n", 0o644);
    let mut linked_to = Vec::new();
    for program in ["sh", "cat", "mkdir", "env"] {
        let at = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(program));
        let linked = Command::new("ldd").arg(at.iter().find(|path| path.exists())?).output();
        let (Some(from), Ok(linked)) = (at.iter().find(|path| path.exists()), linked) else {
            println!("SKIPPED: no `{program}` or no `ldd` here to make a root of");
            return None;
        };
        add(&format!("usr/bin/{program}"), &fs::read(from).unwrap(), 0o4755);
        let linked = String::from_utf8(linked.stdout).unwrap();
        linked_to
            .extend(linked.split_whitespace().filter(|w| w.starts_with('/')).map(PathBuf::from));
    }
    linked_to.sort();
    linked_to.dedup();
    for library in linked_to {
        let name = library.to_str().unwrap().trim_start_matches('/').to_owned();
        add(&name, &fs::read(&library).unwrap(), 0o755);
    }
    Some(builder.into_inner().unwrap())
}

/// An image layout in a directory beside the project; the digest of its manifest.
fn layout(world: &World, name: &str, layer: &[u8]) -> Sha256 {
    let directory = world.beside(name);
    let blobs = directory.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let blob = |media_type: &str, bytes: &[u8]| -> Value {
        let digest = Sha256::of(bytes);
        fs::write(blobs.join(digest.to_string()), bytes).unwrap();
        json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()})
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let config = json!({
        "os": "linux", "architecture": architecture,
        "config": {"Env": ["PATH=/usr/bin", "GREETING=hello of the image", "HOME=/root"]},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", Sha256::of(layer))]},
    });
    let config = blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
    let layers = [blob("application/vnd.oci.image.layer.v1.tar", layer)];
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers}).to_string();
    let index = json!({"schemaVersion": 2, "manifests":
        [blob("application/vnd.oci.image.manifest.v1+json", manifest.as_bytes())]});
    fs::write(directory.join("index.json"), index.to_string()).unwrap();
    fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    Sha256::of(manifest.as_bytes())
}

fn pipeline(root: &str) -> String {
    format!(
        "[project]\nname = \"sample\"\n\n[steps.test]\nrun = \"echo '3 passed, 0 failed'\"\nresults = \"plain\"\n\n\
         [steps.build]\nneeds = [\"test\"]\nrun = \"\"\"\ncat /marker; echo ${{GREETING:-}} $PATH $HOME\n\
         mkdir dist; cat /marker app.txt > dist/app\n\"\"\"\noutputs = [\"dist/app\"]\nroot = \"{root}\"\n"
    )
}

/// The line that `root add` prints for penstock.toml.
fn line(said: &str) -> &str {
    let line = said.lines().find_map(|line| line.strip_prefix("root = \"")).unwrap();
    line.strip_suffix('"').unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_step_runs_in_its_root_and_the_provenance_names_it() {
    let Some(layer) = tar_of_a_root() else { return };
    let world = World::new();
    let digest = layout(&world, "sample-image", &layer);
    let image = world.beside("sample-image");
    let added = world.penstock(["root".as_ref(), "add".as_ref(), image.as_os_str()]);
    added.exits(0).says("added     sample-image, linux/").says("left out  4 set-user-id");
    assert_eq!(line(&added.out), format!("sha256:{digest}"));
    world.write("penstock.toml", pipeline(line(&added.out)));
    world.commit("Run in an image");

    let ran = world.penstock(["run"]);
    ran.exits(0).says("of the root").says("hello of the image /usr/bin /home/build");
    ran.says(&format!("in root sha256:{} (sample-image)", digest.short()));
    assert_eq!(world.deployed("staging").as_deref(), Some("of the root\none\n"));

    let provenance = world.newest_statement::<Provenance>().predicate;
    let dependencies = &provenance.build_definition.resolved_dependencies;
    let named = |one: &&penstock_statement::ResourceDescriptor| {
        one.digest.get("sha256") == Some(&digest.to_string())
    };
    let root = dependencies.iter().find(named).unwrap();
    assert_eq!(root.name.as_deref(), Some("sample-image"));
    assert!(root.annotations["tree"].as_str().unwrap().starts_with("sha256:"));
    let steps = &provenance.build_definition.external_parameters.steps;
    let roots: Vec<_> = steps.iter().map(|step| (step.name.as_str(), step.root)).collect();
    assert_eq!(roots, [("test", None), ("build", Some(digest))]);
    let seal = world.newest_statement::<RunSeal>().predicate;
    let isolation = seal.steps[1].isolation.as_ref().unwrap();
    let private = isolation.mechanisms.iter().find(|one| one.name == "private-root").unwrap();
    assert_eq!(private.detail, "tmpfs, pivot_root, a tree of the step's own");
    // What it read of its root is declared; the step in the host's has read the host's.
    let traces = world.evidence::<RuntimeTrace>();
    let read = |id: &Sha256| {
        let text = fs::read_to_string(world.evidence_file(id)).unwrap();
        let bundle = penstock_attest::bundle::parse(text.as_bytes()).unwrap();
        let statement: Value = serde_json::from_slice(&bundle.payload).unwrap();
        statement["predicate"]["monitorLog"]["fileAccess"].as_array().map_or(0, Vec::len)
    };
    let counts: Vec<usize> = traces.iter().map(read).collect();
    assert_eq!(counts.len(), 2);
    assert!(counts.contains(&0), "{counts:?}");

    // Another root is another definition.
    let before = seal.steps[1].definition;
    let other = layout(&world, "other-image", &layer);
    assert_eq!(other, digest, "the same layer is the same image");
    let tar = world.beside("root.tar");
    fs::write(&tar, &layer).unwrap();
    let added = world.penstock(["root".as_ref(), "add".as_ref(), tar.as_os_str()]);
    assert_eq!(line(&added.exits(0).out), format!("sha256:{}", Sha256::of(&layer)));
    world.write("penstock.toml", pipeline(line(&added.out)));
    world.commit("Run in a tar");
    world.penstock(["run"]).exits(0).says("of the root");
    assert_ne!(world.newest_statement::<RunSeal>().predicate.steps[1].definition, before);
    world.penstock(["root", "list"]).exits(0).says("sample-image").says("root.tar");
    world.log_verifies();
}

#[test]
fn a_step_whose_root_is_not_as_it_should_be_is_not_started() {
    let Some(layer) = tar_of_a_root() else { return };
    let world = World::new();
    let digest = Sha256::of(&layer).to_string();
    world.write("penstock.toml", pipeline(&format!("sha256:{digest}")));
    world.commit("Run in a root");
    let refused = |why: &str| {
        world
            .penstock(["run"])
            .exits(3)
            .says("build  NOT RUN")
            .says(why)
            .does_not_say("of the root\n");
        let seal = world.newest_statement::<RunSeal>().predicate;
        assert_eq!(seal.outcome, RunOutcome::Failed);
        assert_eq!(world.evidence::<Provenance>(), []);
        assert_eq!(world.deployed("staging"), None);
    };
    refused(&format!("no root `sha256:{digest}` here: `penstock root add`"));

    let tar = world.beside("root.tar");
    fs::write(&tar, &layer).unwrap();
    let add = || world.penstock(["root".as_ref(), "add".as_ref(), tar.as_os_str()]);
    add().exits(0);
    let marker = world.state().join("roots").join(&digest).join("root/marker");
    set_mode(&marker, 0o644);
    fs::write(&marker, "of somebody\n").unwrap();
    set_mode(&marker, 0o444);
    refused("is not as it was unpacked");
    world.penstock(["root", "list"]).exits(3).says("CHANGED");
    add().exits(3).says("is not as it was unpacked");
    world.penstock(["root", "remove", &digest]).exits(0);
    world.penstock(["root", "remove", &digest]).exits(2).says("no root");
    add().exits(0);
    world.penstock(["run"]).exits(0).says("of the root");
    world.log_verifies();
}

#[test]
fn a_change_cannot_name_a_directory_of_this_machine() {
    let world = World::new();
    for path in ["/", "../outside", "sha256:../../../etc"] {
        world.write("penstock.toml", pipeline(path));
        world.commit("Reach out");
        let ran = world.penstock(["run"]);
        ran.exits(2).says("penstock.toml:15:8: `").says("is not the digest of a root file system");
    }
}

#[test]
fn what_attacks_whoever_unpacks_it_leaves_nothing() {
    let world = World::new();
    let mut header = tar::Header::new_gnu();
    let name = b"../../../../../../../../../../tmp/penstock-evil";
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
    header.set_size(0);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, &b""[..]).unwrap();
    let evil = world.beside("evil.tar");
    fs::write(&evil, builder.into_inner().unwrap()).unwrap();
    let add = world.penstock(["root".as_ref(), "add".as_ref(), evil.as_os_str()]);
    add.exits(3).says("its name leads upwards").does_not_say("root = ");
    assert!(!Path::new("/tmp/penstock-evil").exists());
    let left = files(&world.state().join("roots"));
    assert!(left.iter().all(|path| path.ends_with("lock")), "{left:?}");
    world.penstock(["root", "list"]).exits(0).says("no roots yet");
    world.penstock(["root", "remove", "debian"]).exits(2).says("is no digest");
    world.penstock(["root", "add", "/dev/null"]).exits(3).says("neither an image layout nor a tar");
    let add = ["root", "add", "--platform", "linux", "/dev/null"];
    world.penstock(add).exits(2).says("`linux` is no platform");
}
