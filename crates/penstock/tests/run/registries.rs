//! A person's own configuration names a registry within their company, with a login: the command
//! installs from it, and the login is nowhere in what it sees.

use std::{fs, process::Command};

use crate::{
    harness::{Place, installed},
    registry::{Registry, address},
};

/// In every login below, as it is or in base64.
const WORDS: [&str; 2] = ["geheim", "Z2VoZWlt"];

/// Looks for the login wherever a command could find it, through another way than the client's.
const SEARCH: &str = "grep -rlaE 'gehei[m]|Z2VoZWl[t]' $HOME /tmp . 2>/dev/null; \
    for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ; tr '\\0' '\\n' < $p/cmdline; done 2>/dev/null \
    | grep -aE 'gehei[m]|Z2VoZWl[t]'; echo searched";

/// Else the tests below could not fail.
#[test]
fn the_search_finds_what_is_there() {
    let mut place = Place::new();
    place.set("HIDDEN", "x-geheim-x");
    for rung in ["1", "2"] {
        let options = ["-q", "--rung", rung, "--env", "HIDDEN"];
        assert!(place.script(&options, SEARCH).out.contains("HIDDEN="));
        for place_of in ["~/a", "/tmp/a", "./a"] {
            let script = format!("unset HIDDEN; echo Z2VoZWlt > {place_of}; {SEARCH}");
            let out = place.script(&["-q", "--rung", rung], &script).out;
            assert!(out.starts_with('/') || out.starts_with("./a"), "{place_of}: {out}");
        }
    }
}

/// A place, and a registry that answers only to that header.
fn scene(header: &str) -> Option<(Place, Registry)> {
    let Some(address) = address() else {
        println!("SKIPPED: this machine has no address but its own");
        return None;
    };
    Some((Place::new(), Registry::start(address, header)))
}

/// In the person's home, not the command's.
fn configure(place: &Place, path: &str, text: &str) {
    let path = place.home.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Installs at both rungs, and searches after each.
fn installs(place: &Place, registry: &Registry, preset: &str, command: &[&str], made: &str) {
    installs_at(&["1", "2"], place, registry, preset, command, made);
}

fn installs_at(
    rungs: &[&str],
    place: &Place,
    registry: &Registry,
    preset: &str,
    command: &[&str],
    made: &str,
) {
    for rung in rungs {
        let json = place.home.join("record");
        let options = ["--rung", rung, "--json", json.to_str().unwrap()];
        let ran = place.run(&options, command).exits(0);
        let at = registry.authority();
        for word in WORDS {
            assert!(!ran.out.contains(word) && !ran.err.contains(word), "{}", ran.err);
        }
        let ran = ran.says(&format!("the proxy adds your login to what is read from {at}"));
        _ = ran.says(&format!("reached {at}"));
        let record = fs::read_to_string(&json).unwrap();
        assert!(WORDS.iter().all(|word| !record.contains(word)), "{record}");
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["given"]["logins"], serde_json::json!([at]));
        assert!(record["network"]["allowed"][0]["logins"].as_u64().unwrap() > 0, "{record}");
        let path = place.project.join(made);
        assert!(path.exists(), "{made} at rung {rung}");
        assert!(registry.served() > 0, "{}", registry.heard());
        let top = place.project.join(made.split('/').next().unwrap());
        _ = if top.is_dir() { fs::remove_dir_all(&top) } else { fs::remove_file(&top) };
        let options = ["-q", "--rung", rung, "--preset", preset];
        let searched = place.script(&options, SEARCH).exits(0);
        assert_eq!(searched.out, "searched\n", "{}", searched.err);
        // Nothing is left for the second time.
        fs::remove_dir_all(place.home.join("cache")).unwrap();
        registry.forget();
    }
}

