use penstock_config::policy::Profile;
use std::collections::{BTreeMap, BTreeSet};

use penstock_model::Sha256;
use penstock_statement::{
    Verified,
    predicate::{Approval, Outcome, Verdict},
};

use crate::{Case, GateRule, Judgement, change::Change, command};

pub(super) const RULE: GateRule = GateRule {
    id: "approvals",
    title: "enough persons approved who had no hand in the change or in the policy",
    remediation: "somebody else looks at it and approves",
    controls: &["AC-5", "CM-3", "CA-2"],
    control_areas: &[2, 7],
    threats: &["T6", "T9", "T10"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    if let Some(no) = rejection(case) {
        let word = no.predicate();
        return Judgement::deny(format!("{} rejected it: {}", word.person, word.reason))
            .remedy(format!("settle it with {}, whose later approval lifts it", word.person))
            .using(no);
    }
    if case.environment.approvals == 0 {
        return Judgement::allow("no approval is asked for");
    }
    if let Some(before) = case.admitted_before() {
        return Judgement::allow(format!(
            "approved when it was admitted here, {}",
            before.predicate().deployed_on
        ))
        .using(before);
    }
    let change = match Change::of(case) {
        Ok(change) => change,
        Err(missing) => {
            return Judgement::indeterminate(format!("who may approve cannot be told: {missing}"))
                .remedy("`penstock run` writes the source change of every environment");
        }
    };
    let count = Count::of(case, &change);
    let judgement = if count.approved.len() as u64 >= u64::from(case.environment.approvals) {
        separated(case, &change, &count)
    } else {
        held(case, &change, &count)
    };
    judgement.using(change.evidence).using_all(count.approved.values().copied())
}

/// The newest word of a person, if it is a rejection that has not run out.
///
/// A rejection needs less than an approval: it counts under any policy version, of anybody whose
/// key the policy knows, and also where no approval is asked for. Erring here costs time only.
fn rejection<'a>(case: &Case<'a>) -> Option<&'a Verified<Approval>> {
    let mut newest: BTreeMap<&str, &Verified<Approval>> = BTreeMap::new();
    for word in case.approvals().filter(|word| {
        let approval = word.predicate();
        approval.environment == case.input.environment
            && approval.run == case.input.release
            && speaks_for(case, word)
    }) {
        let entry = newest.entry(word.predicate().person.as_str()).or_insert(word);
        if word.index > entry.index {
            *entry = word;
        }
    }
    newest.into_values().find(|word| {
        word.predicate().verdict == Verdict::Reject && word.predicate().expires > case.input.now
    })
}

/// Whether the policy lets that key speak for the person it names.
fn speaks_for(case: &Case<'_>, word: &Verified<Approval>) -> bool {
    let holder = case.policy.person_of_key(&word.key).map(|(handle, _)| handle);
    holder == Some(word.predicate().person.as_str())
}

/// The approvals, sorted into those that count and those that do not.
struct Count<'a> {
    /// By person, the newest.
    approved: BTreeMap<&'a str, &'a Verified<Approval>>,
    /// Why others do not count.
    not_counted: BTreeSet<String>,
}

impl<'a> Count<'a> {
    fn of(case: &Case<'a>, change: &Change<'_>) -> Self {
        let mut count = Self { approved: BTreeMap::new(), not_counted: BTreeSet::new() };
        // One key is one hand, whomever the policy lends it to.
        let mut hands: BTreeSet<Sha256> = BTreeSet::new();
        let mut words: Vec<_> =
            case.approvals().filter(|w| w.predicate().verdict == Verdict::Approve).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.index));
        for word in words {
            let person = word.predicate().person.as_str();
            if let Some(fault) = fault(case, change, word) {
                count.not_counted.insert(format!("{person} ({fault})"));
            } else if !count.approved.contains_key(person) && hands.insert(word.key) {
                count.approved.insert(person, word);
            }
        }
        for person in count.approved.keys() {
            count.not_counted.retain(|n| !n.starts_with(&format!("{person} (")));
        }
        count
    }
}

