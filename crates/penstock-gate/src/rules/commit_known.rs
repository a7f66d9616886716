use penstock_config::policy::Profile;
use penstock_model::GitOid;
use penstock_statement::predicate::Provenance;

use super::trusted_provenance::provenance_of;
use crate::{Case, GateRule, Judgement, case::descriptor};

pub(super) const RULE: GateRule = GateRule {
    id: "commit-known",
    title: "what was built is one clean commit",
    remediation: "commit everything, then `penstock run`",
    controls: &["CM-3", "SR-4", "SA-10"],
    control_areas: &[2, 6],
    threats: &["T3", "T6"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some(seal) = case.seal() else {
        return Judgement::deny("without the run seal no commit is known");
    };
    let (Some(commit), Some(tree)) = (&seal.predicate().commit, &seal.predicate().tree) else {
        return Judgement::deny(
            "the work tree was built: it may hold changes that are in no commit",
        )
        .using(seal);
    };
    let mut used = Vec::new();
    for (step, output) in case.outputs() {
        let Ok(provenance) = provenance_of(case, seal, step, &descriptor(output)) else {
            return Judgement::indeterminate(format!(
                "no provenance says from which commit `{}` was made",
                output.path
            ))
            .using(seal);
        };
        if let Some(fault) = fault(provenance.predicate(), commit, tree) {
            return Judgement::deny(format!("`{}`: {fault}", output.path))
                .using(seal)
                .using(provenance);
        }
        used.push(provenance);
    }
    Judgement::allow(format!("commit {}, nothing uncommitted", commit.short()))
        .using(seal)
        .using_all(used)
}

fn fault(provenance: &Provenance, commit: &GitOid, tree: &GitOid) -> Option<String> {
    for (name, algorithm, sealed) in [("commit", "gitCommit", commit), ("tree", "gitTree", tree)] {
        let stated: Vec<_> = provenance
            .build_definition
            .resolved_dependencies
            .iter()
            .filter(|d| d.name.as_deref() == Some(name))
            .filter_map(|d| d.digest.get(algorithm))
            .collect();
        match stated.as_slice() {
            [one] if *one == sealed.as_str() => {}
            [] => return Some(format!("its provenance names no {name}")),
            [other, ..] => {
                return Some(format!("its provenance names the {name} {other}, the seal {sealed}"));
            }
        }
    }
    let source = &provenance.build_definition.external_parameters.source;
    (source.rsplit_once('@').map(|(_, at)| at) != Some(commit.as_str()))
        .then(|| format!("its provenance was asked for `{source}`, not for commit {commit}"))
}
