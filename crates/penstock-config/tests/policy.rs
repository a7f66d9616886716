//! The policy: what is read, what it answers, every error and warning with its words and place.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_config::{
    Policy, PolicyRules,
    policy::{Environment, Mode, PredicateName, Profile, StarterInput, StarterKey, StarterPerson},
};
use penstock_model::{IdentityStrength, Role, Severity, Sha256};

/// A key that is none, as every key looks here: id and base64 of some bytes.
fn key(seed: &str) -> (Sha256, String) {
    (Sha256::of(seed.as_bytes()), BASE64_STANDARD.encode(seed))
}

fn key_table(label: &str, role: &str) -> String {
    let (id, public) = key(label);
    format!("[keys.{label}]\nid = \"{id}\"\npublic = \"{public}\"\nrole = \"{role}\"\n")
}

fn starter_input() -> StarterInput {
    let keys = Role::ALL.map(|role| {
        let (id, public) = key(role.name());
        StarterKey { label: role.name().to_owned(), id, public, role }
    });
    StarterInput {
        project: "git+https://example.org/team/app".parse().unwrap(),
        base: "a".repeat(40).parse().unwrap(),
        demo: true,
        keys: keys.into(),
        person: StarterPerson {
            handle: "ana".to_owned(),
            name: "Ana".to_owned(),
            emails: vec!["ana@example.org".to_owned()],
            identity: IdentityStrength::BareKey,
        },
        builder: "https://penstock.dev/builder/local".to_owned(),
        slsa_build: 1,
        test_step: Some("test".to_owned()),
    }
}

/// The lines every policy of these tests begins with.
const HEAD: &str = "version = 1\nproject = \"git+https://example.org/team/app\"\nbase = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n";

/// A policy that is right, with `more` after it.
fn with(more: &str) -> String {
    format!("{HEAD}{}{more}", key_table("policy", "policy"))
}

/// Place, message and help of every error, without the file's name; the first line of `more` in
/// [`with`] is line 8.
fn errors(text: &str) -> Vec<String> {
    match Policy::parse(text, "policy.toml") {
        Ok(policy) => panic!("no error in {policy:?}"),
        Err(errors) => errors
            .iter()
            .map(|e| {
                let place = e.to_string();
                format!("{} | {}", place.strip_prefix("policy.toml:").unwrap(), e.problem.help())
            })
            .collect(),
    }
}

#[test]
fn a_full_policy_is_read() {
    let ana = key("ana").0;
    let text = format!(
        r#"{HEAD}demo = true
[service]
tier = 1
{}{}{}[people.ana]
name = "Ana"
emails = ["ana@example.org"]
commit_keys = ["SHA256:{}"]
identities = [{{ issuer = "https://id.example.org", subject = "ana" }}]
keys = ["{ana}"]
identity = "hardware"
[adoption]
threshold = 1
[builders."https://penstock.dev/builder/local"]
slsa_build = 1
[environments.staging]
order = 1
[environments.production]
order = 2
profile = "level-3"
approvals = 1
mode = "warn"
since = 2026-11-01
owner = "ana"
target = {{ kind = "directory", path = "/srv/app", keep = 5 }}
freeze = [{{ from = 2026-12-20T00:00:00Z, to = "2027-01-05T00:00:00Z", reason = "holidays" }}]
[tests]
steps = ["test"]
minimum = 10
[check]
require = ["secrets"]
threshold = "low"
[[exceptions]]
rule = "ci/unpinned-action"
reason = "vendor pins it next month"
owner = "ana"
expires = "2027-01-01"
"#,
        key_table("policy", "policy"),
        key_table("ana", "person"),
        key_table("build", "build") + "predicates = [\"run\"]\n",
        "x".repeat(43),
    );
    let policy = Policy::parse(&text, "policy.toml").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(policy.digest(), Sha256::of(text.as_bytes()));
    assert_eq!(policy.text(), text);
    assert_eq!(policy.service.wanted_maturity(), 3);
    assert_eq!(policy.check.threshold, Severity::Low);
    let order: Vec<_> = policy.environments_in_order().iter().map(|(name, _)| *name).collect();
    assert_eq!(order, ["staging", "production"]);
    assert_eq!(policy.previous("production"), Some("staging"));
    assert_eq!(policy.previous("staging"), None);
    assert_eq!(policy.previous("moon"), None);
    let production = &policy.environments["production"];
    assert_eq!((production.profile, production.mode), (Profile::Level3, Mode::Warn));
    assert_eq!((production.target.path.as_deref(), production.target.keep), (Some("/srv/app"), 5));
    let freeze = &production.freeze[0];
    let at = |time: &str| freeze.covers(time.parse().unwrap());
    assert!(at("2026-12-20T00:00:00Z") && at("2027-01-04T23:59:59Z"));
    assert!(!at("2026-12-19T23:59:59Z") && !at("2027-01-05T00:00:00Z"));
    assert_eq!(policy.person_of_key(&ana).unwrap().0, "ana");
    assert_eq!(policy.person_of_email("ANA@Example.org").unwrap().0, "ana");
    assert!(policy.person_of_email("bob@example.org").is_none());
    let (label, build) = policy.key(&key("build").0).unwrap();
    assert_eq!(label, "build");
    assert!(build.may_sign(PredicateName::Run) && !build.may_sign(PredicateName::Provenance));
    assert_eq!(Policy::from_rules(policy.rules()).unwrap().rules(), policy.rules());
}