fn npm_scene() -> Option<(Place, Registry)> {
    if !installed("npm") {
        return None;
    }
    let (place, registry) = scene("Bearer geheim-npm")?;
    let at = registry.authority();
    let package = r#"{"name":"demo","version":"1.0.0","scripts":{"postinstall":"sh attack.sh"}}"#;
    // What a stolen package would do: look for the login, publish itself.
    let attack = format!(
        "( {SEARCH} ) > found; curl -sS -X PUT -d x http://{at}/npm/demo > put 2>&1; \
         curl -sS -H 'X-HTTP-Method-Override: PUT' http://{at}/npm/demo > /dev/null 2>&1; true"
    );
    let tarball =
        archive(&place, &[("package/package.json", package), ("package/attack.sh", &attack)]);
    let document = format!(
        r#"{{"name":"demo","dist-tags":{{"latest":"1.0.0"}},"versions":{{"1.0.0":{{"name":"demo","version":"1.0.0","hasInstallScript":true,"dist":{{"tarball":"http://{at}/npm/demo/-/demo-1.0.0.tgz","shasum":"{}"}}}}}}}}"#,
        sha1(&place)
    );
    registry.serve("/npm/demo", document);
    registry.serve("/npm/demo/-/demo-1.0.0.tgz", tarball);
    let npmrc = format!("registry=http://{at}/npm/\n//{at}/npm/:_authToken=geheim-npm\n");
    configure(&place, ".npmrc", &npmrc);
    place
        .write("package.json", r#"{"name":"x","version":"1.0.0","dependencies":{"demo":"1.0.0"}}"#);
    Some((place, registry))
}

const NPM: [&str; 5] =
    ["npm", "install", "--no-audit", "--no-fund", "--dangerously-allow-all-scripts"];

/// A `.tgz` of these files, which lie in one folder.
fn archive(place: &Place, files: &[(&str, &str)]) -> Vec<u8> {
    let above = place.home.join("made");
    for (path, text) in files {
        let path = above.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (folder, _) = files[0].0.split_once('/').unwrap();
    let mut tar = Command::new("tar");
    let output = tar.args(["-cz", folder]).current_dir(&above).output().unwrap();
    assert!(output.status.success());
    fs::write(place.home.join("made.tgz"), &output.stdout).unwrap();
    output.stdout
}

/// Of the archive that was made last, in hexadecimal: npm's older hash, on which Yarn 1 insists.
fn sha1(place: &Place) -> String {
    let output = Command::new("sha1sum").arg(place.home.join("made.tgz")).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

/// A zip of these files.
fn zip(place: &Place, files: &[(&str, &str)]) -> Vec<u8> {
    let made = place.home.join("made.zip");
    let script = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n \
                  for a in range(2, len(sys.argv), 2): z.writestr(sys.argv[a], sys.argv[a + 1])";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(&made);
    for (path, text) in files {
        python.args([path, text]);
    }
    assert!(python.status().unwrap().success());
    fs::read(made).unwrap()
}

#[test]
fn npm_installs_from_the_persons_registry() {
    let Some((place, registry)) = npm_scene() else { return };
    let command = &NPM[..];
    installs(&place, &registry, "npm", command, "node_modules/demo");
}

#[test]
fn yarn_and_pnpm_install_from_the_persons_registry() {
    for program in ["yarn", "pnpm"] {
        if !installed(program) {
            continue;
        }
        let Some((place, registry)) = npm_scene() else { return };
        installs(&place, &registry, "npm", &[program, "install"], "node_modules/demo");
    }
}

/// The package looks for the login while the proxy adds it, and publishes itself.
#[test]
fn a_package_finds_no_login_and_publishes_nothing() {
    let Some((place, registry)) = npm_scene() else { return };
    for rung in ["1", "2"] {
        let ran = place.run(&["--rung", rung], &NPM).exits(0);
        assert_eq!(place.read("node_modules/demo/found"), "searched\n", "{}", ran.err);
        let heard = registry.heard();
        let with = |start: &str| {
            let mut heads = heard.split("\r\n\r\n").filter(|head| head.starts_with(start));
            heads.any(|head| head.contains("geheim"))
        };
        assert!(with("GET ") && heard.contains("PUT /npm/demo"), "{heard}");
        assert!(!with("PUT ") && !heard.contains("Method-Override"), "{heard}");
        fs::remove_dir_all(place.project.join("node_modules")).unwrap();
        registry.forget();
    }
}

/// The project's own files choose neither who is reached nor who gets a login.
#[test]
fn a_projects_file_widens_nothing() {
    let Some((place, registry)) = npm_scene() else { return };
    let other = Registry::start(registry.address(), "Bearer geheim-npm");
    let at = other.authority();
    place.write(".npmrc", &format!("registry=http://{at}/npm/\nfetch-retries=0\n"));
    let ran = place.run(&[], &NPM).says(at);
    assert_ne!(ran.status, 0);
    assert_eq!((other.heard(), registry.heard()), (String::new(), String::new()));
    // Let through by the project, it is still no place for a login of the person's, also where the
    // person has one.
    let mine = format!(
        "registry=http://{0}/npm/\n//{0}/npm/:_authToken=geheim-npm\n//{at}/npm/:_authToken=geheim-npm\n",
        registry.authority()
    );
    configure(&place, ".npmrc", &mine);
    place.write(
        "penstock.toml",
        &format!("[project]\nname = \"x\"\n[run]\nallow = [\"private http://{at}\"]\n"),
    );
    let ran = place.run(&[], &NPM);
    assert_ne!(ran.status, 0);
    let heard = other.heard();
    assert!(heard.contains("/npm/demo") && !heard.contains("geheim"), "{heard}\n{}", ran.err);
}

#[test]
fn an_https_login_is_named_and_not_given() {
    let place = Place::new();
    let npmrc = "registry=https://npm.corp.example/\n//npm.corp.example/:_authToken=geheim-npm\n\
                 //elsewhere.example/:_authToken=geheim-npm\n";
    configure(&place, ".npmrc", npmrc);
    let ran = place.run(&["--preset", "npm"], &["sh", "-c", &format!("cat ~/.npmrc; {SEARCH}")]);
    assert!(ran.out.contains("\nregistry=https://npm.corp.example/\nsearched\n"), "{}", ran.out);
    let ran = ran.says("you have a login at npm.corp.example; the command does not get it");
    assert!(!ran.err.contains("elsewhere.example") && !ran.err.contains("geheim"), "{}", ran.err);
    // Where it is not reached it is not spoken of.
    fs::remove_file(place.home.join(".npmrc")).unwrap();
    let ran = place.run(&["--preset", "npm"], &["sh", "-c", "cat ~/.npmrc || echo gone"]).exits(0);
    assert_eq!(ran.out, "gone\n");
    assert!(!ran.err.contains("login"), "{}", ran.err);
}

/// An index with one package, whose files lie beside it.
fn index(place: &Place, registry: &Registry) {
    let files = [
        ("demo.py", "made = True\n"),
        ("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"),
        (
            "demo-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        ("demo-1.0.dist-info/RECORD", "demo.py,,\n"),
    ];
    let link = "<a href=\"/a/files/demo-1.0-py3-none-any.whl\">demo-1.0-py3-none-any.whl</a>";
    registry.serve("/a/simple/demo/", link);
    registry.serve("/a/files/demo-1.0-py3-none-any.whl", zip(place, &files));
}

#[test]
fn uv_installs_from_the_persons_index() {
    if !installed("uv") || !installed("python3") {
        return;
    }
    let Some((_, registry)) = scene("Basic YW5hOmdlaGVpbQ==") else { return };
    let mut place = Place::with_toolchains();
    index(&place, &registry);
    let at = registry.authority();
    let text = format!("[[index]]\nurl = \"http://ana:geheim@{at}/a/simple\"\ndefault = true\n");
    configure(&place, "config/uv/uv.toml", &text);
    place.set("XDG_CONFIG_HOME", place.home.join("config"));
    let command = ["uv", "pip", "install", "--target", "made", "demo"];
    installs(&place, &registry, "pip", &command, "made/demo.py");
}

#[test]
fn bundle_installs_from_the_persons_mirror() {
    if !installed("bundle") || !installed("gem") {
        return;
    }
    let Some((place, registry)) = scene("Basic YW5hOmdlaGVpbQ==") else { return };
    let gem = place.home.join("gem");
    fs::create_dir_all(&gem).unwrap();
    let text = "Gem::Specification.new do |s|\n s.name = 'demo'\n s.version = '1.0.0'\n \
                s.summary = 'x'\n s.authors = ['x']\n s.files = []\nend\n";
    fs::write(gem.join("demo.gemspec"), text).unwrap();
    let built = Command::new("gem").args(["build", "demo.gemspec"]).current_dir(&gem).output();
    assert!(built.unwrap().status.success());
    let package = fs::read(gem.join("demo-1.0.0.gem")).unwrap();
    let info = format!("---\n1.0.0 |checksum:{}\n", penstock_model::Sha256::of(&package));
    registry.serve("/m/versions", "created_at: 2026-01-01T00:00:00Z\n---\ndemo 1.0.0 0\n");
    registry.serve("/m/info/demo", info);
    registry.serve("/m/gems/demo-1.0.0.gem", package);
    let mirror = format!(
        "---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: \"http://ana:geheim@{}/m/\"\n",
        registry.authority()
    );
    configure(&place, ".bundle/config", &mirror);
    place.write("Gemfile", "source 'https://rubygems.org'\ngem 'demo'\n");
    installs(&place, &registry, "bundle", &["bundle", "install"], "Gemfile.lock");
}

#[test]
fn pip_installs_from_the_persons_index() {
    if !installed("python3") {
        return;
    }
    let Some((_, registry)) = scene("Basic YW5hOmdlaGVpbQ==") else { return };
    let place = Place::with_toolchains();
    let made = place.run(&[], &["python3", "-m", "venv", ".venv"]);
    if made.status != 0 {
        println!("SKIPPED: this python3 makes no environments: {}", made.err);
        return;
    }
    index(&place, &registry);
    let at = registry.authority();
    let host = at.split(':').next().unwrap();
    let conf = place.home.join("pip.conf");
    let text =
        format!("[global]\nindex-url = http://ana:geheim@{at}/a/simple\ntrusted-host = {host}\n");
    fs::write(&conf, text).unwrap();
    let mut place = place;
    place.set("PIP_CONFIG_FILE", conf);
    let command = [".venv/bin/pip", "install", "-q", "--target", "made", "demo"];
    installs(&place, &registry, "pip", &command, "made/demo.py");
}

#[test]
fn cargo_fetches_from_the_persons_registry() {
    if !installed("cargo") {
        return;
    }
    let Some((_, registry)) = scene("geheim-cargo") else { return };
    let mut place = Place::with_toolchains();
    let manifest = "[package]\nname = \"demo\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    let package =
        archive(&place, &[("demo-1.0.0/Cargo.toml", manifest), ("demo-1.0.0/src/lib.rs", "")]);
    let checksum = penstock_model::Sha256::of(&package);
    let at = registry.authority();
    registry.serve(
        "/a/index/config.json",
        format!("{{\"dl\":\"http://{at}/a/files/{{crate}}\",\"auth-required\":true}}"),
    );
    registry.serve(
        "/a/index/de/mo/demo",
        format!("{{\"name\":\"demo\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"{checksum}\",\"features\":{{}},\"yanked\":false}}\n"),
    );
    registry.serve("/a/files/demo", package);
    configure(
        &place,
        "cargo/config.toml",
        &format!("[registries.ours]\nindex = \"sparse+http://{at}/a/index/\"\n"),
    );
    configure(&place, "cargo/credentials.toml", "[registries.ours]\ntoken = \"geheim-cargo\"\n");
    place.set("CARGO_HOME", place.home.join("cargo"));
    place.write(
        "Cargo.toml",
        "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\ndemo = { version = \"1\", registry = \"ours\" }\n",
    );
    place.write("src/lib.rs", "");
    installs(&place, &registry, "cargo", &["cargo", "fetch"], "Cargo.lock");
}

#[test]
fn mvn_resolves_from_the_persons_mirror() {
    if !installed("mvn") {
        return;
    }
    let Some((place, registry)) = scene("Basic YW5hOmdlaGVpbQ==") else { return };
    let parent = "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId>\
        <artifactId>parent</artifactId><version>1</version><packaging>pom</packaging></project>";
    registry.serve("/m/a/parent/1/parent-1.pom", parent);
    let at = registry.authority();
    let settings = format!(
        "<settings><servers><server><id>ours</id><username>ana</username><password>geheim</password>\
         </server></servers><mirrors><mirror><id>ours</id><mirrorOf>*</mirrorOf>\
         <url>http://{at}/m/</url></mirror></mirrors></settings>"
    );
    configure(&place, ".m2/settings.xml", &settings);
    place.write(
        "pom.xml",
        "<project><modelVersion>4.0.0</modelVersion><parent><groupId>a</groupId>\
         <artifactId>parent</artifactId><version>1</version><relativePath/></parent>\
         <artifactId>b</artifactId><packaging>pom</packaging></project>",
    );
    let command = ["mvn", "-q", "-B", "-l", "made", "validate"];
    // Debian's Maven has settings in /etc which rung 2 does not let it read, and ends there.
    installs_at(&["1"], &place, &registry, "maven", &command, "made");
}

/// Go itself sends no login in plain http, so none is added; the proxy of the person's file is used.
#[test]
fn go_downloads_by_the_persons_proxy() {
    if !installed("go") || !installed("python3") {
        return;
    }
    let Some((_, registry)) = scene("") else { return };
    let mut place = Place::with_toolchains();
    let at = registry.authority();
    let module = "module demo.example/m\n";
    registry.serve("/demo.example/m/@v/v1.0.0.mod", module);
    registry.serve("/demo.example/m/@v/v1.0.0.info", "{\"Version\":\"v1.0.0\"}");
    let files =
        [("demo.example/m@v1.0.0/go.mod", module), ("demo.example/m@v1.0.0/m.go", "package m\n")];
    registry.serve("/demo.example/m/@v/v1.0.0.zip", zip(&place, &files));
    configure(&place, "goenv", &format!("GOPROXY=http://ana:geheim@{at},off\nGOSUMDB=off\n"));
    place.set("GOENV", place.home.join("goenv"));
    place.write("go.mod", "module x\n\ngo 1.18\n\nrequire demo.example/m v1.0.0\n");
    for rung in ["1", "2"] {
        place
            .run(&["--rung", rung], &["go", "mod", "download", "all"])
            .exits(0)
            .says(&format!("reached {at}"));
        assert!(
            registry.served() > 0 && !registry.heard().to_lowercase().contains("authorization")
        );
        let searched = place.script(&["-q", "--rung", rung, "--preset", "go"], SEARCH);
        assert_eq!(searched.out, "searched\n");
        fs::remove_dir_all(place.home.join("cache")).unwrap();
        registry.forget();
    }
}
