use penstock_model::Area;
use penstock_statement::predicate::Custody;

use super::Criterion;
use crate::scope::{Told, covers};

pub(super) const SECRETS_CHECKED: Criterion = Criterion {
    id: "secrets-checked",
    area: 3,
    maturity: 2,
    title: "every deployed commit was searched for secrets, completely, before it was deployed",
    controls: &["IA-5", "SC-28"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| match scope.check_of(shipped) {
                None => Told::unknown("a check of its commit"),
                Some(check) if covers(check.predicate(), Area::Secrets) => {
                    Told::yes("searched").by(check)
                }
                Some(check) => Told::no("its check did not search everything").by(check),
            },
        )
    },
};

pub(super) const NO_OPEN_SECRET: Criterion = Criterion {
    id: "no-open-secret",
    area: 3,
    maturity: 2,
    title: "no secret is open in the repository now",
    controls: &["IA-5", "SC-28"],
    judge: |scope| {
        let Some(report) = &scope.input.report else {
            return Told::unknown("a check of the repository as it is now");
        };
        let open = report.open().filter(|f| f.rule.area() == Some(Area::Secrets)).count();
        if open > 0 {
            return Told::no(format!("{open} open now"));
        }
        if !report.areas.contains(&Area::Secrets) || !report.is_complete() {
            return Told::unknown("a complete search for secrets");
        }
        Told::yes("none open now")
    },
};

pub(super) const SIGNING_KEYS_APART: Criterion = Criterion {
    id: "signing-keys-apart",
    area: 3,
    maturity: 3,
    title: "the signing keys were out of reach of the steps",
    controls: &["SC-12", "AC-6"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| match shipped.seal {
                None => Told::unknown("its run seal"),
                Some(seal) if seal.predicate().custody == Custody::Apart => {
                    Told::yes("apart").by(seal)
                }
                Some(seal) => Told::no("the signer ran as the user of the steps").by(seal),
            },
        )
    },
};