#[test]
fn the_starter_is_what_it_says() {
    let policy = Policy::starter(&starter_input()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((policy.version, policy.demo), (1, true));
    let shape: Vec<_> = policy
        .environments_in_order()
        .into_iter()
        .map(|(name, e)| (name, e.order, e.approvals, e.profile, e.mode, e.target.keep))
        .collect();
    assert_eq!(
        shape,
        [
            ("staging", 1, 0, Profile::Level2, Mode::Enforce, 3),
            ("production", 2, 1, Profile::Level2, Mode::Enforce, 3)
        ]
    );
    assert_eq!(policy.tests.steps, ["test"]);
    assert_eq!(policy.people["ana"].keys, [key("person").0]);
    assert_eq!(policy.warnings(), []);
    assert_eq!(Policy::parse(policy.text(), "x").unwrap(), policy);
    // Everything that is written is read by people: the layout must stay what it is.
    assert!(
        policy.text().starts_with("version = 1\nproject = \"git+https://"),
        "{}",
        policy.text()
    );
    let without = StarterInput { test_step: None, ..starter_input() };
    let warnings = Policy::starter(&without).unwrap().warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].to_string(), "no step is named as tests: nothing shows that tests ran");
}

#[test]
fn a_key_speaks_only_for_its_role() {
    let policy = Policy::starter(&starter_input()).unwrap();
    use PredicateName::{Approval, Decision, Provenance};
    for (label, signs) in [
        ("build", [true, false, false]),
        ("gate", [false, true, false]),
        ("person", [false, false, true]),
        ("log", [false; 3]),
        ("policy", [false; 3]),
    ] {
        let key = &policy.keys[label];
        assert_eq!([Provenance, Decision, Approval].map(|p| key.may_sign(p)), signs, "{label}");
    }
}

#[test]
fn a_compromised_key_is_no_key() {
    let mut rules = Policy::starter(&starter_input()).unwrap().rules().clone();
    rules.keys.get_mut("build").unwrap().revoked_compromised = true;
    rules.keys.get_mut("person").unwrap().revoked_compromised = true;
    let policy = Policy::from_rules(&rules).unwrap();
    assert_eq!(policy.key(&key("build").0), None);
    assert!(!policy.keys["build"].may_sign(PredicateName::Provenance));
    let warnings: Vec<_> = policy.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "approvals wanted for `production`: 1; persons with a key to give one: 0",
            "no key has role `build`"
        ]
    );
}

