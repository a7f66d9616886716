use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_model::{Role, Sha256};

use super::{PolicyRules, PredicateName};
use crate::{Problem, decode::Checked};

/// What no schema says about a policy.
pub(crate) fn check(policy: &PolicyRules, checked: &mut Checked<'_>) {
    check_keys(policy, checked);
    check_people(policy, checked);
    check_environments(policy, checked);
    if policy.vault.as_ref().is_some_and(|vault| !vault.says_how()) {
        checked.report(|root| root.get("vault"), Problem::VaultLogin);
    }
}

fn check_keys(policy: &PolicyRules, checked: &mut Checked<'_>) {
    let mut ids: BTreeMap<&Sha256, &String> = BTreeMap::new();
    for (label, key) in &policy.keys {
        let actual = BASE64_STANDARD.decode(&key.public).map(|der| Sha256::of(&der));
        if let Ok(actual) = actual
            && actual != key.id
        {
            checked.report(
                |root| root.get("keys").get(label).get("id"),
                Problem::KeyId { label: label.clone(), actual: actual.to_string() },
            );
        }
        match ids.get(&key.id) {
            Some(first) => checked.report(
                |root| root.get("keys").get(label).get("id"),
                Problem::SameKey { first: (*first).clone(), second: label.clone() },
            ),
            None => {
                ids.insert(&key.id, label);
            }
        }
        let allowed = PredicateName::of_role(key.role);
        for (i, predicate) in key.predicates.iter().flatten().enumerate() {
            if !allowed.contains(predicate) {
                let problem = Problem::PredicateOutsideRole {
                    role: key.role,
                    predicate: *predicate,
                    allowed: allowed.to_vec(),
                };
                checked
                    .report(|root| root.get("keys").get(label).get("predicates").item(i), problem);
            }
        }
    }
    let available =
        policy.keys.values().filter(|k| k.role == Role::Policy && !k.revoked_compromised).count();
    let threshold = policy.adoption.threshold;
    if usize::try_from(threshold).is_ok_and(|threshold| threshold > available) {
        checked.report(
            |root| {
                let adoption = root.get("adoption");
                adoption.get("threshold").present().or(adoption.present()).unwrap_or(root)
            },
            Problem::AdoptionImpossible { threshold, available },
        );
    }
}

fn check_people(policy: &PolicyRules, checked: &mut Checked<'_>) {
    let by_id: BTreeMap<&Sha256, _> = policy.keys.values().map(|key| (&key.id, key)).collect();
    // Whose an address, a commit key, an account or a key is, so that nobody shares one.
    let mut owners: BTreeMap<String, &String> = BTreeMap::new();
    for (handle, person) in &policy.people {
        for (i, id) in person.keys.iter().enumerate() {
            let problem = match by_id.get(id) {
                None => Problem::UnknownKeyOfPerson { person: handle.clone(), key: id.short() },
                Some(key) if key.role != Role::Person => Problem::NotAPersonKey {
                    person: handle.clone(),
                    key: id.short(),
                    role: key.role,
                },
                Some(_) => continue,
            };
            checked.report(|root| root.get("people").get(handle).get("keys").item(i), problem);
        }
        let emails = person.emails.iter().map(|email| email.to_ascii_lowercase());
        let accounts = person.identities.iter().map(|i| format!("{} at {}", i.subject, i.issuer));
        let lists: [(&str, Vec<String>); 4] = [
            ("emails", emails.collect()),
            ("commit_keys", person.commit_keys.clone()),
            ("identities", accounts.collect()),
            ("keys", person.keys.iter().map(Sha256::to_string).collect()),
        ];
        for (list, values) in lists {
            for (i, value) in values.into_iter().enumerate() {
                let owner = *owners.entry(value.clone()).or_insert(handle);
                if owner != handle {
                    let problem = Problem::SharedIdentity {
                        value,
                        first: owner.clone(),
                        second: handle.clone(),
                    };
                    checked
                        .report(|root| root.get("people").get(handle).get(list).item(i), problem);
                }
            }
        }
    }
}

fn check_environments(policy: &PolicyRules, checked: &mut Checked<'_>) {
    let mut orders: BTreeMap<u32, &String> = BTreeMap::new();
    for (name, environment) in &policy.environments {
        match orders.get(&environment.order) {
            Some(first) => checked.report(
                |root| root.get("environments").get(name).get("order"),
                Problem::SameOrder {
                    first: (*first).clone(),
                    second: name.clone(),
                    order: environment.order,
                },
            ),
            None => {
                orders.insert(environment.order, name);
            }
        }
        for (i, freeze) in environment.freeze.iter().enumerate() {
            if freeze.to <= freeze.from {
                checked.report(
                    |root| root.get("environments").get(name).get("freeze").item(i).get("to"),
                    Problem::FreezeReversed,
                );
            }
        }
    }
}
