use std::collections::BTreeSet;

use penstock_config::{
    Policy,
    policy::{self, Profile},
};
use penstock_model::{Sha256, Timestamp};
use penstock_statement::{
    ResourceDescriptor,
    predicate::{Decision, Mode, Outcome, Reason},
};

use crate::{Case, GateRule, Input, Judgement, RULES};

/// Decides whether the release of `input` may enter its environment under `policy`.
///
/// Pure and total: the same input and policy give the same decision, and there is a decision for
/// every input. The worst answer of a rule decides (deny, indeterminate, held, allow); evidence that
/// is absent never passes for good.
pub fn decide(input: &Input, policy: &Policy) -> Decision {
    match policy.environments.get(&input.environment) {
        Some(environment) => by_rules(&Case::new(input, policy, environment), RULES),
        None => Decision {
            environment: input.environment.clone(),
            project: policy.project.clone(),
            run: input.release,
            policy: input.policy.clone(),
            profile: Profile::Level4.name().to_owned(),
            mode: Mode::Enforce,
            outcome: Outcome::Deny,
            reasons: vec![Reason {
                rule: "environment".to_owned(),
                title: "the policy has the environment".to_owned(),
                outcome: Outcome::Deny,
                message: format!("the policy has no environment `{}`", input.environment),
                remedy: Some("`penstock policy show` lists the environments".to_owned()),
                warning: None,
            }],
            next: vec!["penstock policy show".to_owned()],
            inputs: Vec::new(),
            decided_on: input.now,
        },
    }
}

fn by_rules(case: &Case<'_>, rules: &[GateRule]) -> Decision {
    let (input, environment) = (case.input, case.environment);
    let mut used = BTreeSet::new();
    let mut next = Vec::new();
    let mut reasons = Vec::new();
    for rule in rules.iter().filter(|rule| rule.from <= environment.profile) {
        let judgement = in_force(rule, input.now, (rule.judge)(case));
        used.extend(judgement.used.iter().cloned());
        for command in &judgement.next {
            if !next.contains(command) {
                next.push(command.clone());
            }
        }
        reasons.push(reason(rule, judgement));
    }
    // A profile without a rule would allow everything: it allows nothing.
    let outcome = reasons.iter().map(|r| r.outcome).max().unwrap_or(Outcome::Indeterminate);
    if outcome == Outcome::Deny || outcome == Outcome::Indeterminate {
        // An approval would change nothing yet: do not send a person to look at it.
        next.retain(|command| !command.starts_with("penstock approve "));
    }
    Decision {
        environment: input.environment.clone(),
        project: case.policy.project.clone(),
        run: input.release,
        policy: input.policy.clone(),
        profile: environment.profile.name().to_owned(),
        mode: mode(environment),
        outcome,
        reasons,
        next,
        inputs: used.iter().map(|(kind, id)| evidence(kind, id)).collect(),
        decided_on: input.now,
    }
}

/// Softens what a rule says before its day. A day that cannot be read is in the past: a typing
/// error must not switch a rule off.
fn in_force(rule: &GateRule, now: Timestamp, judgement: Judgement) -> Judgement {
    let starts = rule.effective.and_then(|day| day.parse::<Timestamp>().ok());
    match starts {
        Some(day) if now < day && judgement.outcome != Outcome::Allow => Judgement {
            outcome: Outcome::Allow,
            remedy: None,
            next: Vec::new(),
            message: format!("binds from {day}"),
            ..judgement.clone()
        }
        .warning(format!("{} from {day}: {}", judgement.outcome, judgement.message)),
        _ => judgement,
    }
}

fn reason(rule: &GateRule, judgement: Judgement) -> Reason {
    let allowed = judgement.outcome == Outcome::Allow;
    let remedy = judgement.remedy.unwrap_or_else(|| rule.remediation.to_owned());
    Reason {
        rule: rule.id.to_owned(),
        title: rule.title.to_owned(),
        outcome: judgement.outcome,
        message: judgement.message,
        remedy: (!allowed).then_some(remedy),
        warning: judgement.warning,
    }
}

fn evidence(predicate_type: &str, id: &Sha256) -> ResourceDescriptor {
    ResourceDescriptor::sha256(predicate_type, id)
}

/// The environment's mode in the words of a decision.
pub(crate) fn mode(environment: &policy::Environment) -> Mode {
    match environment.mode {
        policy::Mode::Observe => Mode::Observe,
        policy::Mode::Warn => Mode::Warn,
        policy::Mode::Enforce => Mode::Enforce,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(effective: Option<&'static str>, now: &str) -> Judgement {
        let rule = GateRule { effective, ..RULES[0] };
        in_force(&rule, now.parse().unwrap(), Judgement::deny("no").next("x"))
    }

    #[test]
    fn a_rule_only_warns_before_its_day() {
        let day = Some("2027-01-01T00:00:00Z");
        let early = before(day, "2026-12-31T23:59:59Z");
        assert_eq!((early.outcome, early.next.len()), (Outcome::Allow, 0));
        assert_eq!(early.warning.as_deref(), Some("deny from 2027-01-01T00:00:00Z: no"));
        assert_eq!(before(day, "2027-01-01T00:00:00Z").outcome, Outcome::Deny);
    }

    #[test]
    fn a_rule_without_a_day_or_with_one_nobody_can_read_binds() {
        assert_eq!(before(None, "1970-01-01T00:00:00Z").outcome, Outcome::Deny);
        assert_eq!(before(Some("next year"), "1970-01-01T00:00:00Z").outcome, Outcome::Deny);
    }
}
