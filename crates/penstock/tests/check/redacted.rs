//! No value of a secret leaves the program: not in any format, scope, cache, baseline or diff.

use std::{
    collections::HashSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use super::harness::{Answer, FORMATS, git, program};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A repository in a temporary directory, and the values that must not be seen again.
struct Planted {
    dir: tempfile::TempDir,
    state: u64,
    values: Vec<String>,
}

impl Planted {
    fn root(&self) -> PathBuf {
        self.dir.path().join("repository")
    }

    /// Letters and digits of nobody, made here so that no scanner trips over this file.
    fn random(&mut self, count: usize) -> String {
        let mut text = String::new();
        while text.len() < count {
            // Xorshift: the same in every run.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let at = usize::try_from(self.state >> 32).unwrap() % 62;
            text.push(char::from(ALPHABET[at]));
        }
        text
    }

    fn value(&mut self, count: usize) -> String {
        let value = self.random(count);
        self.values.push(value.clone());
        value
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        git(&self.root(), arguments);
    }

    /// What the program says on both of its outputs.
    fn penstock(&self, arguments: &[&str], stdin: &[u8]) -> (i32, Vec<u8>) {
        let arguments = [&["--now", "2026-11-23T14:00:00Z"], arguments].concat();
        let mut command = program(&self.root(), &arguments);
        let answer = Answer::of(command.env("HOME", self.dir.path().join("home")), stdin);
        (answer.code, answer.said().into_bytes())
    }

    /// Fails where a value, in any spelling, is part of what was said. Ten characters in a row are
    /// already too much.
    fn assert_absent(&self, said: &[u8], whence: &str) {
        let mut parts = HashSet::new();
        for value in &self.values {
            for part in value.as_bytes().windows(10) {
                parts.insert(part.to_vec());
                parts.insert(part.iter().flat_map(|byte| [*byte, 0]).collect());
                parts.insert(hex(part).into_bytes());
                parts.insert(hex(part).to_uppercase().into_bytes());
            }
        }
        let text = String::from_utf8_lossy(said);
        for part in said.windows(10).chain(said.windows(20)) {
            if parts.contains(part) {
                panic!("{whence} has `{}`:\n{text}", String::from_utf8_lossy(part));
            }
        }
        for value in &self.values {
            // What base64 makes of it depends on where in a group of three it begins.
            for lead in 0..3 {
                let coded = base64(&[&b"xx"[..lead], value.as_bytes()].concat());
                let coded = &coded[if lead == 0 { 0 } else { 4 }..coded.len() - 4];
                assert!(!text.contains(coded), "{whence} has `{value}` in base64:\n{text}");
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - group.len()));
        for at in 0..4 {
            let symbol = ALPHABET[usize::try_from(word >> (18 - 6 * at) & 63).unwrap()];
            text.push(if at <= group.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}

/// Secrets of more than twenty kinds and hiding places.
fn planted() -> Planted {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("repository")).unwrap();
    fs::create_dir(dir.path().join("home")).unwrap();
    let mut it = Planted { dir, state: 0x9e37_79b9_7f4a_7c15, values: Vec::new() };
    it.git(&["init", "-q", "-b", "main"]);

    let gone = it.value(20);
    it.write("gone.txt", format!("token gl{}{gone}\n", "pat-"));
    it.git(&["add", "-A"]);
    it.git(&["commit", "-q", "-m", "one"]);
    fs::remove_file(it.root().join("gone.txt")).unwrap();

    let (token, second) = (it.value(20), it.value(20));
    let both = format!("a = \"gl{0}{token}\"; b = \"gl{0}{second}\"\n", "pat-");
    it.write("two.js", both);
    let (password, quoted) = (it.value(16), it.value(16));
    it.write(
        "app/.env",
        format!("DB_PASSWORD={password}\nAPI_PASSWORD=\"{quoted}\\\"§{quoted}\"\n"),
    );
    let marker = ["-----BEGIN RSA PRIV", "ATE KEY-----"].concat();
    let mut pem = format!("{marker}\n");
    for _ in 0..13 {
        let line = it.value(64);
        pem.push_str(&line);
        pem.push('\n');
    }
    pem.push_str(&marker.replace("BEGIN", "END"));
    it.write("deploy/id_rsa", format!("{pem}\n"));
    it.write("deploy/one-line.json", serde_json::to_string(&[&pem]).unwrap());
    let basic = it.value(18);
    let header = base64(format!("svc:{basic}").as_bytes());
    it.values.push(header.trim_end_matches('=').to_owned());
    it.write("curl.sh", format!("curl -H 'Authorization: Basic {header}' https://api.corp.io\n"));
    let (url, proxy) = (it.value(18), it.value(18));
    it.write("db.yml", format!("url: postgres://app:{url}@db.corp.io/app\n"));
    it.write(
        "Dockerfile",
        format!("FROM scratch\nENV HTTPS_PROXY=http://u:{proxy}@proxy.corp.io\n"),
    );
    let (secret, nested) = (it.value(24), it.value(20));
    let data = base64(secret.as_bytes());
    let text = format!("kind: Secret\napiVersion: v1\ndata:\n  password: {data}\n");
    it.write("k8s.yaml", text);
    let inner = base64(format!("token: gl{}{nested}", "pat-").as_bytes());
    it.write("nested.yaml", format!("value: {}\n", base64(inner.as_bytes())));
    let (netrc, pypi, npm) = (it.value(16), it.value(18), it.value(36));
    it.write("home/.netrc", format!("machine git.corp.io login ana password {netrc}\n"));
    it.write("home/.pypirc", format!("[pypi]\nusername = ana\npassword = {pypi}\n"));
    it.write("home/.npmrc", format!("//r.corp.io/:_authToken={npm}\n"));
    let wide = it.value(20);
    let text = format!("\u{feff}token gl{}{wide}\r\n", "pat-");
    it.write("wide.txt", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let cell = it.value(20);
    let source = format!("token = \"gl{}{cell}\"\\n", "pat-").replace('"', "\\\"");
    it.write(
        "book.ipynb",
        format!("{{\"cells\":[{{\"cell_type\":\"code\",\"source\":[\"{source}\"],\"outputs\":[]}}],\"nbformat\":4}}"),
    );
    let (reason, comment) = (it.value(20), it.value(20));
    let text = format!(
        "x = 1 # penstock: ignore[secrets/gitlab-token] was gl{0}{reason}\n# gl{0}{comment}\n",
        "pat-"
    );
    it.write("reason.py", text);
    let (step, variable) = (it.value(20), it.value(20));
    let text = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x gl{0}{step}\n      - uses: actions/checkout@v4\n        with: {{ token: gl{0}{variable} }}\n      - run: echo ${{{{ github.event.issue.title }}}} gl{0}{step}\n",
        "pat-"
    );
    it.write(".github/workflows/a.yml", text);
    let broken = it.value(20);
    it.write(".github/workflows/broken.yml", format!("a: [\nb: gl{}{broken}\n: :\n", "pat-"));
    let (key, id) = (it.value(20), it.value(40));
    it.write("key.yaml", format!("gl{}{key}: 1\n", "pat-"));
    it.write("aws.ini", format!("aws_secret_access_key = {id}\n"));
    let packed = it.value(20);
    it.write("packed/token.txt", format!("gl{}{packed}\n", "pat-"));
    it.git(&["add", "-A"]);
    it.git(&["commit", "-q", "-m", "two"]);
    it.git(&["archive", "-o", "packed.zip", "HEAD", "packed"]);
    it.git(&["archive", "-o", "packed.tar.gz", "HEAD", "packed"]);
    it
}

fn below(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path, files) } else { files.push(path) }
    }
}

