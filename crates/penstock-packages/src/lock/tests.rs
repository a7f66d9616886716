use super::*;
use crate::{HashAlgorithm, Source};

fn lock(name: &str, text: &str) -> LockFile {
    read(name, text).unwrap().unwrap()
}

fn error(name: &str, text: &str) -> String {
    read(name, text).unwrap_err().to_string()
}

/// One line for each package: what it is, who needs it, its dependencies.
fn summary(lock: &LockFile) -> Vec<String> {
    let line = |package: &Package| {
        let dependencies: Vec<_> = package.dependencies.iter().map(Purl::as_str).collect();
        let dev = package.dev.map_or("?", |dev| if dev { "dev" } else { "run" });
        let short = |purl: &str| purl.rsplit('/').next().unwrap().to_owned();
        let dependencies: Vec<_> = dependencies.into_iter().map(short).collect();
        format!("{} {dev} [{}]", package.purl, dependencies.join(" "))
    };
    lock.packages.iter().map(line).collect()
}

fn unresolved(name: &str, text: &str) -> Vec<String> {
    let lock = lock(name, text);
    lock.unresolved.iter().map(|gap| format!("{} -> {}", gap.package, gap.dependency)).collect()
}

fn direct(lock: &LockFile) -> Vec<&str> {
    lock.direct.iter().map(Purl::as_str).collect()
}

#[test]
fn other_files_are_no_lock_files() {
    assert_eq!(read("Cargo.toml", "="), Ok(None));
    assert!(is_lock_file("Cargo.lock") && !is_lock_file("x/Cargo.lock"));
}

const CARGO: &str = r#"
version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["helper", "rand 0.8.5", "patched"]

[[package]]
name = "helper"
version = "0.1.0"
dependencies = ["rand 0.9.0 (registry+https://github.com/rust-lang/crates.io-index)"]

[[package]]
name = "patched"
version = "1.0.0"
source = "git+https://example.org/patched.git?branch=main#0123456789012345678901234567890123456789"

[[package]]
name = "rand"
version = "0.8.5"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "CHECKSUM"
dependencies = ["rand 0.9.0"]

[[package]]
name = "rand"
version = "0.9.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "CHECKSUM"

[[package]]
name = "zz"
version = "1.0.0"
source = "sparse+https://registry.example.org/"
"#;

fn cargo() -> String {
    CARGO.replace("CHECKSUM", &"ab".repeat(32))
}

#[test]
fn cargo_lock_is_read_with_its_graph() {
    let lock = lock("Cargo.lock", &cargo());
    assert_eq!(
        summary(&lock),
        [
            "pkg:cargo/patched@1.0.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fpatched.git%400123456789012345678901234567890123456789 ? []",
            "pkg:cargo/rand@0.8.5 ? [rand@0.9.0]",
            "pkg:cargo/rand@0.9.0 ? []",
            "pkg:cargo/zz@1.0.0?repository_url=https:%2F%2Fregistry.example.org%2F ? []",
        ]
    );
    assert_eq!(direct(&lock)[1..], ["pkg:cargo/rand@0.8.5", "pkg:cargo/rand@0.9.0"]);
    let checksum = lock.packages[1].checksum.as_ref().unwrap();
    assert_eq!((checksum.algorithm(), checksum.hex()), (HashAlgorithm::Sha256, &*"ab".repeat(32)));
    assert!(matches!(&lock.packages[0].source, Source::Git { url, .. }
        if url == "https://example.org/patched.git"));
}

#[test]
fn cargo_lock_of_version_1_keeps_checksums_at_the_end() {
    let source = "registry+https://github.com/rust-lang/crates.io-index";
    let hex = "cd".repeat(32);
    let text = format!(
        "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n\n\
         [metadata]\n\"checksum a 1.0.0 ({source})\" = \"{hex}\"\n"
    );
    assert_eq!(lock("Cargo.lock", &text).packages[0].checksum.as_ref().unwrap().hex(), hex);
}

#[test]
fn a_damaged_cargo_lock_is_refused() {
    let text = cargo();
    let package = "[[package]]\nname = \"a\"\n";
    for (text, message) in [
        (
            text.replace("version = 4", "version = 5"),
            "Cargo.lock version 5 is not supported: use a newer penstock",
        ),
        (
            text.replace("abab\"", "abxx\""),
            "package `rand`: `abababababababababababababababababababababababababababababababxx` is not a checksum: the lock file was edited or damaged, write it again",
        ),
        (
            text.replace("0.9.0\"\nsource", "0.8.5\"\nsource"),
            "package `rand 0.8.5` is there twice: the lock file was edited or badly merged, write it again",
        ),
        (
            package.to_owned(),
            "a has no `version`: the lock file was edited or damaged, write it again",
        ),
        (
            package.replace("\"a\"", "\"\""),
            "a package has no `name`: the lock file was edited or damaged, write it again",
        ),
    ] {
        assert_eq!(error("Cargo.lock", &text), message);
    }
    let error = read("Cargo.lock", &format!("version = 4\n\n{package}")).unwrap_err();
    assert_eq!(error.region().unwrap().start_line, 3);
}

