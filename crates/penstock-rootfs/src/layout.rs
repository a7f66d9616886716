//! OCI image layouts: <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>,
//! `image-index.md`, `manifest.md`, `config.md` and `descriptor.md` beside it.

use std::collections::BTreeSet;

use penstock_model::Sha256;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Environment, Limits, Platform, RootError, blobs::Blobs, environment::taken_over, name::shown,
};

/// The file that says that a directory is a layout.
pub(crate) const MARKER: &str = "oci-layout";
/// The file that names its images.
pub(crate) const INDEX: &str = "index.json";

const INDEXES: &[&str] = &[
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
const MANIFESTS: &[&str] = &[
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
const CONFIGS: &[&str] =
    &["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
const LAYERS: &[&str] = &[
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
];

/// The most indexes and manifests looked at to find one image.
const MOST_LOOKED_AT: usize = 256;

/// What names a blob: its type, digest and size.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// `sha256:` and its digits; other algorithms are refused when they are met.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    #[serde(default)]
    platform: Option<PlatformText>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct PlatformText {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

impl PlatformText {
    fn platform(&self) -> Platform {
        let short = |text: &String| shown(text.as_bytes());
        Platform {
            os: short(&self.os),
            architecture: short(&self.architecture),
            variant: self.variant.as_ref().filter(|variant| !variant.is_empty()).map(short),
        }
    }
}

impl Descriptor {
    /// The digest.
    ///
    /// # Errors
    /// Another algorithm, or none.
    pub fn sha256(&self) -> Result<Sha256, RootError> {
        let digest = self.digest.starts_with("sha256:").then(|| self.digest.parse().ok());
        digest.flatten().ok_or_else(|| RootError::Algorithm(shown(self.digest.as_bytes())))
    }

    fn is_one_of(&self, types: &[&str]) -> bool {
        types.contains(&self.media_type.as_str())
    }
}

/// An index: descriptors of manifests and of further indexes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    schema_version: u32,
    /// What it lists.
    pub manifests: Vec<Descriptor>,
}

/// The manifest of one image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    schema_version: u32,
    /// The image's configuration.
    pub config: Descriptor,
    /// Its layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

/// The configuration of one image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Config {
    #[serde(flatten)]
    platform: PlatformText,
    #[serde(default)]
    config: Option<Settings>,
    rootfs: Rootfs,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Settings {
    #[serde(default, rename = "Env")]
    env: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Rootfs {
    #[serde(rename = "type")]
    kind: String,
    diff_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// It is no JSON, lacks something, or is of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, RootError> {
        let index: Self = read("the index", bytes)?;
        version("the index", index.schema_version)?;
        Ok(index)
    }
}

impl Manifest {
    /// Reads a manifest whose layers and configuration are of known types.
    ///
    /// # Errors
    /// As for [`Index::parse`], and layers that are too many or not of a file system.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, RootError> {
        let manifest: Self = read("the manifest", bytes)?;
        version("the manifest", manifest.schema_version)?;
        if manifest.layers.len() > limits.layers {
            return Err(RootError::OverLimit { what: "layers", limit: limits.layers as u64 });
        }
        let strange = |one: &&Descriptor| !one.is_one_of(LAYERS);
        let config = Some(&manifest.config).filter(|config| !config.is_one_of(CONFIGS));
        if let Some(strange) = config.or_else(|| manifest.layers.iter().find(strange)) {
            return Err(RootError::MediaType(shown(strange.media_type.as_bytes())));
        }
        Ok(manifest)
    }
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// As for [`Index::parse`], and a root file system that is not made of layers.
    pub fn parse(bytes: &[u8]) -> Result<Self, RootError> {
        let config: Self = read("the configuration", bytes)?;
        if config.rootfs.kind != "layers" {
            let reason = "its root file system is not made of layers".to_owned();
            return Err(RootError::Document { what: "the configuration", reason });
        }
        Ok(config)
    }

    /// What it is made for.
    pub fn platform(&self) -> Platform {
        self.platform.platform()
    }

    /// The variables a step takes over.
    pub fn environment(&self) -> Environment {
        let variables = self.config.as_ref().and_then(|config| config.env.as_deref());
        taken_over(variables.unwrap_or_default())
    }

    /// The digests of the layers once they are decompressed.
    ///
    /// # Errors
    /// Digests that are not SHA-256.
    pub fn diff_ids(&self) -> Result<Vec<Sha256>, RootError> {
        let digest = |text: &String| {
            let digest = text.starts_with("sha256:").then(|| text.parse().ok()).flatten();
            digest.ok_or_else(|| RootError::Algorithm(shown(text.as_bytes())))
        };
        self.rootfs.diff_ids.iter().map(digest).collect()
    }
}

/// One image of a layout, whose documents are as their digests say.
pub(crate) struct Image {
    /// The manifest's digest, which names the image.
    pub(crate) digest: Sha256,
    pub(crate) platform: Platform,
    pub(crate) environment: Environment,
    /// Each layer, and its digest once it is decompressed.
    pub(crate) layers: Vec<(Descriptor, Sha256)>,
}

/// The one image for a platform.
pub(crate) fn image(blobs: &Blobs, wanted: &Platform, limits: &Limits) -> Result<Image, RootError> {
    let marker: Marker = read("`oci-layout`", &blobs.top(MARKER, limits)?)?;
    if !marker.image_layout_version.starts_with("1.") {
        let reason =
            format!("version {} is not known", shown(marker.image_layout_version.as_bytes()));
        return Err(RootError::Document { what: "`oci-layout`", reason });
    }
    let mut found = Found { blobs, limits, seen: BTreeSet::new(), manifests: Vec::new() };
    found.gather(&Index::parse(&blobs.top(INDEX, limits)?)?, 1)?;
    let chosen = choose(&found.manifests, wanted)?;
    let manifest = Manifest::parse(&blobs.document(chosen, limits)?, limits)?;
    let config = Config::parse(&blobs.document(&manifest.config, limits)?)?;
    let platform = config.platform();
    // Many configurations leave the variant out.
    let same = platform.os == wanted.os && platform.architecture == wanted.architecture;
    if !same {
        let (wanted, found) = (wanted.to_string(), platform.to_string());
        return Err(RootError::OtherPlatform { wanted, found });
    }
    let diff_ids = config.diff_ids()?;
    if diff_ids.len() != manifest.layers.len() || diff_ids.is_empty() {
        let (layers, ids) = (manifest.layers.len(), diff_ids.len());
        let reason = format!("the manifest has {layers} layers and it names {ids}");
        return Err(RootError::Document { what: "the configuration", reason });
    }
    Ok(Image {
        digest: chosen.sha256()?,
        platform,
        environment: config.environment(),
        layers: manifest.layers.into_iter().zip(diff_ids).collect(),
    })
}

struct Found<'a> {
    blobs: &'a Blobs,
    limits: &'a Limits,
    seen: BTreeSet<Sha256>,
    manifests: Vec<Descriptor>,
}

impl Found<'_> {
    fn gather(&mut self, index: &Index, level: u32) -> Result<(), RootError> {
        if level > self.limits.nesting {
            let limit = u64::from(self.limits.nesting);
            return Err(RootError::OverLimit { what: "indexes in indexes", limit });
        }
        for descriptor in &index.manifests {
            // The same image may have several names.
            if !self.seen.insert(descriptor.sha256()?) {
                continue;
            }
            if self.seen.len() > MOST_LOOKED_AT {
                let limit = MOST_LOOKED_AT as u64;
                return Err(RootError::OverLimit { what: "images", limit });
            }
            if descriptor.is_one_of(INDEXES) {
                let inner = Index::parse(&self.blobs.document(descriptor, self.limits)?)?;
                self.gather(&inner, level + 1)?;
            } else if descriptor.is_one_of(MANIFESTS) {
                self.manifests.push(descriptor.clone());
            }
        }
        Ok(())
    }
}

