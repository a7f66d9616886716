//! What tools are told of registries, and which logins are kept from them.

use super::{super::SETTINGS_MARK, *};

/// The body of the only file that says something, without our first line.
#[track_caller]
fn told(preset: Preset, files: &[(ConfigFile, &str)]) -> String {
    let settings = preset.settings(&config(files, &[]));
    let mut texts = settings.files.iter().filter_map(|file| file.text.as_deref());
    let text = texts.next().unwrap_or_default();
    assert_eq!(texts.next(), None);
    let (first, body) = text.split_once('\n').unwrap_or_default();
    assert!(text.is_empty() || first.contains(SETTINGS_MARK), "{text}");
    assert!(!text.contains("geheim"), "{text}");
    body.to_owned()
}

/// `scheme prefix value`, sorted.
fn logins(
    preset: Preset,
    files: &[(ConfigFile, &str)],
    environment: &[(&str, &str)],
) -> Vec<String> {
    let found = preset.credentials(&config(files, environment));
    let mut lines: Vec<String> = found
        .iter()
        .map(|(scheme, one)| {
            assert_eq!(one.header, "authorization");
            let value = String::from_utf8(one.value.expose().to_vec()).unwrap();
            let scheme = if *scheme == Scheme::Http { "http" } else { "https" };
            format!("{scheme} {}{} {value}", one.authority(), one.path)
        })
        .collect();
    lines.sort();
    lines
}

const NPMRC: &str = "registry=https://me:geheim@npm.corp.example/repo/\n\
    //npm.corp.example/repo/:_authToken=${TOKEN}\n//ours.example:8080/Npm/:username=ana\n\
    //ours.example:8080/Npm/:_password=Z2VoZWlt\n//npm.pkg.github.com/:_authToken=gh-geheim\n\
    @ours:registry=http://ours.example:8080/Npm/\n@x:registry=https://x.example/${TOKEN}/\n\
    email=geheim\ncafile=/home/geheim\nstrict-ssl=false\nalways-auth=true\n";

#[test]
fn npm_is_told_of_registries_and_scopes() {
    let files = [(ConfigFile::Npmrc, NPMRC)];
    assert_eq!(
        told(Preset::Npm, &files),
        "registry=https://npm.corp.example/repo/\n@ours:registry=http://ours.example:8080/Npm/\n"
    );
    assert_eq!(
        logins(Preset::Npm, &files, &[("TOKEN", "t-geheim")]),
        [
            "http ours.example:8080/Npm/ Basic YW5hOmdlaGVpbQ==",
            // As a project's own file may name that registry, never for plain http.
            "https npm.corp.example:443/repo/ Basic bWU6Z2VoZWlt",
            "https npm.pkg.github.com:443/ Bearer gh-geheim",
        ]
    );
    let environment = [("npm_config_registry", "http://u:geheim@env.example:8080")];
    assert_eq!(
        logins(Preset::Npm, &[], &environment),
        ["http env.example:8080/ Basic dTpnZWhlaW0="]
    );
}

#[test]
fn an_npm_login_is_for_the_scheme_its_registry_has() {
    let files = [(ConfigFile::Npmrc, "registry=http://m.example\n//m.example/:_authToken=t\n")];
    assert_eq!(logins(Preset::Npm, &files, &[]), ["http m.example:80/ Bearer t"]);
    // Another path or port is another registry.
    for place in ["m.example/other", "m.example:8080", "n.example"] {
        let text = format!("registry=http://m.example/npm/\n//{place}/:_authToken=t\n");
        let found = logins(Preset::Npm, &[(ConfigFile::Npmrc, &text)], &[]);
        assert!(found.len() == 1 && found[0].starts_with("https "), "{found:?}");
    }
    assert_eq!(logins(Preset::Npm, &[(ConfigFile::Npmrc, "_authToken=t\n_auth=x")], &[]), [""; 0]);
}

