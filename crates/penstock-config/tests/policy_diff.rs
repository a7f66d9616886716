//! What `policy diff` says: every kind of change, and whether it lets more or less through.
#![expect(clippy::unwrap_used, clippy::type_complexity, reason = "helpers and tables of tests")]

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_config::{
    Policy, PolicyRules,
    policy::{
        Builder, Direction, Freeze, Identity, Mode, Person, PredicateName, Profile, StarterInput,
        StarterKey, StarterPerson, Vault, diff,
    },
};
use penstock_model::{Area, IdentityStrength, Role, Severity, Sha256};

fn rules() -> PolicyRules {
    let keys = Role::ALL.map(|role| StarterKey {
        label: role.name().to_owned(),
        id: Sha256::of(role.name().as_bytes()),
        public: BASE64_STANDARD.encode(role.name()),
        role,
    });
    let input = StarterInput {
        project: "git+https://example.org/team/app".parse().unwrap(),
        base: "a".repeat(40).parse().unwrap(),
        demo: false,
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
    };
    Policy::starter(&input).unwrap().rules().clone()
}

fn vault(address: &str) -> Vault {
    Vault {
        address: address.to_owned(),
        namespace: None,
        ca: None,
        mount: "jwt".to_owned(),
        role: Some("ci".to_owned()),
        jwt: Some("env:CI_JOB_JWT".parse().unwrap()),
        token: None,
    }
}

/// Whatever changes of a Vault is told, address and login.
#[test]
fn every_part_of_a_vault_is_told_apart() {
    let with = |change: fn(&mut Vault)| {
        let mut vault = vault("https://a.example.org");
        change(&mut vault);
        PolicyRules { vault: Some(vault), ..rules() }
    };
    let before = with(|_| {});
    let changes: [fn(&mut Vault); 6] = [
        |v| v.address = "https://b.example.org".to_owned(),
        |v| v.namespace = Some("team".to_owned()),
        |v| v.ca = Some("/etc/ca.pem".to_owned()),
        |v| v.mount = "oidc".to_owned(),
        |v| v.role = Some("other".to_owned()),
        |v| v.jwt = Some("fd:3".parse().unwrap()),
    ];
    for change in changes {
        let [found] = &diff(&before, &with(change))[..] else { panic!("one change") };
        assert_eq!((found.what.as_str(), found.direction), ("vault", Direction::Loosens));
        assert_ne!(found.from, found.to);
    }
}

#[test]
fn equal_policies_do_not_differ() {
    assert_eq!(diff(&rules(), &rules()), []);
}

