mod told;

use super::*;

fn config(files: &[(ConfigFile, &str)], environment: &[(&str, &str)]) -> ClientConfig {
    ClientConfig {
        files: files.iter().map(|(file, text)| (*file, (*text).to_owned())).collect(),
        environment: environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
    }
}

/// The rules as text, `+` before those that may be private.
fn rules(
    preset: Preset,
    files: &[(ConfigFile, &str)],
    environment: &[(&str, &str)],
) -> Vec<String> {
    let rules = preset.rules(&config(files, environment));
    let rules =
        rules.iter().map(|rule| format!("{}{rule}", if rule.is_private() { "+" } else { "" }));
    let mut rules: Vec<String> = rules.collect();
    rules.sort();
    rules
}

#[test]
fn without_configuration_there_are_the_well_known_hosts() {
    for (preset, expected) in [
        (Preset::Cargo, &["index.crates.io", "static.crates.io"][..]),
        (Preset::Npm, &["registry.npmjs.org", "registry.yarnpkg.com"]),
        (Preset::Pip, &["files.pythonhosted.org", "pypi.org"]),
        (Preset::Go, &["proxy.golang.org", "sum.golang.org"]),
        (Preset::Maven, &["repo.maven.apache.org", "repo1.maven.org"]),
        (Preset::Bundler, &["index.rubygems.org", "rubygems.org"]),
        (Preset::Git, &["codeload.github.com", "github.com", "objects.githubusercontent.com"]),
    ] {
        assert_eq!(rules(preset, &[], &[]), expected, "{preset:?}");
    }
    assert!(rules(Preset::Gradle, &[], &[]).contains(&"plugins.gradle.org".to_owned()));
    assert!(rules(Preset::Apt, &[], &[]).contains(&"http://deb.debian.org".to_owned()));
    assert!(Preset::ALL.iter().all(|preset| !rules(*preset, &[], &[]).is_empty()));
}

#[test]
fn npm_registries_replace_and_scopes_add() {
    let npmrc = "//npm.corp.example/:_authToken=geheim\nregistry = https://me:geheim@npm.corp.example/repo/\n\
                 @ours:registry=http://${HOST}:8080/\n; registry=https://no.example\n@x:registry=https://${NO}/\n";
    let files = [(ConfigFile::Npmrc, npmrc)];
    let expected = ["+http://ours.example:8080", "+npm.corp.example"];
    assert_eq!(rules(Preset::Npm, &files, &[("HOST", "ours.example")]), expected);
    let environment = [("NPM_CONFIG_REGISTRY", "https://env.example")];
    assert_eq!(rules(Preset::Npm, &[], &environment), ["+env.example"]);
}

#[test]
fn pip_indices_replace_and_extras_add() {
    let conf = "[global]\nindex-url = https://u:geheim@pip.corp.example/simple\n\
                extra-index-url =\n    https://one.example/simple\n    http://two.example/simple\n\
                [install]\nfind-links = /srv/wheels\n";
    let expected = ["+http://two.example", "+one.example", "+pip.corp.example"];
    assert_eq!(rules(Preset::Pip, &[(ConfigFile::PipConf, conf)], &[]), expected);
    let environment = [
        ("PIP_INDEX_URL", "https://env.example/simple"),
        ("UV_INDEX", "ours=https://uv.example/simple https://three.example:8443/"),
    ];
    let expected = ["+env.example", "+three.example:8443", "+uv.example"];
    assert_eq!(rules(Preset::Pip, &[], &environment), expected);
}

#[test]
fn cargo_sources_are_followed_to_their_end() {
    let config = "[source.crates-io]\nreplace-with = 'a'\n[source.a]\nreplace-with = 'b'\n\
                  [source.b]\nregistry = 'sparse+https://crates.corp.example/index/'\n\
                  [registries.ours]\nindex = 'https://u:geheim@ours.example/git/index'\n\
                  [build]\njobs = 2\n";
    let files = [(ConfigFile::CargoConfig, config)];
    assert_eq!(rules(Preset::Cargo, &files, &[]), ["+crates.corp.example", "+ours.example"]);
    let vendored = "[source.crates-io]\nreplace-with = 'v'\n[source.v]\ndirectory = 'vendor'\n";
    assert_eq!(rules(Preset::Cargo, &[(ConfigFile::CargoConfig, vendored)], &[]), [""; 0]);
    let circle = "[source.crates-io]\nreplace-with = 'a'\n[source.a]\nreplace-with = 'a'\n";
    assert_eq!(rules(Preset::Cargo, &[(ConfigFile::CargoConfig, circle)], &[]), [""; 0]);
    let environment = [("CARGO_REGISTRIES_X_INDEX", "sparse+https://x.example/")];
    let expected = ["+x.example", "index.crates.io", "static.crates.io"];
    assert_eq!(rules(Preset::Cargo, &[], &environment), expected);
    assert_eq!(rules(Preset::Cargo, &[(ConfigFile::CargoConfig, "[[[")], &[]).len(), 2);
}

