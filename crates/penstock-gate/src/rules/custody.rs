use penstock_config::policy::Profile;
use penstock_statement::predicate::Custody;

use crate::{Case, GateRule, Judgement};

pub(super) const RULE: GateRule = GateRule {
    id: "custody",
    title: "the signer was out of reach of what it signs for",
    remediation: "run the signer as a user of its own, then `penstock run`",
    controls: &["SC-12", "AC-6", "SI-7"],
    control_areas: &[1, 3, 6],
    threats: &["T5", "T9"],
    effective: None,
    from: Profile::Level3,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some(seal) = case.seal() else {
        return Judgement::deny("without the run seal the custody of the keys is not known");
    };
    match seal.predicate().custody {
        Custody::Apart => Judgement::allow("the signer ran apart from the steps"),
        Custody::SameUser => Judgement::deny("the signer ran as the same user as the steps"),
    }
    .using(seal)
}