#[test]
fn every_change_has_a_place_and_a_direction() {
    use Direction::{Loosens, Neutral, Tightens};
    let changes: &[(&str, Direction, fn(&mut PolicyRules))] = &[
        ("version", Neutral, |p| p.version = 2),
        ("project", Loosens, |p| p.project = "git+https://example.org/b".parse().unwrap()),
        ("base", Loosens, |p| p.base = "b".repeat(40).parse().unwrap()),
        ("demo", Loosens, |p| p.demo = true),
        ("service.tier", Loosens, |p| p.service.tier = 4),
        ("service.tier", Tightens, |p| p.service.tier = 1),
        ("adoption.threshold", Tightens, |p| p.adoption.threshold = 2),
        ("check.require", Loosens, |p| p.check.require = Some(vec![Area::Ci])),
        ("check.threshold", Loosens, |p| p.check.threshold = Severity::Critical),
        ("check.threshold", Tightens, |p| p.check.threshold = Severity::Low),
        ("tests.steps", Loosens, |p| p.tests.steps.clear()),
        ("tests.steps", Tightens, |p| p.tests.steps.push("e2e".to_owned())),
        ("vault", Loosens, |p| p.vault = Some(vault("https://vault.example.org"))),
        ("tests.minimum", Tightens, |p| p.tests.minimum = 9),
        ("environments.staging", Loosens, |p| drop(p.environments.remove("staging"))),
        ("environments.qa", Loosens, |p| {
            let mut qa = p.environments["staging"].clone();
            qa.order = 9;
            p.environments.insert("qa".to_owned(), qa);
        }),
        ("environments.production.order", Loosens, |p| production(p).order = 7),
        ("environments.production.profile", Tightens, |p| production(p).profile = Profile::Level4),
        ("environments.production.approvals", Loosens, |p| production(p).approvals = 0),
        ("environments.production.approvals", Tightens, |p| production(p).approvals = 2),
        ("environments.production.mode", Loosens, |p| production(p).mode = Mode::Observe),
        ("environments.production.since", Neutral, |p| {
            production(p).since = Some("2026-01-01".parse().unwrap());
        }),
        ("environments.production.owner", Neutral, |p| {
            production(p).owner = Some("ana".to_owned())
        }),
        ("environments.production.target.path", Loosens, |p| {
            production(p).target.path = Some("/srv".to_owned());
        }),
        ("environments.production.target.keep", Neutral, |p| production(p).target.keep = 9),
        ("environments.production.freeze", Tightens, |p| {
            production(p).freeze.push(Freeze {
                from: "2026-12-20T00:00:00Z".parse().unwrap(),
                to: "2026-12-27T00:00:00Z".parse().unwrap(),
                reason: "holidays".to_owned(),
            });
        }),
        ("keys.build", Tightens, |p| drop(p.keys.remove("build"))),
        ("keys.build2", Loosens, |p| {
            let key = p.keys["build"].clone();
            p.keys.insert("build2".to_owned(), key);
        }),
        ("keys.build", Loosens, |p| p.keys.get_mut("build").unwrap().role = Role::Gate),
        ("keys.build.revoked_compromised", Tightens, |p| {
            p.keys.get_mut("build").unwrap().revoked_compromised = true;
        }),
        ("keys.person.predicates", Tightens, |p| {
            p.keys.get_mut("person").unwrap().predicates = Some(Vec::new());
        }),
        ("people.ana", Tightens, |p| drop(p.people.remove("ana"))),
        ("people.bob", Loosens, |p| {
            let bob = p.people["ana"].clone();
            p.people.insert("bob".to_owned(), bob);
        }),
        ("people.ana.name", Neutral, |p| ana(p).name = "Anna".to_owned()),
        ("people.ana.emails", Loosens, |p| ana(p).emails.clear()),
        ("people.ana.commit_keys", Tightens, |p| ana(p).commit_keys.push("a".repeat(40))),
        ("people.ana.identities", Tightens, |p| {
            let (issuer, subject) = ("https://id".to_owned(), "ana".to_owned());
            ana(p).identities.push(Identity { issuer, subject });
        }),
        ("people.ana.keys", Tightens, |p| ana(p).keys.clear()),
        ("people.ana.identity", Loosens, |p| ana(p).identity = IdentityStrength::Sso),
        ("people.ana.identity", Neutral, |p| ana(p).identity = IdentityStrength::Asserted),
        ("builders.https://b", Loosens, |p| {
            p.builders.insert("https://b".to_owned(), Builder { slsa_build: 1 });
        }),
        ("builders.https://penstock.dev/builder/local.slsa_build", Loosens, |p| {
            p.builders.values_mut().for_each(|b| b.slsa_build = 3);
        }),
        ("exceptions", Loosens, |p| {
            p.exceptions.push(penstock_config::policy::Exception {
                rule: "ci/x".parse().unwrap(),
                path: None,
                fingerprint: None,
                reason: "r".to_owned(),
                owner: "o".to_owned(),
                expires: "2027-01-01".parse().unwrap(),
            });
        }),
    ];
    for (what, direction, change) in changes {
        let (before, mut after) = (rules(), rules());
        change(&mut after);
        let found: Vec<_> =
            diff(&before, &after).into_iter().map(|c| (c.what, c.direction)).collect();
        assert_eq!(found, [((*what).to_owned(), *direction)]);
        // Taken back, what tightened loosens; what always needs a look still does.
        let back: Vec<_> = diff(&after, &before).into_iter().map(|c| c.direction).collect();
        match direction {
            Tightens => assert_eq!(back, [Loosens], "{what} back"),
            Neutral => assert_eq!(back, [Neutral], "{what} back"),
            Loosens => assert_ne!(back, [Neutral], "{what} back"),
        }
    }
}

/// A change to any field must be seen: what `diff` is silent about would be adopted unread.
#[test]
fn a_removed_predicate_list_is_seen() {
    let (before, mut after) = (rules(), rules());
    let all = PredicateName::of_role(Role::Build);
    after.keys.get_mut("build").unwrap().predicates = Some(all[..1].to_vec());
    let found = diff(&before, &after);
    assert_eq!(found.len(), all.len() - 1);
    assert!(found.iter().all(|c| c.direction == Direction::Tightens && c.to.is_none()));
}

fn production(policy: &mut PolicyRules) -> &mut penstock_config::policy::Environment {
    policy.environments.get_mut("production").unwrap()
}

fn ana(policy: &mut PolicyRules) -> &mut Person {
    policy.people.get_mut("ana").unwrap()
}
