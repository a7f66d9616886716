use penstock_config::policy::Profile;
use penstock_statement::{
    Predicate, ResourceDescriptor, Verified,
    predicate::{BUILD_TYPE, Provenance, RunSeal, SealedStep},
};

use crate::{Case, GateRule, Judgement, case::descriptor};

pub(super) const RULE: GateRule = GateRule {
    id: "trusted-provenance",
    title: "every output has provenance by a builder the policy accepts",
    remediation: "`penstock run` with a builder and keys the policy names (`penstock policy show`)",
    controls: &["SR-4", "SI-7", "CM-14"],
    control_areas: &[4, 6],
    threats: &["T4", "T8"],
    effective: None,
    from: Profile::Level2,
    judge,
};

fn judge(case: &Case<'_>) -> Judgement {
    let Some(seal) = case.seal() else {
        return Judgement::deny("without the run seal no provenance can be joined to the release");
    };
    if let Some(fault) = asked_for(case) {
        return Judgement::deny(fault).using(seal);
    }
    let mut accepted = Vec::new();
    for (step, output) in case.outputs() {
        match provenance_of(case, seal, step, &descriptor(output)) {
            Ok(provenance) => accepted.push(provenance),
            Err(fault) => {
                return Judgement::deny(format!("`{}`: {fault}", output.path)).using(seal);
            }
        }
    }
    let builder = accepted.first().map(|p| p.predicate().run_details.builder.id.as_str());
    Judgement::allow(format!(
        "{} built by {}",
        count(accepted.len(), "output"),
        builder.unwrap_or_default()
    ))
    .using(seal)
    .using_all(accepted)
}

/// What is wrong with the digests that were asked for, before any provenance is read.
fn asked_for(case: &Case<'_>) -> Option<String> {
    let outputs: Vec<_> = case.outputs().map(|(_, output)| descriptor(output)).collect();
    if outputs.is_empty() {
        return Some("the run left no output that could be deployed".to_owned());
    }
    if case.input.subjects.is_empty() {
        return Some("no digest was asked for".to_owned());
    }
    let stranger =
        case.input.subjects.iter().find(|s| !outputs.iter().any(|output| s.same_digest(output)))?;
    let (algorithm, digest) = stranger.digest.first_key_value()?;
    Some(format!("{algorithm}:{digest} is no output of release {}", case.input.release.short()))
}

/// The provenance of one output that counts, or what is wrong with the newest that does not.
pub(super) fn provenance_of<'a>(
    case: &Case<'a>,
    seal: &Verified<RunSeal>,
    step: &SealedStep,
    output: &ResourceDescriptor,
) -> Result<&'a Verified<Provenance>, String> {
    let mut about: Vec<_> = case
        .provenance()
        .filter(|p| p.statement.subject.iter().any(|s| s.same_digest(output)))
        .collect();
    about.sort_by_key(|p| p.index);
    let mut newest_fault = None;
    for provenance in about.into_iter().rev() {
        match fault(case, seal, step, provenance.predicate()) {
            None => return Ok(provenance),
            Some(fault) => newest_fault = newest_fault.or(Some(fault)),
        }
    }
    Err(newest_fault.unwrap_or_else(|| {
        format!("there is no provenance of this digest{}", case.refused_note(Provenance::TYPE))
    }))
}

fn fault(
    case: &Case<'_>,
    seal: &Verified<RunSeal>,
    step: &SealedStep,
    provenance: &Provenance,
) -> Option<String> {
    let definition = &provenance.build_definition;
    let parameters = &definition.external_parameters;
    let builder = &provenance.run_details.builder.id;
    match provenance.seal() {
        Some(of) if of == case.input.release => {}
        Some(of) => return Some(format!("its provenance belongs to another run, {}", of.short())),
        None => return Some("its provenance points to no single run seal".to_owned()),
    }
    if definition.build_type != BUILD_TYPE {
        return Some(format!(
            "its provenance has the unknown build type `{}`",
            definition.build_type
        ));
    }
    if parameters.project != case.policy.project {
        return Some(format!(
            "its provenance is of project `{}`, not `{}`",
            parameters.project, case.policy.project
        ));
    }
    if !case.policy.builders.contains_key(builder) {
        return Some(format!("its builder `{builder}` is none the policy accepts"));
    }
    if parameters.configuration != seal.predicate().configuration {
        return Some("its provenance and the run seal name different configurations".to_owned());
    }
    if provenance.run_details.metadata.invocation_id != seal.predicate().invocation {
        return Some("its provenance and the run seal name different runs".to_owned());
    }
    if parameters.step != step.name {
        return Some(format!(
            "its provenance says step `{}` made it, the seal says `{}`",
            parameters.step, step.name
        ));
    }
    None
}

pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
