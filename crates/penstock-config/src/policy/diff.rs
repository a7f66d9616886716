use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use serde::Serialize;

use super::{Environment, Key, Person, PolicyRules};

/// One difference between two versions of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyChange {
    /// What changed, as its place in the file: `environments.production.approvals`.
    pub what: String,
    /// What it was; absent when it was not there.
    pub from: Option<String>,
    /// What it becomes; absent when it is gone.
    pub to: Option<String>,
    /// Whether more or less is let through.
    pub direction: Direction,
}

/// Whether a change lets more or less through. Where one change can do either, it loosens: a
/// reviewer must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is let through, trusted or accepted.
    Loosens,
    /// Less is.
    Tightens,
    /// Neither.
    Neutral,
}

use Direction::{Loosens, Neutral, Tightens};

/// What `to` changes of `from`, in the order of the file.
pub fn diff(from: &PolicyRules, to: &PolicyRules) -> Vec<PolicyChange> {
    let mut changes = Changes(Vec::new());
    changes.value("version", &from.version, &to.version, Neutral);
    changes.value("project", &from.project, &to.project, Loosens);
    changes.value("base", &from.base, &to.base, Loosens);
    changes.ordered("demo", &from.demo, &to.demo, Loosens);
    changes.ordered("service.tier", &from.service.tier, &to.service.tier, Loosens);
    changes.ordered(
        "adoption.threshold",
        &from.adoption.threshold,
        &to.adoption.threshold,
        Tightens,
    );
    let areas = |rules: &PolicyRules| -> Vec<String> {
        rules.check.required().iter().map(|area| area.name().to_owned()).collect()
    };
    changes.set("check.require", &areas(from), &areas(to), Tightens);
    changes.ordered("check.threshold", &from.check.threshold, &to.check.threshold, Loosens);
    changes.set("tests.steps", &from.tests.steps, &to.tests.steps, Tightens);
    changes.ordered("tests.minimum", &from.tests.minimum, &to.tests.minimum, Tightens);
    let vault = |rules: &PolicyRules| {
        rules.vault.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
    };
    changes.value("vault", &vault(from), &vault(to), Loosens);
    changes.environments(&from.environments, &to.environments);
    changes.keys(&from.keys, &to.keys);
    changes.people(&from.people, &to.people);
    changes.map(
        "builders",
        &from.builders,
        &to.builders,
        |builder| format!("SLSA build {}", builder.slsa_build),
        Loosens,
        |changes, what, a, b| {
            changes.ordered(&format!("{what}.slsa_build"), &a.slsa_build, &b.slsa_build, Loosens);
        },
    );
    changes.set("exceptions", &exceptions(from), &exceptions(to), Loosens);
    changes.0
}

/// Each exception as one line, which is its identity: whatever changes of it is another exception.
fn exceptions(rules: &PolicyRules) -> Vec<String> {
    let line = |e: &super::Exception| {
        let path = e.path.as_ref().map_or_else(String::new, |path| format!(" in {path}"));
        let finding = e.fingerprint.as_ref().map_or_else(String::new, |f| format!(" ({f})"));
        format!("{}{path}{finding} until {}, {}: {}", e.rule, e.expires, e.owner, e.reason)
    };
    rules.exceptions.iter().map(line).collect()
}

struct Changes(Vec<PolicyChange>);

impl Changes {
    fn push(&mut self, what: &str, from: Option<String>, to: Option<String>, direction: Direction) {
        self.0.push(PolicyChange { what: what.to_owned(), from, to, direction });
    }

    fn value<T: PartialEq + Display>(&mut self, what: &str, a: &T, b: &T, direction: Direction) {
        if a != b {
            self.push(what, Some(a.to_string()), Some(b.to_string()), direction);
        }
    }

    /// A value with an order: `rising` is what a rise does.
    fn ordered<T: Ord + Display>(&mut self, what: &str, a: &T, b: &T, rising: Direction) {
        self.value(what, a, b, if b > a { rising } else { opposite(rising) });
    }

    /// A list whose order does not matter: `added` is what one more does.
    fn set(&mut self, what: &str, a: &[String], b: &[String], added: Direction) {
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
        for gone in before.difference(&after) {
            self.push(what, Some((*gone).clone()), None, opposite(added));
        }
        for new in after.difference(&before) {
            self.push(what, None, Some((*new).clone()), added);
        }
    }

    /// Named things: `added` is what one more does, `inside` compares one that stays.
    fn map<T: PartialEq>(
        &mut self,
        what: &str,
        a: &BTreeMap<String, T>,
        b: &BTreeMap<String, T>,
        show: impl Fn(&T) -> String,
        added: Direction,
        inside: impl Fn(&mut Self, &str, &T, &T),
    ) {
        let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
        for name in names {
            let what = format!("{what}.{name}");
            match (a.get(name), b.get(name)) {
                (Some(gone), None) => self.push(&what, Some(show(gone)), None, opposite(added)),
                (None, Some(new)) => self.push(&what, None, Some(show(new)), added),
                (Some(a), Some(b)) if a != b => inside(self, &what, a, b),
                _ => {}
            }
        }
    }