/// Why one approval does not count.
fn fault(case: &Case<'_>, change: &Change<'_>, word: &Verified<Approval>) -> Option<String> {
    let approval = word.predicate();
    let person = approval.person.as_str();
    if !case.policy.people.contains_key(person) {
        return Some("nobody in the policy".to_owned());
    }
    if !speaks_for(case, word) {
        return Some(format!("key {} is not theirs", word.key.short()));
    }
    if let Some(did) = change.persons.get(person) {
        return Some(format!("{did} part of the change"));
    }
    if case.input.policy_editors.iter().any(|editor| editor == person) {
        return Some("edited or adopted the policy".to_owned());
    }
    if approval.environment != case.input.environment {
        return Some(format!("approved for `{}`", approval.environment));
    }
    if approval.run != case.input.release || !case.covers_release(&word.statement.subject) {
        return Some("approved other digests".to_owned());
    }
    if rejected_later(case, word) {
        return Some("rejected it later".to_owned());
    }
    if approval.policy != case.input.policy {
        return Some(format!("approved under version {} of the policy", approval.policy.version));
    }
    if !answers_held(case, approval.decision) {
        return Some("answers no held decision of this release".to_owned());
    }
    (approval.expires <= case.input.now).then(|| format!("expired {}", approval.expires))
}

/// Whether the same person took an approval back. That it runs out does not bring the approval back.
fn rejected_later(case: &Case<'_>, word: &Verified<Approval>) -> bool {
    case.approvals().any(|other| {
        let no = other.predicate();
        other.index > word.index
            && no.verdict == Verdict::Reject
            && no.person == word.predicate().person
            && no.run == case.input.release
            && no.environment == case.input.environment
            && speaks_for(case, other)
    })
}

/// Whether that decision held exactly this release before this environment under this policy.
///
/// Any such decision will do, not only the newest: release, environment and policy fix all that the
/// person was shown, and the gate writes a new decision after each approval of several.
fn answers_held(case: &Case<'_>, id: Sha256) -> bool {
    case.decisions().any(|decision| {
        let held = decision.predicate();
        decision.evidence == id
            && held.outcome == Outcome::Held
            && held.run == case.input.release
            && held.environment == case.input.environment
            && held.project == case.policy.project
            && held.policy == case.input.policy
            && case.covers_release(&decision.statement.subject)
    })
}

fn held(case: &Case<'_>, change: &Change<'_>, count: &Count<'_>) -> Judgement {
    let barred: BTreeSet<_> = change
        .persons
        .keys()
        .copied()
        .chain(case.input.policy_editors.iter().map(String::as_str))
        .collect();
    let able = case.policy.people.iter().any(|(name, person)| {
        !person.keys.is_empty()
            && !barred.contains(name.as_str())
            && !count.approved.contains_key(name.as_str())
    });
    let not = match barred.is_empty() {
        true => String::new(),
        false => format!(" (not {})", barred.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let mut message = format!(
        "approval {} of {}: somebody who did not write, merge or edit the gate{not}",
        count.approved.len(),
        case.environment.approvals
    );
    if !count.not_counted.is_empty() {
        let names: Vec<_> = count.not_counted.iter().map(String::as_str).collect();
        message.push_str(&format!("; not counted: {}", names.join(", ")));
    }
    let command = command::approve(&case.input.environment, &case.release_name());
    let remedy = if able {
        format!("`{command}`")
    } else {
        format!(
            "nobody in the policy can: add a person (`penstock policy adopt`), then `{command}`"
        )
    };
    Judgement::held(message).remedy(remedy).next(command)
}

/// Enough approved; whether they are really other persons than those in the change.
fn separated(case: &Case<'_>, change: &Change<'_>, count: &Count<'_>) -> Judgement {
    let names: Vec<_> = count.approved.keys().copied().collect();
    let message = format!(
        "approval {} of {}: {}",
        count.approved.len(),
        case.environment.approvals,
        names.join(", ")
    );
    let weak: Vec<_> = count
        .approved
        .iter()
        .filter_map(|(name, word)| {
            let person = case.policy.people.get(*name)?;
            let claimed = word.predicate().identity_strength;
            let weaker = if claimed.separates_persons() { person.identity } else { claimed };
            (!weaker.separates_persons()).then(|| format!("{name} by {weaker}"))
        })
        .collect();
    let mut doubts = change.doubts();
    if case.input.policy_editors.is_empty() {
        doubts.push("who adopted the policy is not known".to_owned());
    }
    if !weak.is_empty() {
        doubts.push(format!("identity of {} does not tell persons apart", weak.join(", ")));
    }
    if doubts.is_empty() {
        return Judgement::allow(message);
    }
    case.cannot_tell(
        &message,
        format!("that they are other persons cannot be told: {}", doubts.join("; ")),
    )
}