#[test]
fn pip_and_uv_are_told_of_indices() {
    let conf = "[global]\nindex-url = https://u:geheim@pip.example/simple\ncert = /home/geheim\n\
        extra-index-url =\n    http://two.example:8080/a/simple/\n    http://u:p%40@three.example/simple\n\
        trusted-host =\n    two.example\n    pip.example\n    other.example\n";
    let files = [(ConfigFile::PipConf, conf)];
    assert_eq!(
        told(Preset::Pip, &files),
        "[global]\nindex-url = https://pip.example/simple\nextra-index-url =\n    \
         http://two.example:8080/a/simple/\n    http://three.example/simple\n\
         trusted-host =\n    two.example:8080\n"
    );
    assert_eq!(
        logins(Preset::Pip, &files, &[("UV_INDEX", "ours=https://tok@uv.example/simple")]),
        [
            "http three.example:80/ Basic dTpwQA==",
            "https pip.example:443/ Basic dTpnZWhlaW0=",
            "https uv.example:443/ Basic dG9rOg==",
        ]
    );
    let uv = "index-url = 'https://u:geheim@old.example/simple'\ncache-dir = '/geheim'\n\
        [[index]]\nname = 'ours'\nurl = 'https://uv.example/simple'\nexplicit = true\n";
    let files = [(ConfigFile::UvToml, uv)];
    let expected = "[[index]]\nurl = \"https://uv.example/simple\"\nname = \"ours\"\nexplicit = true\n\
                    [[index]]\nurl = \"https://old.example/simple\"\ndefault = true\n";
    assert_eq!(told(Preset::Pip, &files), expected);
    assert_eq!(rules(Preset::Pip, &files, &[]), ["+old.example", "+uv.example"]);
}

#[test]
fn cargo_is_told_of_sources_and_registries() {
    let text = "[source.crates-io]\nreplace-with = 'b'\n\
        [source.b]\nregistry = 'sparse+http://u:geheim@crates.example:8080/a/index/'\n\
        [source.here]\nreplace-with = 'vendored'\n[source.vendored]\ndirectory = '/home/geheim'\n\
        [registries.ours]\nindex = 'sparse+http://crates.example:8080/a/index/'\ntoken = 'geheim-1'\n\
        [registries.tls]\nindex = 'sparse+https://tls.example/index/'\n\
        [registry]\ntoken = 'geheim-2'\n[net]\ngit-fetch-with-cli = true\n\
        [build]\nrustc-wrapper = '/home/geheim'\n";
    let credentials =
        "[registries.tls]\ntoken = 'Bearer geheim-3'\n[registry]\ntoken = 'geheim-2'\n";
    let files = [(ConfigFile::CargoConfig, text), (ConfigFile::CargoCredentials, credentials)];
    assert_eq!(
        told(Preset::Cargo, &files),
        "[source.\"b\"]\nregistry = \"sparse+http://crates.example:8080/a/index/\"\n\
         [source.\"crates-io\"]\nreplace-with = \"b\"\n\
         [registries.\"ours\"]\nindex = \"sparse+http://crates.example:8080/a/index/\"\n\
         credential-provider = [\"cargo:token\"]\n[registries.\"tls\"]\nindex = \"sparse+https://tls.example/index/\"\n\
         credential-provider = [\"cargo:token\"]\n"
    );
    assert_eq!(
        logins(Preset::Cargo, &files, &[]),
        ["http crates.example:8080/a/ geheim-1", "https tls.example:443/ Bearer geheim-3"]
    );
    // Cargo must believe that it has one.
    let variables = Preset::Cargo.settings(&config(&files, &[])).variables;
    let token =
        |name: &str| (format!("CARGO_REGISTRIES_{name}_TOKEN"), "kept-by-penstock".to_owned());
    assert_eq!(variables, [token("OURS"), token("TLS")].into());
}

