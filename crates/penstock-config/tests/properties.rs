//! What holds for every file: it is read or every error has a place in it, the schema and the types
//! agree on what is right, and what is written reads back.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_config::{
    ConfigErrors, PenstockToml, Policy, Problem,
    policy::{Exception, Freeze, StarterInput, StarterKey, StarterPerson},
};
use penstock_model::{IdentityStrength, Role, Sha256};
use proptest::prelude::*;

const PROJECT: &str = r#"[project]
name = "hello"
[steps.build]
needs = ["test"]
run = "make"
inputs = ["src/**"]
outputs = ["dist/app"]
network = "none"
env = { KEY = "value" }
secrets = { TOKEN = "env:TOKEN" }
timeout = "10m"
[steps.test]
run = ["make", "test"]
results = "cargo"
[check]
require = ["ci"]
threshold = "high"
exclude = ["vendor/**"]
[[check.ignore]]
rule = "ci/x"
reason = "r"
expires = 2027-01-01
"#;

fn starter() -> Policy {
    let keys = Role::ALL.map(|role| StarterKey {
        label: role.name().to_owned(),
        id: Sha256::of(role.name().as_bytes()),
        public: BASE64_STANDARD.encode(role.name()),
        role,
    });
    Policy::starter(&StarterInput {
        project: "git+https://example.org/team/app".parse().unwrap(),
        base: "a".repeat(40).parse().unwrap(),
        demo: true,
        keys: keys.into(),
        person: StarterPerson {
            handle: "ana".to_owned(),
            name: "Ana".to_owned(),
            emails: vec!["ana@example.org".to_owned()],
            identity: IdentityStrength::Sso,
        },
        builder: "https://penstock.dev/builder/local".to_owned(),
        slsa_build: 1,
        test_step: Some("test".to_owned()),
    })
    .unwrap()
}

/// Values of every type, right and wrong in places of all kinds.
const VALUES: &[&str] = &[
    "1",
    "0",
    "-1",
    "9223372036854775807",
    "1.5",
    "nan",
    "true",
    "\"\"",
    "\"x\"",
    "\"10m\"",
    "\"env:X\"",
    "\"none\"",
    "\"../x\"",
    "\"a\\u0000b\"",
    "\"level-3\"",
    "\"2027-01-01\"",
    "[]",
    "[\"x\"]",
    "[[1]]",
    "[1, 1]",
    "{}",
    "{ a = 1 }",
    "{ a = \"x\" }",
    "2027-01-01",
    "07:32:00",
    "2027-01-01T00:00:00Z",
    "1979-05-27T07:32:00",
    "\"\"\"\nx\"\"\"",
    "'\u{1f980}'",
];

/// A file with one value taken from [`VALUES`] or a line removed, doubled or renamed.
fn mutated(text: String) -> impl Strategy<Value = String> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let change = (0..lines.len(), 0..VALUES.len() + 3);
    prop::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut lines = lines.clone();
        for (line, change) in changes {
            let old = lines[line].clone();
            lines[line] = match (VALUES.get(change), old.split_once(" = ")) {
                (Some(value), Some((key, _))) => format!("{key} = {value}"),
                _ if change % 3 == 0 => String::new(),
                _ if change % 3 == 1 => format!("{old}\n{old}"),
                _ => old.replacen(char::is_alphabetic, "q", 1),
            };
        }
        lines.join("\n")
    })
}

/// Errors lie in the file, and none is one of ours: what the schema lets through, the types take.
fn check_errors(text: &str, errors: &ConfigErrors) {
    assert!(errors.iter().len() > 0);
    for error in errors {
        assert!(!matches!(error.problem, Problem::Undecodable { .. }), "{error} in\n{text}");
        let region = error.region;
        assert!(usize::try_from(region.end_byte).unwrap() <= text.len(), "{error}");
        assert!(region.start_line >= 1 && region.start_column >= 1);
        let message = error.to_string();
        assert!(!message.ends_with('.') && !error.problem.help().ends_with('.'), "{message}");
        assert!(message.len() < 1000, "{message}");
    }
}