#[test]
fn warnings_name_what_is_probably_not_meant() {
    let mut rules = Policy::starter(&starter_input()).unwrap().rules().clone();
    rules.people.get_mut("ana").unwrap().keys.clear();
    rules.builders.clear();
    let production: &mut Environment = rules.environments.get_mut("production").unwrap();
    production.profile = Profile::Level3;
    production.mode = Mode::Observe;
    let warnings: Vec<_> =
        Policy::from_rules(&rules).unwrap().warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "approvals wanted for `production`: 1; persons with a key to give one: 0",
            "`production` is at level-3, where approvers must be told apart from others; persons with a key and such an identity: 0",
            "`production` does not enforce and names no owner or no date",
            "no builder is trusted: no provenance will be accepted",
            "key `person` of role `person` belongs to nobody: it approves nothing"
        ]
    );
    rules.environments.clear();
    let warnings = Policy::from_rules(&rules).unwrap().warnings();
    assert!(
        warnings
            .iter()
            .any(|w| w.to_string() == "there is no environment: no release can go anywhere")
    );
}

#[test]
fn the_smallest_policy() {
    let policy = Policy::parse(&with(""), "policy.toml").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(policy.service.tier, 3);
    assert_eq!(policy.adoption.threshold, 1);
    assert_eq!(policy.tests.minimum, 1);
    assert!(!policy.demo);
}

#[test]
fn the_target_maturity_of_each_tier() {
    let wanted: Vec<_> = (1..=4)
        .map(|tier| {
            let text = with(&format!("[service]\ntier = {tier}\n"));
            Policy::parse(&text, "p").unwrap().service.wanted_maturity()
        })
        .collect();
    assert_eq!(wanted, [3, 3, 2, 1]);
}

#[test]
fn what_the_schema_refuses() {
    for (more, expected) in [
        (
            "[service]\ntier = 5\n",
            "9:8: `tier` must be 1 to 4, not 5 | write a whole number from 1 to 4",
        ),
        (
            "[service]\ntier = \"1\"\n",
            "9:8: `tier` must be a whole number, not a string | how much depends on it, from 1 (the business stops without it) to 4 (nobody would notice)",
        ),
        (
            "[environments.staging]\norder = 1\nprofile = \"level-1\"\n",
            "10:11: `profile` cannot be `level-1`: did you mean `level-2`? | it is one of `level-2`, `level-3`, `level-4`",
        ),
        (
            "[environments.staging]\nordr = 1\n",
            "8:1: `[environments.staging]` has no `order` | add `order`: its turn: a release enters the environment with the next lower order first",
        ),
        (
            "[environments.Staging]\norder = 1\n",
            "8:15: `Staging` is not a name | begin with a letter, go on with lower-case letters, digits, `-`, `.` or `_`, 64 at most",
        ),
        (
            "[environments.s]\norder = 1\ntarget = { kind = \"oci\" }\n",
            "10:19: `kind` cannot be `oci` | it is one of `directory`",
        ),
        (
            "[environments.s]\norder = 1\ntarget = { kind = \"directory\", path = \"../x\" }\n",
            "10:39: `../x` is not a directory | write an absolute path without `..`",
        ),
        (
            "[environments.s]\norder = 1\nfreeze = [{ from = 2026-12-20, to = 2026-12-21T00:00:00Z, reason = \"x\" }]\n",
            "10:20: `2026-12-20` is not a time | write it as `2027-01-01T00:00:00Z`",
        ),
        (
            "[people.ana]\nname = \"Ana\"\nemails = [\"ana\"]\n",
            "10:11: `ana` is not an e-mail address | write it as it stands in commits: `ana@example.org`",
        ),
        (
            "[people.ana]\nname = \"Ana\"\nidentity = \"bare\"\n",
            "10:12: `identity` cannot be `bare` | it is one of `sso`, `forge`, `hardware`, `bare-key`, `asserted`",
        ),
        (
            "[people.ana]\nname = \"Ana\"\ncommit_keys = [\"ssh-rsa AAAA\"]\n",
            "10:16: `ssh-rsa AAAA` is not a commit-signing key | write an SSH fingerprint (`SHA256:…`) or an OpenPGP fingerprint of 40 or 64 hexadecimal digits",
        ),
        (
            "[keys.x]\nid = \"12\"\npublic = \"!\"\nrole = \"root\"\n",
            "9:6: `12` is not a SHA-256 digest | write all 64 lower-case hexadecimal digits",
        ),
        (
            "[builders.\"a b\"]\nslsa_build = 4\n",
            "8:11: `a b` is not a builder id | write the URI that provenance names as its builder",
        ),
        ("[tests]\nsteps = [\"t\", \"t\"]\n", "9:15: `steps` lists `t` twice | remove one"),
        (
            "[[exceptions]]\nrule = \"ci/x\"\nreason = \" \"\nowner = \"ana\"\nexpires = \"soon\"\n",
            "10:10: ` ` is not an explanation | write a few words that a reviewer can judge, without control characters",
        ),
        (
            "[[exceptions]]\nrule = \"ci/x\"\nreason = \"r\"\nowner = \"ana\"\n",
            "8:1: `[exceptions.0]` has no `expires` | add `expires`: when it ends",
        ),
    ] {
        assert_eq!(errors(&with(more))[0], expected, "{more}");
    }
    for (head, expected) in [
        (
            "version = 0",
            "1:11: `version` must be 1 to 1000000, not 0 | write a whole number from 1 to 1000000",
        ),
        (
            "project = \"https://example.org/team/app\"",
            "1:11: `https://example.org/team/app` is not a project identity | write `git+https://host/path#subdir` or `urn:penstock:<root commit>#subdir`, normalised",
        ),
        (
            "base = \"HEAD\"",
            "1:8: `HEAD` is not a commit id | write all 40 (or 64) hexadecimal digits: `git rev-parse HEAD`",
        ),
        (
            "demo = 1",
            "1:8: `demo` must be `true` or `false`, not a whole number | whether the keys were made on first use and nobody vouched for them",
        ),
        ("polices = 1", "1:1: unknown key `polices`"),
    ] {
        let found = errors(&format!("{head}\n"));
        assert!(found.iter().any(|e| e.starts_with(expected)), "{found:?}");
    }
}