#[test]
fn a_cycle_in_a_lock_file_is_just_a_cycle() {
    let package = |name: &str, other: &str| {
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"sparse+https://index.crates.io/\"\ndependencies = [\"{other}\"]\n"
        )
    };
    let lock = lock("Cargo.lock", &(package("a", "b") + &package("b", "a")));
    assert_eq!(summary(&lock), ["pkg:cargo/a@1.0.0 ? [b@1.0.0]", "pkg:cargo/b@1.0.0 ? [a@1.0.0]"]);
}

#[test]
fn a_gap_in_the_graph_is_told() {
    assert_eq!(unresolved("Cargo.lock", &cargo()), Vec::<String>::new());
    let text = cargo().replace("\"helper\", ", "\"gone\", ");
    assert_eq!(unresolved("Cargo.lock", &text), ["app -> gone"]);
    // Two packages fit: which is meant would be a guess.
    let text = cargo().replace("\"rand 0.8.5\"", "\"rand\"");
    assert_eq!(unresolved("Cargo.lock", &text), ["app -> rand"]);
    let text = npm().replace("\"d\": \"1\"", "\"e\": \"1\"");
    assert_eq!(unresolved("package-lock.json", &text), [". -> e"]);
    assert_eq!(unresolved("package-lock.json", &npm()), Vec::<String>::new());
}

#[test]
fn credentials_in_addresses_are_left_out() {
    for (url, clean) in [
        ("https://token@example.org/a@b", "https://example.org/a@b"),
        ("git+https://user:word@example.org", "git+https://example.org"),
        ("git+ssh://git:word@example.org/x", "git+ssh://git@example.org/x"),
        ("https://example.org/a?b=c@d", "https://example.org/a?b=c@d"),
        ("no address", "no address"),
    ] {
        assert_eq!(without_credentials(url), clean);
    }
    let text = npm().replace("https://npm.example.org", "https://token@npm.example.org");
    assert!(!format!("{:?}", lock("package-lock.json", &text)).contains("token"));
}

#[test]
fn limits_are_errors() {
    let large = " ".repeat(MAX_LOCK_BYTES + 1);
    for name in ["Cargo.lock", "go.sum", "go.mod", "package-lock.json", "uv.lock", "poetry.lock"] {
        assert_eq!(
            read(name, &large),
            Err(LockError::TooLarge { what: "bytes", limit: MAX_LOCK_BYTES }),
            "{name}"
        );
    }
    let many: String = (0..=MAX_PACKAGES).map(|n| format!("m{n} v1 x\n")).collect();
    let too_many = LockError::TooLarge { what: "packages", limit: MAX_PACKAGES };
    assert_eq!(read("go.sum", &many), Err(too_many));
    let deep = "[".repeat(100_000);
    assert!(matches!(
        read("package-lock.json", &deep),
        Err(LockError::Document(error)) if error.is_limit()
    ));
}

const NPM: &str = r#"{
  "name": "app", "lockfileVersion": 3,
  "packages": {
    "": { "name": "app", "workspaces": ["packages/*"], "dependencies": { "a": "^1", "alias": "npm:real@^1" },
          "devDependencies": { "d": "1" }, "optionalDependencies": { "missing": "1" } },
    "packages/w": { "version": "0.0.1", "dependencies": { "@s/b": "2" } },
    "node_modules/w": { "resolved": "packages/w", "link": true },
    "node_modules/a": { "version": "1.0.0", "resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz",
                        "integrity": "sha512-INTEGRITY", "dependencies": { "@s/b": "1", "w": "*" },
                        "peerDependencies": { "gone": "*" } },
    "node_modules/a/node_modules/@s/b": { "version": "1.0.0", "dependencies": { "a": "1" } },
    "node_modules/@s/b": { "version": "2.0.0" },
    "node_modules/alias": { "name": "real", "version": "1.2.3",
                            "resolved": "https://npm.example.org/real-1.2.3.tgz" },
    "node_modules/d": { "version": "1.0.0", "dev": true, "dependencies": { "g": "*" } },
    "node_modules/g": { "version": "9.0.0", "dev": true,
                        "resolved": "git+ssh://git@example.org/g.git#0123456" }
  }
}"#;

