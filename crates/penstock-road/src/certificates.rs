//! Certificates by which servers are believed: this machine's, and for a step whose TLS is opened
//! those with one more.

mod java;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::egress::Lookup;

/// Where systems keep the certificates they trust, in the order Go's `crypto/x509` looks for them.
/// <https://go.dev/src/crypto/x509/root_linux.go>
const SYSTEM: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Where a step's bundle is made: a place that is there at every rung, and that another user whom the
/// step may run as can reach.
const PLACE: &str = "/tmp";

/// The file of certificates that this system trusts.
pub(crate) fn system() -> Option<&'static str> {
    SYSTEM.iter().find(|path| Path::new(path).exists()).copied()
}

/// The certificates that the caller trusts, in PEM: `SSL_CERT_FILE`, as OpenSSL and Go have it, or
/// else the system's.
pub(crate) fn roots(lookup: Lookup<'_>) -> Result<Vec<u8>, RootsError> {
    let named = lookup("SSL_CERT_FILE").filter(|value| !value.is_empty());
    let named = named.or_else(|| system().map(OsString::from));
    let Some(file) = named.map(PathBuf::from) else { return Err(RootsError::None) };
    fs::read(&file).map_err(|error| RootsError::Unreadable(file, error.to_string()))
}

/// Why it is not known which servers are to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RootsError {
    #[error("this machine has no file of trusted certificates; name one by `SSL_CERT_FILE`")]
    None,
    #[error("the trusted certificates in `{}` cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, String),
}

/// What a step is shown so that its tools believe the run's authority. The files end with it.
#[derive(Debug)]
pub(crate) struct Shown(TempDir);

impl Shown {
    /// Writes the files: `authority` beside and among the `roots`, both PEM.
    pub(crate) fn make(roots: &[u8], authority: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("penstock-certificates-").tempdir_in(PLACE)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let bundle = [roots, b"\n", authority.as_bytes()].concat();
        let java = java::trust_store(&bundle);
        let shown = Self(folder);
        let files: [(PathBuf, &[u8]); 3] = [
            (shown.authority(), authority.as_bytes()),
            (shown.java(), &java),
            (shown.bundle(), &bundle),
        ];
        for (path, bytes) in files {
            fs::write(&path, bytes)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444))?;
        }
        Ok(shown)
    }

    /// The folder that the step must see where it is.
    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    fn authority(&self) -> PathBuf {
        self.folder().join("authority.pem")
    }

    fn bundle(&self) -> PathBuf {
        self.folder().join("certificates.pem")
    }

    fn java(&self) -> PathBuf {
        self.folder().join("certificates.p12")
    }

    /// Variables that lead tools to the files. Most put the named file in the place of their own.
    ///
    /// | variable | read by |
    /// |---|---|
    /// | `SSL_CERT_FILE` | OpenSSL (Python, Ruby, wget), Go, rustls' native roots (uv, rustup) |
    /// | `CURL_CA_BUNDLE` | curl (<https://curl.se/docs/sslcerts.html>) |
    /// | `REQUESTS_CA_BUNDLE` | Python's requests (<https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification>) |
    /// | `PIP_CERT` | pip (<https://pip.pypa.io/en/stable/cli/pip/#cmdoption-cert>) |
    /// | `NODE_EXTRA_CA_CERTS` | Node, beside its own (<https://nodejs.org/api/cli.html#node_extra_ca_certsfile>) |
    /// | `GIT_SSL_CAINFO` | git (<https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpsslCAInfo>) |
    /// | `CARGO_HTTP_CAINFO` | cargo (<https://doc.rust-lang.org/cargo/reference/config.html#httpcainfo>) |
    /// | `npm_config_cafile` | npm and pnpm, before a `cafile` of the machine's npmrc, which would replace Node's (<https://docs.npmjs.com/cli/using-npm/config#cafile>) |
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let bundle = self.bundle().to_string_lossy().into_owned();
        let mut environment: BTreeMap<String, String> = [
            "SSL_CERT_FILE",
            "CURL_CA_BUNDLE",
            "REQUESTS_CA_BUNDLE",
            "PIP_CERT",
            "GIT_SSL_CAINFO",
            "CARGO_HTTP_CAINFO",
            "npm_config_cafile",
        ]
        .map(|name| (name.to_owned(), bundle.clone()))
        .into();
        let authority = self.authority().to_string_lossy().into_owned();
        environment.insert("NODE_EXTRA_CA_CERTS".to_owned(), authority);
        environment
    }

    /// What Java machines are told, in the form of `JAVA_TOOL_OPTIONS`. A store without a password
    /// is read without one.
    pub(crate) fn java_options(&self) -> String {
        let store = self.java();
        format!(
            "-Djavax.net.ssl.trustStore={} -Djavax.net.ssl.trustStoreType=PKCS12",
            store.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn every_tool_is_shown_the_authority() {
        let shown = Shown::make(b"# roots, without a line feed at the end", AUTHORITY).unwrap();
        let folder = shown.folder().to_owned();
        for (name, path) in shown.environment() {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.ends_with(&format!("\n{AUTHORITY}")) || text == AUTHORITY, "{name}");
            assert_eq!(text.contains("# roots"), name != "NODE_EXTRA_CA_CERTS", "{name}");
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o444, "{name}");
        }
        let options = shown.java_options();
        let store = options.split(['=', ' ']).nth(1).unwrap();
        assert!(fs::read(store).unwrap().len() > AUTHORITY.len() / 2);
        drop(shown);
        assert!(!folder.exists());
    }

    #[test]
    fn the_callers_certificates_come_before_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.pem");
        fs::write(&file, "own").unwrap();
        let named = |name: &str| (name == "SSL_CERT_FILE").then(|| file.clone().into_os_string());
        assert_eq!(roots(&named).unwrap(), b"own");
        fs::remove_file(&file).unwrap();
        let error = roots(&named).unwrap_err().to_string();
        assert!(error.contains("own.pem"), "{error}");
    }
}