#[test]
fn go_is_told_by_variables() {
    let env = "GOPROXY=https://u:geheim@go.example/x,http://plain.example|file:///home/geheim,direct\n\
        GOPRIVATE=*.corp.example,git.example/team\nGOSUMDB=sum.example+abc+Zz/+= https://sums.example\n\
        GONOSUMDB=$(geheim)\nGOFLAGS=-toolexec=/home/geheim\nGOINSECURE=*\n";
    let netrc = "machine go.example login n password geheim\nmachine plain.example password geheim";
    let files = [(ConfigFile::GoEnv, env), (ConfigFile::Netrc, netrc)];
    let told: Vec<String> = Preset::Go
        .settings(&config(&files, &[]))
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        told,
        [
            "GOPRIVATE=*.corp.example,git.example/team",
            "GOPROXY=https://go.example/x,http://plain.example|direct",
            "GOSUMDB=sum.example+abc+Zz/+= https://sums.example",
        ]
    );
    // Go sends no login in plain http.
    assert_eq!(logins(Preset::Go, &files, &[]), ["https go.example:443/x/ Basic dTpnZWhlaW0="]);
    let files = [(ConfigFile::GoEnv, "GOPROXY=https://go.example"), (ConfigFile::Netrc, netrc)];
    assert_eq!(logins(Preset::Go, &files, &[]), ["https go.example:443/ Basic bjpnZWhlaW0="]);
}

#[test]
fn maven_is_told_of_mirrors_and_repositories() {
    let text = "<settings><localRepository>/home/geheim</localRepository><servers>\
        <server><id>nexus</id><username>ana</username><password>${env.PW}</password></server>\
        <server><id>ours</id><username>b</username><password>a&amp;&#98;</password></server>\
        <server><id>sealed</id><username>b</username><password>{geheim=}</password></server></servers>\
        <mirrors><mirror><id>nexus</id><mirrorOf>external:*,!ours</mirrorOf>\
        <url>http://u:geheim@nexus.example/public</url></mirror></mirrors>\
        <profiles><profile><id>p</id><properties><pw>geheim</pw></properties>\
        <activation><activeByDefault>true</activeByDefault></activation><repositories><repository>\
        <id>ours</id><url>https://repo.example/x</url><snapshots><enabled>true</enabled></snapshots>\
        </repository></repositories><pluginRepositories><pluginRepository><id>sealed</id>\
        <url>https://plugins.example/</url></pluginRepository></pluginRepositories></profile></profiles>\
        <activeProfiles><activeProfile>p</activeProfile></activeProfiles></settings>";
    let files = [(ConfigFile::MavenSettings, text)];
    assert_eq!(
        told(Preset::Maven, &files),
        "<settings>\n<mirrors>\n<mirror><id>nexus</id><mirrorOf>external:*,!ours</mirrorOf>\
         <url>http://nexus.example/public</url></mirror>\n</mirrors>\n\
         <profiles>\n<profile><id>p</id>\
         <activation><activeByDefault>true</activeByDefault></activation>\
         <repositories><repository><id>ours</id><url>https://repo.example/x</url>\
         <snapshots><enabled>true</enabled></snapshots></repository>\n</repositories>\n\
         <pluginRepositories><pluginRepository><id>sealed</id><url>https://plugins.example/</url>\
         </pluginRepository>\n</pluginRepositories>\n</profile>\n</profiles>\n\
         <activeProfiles><activeProfile>p</activeProfile></activeProfiles>\n</settings>\n"
    );
    assert_eq!(
        logins(Preset::Maven, &files, &[("PW", "geheim")]),
        [
            "http nexus.example:80/public/ Basic YW5hOmdlaGVpbQ==",
            "https repo.example:443/x/ Basic YjphJmI="
        ]
    );
}