fn npm() -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    NPM.replace("INTEGRITY", &BASE64_STANDARD.encode([0xab; 64]))
}

#[test]
fn package_lock_is_read_as_node_finds_modules() {
    let lock = lock("package-lock.json", &npm());
    assert_eq!(
        summary(&lock),
        [
            "pkg:npm/%40s/b@1.0.0 run [a@1.0.0]",
            "pkg:npm/%40s/b@2.0.0 run []",
            "pkg:npm/a@1.0.0 run [b@1.0.0]",
            "pkg:npm/d@1.0.0 dev [g@9.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40example.org%2Fg.git%400123456]",
            "pkg:npm/g@9.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40example.org%2Fg.git%400123456 dev []",
            "pkg:npm/real@1.2.3?download_url=https:%2F%2Fnpm.example.org%2Freal-1.2.3.tgz run []",
        ]
    );
    assert_eq!(
        direct(&lock),
        [
            "pkg:npm/%40s/b@2.0.0",
            "pkg:npm/a@1.0.0",
            "pkg:npm/d@1.0.0",
            "pkg:npm/real@1.2.3?download_url=https:%2F%2Fnpm.example.org%2Freal-1.2.3.tgz",
        ]
    );
    assert_eq!(lock.packages[2].checksum.as_ref().unwrap().hex(), "ab".repeat(64));
}

#[test]
fn a_damaged_package_lock_is_refused() {
    let text = npm();
    let unsupported =
        "is not supported: write it with `npm install --package-lock-only --lockfile-version 3`";
    let version = "\"lockfileVersion\": 3";
    for (text, message) in [
        (
            text.replace(version, "\"lockfileVersion\": 1"),
            format!("package-lock.json version 1 {unsupported}"),
        ),
        (
            text.replace(version, "\"x\": 3"),
            format!("package-lock.json version none {unsupported}"),
        ),
        (
            text.replace(
                "node_modules/@s/b\": { \"version\": \"2",
                "node_modules/g\": { \"version\": \"2",
            ),
            "package `node_modules/g` is there twice".to_owned(),
        ),
        (text.replace("\"version\": \"1.2.3\",", ""), "real has no `version`".to_owned()),
        (text.replace("sha512-", "sha512-A"), "package `a`: `A".to_owned()),
    ] {
        let error = error("package-lock.json", &text);
        assert!(error.starts_with(&message), "{error}");
    }
    let commit = text.replace("\"version\": \"9.0.0\", ", "");
    assert_eq!(lock("package-lock.json", &commit).packages[4].version, "0123456");
}

#[test]
fn go_mod_is_read_with_replacements() {
    let text = "module example.org/app // the app\n\ngo 1.21\ntoolchain go1.22.0\n\
        require example.org/A/b v1.0.0\nrequire (\n\tgolang.org/x/net v0.1.0 // indirect\n\
        \texample.org/local v1.0.0\n\texample.org/old v1.0.0\n)\n\
        replace example.org/local => ../local\n\
        replace (\n\texample.org/old v1.0.0 => example.org/new/v2 v2.0.0+incompatible\n)\n\
        exclude (\n\tgolang.org/x/net v0.0.1\n)\nretract [v1.0.0, v1.1.0]\n";
    let lock = lock("go.mod", text);
    assert_eq!(
        summary(&lock),
        [
            "pkg:golang/example.org/a/b@v1.0.0 ? []",
            "pkg:golang/example.org/new/v2@v2.0.0%2Bincompatible ? []",
            "pkg:golang/golang.org/x/net@v0.1.0 ? []",
        ]
    );
    assert_eq!(lock.direct.len(), 2);
    assert_eq!(error("go.mod", "module a\n\nthis is no line\n"), "line 3 is not a line of go.mod");
    assert_eq!(error("go.mod", "replace a b c => d\n"), "line 1 is not a line of go.mod");
    assert_eq!(error("go.mod", "module a\nrequire (\n"), "line 2 is not a line of go.mod");
    assert_eq!(
        error("poetry.lock", "[metadata]\nlock-version = \"3.0\"\n"),
        "poetry.lock version 3.0 is not supported: use a newer penstock"
    );
}

