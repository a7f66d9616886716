use crate::{Case, GateRule, Judgement};
use penstock_config::policy::Profile;

pub(super) const RULE: GateRule = GateRule {
    id: "refused-evidence",
    title: "whatever claims to be evidence about this release verifies",
    remediation: "find out who wrote it: `penstock log show EVIDENCE`",
    controls: &["SI-7", "AU-6"],
    control_areas: &[6, 9],
    threats: &["T4", "T12"],
    effective: None,
    from: Profile::Level2,
    judge,
};

/// Never more than a warning: refused evidence counts for nothing, and if it could deny, whoever
/// can write one byte about a digest could stop every deployment of it for ever.
fn judge(case: &Case<'_>) -> Judgement {
    let refused = case.refused();
    let Some(first) = refused.first() else {
        return Judgement::allow("nothing was refused");
    };
    let name = first.predicate_type.as_str();
    let more = match refused.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    Judgement::allow(format!("{} refused and not counted", refused.len())).warning(format!(
        "{} claims to be `{name}` and is refused: {}{more}",
        first.evidence.short(),
        first.reason
    ))
}
