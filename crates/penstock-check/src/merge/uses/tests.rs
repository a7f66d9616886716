use super::*;
use crate::fixture::path;

fn at(file: &str, line: u32) -> Location {
    let region = Region {
        start_byte: 0,
        end_byte: 1,
        start_line: line,
        start_column: 1,
        end_line: line,
        end_column: 2,
    };
    Location { region: Some(region), ..Location::file(path(file)) }
}

fn used(secrets: &[(&str, u32, &str)], uses: &[(&str, u32, User, Target)]) -> Vec<Vec<String>> {
    let report =
        crate::fixture::check(&[("a", &crate::fixture::token())], &crate::fixture::options());
    let sample = &report.findings[0];
    let mut facts = Facts::default();
    let mut findings = Vec::new();
    for (file, line, name) in secrets {
        let location = at(file, *line);
        facts.extend([Fact::SecretName { location: location.clone(), name: (*name).to_owned() }]);
        findings.push(Finding { location, ..sample.clone() });
    }
    facts.extend(uses.iter().map(|(file, line, by, target)| Fact::Use {
        location: at(file, *line),
        by: *by,
        target: target.clone(),
    }));
    tell(&facts, &mut findings, &mut []);
    let told = |finding: &Finding| {
        finding.used.iter().map(|used| format!("{} {}", used.location, used.message)).collect()
    };
    findings.iter().map(told).collect()
}

fn file(text: &str) -> Target {
    Target::File(text.to_owned())
}

fn variable(text: &str) -> Target {
    Target::Variable(text.to_owned())
}

#[test]
fn equal_names_meet_wherever_they_are_and_never_at_one_line() {
    let uses = [
        ("src/a.js", 4, User::Code, variable("API_KEY")),
        ("ci.yml", 9, User::Ci, variable("API_KEY")),
        (".env", 1, User::Script, variable("API_KEY")),
        ("ci.yml", 9, User::Ci, variable("OTHER_KEY")),
    ];
    let told = used(&[(".env", 1, "API_KEY"), (".env", 2, "NOBODY_USES_IT")], &uses);
    assert_eq!(
        told,
        [
            vec!["ci.yml:9 CI uses the name `API_KEY`", "src/a.js:4 code uses the name `API_KEY`"],
            vec![]
        ]
    );
}

#[test]
fn a_path_is_seen_from_its_own_directory_or_one_above() {
    let meant = |from: &str, text: &str, files: &[&str]| {
        let secrets: Vec<_> = files.iter().map(|file| (*file, 1, "")).collect();
        let told = used(&secrets, &[(from, 3, User::ContainerBuild, file(text))]);
        let hit = told.iter().position(|told| !told.is_empty());
        hit.map(|index| files[index].to_owned())
    };
    let files = ["a/.env", "a/b/.env", ".env", "keys/x.pem"];
    for (from, text, expected) in [
        ("a/b/Dockerfile", ".env", Some("a/b/.env")),
        ("a/b/c/Dockerfile", "./.env", Some("a/b/.env")),
        ("a/b/Dockerfile", "../.env", Some("a/.env")),
        ("src/x.js", ".env", Some(".env")),
        ("src/x.js", "../../../.env", Some(".env")),
        ("src/x.js", "x.pem", Some("keys/x.pem")),
        ("src/x.js", "other/x.pem", None),
        ("src/x.js", "keys/../.env", None),
        ("keys/x.pem", "x.pem", None),
    ] {
        assert_eq!(meant(from, text, &files).as_deref(), expected, "{from} {text}");
    }
    assert_eq!(meant("src/x.js", "x.pem", &["k/x.pem", "l/x.pem"]), None, "two have the name");
    assert_eq!(meant("src/x.js", ".env", &["k/.env"]), None, "every directory has one");
}

#[test]
fn the_list_is_bounded_and_history_has_none() {
    let uses: Vec<_> = (1..5000).map(|n| ("ci.yml", n, User::Ci, variable("API_KEY"))).collect();
    let told = used(&[("a", 1, "API_KEY"), ("b", 1, "API_KEY")], &uses);
    assert_eq!(told[0].len(), MOST);
    assert_eq!(told[0], told[1]);
    assert!(told[0][0].starts_with("ci.yml:1 "));
}
