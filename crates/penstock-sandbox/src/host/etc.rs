//! The `/etc` of a step: what programs look up, and nothing of this machine's accounts or keys.

use std::{
    fs,
    os::fd::BorrowedFd,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags, openat};

use super::{
    identity::INSIDE,
    own_root::{OwnRoot, others},
    report::{During as _, SetupFailure},
    root::directories,
};
use crate::{HOME, Network};

/// Shown as they are on the host, read-only, where they exist. Never here: `ssl/private`, `shadow`,
/// `npmrc`, `pip.conf`, `gitconfig`, `maven/settings.xml` and their like, which hold credentials;
/// `localtime`, since a step's clock shows UTC; `resolv.conf`, since names are the proxy's to resolve.
const SHARED: &[&str] = &[
    "alternatives",
    "crypto-policies",
    "debian_version",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "maven/logging",
    "maven/m2.conf",
    "mime.types",
    "os-release",
    "perl",
    "pki/ca-trust",
    "pki/tls/certs",
    "protocols",
    "rpc",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
];

/// Folders with a version in their name that Java packages link into from `/usr/lib/jvm`.
const SHARED_PREFIX: &str = "java-";

/// Where each shared entry lies, in a fixed order.
pub(super) fn shared() -> Vec<PathBuf> {
    let etc = Path::new("/etc");
    let mut paths: Vec<PathBuf> = SHARED.iter().map(|name| etc.join(name)).collect();
    let versioned = fs::read_dir(etc).into_iter().flatten().flatten();
    paths.extend(
        versioned
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(SHARED_PREFIX))
            .map(|entry| entry.path()),
    );
    paths.sort();
    paths
}

/// Writes what is ours. Users of a root of the step's own come after the step's.
pub(super) fn write(
    root: BorrowedFd<'_>,
    network: &Network,
    own_root: Option<&OwnRoot>,
) -> Result<(), SetupFailure> {
    directories(root, Path::new("/etc"))?;
    let mut passwd = format!(
        "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n\
         build:x:{INSIDE}:{INSIDE}:build:{HOME}:/bin/sh\n\
         nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    );
    let mut group = format!("root:x:0:\nbuild:x:{INSIDE}:\nnogroup:x:65534:\n");
    if let Some(own) = own_root {
        passwd.push_str(&own.users.as_deref().map(others).unwrap_or_default());
        group.push_str(&own.groups.as_deref().map(others).unwrap_or_default());
    }
    // With a proxy, names are asked of it, at its port for DNS.
    let (hosts, resolver) = match network {
        Network::None => ("files", ""),
        Network::Proxy { .. } => ("files dns", "nameserver 127.0.0.1\n"),
    };
    let switch =
        format!("passwd: files\ngroup: files\nhosts: {hosts}\nservices: files\nprotocols: files\n");
    for (name, text) in [
        ("passwd", passwd.as_str()),
        ("group", &group),
        ("hostname", "penstock\n"),
        ("hosts", "127.0.0.1 localhost penstock\n::1 localhost ip6-localhost\n"),
        ("nsswitch.conf", &switch),
        ("resolv.conf", resolver),
    ] {
        let what = || format!("writing `/etc/{name}`");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let path = Path::new("etc").join(name);
        let file = openat(root, &path, flags, Mode::from_raw_mode(0o644)).during(what)?;
        // Writes to a fresh tmpfs file are whole.
        rustix::io::write(&file, text.as_bytes()).during(what)?;
    }
    Ok(())
}