/// Those that say to be for the platform; only if there is none, those that say nothing.
fn choose<'a>(manifests: &'a [Descriptor], wanted: &Platform) -> Result<&'a Descriptor, RootError> {
    let fits = |one: &&Descriptor| {
        one.platform.as_ref().is_some_and(|platform| wanted.accepts(&platform.platform()))
    };
    let mut candidates: Vec<&Descriptor> = manifests.iter().filter(fits).collect();
    if candidates.is_empty() {
        candidates = manifests.iter().filter(|one| one.platform.is_none()).collect();
    }
    match candidates.as_slice() {
        [one] => Ok(one),
        [] => {
            let there = manifests.iter().filter_map(|one| one.platform.as_ref());
            let mut there: Vec<String> =
                there.map(|platform| platform.platform().to_string()).take(32).collect();
            there.sort();
            there.dedup();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            Err(RootError::NoPlatform { wanted: wanted.to_string(), there })
        }
        several => Err(RootError::Ambiguous(several.len())),
    }
}

fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, RootError> {
    serde_json::from_slice(bytes)
        .map_err(|error| RootError::Document { what, reason: error.to_string() })
}

fn version(what: &'static str, version: u32) -> Result<(), RootError> {
    if version == 2 {
        return Ok(());
    }
    let reason = format!("schema version {version} is not known");
    Err(RootError::Document { what, reason })
}