    fn environments(
        &mut self,
        a: &BTreeMap<String, Environment>,
        b: &BTreeMap<String, Environment>,
    ) {
        let show = |e: &Environment| {
            format!(
                "order {}, {}, approvals {}, {}",
                e.order,
                e.profile.name(),
                e.approvals,
                e.mode.name()
            )
        };
        // A new place can be entered, and an old one may no longer stand before the next: both
        // need a look.
        let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
        for name in names {
            let what = format!("environments.{name}");
            match (a.get(name), b.get(name)) {
                (Some(gone), None) => self.push(&what, Some(show(gone)), None, Loosens),
                (None, Some(new)) => self.push(&what, None, Some(show(new)), Loosens),
                (Some(a), Some(b)) => self.environment(&what, a, b),
                (None, None) => {}
            }
        }
    }

    fn environment(&mut self, what: &str, a: &Environment, b: &Environment) {
        let field = |name: &str| format!("{what}.{name}");
        self.value(&field("order"), &a.order, &b.order, Loosens);
        if a.profile != b.profile {
            let direction = if b.profile > a.profile { Tightens } else { Loosens };
            let (from, to) = (a.profile.name().to_owned(), b.profile.name().to_owned());
            self.push(&field("profile"), Some(from), Some(to), direction);
        }
        self.ordered(&field("approvals"), &a.approvals, &b.approvals, Tightens);
        if a.mode != b.mode {
            let direction = if b.mode > a.mode { Tightens } else { Loosens };
            let (from, to) = (a.mode.name().to_owned(), b.mode.name().to_owned());
            self.push(&field("mode"), Some(from), Some(to), direction);
        }
        let text = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        let since = |e: &Environment| text(e.since.map(|since| since.to_string()));
        self.value(&field("since"), &since(a), &since(b), Neutral);
        self.value(&field("owner"), &text(a.owner.clone()), &text(b.owner.clone()), Neutral);
        let path = |e: &Environment| e.target.path.clone().unwrap_or_else(|| "default".to_owned());
        self.value(&field("target.path"), &path(a), &path(b), Loosens);
        self.value(&field("target.keep"), &a.target.keep, &b.target.keep, Neutral);
        let freezes = |e: &Environment| -> Vec<String> {
            e.freeze.iter().map(|f| format!("{} to {}: {}", f.from, f.to, f.reason)).collect()
        };
        self.set(&field("freeze"), &freezes(a), &freezes(b), Tightens);
    }

    fn keys(&mut self, a: &BTreeMap<String, Key>, b: &BTreeMap<String, Key>) {
        let show = |key: &Key| format!("{} {}", key.role, key.id);
        self.map("keys", a, b, show, Loosens, |changes, what, a, b| {
            // Another key or role under the same label is another trust altogether.
            changes.value(what, &show(a), &show(b), Loosens);
            let revoked = (&a.revoked_compromised, &b.revoked_compromised);
            changes.ordered(&format!("{what}.revoked_compromised"), revoked.0, revoked.1, Tightens);
            let signs = |key: &Key| -> Vec<String> {
                let all = super::PredicateName::of_role(key.role);
                let own = key.predicates.as_deref().unwrap_or(all);
                own.iter().map(ToString::to_string).collect()
            };
            if a.role == b.role {
                changes.set(&format!("{what}.predicates"), &signs(a), &signs(b), Loosens);
            }
        });
    }

    fn people(&mut self, a: &BTreeMap<String, Person>, b: &BTreeMap<String, Person>) {
        let show = |person: &Person| format!("{} ({})", person.name, person.identity);
        self.map("people", a, b, show, Loosens, |changes, what, a, b| {
            let field = |name: &str| format!("{what}.{name}");
            changes.value(&field("name"), &a.name, &b.name, Neutral);
            // More ways to recognise somebody in a change keep them from approving it.
            changes.set(&field("emails"), &a.emails, &b.emails, Tightens);
            changes.set(&field("commit_keys"), &a.commit_keys, &b.commit_keys, Tightens);
            let accounts = |p: &Person| -> Vec<String> {
                p.identities.iter().map(|i| format!("{} at {}", i.subject, i.issuer)).collect()
            };
            changes.set(&field("identities"), &accounts(a), &accounts(b), Tightens);
            let keys =
                |p: &Person| -> Vec<String> { p.keys.iter().map(ToString::to_string).collect() };
            changes.set(&field("keys"), &keys(a), &keys(b), Loosens);
            if a.identity != b.identity {
                // A claim that can be told apart counts where one that cannot did not.
                let gains = b.identity.separates_persons() && !a.identity.separates_persons();
                let loses = a.identity.separates_persons() && !b.identity.separates_persons();
                let direction = match (gains, loses) {
                    (true, _) => Loosens,
                    (_, true) => Tightens,
                    _ => Neutral,
                };
                let (from, to) = (a.identity.to_string(), b.identity.to_string());
                changes.push(&field("identity"), Some(from), Some(to), direction);
            }
        });
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Loosens => Tightens,
        Tightens => Loosens,
        Neutral => Neutral,
    }
}