#[test]
fn what_no_schema_can_say() {
    let (other, _) = key("other");
    let (policy_id, policy_key) = key("policy");
    let mine = policy_id.to_string();
    let person = key_table("ana", "person");
    let ana = key("ana").0;
    for (more, expected) in [
        (
            format!("[keys.x]\nid = \"{other}\"\npublic = \"{policy_key}\"\nrole = \"log\"\n"),
            format!("9:6: key `x`: the id is not that of the public key, which is `{mine}` | the id is the SHA-256 of the public key's DER form: check both were copied whole"),
        ),
        (
            format!("[keys.x]\nid = \"{mine}\"\npublic = \"{policy_key}\"\nrole = \"build\"\n"),
            "9:6: keys `policy` and `x` are the same key | remove one: a key has one role, so that no role speaks for another".to_owned(),
        ),
        (
            format!("{}predicates = [\"decision\", \"provenance\"]\n", key_table("gate", "gate")),
            "12:27: a key of role `gate` cannot speak `provenance` | it may be narrowed to some of `decision`, `deployment`, `vsa`".to_owned(),
        ),
        (
            format!("{}predicates = [\"run\"]\n", key_table("log", "log")),
            "12:15: a key of role `log` cannot speak `run` | a key of this role signs checkpoints only: remove `predicates`".to_owned(),
        ),
        (
            format!("[people.ana]\nname = \"Ana\"\nkeys = [\"{other}\"]\n"),
            format!("10:9: person `ana` has key `{}`, which is not in `[keys]` | add the key to `[keys]` with role `person`, or remove it here", other.short()),
        ),
        (
            format!("[people.ana]\nname = \"Ana\"\nkeys = [\"{mine}\"]\n"),
            format!("10:9: key `{}` of person `ana` has role `policy` | a person approves with a key of role `person` of their own", policy_id.short()),
        ),
        (
            "[people.ana]\nname = \"Ana\"\nemails = [\"a@x.org\"]\n[people.bob]\nname = \"Bob\"\nemails = [\"b@x.org\", \"A@x.org\"]\n".to_owned(),
            "13:22: `a@x.org` belongs to both `ana` and `bob` | give it to one person: separation of duties compares persons".to_owned(),
        ),
        (
            format!("{person}[people.ana]\nname = \"Ana\"\nkeys = [\"{ana}\"]\n[people.bob]\nname = \"Bob\"\nkeys = [\"{ana}\"]\n"),
            format!("17:9: `{ana}` belongs to both `ana` and `bob` | give it to one person: separation of duties compares persons"),
        ),
        (
            "[environments.a]\norder = 1\n[environments.b]\norder = 1\n".to_owned(),
            "11:9: environments `a` and `b` both have order 1 | give each environment its own order: a release goes through them one by one".to_owned(),
        ),
        (
            "[adoption]\nthreshold = 2\n".to_owned(),
            "9:13: the next version needs 2 policy keys and there are 1 | lower `[adoption] threshold` or add keys of role `policy`: else no version could ever follow this one".to_owned(),
        ),
        (
            "[environments.s]\norder = 1\nfreeze = [{ from = 2026-12-20T00:00:00Z, to = 2026-12-20T00:00:00Z, reason = \"x\" }]\n".to_owned(),
            "10:47: the freeze ends before it begins | let `to` be later than `from`".to_owned(),
        ),
    ] {
        assert_eq!(errors(&with(&more)), [expected], "{more}");
    }
    assert_eq!(errors(HEAD).len(), 1, "a policy that nothing can follow");
}

