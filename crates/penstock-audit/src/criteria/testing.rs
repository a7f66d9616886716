use penstock_statement::predicate::{Mode, TestVerdict};

use super::Criterion;
use crate::scope::Told;

pub(super) const CHECKED_BEFORE_DEPLOYMENT: Criterion = Criterion {
    id: "checked-before-deployment",
    area: 5,
    maturity: 2,
    title: "every deployed commit was checked completely, in every required area, before",
    controls: &["SA-11", "RA-5"],
    judge: |scope| {
        let required = scope.input.policy.check.required();
        scope.every(
            "deployments",
            |_| true,
            |shipped| {
                let Some(check) = scope.check_of(shipped) else {
                    return Told::no("no check of its commit came before it");
                };
                let missing = required.iter().find(|a| !check.predicate().areas.contains(a));
                match missing {
                    Some(area) => Told::no(format!("`{}` was not checked", area.name())),
                    None if !check.predicate().complete => Told::no("its check is not complete"),
                    None => Told::yes("checked"),
                }
                .by(check)
            },
        )
    },
};

pub(super) const TESTS_REALLY_RAN: Criterion = Criterion {
    id: "tests-really-ran",
    area: 5,
    maturity: 2,
    title: "real tests passed on every deployed release",
    controls: &["SA-11"],
    judge: |scope| {
        let steps = &scope.input.policy.tests.steps;
        if steps.is_empty() {
            return Told::unknown("a test step named by the policy");
        }
        scope.every(
            "deployments",
            |_| true,
            |shipped| {
                let mut told = Told::yes("tested");
                for step in steps {
                    let Some(test) = scope.tests_of(shipped, step) else {
                        return Told::no(format!("no result of test step `{step}`"));
                    };
                    let result = test.predicate();
                    let passed = result.counts.map_or(0, |counts| counts.passed);
                    let failed = result.counts.map_or(0, |counts| counts.failed);
                    if passed == 0 {
                        return Told::no(format!("hollow: no test of `{step}` passed")).by(test);
                    }
                    if failed > 0 || result.result == TestVerdict::Failed {
                        return Told::no(format!("{failed} tests of `{step}` failed")).by(test);
                    }
                    told = told.by(test);
                }
                told
            },
        )
    },
};

pub(super) const GATE_ENFORCED: Criterion = Criterion {
    id: "gate-enforced",
    area: 5,
    maturity: 3,
    title: "every deployment rests on an enforcing gate of profile level-3 or stricter",
    controls: &["CM-4", "SA-11"],
    judge: |scope| {
        scope.every(
            "deployments",
            |shipped| !shipped.forced(),
            |shipped| {
                let Some(decision) = shipped.decision else { return Told::no("no decision") };
                let of = decision.predicate();
                if of.mode != Mode::Enforce {
                    return Told::no("its gate did not enforce").by(decision);
                }
                if !matches!(of.profile.as_str(), "level-3" | "level-4") {
                    return Told::no(format!("its gate asked `{}` only", of.profile)).by(decision);
                }
                Told::yes("enforced").by(decision)
            },
        )
    },
};
