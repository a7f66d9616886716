//! `penstock.toml`: what is read, and every error with message, help and place.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use penstock_config::{Command, Network, PenstockToml, SecretSource, TestFormat};
use penstock_model::{Area, Severity};

const FULL: &str = r#"
[project]
name = "hello-service"

[steps.build]
needs = ["test"]
run = "cargo build --release"
inputs = ["src/**", "Cargo.*"]
outputs = ["dist/hello-service"]
network = "none"
env = { KEY = "value" }
secrets = { API_TOKEN = "env:API_TOKEN", NPM_TOKEN = "vault:kv/ci#npm" }
timeout = "10m"

[steps.test]
run = ["cargo", "test"]
results = "cargo"

[check]
require = ["secrets", "ci"]
threshold = "medium"
exclude = ["vendor/**"]

[[check.ignore]]
rule = "ci/unpinned-action"
path = ".github/**"
reason = "replaced next month"
owner = "ana"
expires = 2027-01-01
"#;

#[test]
fn a_network_is_nothing_or_a_list_of_hosts() {
    let parse = |network: &str, run: &str| {
        let text = format!(
            "[project]\nname = \"p\"\n[steps.a]\nrun = \"true\"\nnetwork = {network}\n{run}"
        );
        PenstockToml::parse(&text, "penstock.toml").map_err(|errors| errors.to_string())
    };
    let read = parse(
        "{ allow = [\"registry.npmjs.org\", \"tcp://db.example:5432\"] }",
        "[run]\nallow = [\"*.example.org\"]\n",
    )
    .unwrap();
    let allowed: Vec<&str> = read.steps["a"].network.allowed().iter().map(|r| r.as_str()).collect();
    assert_eq!(allowed, ["registry.npmjs.org", "tcp://db.example:5432"]);
    assert_eq!(read.run.allow[0].as_str(), "*.example.org");
    let again = serde_json::to_value(&read.steps["a"].network).unwrap();
    assert_eq!(
        again,
        serde_json::json!({ "allow": ["registry.npmjs.org", "tcp://db.example:5432"] })
    );

    let opened = parse(
        "{ allow = [\"GET https://h.example/path/\", \"opaque p.example\"], intercept = true }",
        "[run]\nallow = [\"https://h.example/path/\"]\nintercept = true\n",
    )
    .unwrap();
    assert!(opened.steps["a"].network.intercepts() && opened.run.intercept);
    assert!(!read.steps["a"].network.intercepts() && !read.run.intercept);
    let again = serde_json::to_value(&opened.steps["a"].network).unwrap();
    let network: Network = serde_json::from_value(again).unwrap();
    assert_eq!(network, opened.steps["a"].network);

    for (network, run, expected) in [
        ("{ allow = [\"*.com\"] }", "", "`*.com` is not a host that can be allowed"),
        ("{ allow = [\"h.example/path\"] }", "", "a path with its scheme"),
        (
            "{ allow = [\"a.example\", \"https://h.example/path\"] }",
            "",
            "`https://h.example/path` has a path or method within TLS, which is not opened",
        ),
        ("{ allow = [\"https://h.example/path\"], intercept = false }", "", "is not opened"),
        (
            "{ allow = [\"h.example\"], intercept = \"yes\" }",
            "",
            "must be `true` or `false`, not a string",
        ),
        ("{ intercept = true }", "", "`allow`"),
        ("\"none\"", "[run]\nallow = [\"GET https://h.example\"]\n", "is not opened"),
        ("{ allow = [] }", "", "`allow` must not be empty"),
        ("{ alow = [\"h.example\"] }", "", "unknown key `alow`: did you mean `allow`?"),
        ("{ allow = [\"h.example\", \"h.example\"] }", "", "lists `h.example` twice"),
        ("true", "", "`network` must be a string or a table, not a Boolean"),
        ("\"none\"", "[run]\nalow = []\n", "unknown key `alow`: did you mean `allow`?"),
    ] {
        let said = parse(network, run).unwrap_err();
        assert!(said.contains(expected), "{network} {run}: {said}");
    }
}

