//! Tars and images for the tests, byte by byte: other programs' libraries refuse to write most of them.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use penstock_model::Sha256;
use penstock_rootfs::{Added, Limits, Platform, RootError, Store, Stored};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A member of a tar.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: u8,
    pub(crate) mode: u32,
    pub(crate) link: Vec<u8>,
    pub(crate) content: Vec<u8>,
}

fn member(kind: u8, name: &str, link: &str, content: &[u8]) -> Member {
    Member { name: name.into(), kind, mode: 0o644, link: link.into(), content: content.to_vec() }
}

pub(crate) fn file(name: &str, content: &str) -> Member {
    member(b'0', name, "", content.as_bytes())
}

pub(crate) fn program(name: &str, mode: u32) -> Member {
    Member { mode, ..file(name, "#!/bin/sh\n") }
}

pub(crate) fn directory(name: &str) -> Member {
    Member { mode: 0o755, ..member(b'5', name, "", b"") }
}

pub(crate) fn symlink(name: &str, target: &str) -> Member {
    member(b'2', name, target, b"")
}

pub(crate) fn hard_link(name: &str, target: &str) -> Member {
    member(b'1', name, target, b"")
}

pub(crate) fn special(kind: u8, name: &str) -> Member {
    member(kind, name, "", b"")
}

/// Records of a pax header, for the member that follows.
pub(crate) fn pax(kind: u8, records: &[(&str, &str)]) -> Member {
    let mut content = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length != rest + length.to_string().len() {
            length = rest + length.to_string().len();
        }
        writeln!(content, "{length} {key}={value}").unwrap();
    }
    member(kind, "pax", "", &content)
}

