use penstock_model::Answer;

use super::Criterion;
use crate::scope::Told;

pub(super) const LEDGER_CONSISTENT: Criterion = Criterion {
    id: "ledger-consistent",
    area: 9,
    maturity: 2,
    title: "the ledger verifies and agrees with the last checkpoint that was seen",
    controls: &["AU-3", "AU-12", "SI-7"],
    judge: |scope| match &scope.input.log.consistent {
        Answer::Yes => Told::yes(format!("{} entries", scope.input.log.size)),
        Answer::No => Told::no("it does not verify"),
        Answer::Unknown(unknown) => Told::unknown(unknown.fact.clone()),
    },
};

pub(super) const EVERY_DEPLOYMENT_DECIDED: Criterion = Criterion {
    id: "every-deployment-decided",
    area: 9,
    maturity: 2,
    title: "every deployment, also what was forced in, names a decision of the ledger",
    controls: &["AU-2", "CA-7"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| match shipped.decision {
                Some(decision) => Told::yes("decided").by(decision),
                None => Told::no("no decision").by(shipped.evidence),
            },
        )
    },
};

pub(super) const WITNESSED: Criterion = Criterion {
    id: "witnessed",
    area: 9,
    maturity: 3,
    title: "somebody else cosigned the ledger's checkpoint",
    controls: &["AU-12", "CA-7"],
    judge: |scope| match scope.input.log.witnessed {
        true => Told::yes("witnessed"),
        false => Told::no("not witnessed: self-asserted"),
    },
};