#[test]
fn a_root_is_a_digest_and_nothing_else() {
    let parse = |root: &str| {
        let text = format!("[project]\nname = \"p\"\n[steps.a]\nrun = \"true\"\nroot = {root}\n");
        PenstockToml::parse(&text, "penstock.toml").map_err(|errors| errors.to_string())
    };
    let digits = "0123456789abcdef".repeat(4);
    let read = parse(&format!("\"sha256:{digits}\"")).unwrap().steps["a"].root.unwrap();
    assert_eq!(read.to_string(), format!("sha256:{digits}"));
    assert_eq!(read.digest().to_string(), digits);
    let upper = format!("sha256:{}", digits.to_uppercase());
    for bad in [
        "/",
        "/opt/root",
        "../root",
        "debian",
        "debian:13",
        "sha256:",
        "sha512:00",
        &digits,
        &upper,
    ] {
        let said = parse(&format!("\"{bad}\"")).unwrap_err();
        assert!(said.starts_with("penstock.toml:5:8: `"), "{said}");
        assert!(said.contains("is not the digest of a root file system"), "{said}");
        assert!(said.contains("help: write the line that `penstock root add` prints"), "{said}");
    }
    assert!(parse("true").unwrap_err().contains("`root` must be a string"));
}

#[test]
fn a_full_file_is_read() {
    let config = PenstockToml::parse(FULL, "penstock.toml").unwrap();
    let build = &config.steps["build"];
    assert_eq!(build.run.argv(), ["sh", "-eu", "-c", "cargo build --release"]);
    assert_eq!(build.inputs.as_ref().unwrap()[1].as_str(), "Cargo.*");
    assert_eq!(build.outputs[0].as_str(), "dist/hello-service");
    assert_eq!(build.network, Network::None);
    assert_eq!(build.secrets["API_TOKEN"], SecretSource::Env("API_TOKEN".to_owned()));
    assert_eq!(build.secrets["NPM_TOKEN"].to_string(), "vault:kv/ci#npm");
    assert_eq!((build.timeout.seconds(), build.timeout.to_string()), (600, "10m".to_owned()));
    let test = &config.steps["test"];
    assert_eq!(test.run, Command::Argv(vec!["cargo".to_owned(), "test".to_owned()]));
    assert_eq!(test.timeout.seconds(), 1800);
    assert_eq!(test.results, Some(TestFormat::Cargo));
    assert_eq!(config.check.required(), [Area::Secrets, Area::Ci]);
    assert_eq!(config.check.threshold, Severity::Medium);
    let ignore = &config.check.ignore[0];
    assert_eq!(ignore.expires.unwrap().to_string(), "2027-01-01T00:00:00Z");
    assert!(!ignore.expires.unwrap().has_passed("2026-12-31T23:59:59Z".parse().unwrap()));
    assert!(ignore.expires.unwrap().has_passed("2027-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(config.plan(), [["test"], ["build"]]);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    let crlf = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    assert_eq!(
        PenstockToml::parse(&crlf, "penstock.toml").unwrap(),
        PenstockToml::parse(FULL, "penstock.toml").unwrap()
    );
    assert!(
        errors("\u{feff}x = 1\r\n[project]\r\nname = \"a\"\r\n")[0].starts_with("1:1: unknown")
    );
}

#[test]
fn the_smallest_file_has_every_default() {
    let config = PenstockToml::parse("[project]\nname = 'a'\n", "penstock.toml").unwrap();
    assert!(config.steps.is_empty());
    assert_eq!(config.check.required(), Area::ALL);
    assert_eq!(config.check.threshold, Severity::High);
    assert_eq!(config.plan(), Vec::<Vec<String>>::new());
}

/// Place, message, help and offending text of every error, without the file's name.
fn errors(text: &str) -> Vec<String> {
    match PenstockToml::parse(text, "penstock.toml") {
        Ok(config) => panic!("no error in {config:?}"),
        Err(errors) => errors
            .iter()
            .map(|e| {
                let place = e.to_string();
                let place = place.strip_prefix("penstock.toml:").unwrap();
                format!("{place} | {} | {}", e.problem.help(), e.text)
            })
            .collect(),
    }
}

/// The errors of a file whose first two lines are right and whose third is the first of `more`.
fn with(more: &str) -> Vec<String> {
    errors(&format!("[project]\nname = \"a\"\n{more}"))
}

#[test]
fn all_errors_of_a_file_come_at_once_in_its_order() {
    let found = with(
        "[steps.build]\nouputs = [\"x\"]\nrun = 1\nnetwork = \"all\"\n[chek]\n[check]\nthreshold = \"hihg\"\n",
    );
    assert_eq!(
        found,
        [
            "4:1: unknown key `ouputs`: did you mean `outputs`? | the keys here are `env`, `inputs`, `needs`, `network`, `outputs`, `results`, `root`, `run`, `secrets`, `timeout` | ouputs",
            "5:7: `run` must be a string or an array, not a whole number | what the step does: a string for `sh -eu -c`, or an array that is the exact argument vector | 1",
            "6:11: network `all` is not available: a step reaches nothing, or what is listed | write `network = \"none\"`, or list the hosts: `network = { allow = [\"registry.npmjs.org\"] }` | \"all\"",
            "7:2: unknown key `chek`: did you mean `check`? | the keys here are `check`, `project`, `run`, `steps` | chek",
            "9:13: `threshold` cannot be `hihg`: did you mean `high`? | it is one of `low`, `medium`, `high`, `critical` | \"hihg\"",
        ]
    );
}

#[test]
fn the_whole_text_of_errors_is_readable() {
    let error =
        PenstockToml::parse("[project]\nname = \"a\"\nx = 1\ny = 2\n", "p.toml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "p.toml:3:1: unknown key `x`\n  help: the keys here are `name`\n\
         p.toml:4:1: unknown key `y`\n  help: the keys here are `name`"
    );
}

#[test]
fn what_the_schema_refuses() {
    for (more, expected) in [
        (
            "[steps.t]\n",
            "3:1: `[steps.t]` has no `run` | add `run`: what the step does: a string for `sh -eu -c`, or an array that is the exact argument vector | [steps.t]",
        ),
        ("[steps.t]\nrun = []\n", "4:7: `run` must not be empty | the exact argument vector | []"),
        (
            "[steps.t]\nrun = \" \"\n",
            "4:7: ` ` is not a command | write the command, without NUL characters | \" \"",
        ),
        (
            "[steps.t]\nrun = [\"a\\u0000\"]\n",
            "4:8: `a\\u{0}` is not a command | write the command, without NUL characters | \"a\\u0000\"",
        ),
        (
            "[steps.t]\nrun = [\"a\", 1]\n",
            "4:13: an item of `run` must be a string, not a whole number | write a string | 1",
        ),
        (
            "[steps.Test]\nrun = \"a\"\n",
            "3:8: `Test` is not a step name | begin with a letter, go on with lower-case letters, digits or `-`, 64 at most | Test",
        ),
        (
            "[steps]\nt = \"make\"\n",
            "4:5: `t` must be a table, not a string | one step of the pipeline | \"make\"",
        ),
        (
            "[steps.t]\nrun = \"a\"\nneeds = \"x\"\n",
            "5:9: `needs` must be an array, not a string | the steps that must succeed first | \"x\"",
        ),
        (
            "[steps.t]\nrun = \"a\"\ntimeout = \"10\"\n",
            "5:11: `10` is not a duration | write a whole number and `s`, `m` or `h`, 24 hours at most: `10m` | \"10\"",
        ),
        (
            "[steps.t]\nrun = \"a\"\ntimeout = 10\n",
            "5:11: `timeout` must be a string, not a whole number | how long the step may run before it is ended | 10",
        ),
        (
            "[steps.t]\nrun = \"a\"\nresults = \"carg\"\n",
            "5:11: `results` cannot be `carg`: did you mean `cargo`? | it is one of `cargo`, `pytest`, `go`, `tap`, `plain` | \"carg\"",
        ),
        (
            "[steps.t]\nrun = \"a\"\nresults = true\n",
            "5:11: `results` must be a string, not a Boolean | how the numbers of tests are read from the step's output | true",
        ),
        (
            "[steps.t]\nrun = \"a\"\nenv = { A-B = \"x\" }\n",
            "5:9: `A-B` is not the name of an environment variable | use letters, digits and `_`, not beginning with a digit | A-B",
        ),
        (
            "[steps.t]\nrun = \"a\"\nenv = { A = 1.5 }\n",
            "5:13: `A` must be a string, not a number | write a string | 1.5",
        ),
        (
            "[steps.t]\nrun = \"a\"\nsecrets = { A = \"file:/x\" }\n",
            "5:17: `file:/x` is not a source of secrets | write `env:NAME` (a variable of the calling environment), `fd:3` (a descriptor it opened), `age:FILE` or `age:FILE#NAME` (an encrypted file), or `vault:MOUNT/PATH#FIELD` | \"file:/x\"",
        ),
        (
            "[steps.t]\nrun = \"a\"\ninputs = [\"../x\"]\n",
            "5:11: `../x` is not a pattern of paths | write it relative to the project, with `*`, `**`, `?`, `[…]` or `{…}`: `src/**` | \"../x\"",
        ),
        (
            "[check]\nrequire = [\"ci\", \"depz\"]\n",
            "4:18: an item of `require` cannot be `depz` | it is one of `ci`, `secrets` | \"depz\"",
        ),
        (
            "[check]\nrequire = [\"ci\", \"ci\"]\n",
            "4:18: `require` lists `ci` twice | remove one | \"ci\"",
        ),
        (
            "[[check.ignore]]\nrule = \"ci\"\nreason = \"r\"\n",
            "4:8: `ci` is not a rule id | write `area/kebab-name`, as the finding names it | \"ci\"",
        ),
        (
            "[[check.ignore]]\nrule = \"ci/x\"\n",
            "3:1: `[check.ignore.0]` has no `reason` | add `reason`: why, for whoever reviews it | [[check.ignore]]",
        ),
        (
            "[[check.ignore]]\nrule = \"ci/x\"\nreason = \"r\"\nexpires = \"2027-13-01\"\n",
            "6:11: `2027-13-01` is not a day or a time | write a day as `2027-01-01` or a time as `2027-01-01T00:00:00Z` | \"2027-13-01\"",
        ),
        (
            "[[check.ignore]]\nrule = \"ci/x\"\nreason = \"r\"\nfingerprint = \"x\"\n",
            "6:15: `x` is not a fingerprint | copy it from the finding: `penstock/v1:` and 32 hexadecimal digits | \"x\"",
        ),
    ] {
        assert_eq!(with(more), [expected], "{more}");
    }
    assert_eq!(
        errors(""),
        ["1:1: the file has no `project` | add `project`: the project itself | "]
    );
    assert_eq!(
        errors("[project]\nname = \"-a\"\n"),
        [
            "2:8: `-a` is not a project name | use letters, digits, `-`, `.` and `_`, beginning with a letter or digit, 64 at most | \"-a\""
        ]
    );
}

#[test]
fn outputs_stay_beneath_the_project() {
    for bad in [
        "",
        "/abs",
        "..",
        "a/../b",
        "a//b",
        ".",
        "./a",
        ".git",
        ".git/hooks",
        "a/.GIT/x",
        ".penstock",
        "*.o",
        "a\\u0000",
        "a\\nb",
        "a\\u202Eb",
    ] {
        let found = with(&format!("[steps.t]\nrun = \"a\"\noutputs = [\"{bad}\"]\n"));
        assert_eq!(found.len(), 1, "{bad}");
        assert!(found[0].contains("is not an output path"), "{found:?}");
    }
}

/// A file of a change is written by whoever wants it in: no message may carry its terminal escapes.
#[test]
fn messages_show_what_is_hidden() {
    let escape = "\\u001b[2J\\u202e";
    for more in [
        format!("\"{escape}\" = 1\n"),
        format!("[steps.\"{escape}\"]\n"),
        format!("[steps.t]\nrun = \"x\"\nneeds = [\"{escape}\"]\n"),
        format!("[steps.t]\nrun = \"x\"\nresults = \"{escape}\"\n"),
        format!("[steps.t]\nrun = \"x\"\nenv = {{ \"{escape}\" = 1 }}\n"),
        format!("[check]\nexclude = [\"{escape}\"]\n"),
        "# \u{202e}\nx = = \u{202e}\n".to_owned(),
    ] {
        let found = with(&more).concat();
        let hidden = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!found.contains(hidden), "{found:?}");
    }
}