/// One header block that adds up.
pub(crate) fn header(member: &Member, size: u64) -> [u8; 512] {
    let mut block = [0; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &member.name[..member.name.len().min(100)]);
    put(100, format!("{:07o}", member.mode).as_bytes());
    put(108, b"0001750\x000001750\0");
    put(124, format!("{size:011o}").as_bytes());
    put(136, b"14712345670");
    put(148, b"        ");
    put(156, &[member.kind]);
    put(157, &member.link[..member.link.len().min(100)]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// A tar with these members, and its end.
pub(crate) fn tar(members: &[Member]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for member in members {
        bytes.extend(header(member, member.content.len() as u64));
        bytes.extend(&member.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstandard(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// A layout in the making: its files by name.
#[derive(Clone, Default)]
pub(crate) struct Layout {
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Layout {
    /// Keeps a blob and describes it.
    pub(crate) fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Sha256::of(bytes);
        self.files.push((format!("blobs/sha256/{digest}"), bytes.to_vec()));
        json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()})
    }

    /// An image of these tars, each with its form on disk; its descriptor.
    pub(crate) fn image(&mut self, layers: &[(Vec<u8>, &str)], platform: (&str, &str)) -> Value {
        let diff_ids: Vec<String> =
            layers.iter().map(|(tar, _)| format!("sha256:{}", Sha256::of(tar))).collect();
        let layers: Vec<Value> = layers
            .iter()
            .map(|(tar, form)| match *form {
                "gzip" => self.blob(&format!("{LAYER}+gzip"), &gzip(tar)),
                "zstd" => self.blob(&format!("{LAYER}+zstd"), &zstandard(tar)),
                _ => self.blob(LAYER, tar),
            })
            .collect();
        let config = json!({
            "os": platform.0, "architecture": platform.1,
            "config": {"Env": ["PATH=/opt/bin:/usr/bin:/bin", "HOME=/root", "GREETING=hello"],
                       "Entrypoint": ["/bin/evil"], "User": "0", "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.blob(CONFIG, config.to_string().as_bytes());
        self.manifest(&config, &layers, Some(platform))
    }

    pub(crate) fn manifest(
        &mut self,
        config: &Value,
        layers: &[Value],
        platform: Option<(&str, &str)>,
    ) -> Value {
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        });
        let mut descriptor = self.blob(MANIFEST, manifest.to_string().as_bytes());
        if let Some((os, architecture)) = platform {
            descriptor["platform"] = json!({"os": os, "architecture": architecture});
        }
        descriptor
    }

    pub(crate) fn index(&mut self, manifests: &[Value]) {
        let marker = json!({"imageLayoutVersion": "1.0.0"});
        self.files.push(("oci-layout".to_owned(), marker.to_string().into_bytes()));
        let index = json!({"schemaVersion": 2, "manifests": manifests});
        self.files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    }

    pub(crate) fn write(&self, directory: &Path) {
        for (name, bytes) in &self.files {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    pub(crate) fn tar(&self) -> Vec<u8> {
        let members: Vec<Member> =
            self.files.iter().map(|(name, bytes)| member(b'0', name, "", bytes)).collect();
        tar(&members)
    }
}

/// A store, and something beside it that nobody may touch.
pub(crate) struct Scene {
    directory: TempDir,
    pub(crate) store: Store,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::limited(Limits::default())
    }

    pub(crate) fn limited(limits: Limits) -> Self {
        // In memory where there is such a place: what is kept is synchronised with the disk.
        let memory = Path::new("/dev/shm");
        let directory = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap();
        fs::create_dir(directory.path().join("outside")).unwrap();
        fs::write(directory.path().join("outside/kept"), "as it was").unwrap();
        let store = Store::at(directory.path().join("roots")).with_limits(limits);
        Self { directory, store }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The absolute name of the file that nobody may touch.
    pub(crate) fn outside(&self) -> String {
        self.path("outside").display().to_string()
    }

    pub(crate) fn add_file(&self, bytes: &[u8]) -> Result<Added, RootError> {
        let path = self.path("given");
        fs::write(&path, bytes).unwrap();
        let added = self.store.add(&path, &platform());
        self.nothing_happened_outside();
        if added.is_err() {
            self.nothing_is_left();
        }
        added
    }

    pub(crate) fn add_layout(&self, layout: &Layout) -> Result<Added, RootError> {
        let path = self.path("layout");
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        layout.write(&path);
        let added = self.store.add(&path, &platform());
        self.nothing_happened_outside();
        added
    }

    /// Unpacks an image of these layers.
    pub(crate) fn layers(&self, layers: &[&[Member]]) -> Result<Stored, RootError> {
        let mut layout = Layout::default();
        let forms = ["gzip", "plain", "zstd"].iter().cycle();
        let tars: Vec<_> = layers.iter().zip(forms).map(|(one, form)| (tar(one), *form)).collect();
        let image = layout.image(&tars, ("linux", "amd64"));
        layout.index(&[image]);
        let added = self.add_layout(&layout)?;
        self.store.get(&added.record.digest)
    }

    /// Unpacks a tar of a root.
    pub(crate) fn members(&self, members: &[Member]) -> Result<Stored, RootError> {
        let added = self.add_file(&tar(members))?;
        self.store.get(&added.record.digest)
    }

    fn nothing_happened_outside(&self) {
        let outside = self.path("outside");
        let names: Vec<_> =
            fs::read_dir(&outside).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["kept"]);
        assert_eq!(fs::read_to_string(outside.join("kept")).unwrap(), "as it was");
        use std::os::unix::fs::MetadataExt as _;
        assert_eq!(fs::metadata(outside.join("kept")).unwrap().nlink(), 1);
    }

    pub(crate) fn nothing_is_left(&self) {
        let Ok(entries) = fs::read_dir(self.path("roots")) else { return };
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        assert!(names.iter().all(|name| name == "lock"), "{names:?}");
    }
}

pub(crate) fn platform() -> Platform {
    "linux/amd64".parse().unwrap()
}

/// What is in a tree: names, types, contents.
pub(crate) fn listing(stored: &Stored) -> Vec<String> {
    let mut lines = Vec::new();
    let mut left = vec![stored.tree.clone()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&stored.tree).unwrap().display().to_string();
            let kind = fs::symlink_metadata(&path).unwrap();
            lines.push(if kind.is_symlink() {
                format!("{name} -> {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_dir() {
                left.push(path);
                format!("{name}/")
            } else {
                format!("{name}: {}", fs::read_to_string(&path).unwrap())
            });
        }
    }
    lines.sort();
    lines
}