proptest! {
    #[test]
    fn the_schema_and_the_types_of_penstock_toml_agree(text in mutated(PROJECT.to_owned())) {
        if let Err(errors) = PenstockToml::parse(&text, "penstock.toml") {
            check_errors(&text, &errors);
        }
    }

    #[test]
    fn the_schema_and_the_types_of_the_policy_agree(text in mutated(starter().text().to_owned())) {
        match Policy::parse(&text, "policy.toml") {
            Ok(policy) => prop_assert_eq!(policy.text(), text),
            Err(errors) => check_errors(&text, &errors),
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[\\[\\]{}=,#.\"'\\\\ \na-c1\u{0}é]{0,60}") {
        if let Err(errors) = PenstockToml::parse(&text, "penstock.toml") {
            check_errors(&text, &errors);
        }
    }

    #[test]
    fn a_written_policy_reads_back(
        name in "[a-z #=é🦀'\"\\\\\\[]{0,20}[a-z]",
        reason in "[a-z #=é🦀'\"\\\\\n]{0,40}[a-z'\"]\n?",
        label in "[a-z][a-z0-9._-]{0,20}",
        from in 0_i64..4_000_000_000,
        approvals in 0_u32..5,
    ) {
        let mut rules = starter().rules().clone();
        let mut environment = rules.environments["staging"].clone();
        environment.order = 77;
        environment.approvals = approvals;
        environment.owner = Some(name.clone());
        environment.freeze.push(Freeze {
            from: penstock_model::Timestamp::from_unix(from).unwrap(),
            to: penstock_model::Timestamp::from_unix(from + 1).unwrap(),
            reason: reason.clone(),
        });
        rules.environments.insert(label, environment);
        rules.people.get_mut("ana").unwrap().name = name.clone();
        rules.exceptions.push(Exception {
            rule: "ci/x".parse().unwrap(),
            path: Some("src/**".parse().unwrap()),
            fingerprint: None,
            reason,
            owner: name,
            expires: "2027-01-01".parse().unwrap(),
        });
        let policy = Policy::from_rules(&rules).unwrap();
        prop_assert_eq!(policy.rules(), &rules);
        prop_assert_eq!(policy.digest(), Policy::from_rules(&rules).unwrap().digest());
    }
}

/// Editors complete and check by the committed schemas: an independent validator must agree on
/// what is right, and refuse what only needs the shape of the file to be refused.
#[test]
fn an_independent_validator_agrees_with_the_schemas() {
    let schemas = penstock_config::schemas();
    let validator = |name: &str| {
        let (_, text) = schemas.iter().find(|(file, _)| file == name).unwrap();
        let schema: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        jsonschema::validator_for(&schema).unwrap()
    };
    let json = |text: &str| toml_edit::de::from_str::<serde_json::Value>(text).unwrap();
    let project = validator("penstock.toml.v1.json");
    let policy = validator("policy.v1.json");
    let quoted = PROJECT.replace("2027-01-01", "\"2027-01-01\"");
    assert!(project.is_valid(&json(&quoted)));
    assert!(policy.is_valid(&json(starter().text())));
    for (right, wrong) in [
        ("needs = [", "neds = ["),
        ("run = \"make\"", "run = 1"),
        ("run = \"make\"\n", ""),
        ("\"none\"", "\"all\""),
        ("\"cargo\"", "\"carg\""),
        ("name = \"hello\"", ""),
        ("[\"ci\"]", "[\"ci\", \"ci\"]"),
    ] {
        assert!(quoted.contains(right));
        assert!(!project.is_valid(&json(&quoted.replace(right, wrong))), "{wrong}");
    }
    for (right, wrong) in [
        ("tier = 3", "tier = 5"),
        ("\"level-2\"", "\"level-1\""),
        ("approvals = 1", "approvals = -1"),
        ("kind = \"directory\"", "kind = \"oci\""),
        ("role = \"log\"", "role = \"root\""),
    ] {
        let text = starter().text().replace(right, wrong);
        assert_ne!(text, starter().text());
        assert!(!policy.is_valid(&json(&text)), "{wrong}");
    }
}