#[test]
fn what_no_schema_can_say() {
    for (more, expected) in [
        (
            "[steps.build]\nrun = \"a\"\nneeds = [\"tset\"]\n[steps.test]\nrun = \"a\"\n",
            vec![
                "5:10: step `build` needs `tset`, which is not a step: did you mean `test`? | add `[steps.tset]` or name an existing step | \"tset\"",
            ],
        ),
        (
            "[steps.a]\nrun = \"a\"\nneeds = [\"a\"]\n",
            vec![
                "5:10: steps need each other in a circle: `a` → `a` | remove one `needs` of the circle | \"a\"",
            ],
        ),
        (
            "[steps.c]\nrun = \"a\"\nneeds = [\"a\"]\n[steps.a]\nrun = \"a\"\nneeds = [\"b\"]\n[steps.b]\nrun = \"a\"\nneeds = [\"c\"]\n[steps.d]\nrun = \"a\"\nneeds = [\"a\"]\n",
            vec![
                "8:10: steps need each other in a circle: `a` → `b` → `c` → `a` | remove one `needs` of the circle | \"b\"",
            ],
        ),
        (
            "[steps.a]\nrun = \"a\"\noutputs = [\"dist\"]\n[steps.b]\nrun = \"a\"\noutputs = [\"dist/app\", \"distant\"]\n",
            vec![
                "8:12: output `dist/app` of step `b` overlaps `dist` of step `a` | give every step paths of its own: each output has exactly one maker | \"dist/app\"",
            ],
        ),
        (
            "[steps.a]\nrun = \"a\"\noutputs = [\"x\"]\n[steps.b]\nrun = \"a\"\noutputs = [\"x/\"]\n",
            vec![
                "8:12: output `x` of step `b` overlaps `x` of step `a` | give every step paths of its own: each output has exactly one maker | \"x/\"",
            ],
        ),
        (
            "[steps.a]\nrun = \"a\"\noutputs = [\"x/y\", \"x\"]\n",
            vec![
                "5:12: output `x/y` of step `a` overlaps `x` of step `a` | give every step paths of its own: each output has exactly one maker | \"x/y\"",
            ],
        ),
        (
            "[steps.a]\nrun = \"a\"\nenv = { T = \"x\" }\nsecrets = { T = \"env:T\" }\n",
            vec![
                "6:17: `T` is both in `env` and in `secrets` of step `a` | keep it in `secrets` if it must be masked, else in `env` | \"env:T\"",
            ],
        ),
    ] {
        assert_eq!(with(more), expected, "{more}");
    }
}