#[test]
fn no_value_is_seen_again_whatever_the_format_and_the_scope() {
    let it = planted();
    it.git(&["add", "-A"]);
    let scopes: [&[&str]; 4] = [&[], &["--staged"], &["--diff", "HEAD~1"], &["--history"]];
    for scope in scopes {
        for format in FORMATS.into_iter().chain(["human"]) {
            let arguments = [&["check", "--all", "--format", format][..], scope].concat();
            let (code, said) = it.penstock(&arguments, b"");
            assert_eq!(code, 1, "{arguments:?}: {}", String::from_utf8_lossy(&said));
            it.assert_absent(&said, &format!("{arguments:?}"));
        }
    }
    for audience in ["pedantic", "auditor"] {
        for format in ["human", "json", "sarif"] {
            let arguments = ["check", "--all", "--audience", audience, "--format", format];
            it.assert_absent(&it.penstock(&arguments, b"").1, audience);
        }
    }
    let (_, report) = it.penstock(&["check", "--format", "json"], b"");
    let report: penstock_model::Report = serde_json::from_slice(&report).unwrap();
    let mut files: Vec<_> =
        report.open().map(|finding| finding.location.path.to_string()).collect();
    files.sort();
    files.dedup();
    // A test of silence needs something to be silent about.
    assert!(files.len() >= 15, "{files:?}");
    let everything = fs::read(it.root().join("two.js")).unwrap();
    let (code, said) = it.penstock(&["check", "-", "--stdin-name", "x.js"], &everything);
    assert_eq!(code, 1);
    it.assert_absent(&said, "standard input");
}

#[test]
fn no_value_is_kept_in_cache_baseline_or_diff() {
    let it = planted();
    let (_, first) = it.penstock(&["check", "--format", "json"], b"");
    let mut files = Vec::new();
    below(&it.dir.path().join("home"), &mut files);
    assert!(!files.is_empty(), "no cache was kept: {}", String::from_utf8_lossy(&first));
    for file in &files {
        it.assert_absent(&fs::read(file).unwrap(), &file.display().to_string());
    }
    let arguments = ["fix", "--unsafe", "--audience", "auditor"];
    let (_, diff) = it.penstock(&arguments, b"");
    assert!(String::from_utf8_lossy(&diff).contains("@@"), "{}", String::from_utf8_lossy(&diff));
    it.assert_absent(&diff, "fix");
    let (code, said) = it.penstock(&["init", "--baseline"], b"");
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&said));
    it.assert_absent(&said, "init --baseline");
    let baseline = fs::read(it.root().join("penstock.baseline.toml")).unwrap();
    assert!(baseline.len() > 1000);
    it.assert_absent(&baseline, "the baseline");
    let (_, second) = it.penstock(&["check", "--format", "sarif"], b"");
    it.assert_absent(&second, "a check against the baseline");
}
