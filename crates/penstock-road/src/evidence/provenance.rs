use std::collections::BTreeMap;

use penstock_model::Sha256;
use penstock_statement::{
    ResourceDescriptor, Statement,
    predicate::{
        BUILD_TYPE, BuildDefinition, BuildMetadata, Builder, Custody, ExternalParameters,
        Provenance, RunDetails,
    },
};
use serde_json::json;

use super::{RunFacts, subject};
use crate::{plan::Plan, steps::Done};

/// The builder's identity: another one for each security mode, since it alone says how far the
/// provenance can be trusted (SLSA v1.2, "Builder").
pub fn builder_id(custody: Custody) -> &'static str {
    match custody {
        Custody::SameUser => "https://penstock.dev/builder/same-user/v0.1",
        Custody::Apart => "https://penstock.dev/builder/apart/v0.1",
    }
}

/// SLSA provenance of every output of a run that succeeded: one statement each.
///
/// `seal` is the evidence id of the run seal; `packages` what the lock files name.
pub fn provenance(
    facts: &RunFacts,
    plan: &Plan,
    steps: &[Done],
    seal: &Sha256,
    packages: &[ResourceDescriptor],
) -> Vec<Statement<Provenance>> {
    let mut statements = Vec::new();
    for done in steps {
        for output in &done.sealed.outputs {
            let predicate = Provenance {
                build_definition: BuildDefinition {
                    build_type: BUILD_TYPE.to_owned(),
                    external_parameters: ExternalParameters {
                        project: facts.project.clone(),
                        source: facts.source.clone(),
                        configuration: facts.configuration,
                        step: done.sealed.name.clone(),
                        steps: plan
                            .closure(&done.sealed.name)
                            .into_iter()
                            .map(|step| step.parameters.clone())
                            .collect(),
                    },
                    internal_parameters: BTreeMap::from([
                        ("isolation".to_owned(), json!(done.sealed.isolation)),
                        ("custody".to_owned(), json!(facts.custody)),
                    ]),
                    resolved_dependencies: dependencies(facts, packages),
                },
                run_details: RunDetails {
                    builder: Builder {
                        id: builder_id(facts.custody).to_owned(),
                        version: BTreeMap::from([("penstock".to_owned(), facts.version.clone())]),
                    },
                    metadata: BuildMetadata {
                        invocation_id: facts.invocation.clone(),
                        started_on: facts.started_on,
                        finished_on: facts.finished_on,
                    },
                    byproducts: std::iter::once(ResourceDescriptor::sha256(Provenance::SEAL, seal))
                        .chain(done.sealed.log.clone())
                        .collect(),
                },
            };
            statements.push(Statement::new(vec![subject(output)], predicate));
        }
    }
    statements
}

/// Commit and tree, then packages.
fn dependencies(facts: &RunFacts, packages: &[ResourceDescriptor]) -> Vec<ResourceDescriptor> {
    let commit = facts.commit.as_ref().map(|commit| ResourceDescriptor {
        uri: Some(facts.source.clone()),
        ..ResourceDescriptor::git_commit(commit)
    });
    let tree = facts.tree.as_ref().map(ResourceDescriptor::git_tree);
    commit.into_iter().chain(tree).chain(packages.iter().cloned()).collect()
}