#[test]
fn bundler_and_git_are_told_of_mirrors() {
    let text = "---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: \"http://gems-1.example:8080/\"\n\
        BUNDLE_MIRROR__ALL__FALLBACK_TIMEOUT: \"3\"\nBUNDLE_GEMS___1__EXAMPLE: \"u:geheim\"\n\
        BUNDLE_PATH: \"/home/geheim\"\n";
    let files = [(ConfigFile::BundleConfig, text)];
    assert_eq!(
        told(Preset::Bundler, &files),
        "---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: \"http://gems-1.example:8080/\"\n"
    );
    assert_eq!(
        logins(Preset::Bundler, &files, &[]),
        ["http gems-1.example:8080/ Basic dTpnZWhlaW0="]
    );
    let text = "[user]\n\temail = geheim\n[url \"https://u:geheim@git.example/gh/\"]\n\tinsteadOf = https://github.com/\n\
        [url \"https://x.example/\"]\n\tinsteadOf = https://u:geheim@y.example/\n\
        [credential]\n\thelper = /home/geheim\n";
    let files = [(ConfigFile::GitConfig, text)];
    assert_eq!(
        told(Preset::Git, &files),
        "[url \"https://git.example/gh/\"]\n\tinsteadOf = https://github.com/\n"
    );
    let expected = ["https git.example:443/gh/ Basic dTpnZWhlaW0="];
    assert_eq!(logins(Preset::Git, &files, &[]), expected);
}

/// Whatever stands in a person's file, it is a registry's address in ours and nothing more.
#[test]
fn nothing_can_be_written_into_a_tools_file() {
    for (preset, file, text) in [
        (Preset::Npm, ConfigFile::Npmrc, "registry=https://a.example/\rscript-shell=/evil\n"),
        (Preset::Npm, ConfigFile::Npmrc, "@a b:registry=https://a.example/\n"),
        (Preset::Npm, ConfigFile::Npmrc, "registry=https://a.example/${EVIL}\n"),
        (Preset::Pip, ConfigFile::PipConf, "index-url=https://a.example/;evil\n"),
        (
            Preset::Cargo,
            ConfigFile::CargoConfig,
            "[registries.'a\"]\\nevil=1\\n#']\nindex='https://a.example'\n",
        ),
        (
            Preset::Cargo,
            ConfigFile::CargoConfig,
            "[registries.a]\nindex=\"https://a.example/\\\"\\nevil=1\"\n",
        ),
        (Preset::Cargo, ConfigFile::CargoConfig, "[source.a]\nreplace-with=\"b\\\"\\nevil=1\"\n"),
        (
            Preset::Bundler,
            ConfigFile::BundleConfig,
            "BUNDLE_MIRROR__ALL: https://a.example/\"evil\n",
        ),
        (Preset::Bundler, ConfigFile::BundleConfig, "BUNDLE_MIRROR__{{: https://a.example/\n"),
        (
            Preset::Git,
            ConfigFile::GitConfig,
            "[url \"https://a.example/\\\"]evil\"]\ninsteadOf=https://b/\n",
        ),
        (
            Preset::Git,
            ConfigFile::GitConfig,
            "[url \"https://a.example/\"]\ninsteadOf=https://b/;evil\n",
        ),
        (
            Preset::Maven,
            ConfigFile::MavenSettings,
            "<mirror><id>a</id><mirrorOf>*</mirrorOf><url>https://a.example/&lt;evil&gt;</url></mirror>",
        ),
        (
            Preset::Maven,
            ConfigFile::MavenSettings,
            "<mirrors><mirror><id>&lt;evil/&gt;</id><mirrorOf>*</mirrorOf><url>https://a.example/</url></mirror></mirrors>",
        ),
        (
            Preset::Maven,
            ConfigFile::MavenSettings,
            "<mirrors><mirror><id>a</id><mirrorOf>&lt;evil/&gt;</mirrorOf><url>https://a.example/</url></mirror></mirrors>",
        ),
    ] {
        let settings = preset.settings(&config(&[(file, text)], &[("EVIL", "x\nevil=1")]));
        let texts: Vec<_> = settings.files.iter().filter_map(|file| file.text.as_ref()).collect();
        assert_eq!(texts, [""; 0], "{text}");
    }
    let many: String =
        (0..10_000).map(|n| format!("@s{n}:registry=https://a.example/\n")).collect();
    assert!(told(Preset::Npm, &[(ConfigFile::Npmrc, &many)]).lines().count() <= 65);
}