#[test]
fn a_vault_is_spoken_to_in_secret_or_on_this_machine() {
    let vault =
        |address: &str, login: &str| with(&format!("[vault]\naddress = \"{address}\"\n{login}\n"));
    let login = "role = \"ci\"\njwt = \"env:JWT\"";
    for right in [
        "https://vault.example.org",
        "https://vault.example.org:8200",
        "https://[2001:db8::1]:8200",
        "http://127.0.0.1:8200",
        "http://[::1]:8200",
        "http://localhost",
    ] {
        let policy = Policy::parse(&vault(right, login), "policy.toml").unwrap();
        assert_eq!(policy.vault.as_ref().unwrap().address, right);
        assert_eq!(PolicyRules::to_toml(&policy).matches("[vault]").count(), 1);
    }
    for wrong in [
        "http://vault.example.org",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1@example.org",
        "http://localhost.example.org:80",
        "https://user:pass@vault.example.org",
        "https://vault.example.org/v1",
        "https://vault.example.org?x",
        "https://vault.example.org:99999",
        "https://vault example.org",
        "https://[::1",
        "https://",
        "vault.example.org",
        "ftp://vault.example.org",
    ] {
        let found = errors(&vault(wrong, login));
        assert!(found[0].contains("is not an address of a Vault"), "{wrong}: {found:?}");
    }
    for wrong in [
        "role = \"ci\"",
        "jwt = \"env:JWT\"",
        "",
        "role = \"ci\"\njwt = \"fd:3\"\ntoken = \"env:T\"",
    ] {
        let found = errors(&vault("https://vault.example.org", wrong));
        assert!(found[0].contains("`[vault]` does not say in one way how to log in"), "{found:?}");
    }
    // What logs in is the caller's to hand over, never a file or another Vault.
    let found = errors(&vault("https://a.example", "token = \"vault:kv/a#b\""));
    assert!(found[0].contains("is not a source of what to log in with"), "{found:?}");
}

#[test]
fn an_exception_of_the_past_is_read() {
    let text = with(
        "[[exceptions]]\nrule = \"ci/x\"\nreason = \"r\"\nowner = \"o\"\nexpires = 1999-01-01\n",
    );
    let policy = Policy::parse(&text, "p").unwrap();
    assert!(policy.exceptions[0].expires.has_passed("2026-01-01T00:00:00Z".parse().unwrap()));
}