#[test]
fn go_proxies_and_private_hosts() {
    let env = "GOPROXY=https://go.corp.example,direct\nGOPRIVATE=*.corp.example,git.example/team\nGOSUMDB=off\n";
    let expected = ["+*.corp.example", "+git.example", "+go.corp.example"];
    assert_eq!(rules(Preset::Go, &[(ConfigFile::GoEnv, env)], &[]), expected);
    let environment = [("GOPROXY", "off"), ("GOSUMDB", "sum.golang.org https://sums.corp.example")];
    assert_eq!(rules(Preset::Go, &[], &environment), ["+sums.corp.example"]);
}

#[test]
fn maven_mirrors_replace_what_they_mirror() {
    let settings = |of: &str| {
        format!(
            "<settings xmlns='http://maven.apache.org/SETTINGS/1.0.0'><servers><server>\
             <password>geheim</password></server></servers><mirrors><mirror><id>a</id>\
             <mirrorOf>{of}</mirrorOf><url>https://nexus.corp.example/public</url></mirror></mirrors>\
             <profiles><profile><repositories><repository><url>http://repo.example:8081/x</url>\
             </repository></repositories></profile></profiles></settings>"
        )
    };
    let mirrored =
        |of: &str| rules(Preset::Maven, &[(ConfigFile::MavenSettings, &settings(of))], &[]);
    let ours = ["+http://repo.example:8081", "+nexus.corp.example"];
    for of in ["*", "central", "external:*, !other"] {
        assert_eq!(mirrored(of), ours, "{of}");
    }
    for of in ["other", "*,!central"] {
        let with_central = [&ours[..], &["repo.maven.apache.org", "repo1.maven.org"]].concat();
        assert_eq!(mirrored(of), with_central, "{of}");
    }
    let broken = [(ConfigFile::MavenSettings, "<settings><mirrors><mirror>")];
    assert_eq!(rules(Preset::Maven, &broken, &[]).len(), 2);
}

#[test]
fn bundler_git_and_apt_have_mirrors_too() {
    let bundle = "---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: \"https://u:geheim@gems.corp.example/\"\n\
                  BUNDLE_JOBS: \"4\"\n";
    assert_eq!(
        rules(Preset::Bundler, &[(ConfigFile::BundleConfig, bundle)], &[]),
        ["+gems.corp.example"]
    );
    let git = "[user]\n\tname = x\n[url \"https://u:geheim@git.corp.example/github/\"]\n\tinsteadOf = https://github.com/\n\
               [url \"ssh://git@ssh.example/\"]\n\tinsteadOf = https://gitlab.com/\n";
    let expected = ["+git.corp.example", "+tcp://ssh.example:22"];
    assert_eq!(rules(Preset::Git, &[(ConfigFile::GitConfig, git)], &[]), expected);
    let sources = "deb [signed-by=/k] http://apt.corp.example/debian trixie main\n# deb http://no.example x\n";
    let deb822 = "Types: deb\nURIs: https://other.example/ubuntu http://third.example\nSuites: x\n";
    let files = [(ConfigFile::AptSources, sources), (ConfigFile::AptSources, deb822)];
    let expected = ["+http://apt.corp.example", "+http://third.example", "+other.example"];
    assert_eq!(rules(Preset::Apt, &files, &[]), expected);
}

#[test]
fn no_mirror_opens_a_metadata_service_or_shows_a_secret() {
    for url in [
        "http://169.254.169.254/",
        "http://metadata.google.internal/",
        "http://2852039166/",
        "https://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
        "off",
        "",
    ] {
        assert_eq!(mirror::rule(url), None, "{url}");
    }
    let config = ClientConfig {
        files: vec![(ConfigFile::Npmrc, "//x/:_authToken=geheim".to_owned())],
        environment: [("NPM_TOKEN".to_owned(), "geheim".to_owned())].into(),
    };
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn the_users_files_are_found_and_the_projects_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let (etc, home) = (directory.path().join("etc"), directory.path().join("home"));
    for (path, text) in [
        (home.join(".npmrc"), "registry=https://home.example"),
        (home.join("project/.npmrc"), "registry=https://project.example"),
        (home.join(".config/pip/pip.conf"), "[global]\nindex-url=https://pip.example"),
        (etc.join("apt/sources.list.d/x.sources"), "URIs: http://apt.example"),
        (home.join("cargo/config.toml"), "[registries.x]\nindex='https://cargo.example'"),
    ] {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let cargo = ("CARGO_HOME".to_owned(), home.join("cargo").display().to_string());
    let config = ClientConfig::read_beneath(&etc, &home, [cargo]);
    assert_eq!(config.files.len(), 4);
    let first =
        |preset: Preset| preset.rules(&config).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(first(Preset::Npm), ["home.example"]);
    assert_eq!(first(Preset::Pip), ["pip.example"]);
    assert_eq!(first(Preset::Apt), ["http://apt.example"]);
    assert!(first(Preset::Cargo).contains(&"cargo.example".to_owned()));
}

#[test]
fn programs_have_their_presets() {
    for (program, preset) in [
        ("npm", Some(Preset::Npm)),
        ("pip3", Some(Preset::Pip)),
        ("gradlew", Some(Preset::Gradle)),
        ("make", None),
        ("/usr/bin/npm", None),
    ] {
        assert_eq!(Preset::for_program(program), preset, "{program}");
    }
}