#[test]
fn go_sum_holds_checksums_of_modules() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let hash = BASE64_STANDARD.encode([7; 32]);
    let text = format!("a.org/m v1.0.0 h1:{hash}\na.org/m v1.0.0/go.mod h1:{hash}\n\n");
    let lock = lock("go.sum", &text);
    assert_eq!(summary(&lock), ["pkg:golang/a.org/m@v1.0.0 ? []"]);
    assert_eq!(lock.packages[0].checksum.as_ref().unwrap().algorithm(), HashAlgorithm::GoH1);
    assert_eq!(error("go.sum", "a v1\n"), "line 1 is not a line of go.sum");
    assert!(error("go.sum", "a v1 h1:AAAA\n").starts_with("package `a`: `AAAA` is not a checksum"));
}

#[test]
fn uv_lock_tells_what_only_developers_need() {
    let hex = "12".repeat(32);
    let text = format!(
        r#"version = 1
[[package]]
name = "app"
source = {{ editable = "." }}
dependencies = [{{ name = "a" }}]
[package.optional-dependencies]
extra = [{{ name = "x" }}]
[package.dev-dependencies]
dev = [{{ name = "t" }}]
[[package]]
name = "a"
version = "1.0"
source = {{ registry = "https://pypi.org/simple" }}
dependencies = [{{ name = "n", version = "2.0", marker = "x" }}]
sdist = {{ url = "u", hash = "sha256:{hex}" }}
[[package]]
name = "n"
version = "1.0"
source = {{ registry = "https://pypi.example.org/simple/" }}
wheels = [{{ hash = "sha256:{hex}" }}, {{ hash = "sha256:{hex}" }}]
[[package]]
name = "n"
version = "2.0"
source = {{ git = "https://example.org/n?rev=2#abcdef" }}
[[package]]
name = "t"
version = "3.0"
source = {{ url = "https://example.org/t.whl" }}
dependencies = [{{ name = "n" }}]
[[package]]
name = "x"
version = "1"
"#
    );
    let lock = lock("uv.lock", &text);
    let n2 = "n@2.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fn%40abcdef";
    let n1 = "n@1.0?repository_url=https:%2F%2Fpypi.example.org%2Fsimple";
    assert_eq!(
        summary(&lock),
        [
            format!("pkg:pypi/a@1.0 run [{n2}]"),
            format!("pkg:pypi/{n1} dev []"),
            format!("pkg:pypi/{n2} run []"),
            format!("pkg:pypi/t@3.0?download_url=https:%2F%2Fexample.org%2Ft.whl dev [{n1} {n2}]"),
            "pkg:pypi/x@1 run []".to_owned(),
        ]
    );
    assert_eq!(lock.direct.len(), 3);
    assert_eq!(lock.packages[0].checksum.as_ref().unwrap().hex(), hex);
    assert_eq!(lock.packages[1].checksum, None);
    let gone = text.replace("name = \"x\"\nversion", "name = \"y\"\nversion");
    assert_eq!(unresolved("uv.lock", &gone), ["app -> x"]);
    assert!(error("uv.lock", "version = 2").starts_with("uv.lock version 2 is not supported"));
}

#[test]
fn poetry_lock_takes_what_nothing_needs_for_direct() {
    let text = r#"
[[package]]
name = "Ruamel.YAML"
version = "1.0"
groups = ["main", "dev"]
[package.dependencies]
left_out = "*"
Some-Lib = { version = "*", markers = "x" }
[[package]]
name = "some.lib"
version = "2.0"
category = "dev"
[package.source]
type = "git"
url = "https://example.org/lib.git"
reference = "main"
resolved_reference = "abcdef"
[[package]]
name = "t"
version = "1"
groups = ["dev"]
[package.source]
type = "legacy"
url = "https://pypi.example.org/simple"
"#;
    let lock = lock("poetry.lock", text);
    let lib = "some.lib@2.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Flib.git%40abcdef";
    let t = "pkg:pypi/t@1?repository_url=https:%2F%2Fpypi.example.org%2Fsimple";
    assert_eq!(
        summary(&lock),
        [
            format!("pkg:pypi/ruamel.yaml@1.0 run [{lib}]"),
            format!("pkg:pypi/{lib} dev []"),
            format!("{t} dev []"),
        ]
    );
    assert_eq!(direct(&lock), ["pkg:pypi/ruamel.yaml@1.0", t]);
    let twice = format!(
        "{text}\n[[package]]\nname = \"T\"\nversion = \"1\"\nsource = {{ type = \"legacy\", url = \"https://pypi.example.org/simple\" }}\n"
    );
    assert!(error("poetry.lock", &twice).starts_with("package `T 1` is there twice"));
}