#[test]
fn the_plan_is_in_levels_and_sorted() {
    let text = "[project]\nname='p'\n[steps.z]\nrun='x'\n[steps.a]\nrun='x'\nneeds=['z']\n[steps.b]\nrun='x'\n[steps.c]\nrun='x'\nneeds=['a','b']\n";
    let config = PenstockToml::parse(text, "p").unwrap();
    assert_eq!(config.plan(), [vec!["b", "z"], vec!["a"], vec!["c"]]);
    let of =
        |names: &[&str]| config.plan_of(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&["a"]).unwrap(), [["z"], ["a"]]);
    assert_eq!(of(&["a", "b"]).unwrap(), [vec!["b", "z"], vec!["a"]]);
    assert_eq!(of(&["aa"]).unwrap_err().to_string(), "no step `aa`: did you mean `a`?");
}

#[test]
fn broken_toml_is_an_error_at_its_place() {
    assert_eq!(with("x = [1,\n")[0].split(" | ").next(), Some("3:8: unclosed array, expected `]`"));
    assert_eq!(
        with("name = \"b\"\n"),
        ["3:1: duplicate key | correct the TOML here: https://toml.io/en/v1.0.0 | name = \"b\""]
    );
    assert!(with("x = \"\0\"\n")[0].starts_with("3:"));
}

