use penstock_config::policy::Profile;
use penstock_model::Answer;

use crate::{Case, GateRule, Judgement};

pub(super) const RULE: GateRule = GateRule {
    id: "evidence-complete",
    title: "the ledger holds together and nothing in it is missing",
    remediation: "`penstock log verify` names the file that is wrong",
    controls: &["AU-3", "AU-12", "SI-7"],
    control_areas: &[9],
    threats: &["T12"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    match &case.input.complete_ledger {
        Answer::Yes => Judgement::allow("the ledger was verified"),
        Answer::No => Judgement::deny(
            "the ledger does not verify, or evidence about this release is missing from it",
        ),
        Answer::Unknown(unknown) => case.cannot_tell(
            "evidence was read from a ledger that was not verified as a whole",
            format!("whether the ledger is complete cannot be told without {}", unknown.fact),
        ),
    }
}