#[test]
fn hostile_files_are_refused_and_do_not_hang() {
    let large = format!("[project]\nname = \"{}\"\n", "a".repeat(10 << 20));
    assert_eq!(
        errors(&large),
        [
            "1:1: 10485780 bytes, more than the limit of 1048576 | a configuration file is small and flat: split off what does not belong | [project]"
        ]
    );
    let deep = with(&format!("x = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(deep[0].starts_with("3:"), "{deep:?}");
    assert!(deep[0].contains("nested deeper than 32 levels"), "{deep:?}");
    let keys = with(&format!("{} = 1\n", vec!["a"; 10_000].join(".")));
    assert_eq!(keys.len(), 1);
    let long = with(&format!("{} = 1\n", "k".repeat(500_000)));
    assert!(long[0].len() < 400, "what is shown stays short: {}", long[0].len());
    // A chain of 1500 steps, a circle of 1500 and outputs in plenty stay far from quadratic limits.
    let chain: String = (0..1500)
        .map(|i| format!("[steps.s{i}]\nrun='x'\noutputs=['o{i}/a']\nneeds=['s{}']\n", i + 1))
        .collect();
    let open = format!("[project]\nname='p'\n{chain}[steps.s1500]\nrun='x'\n");
    assert_eq!(PenstockToml::parse(&open, "p").unwrap().plan().len(), 1501);
    let closed = format!("[project]\nname='p'\n{chain}[steps.s1500]\nrun='x'\nneeds=['s0']\n");
    assert_eq!(PenstockToml::parse(&closed, "p").unwrap_err().iter().count(), 1);
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/");
    for (name, generated) in penstock_config::schemas() {
        let committed = std::fs::read_to_string(format!("{folder}{name}")).unwrap();
        assert!(committed == generated, "`schemas/{name}` is not what `schemas()` gives");
    }
}
