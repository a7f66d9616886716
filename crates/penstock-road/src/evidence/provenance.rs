use std::collections::BTreeMap;

use penstock_model::Sha256;
use penstock_statement::{
    DigestSet, ResourceDescriptor, Statement,
    predicate::{
        BUILD_TYPE, BuildDefinition, BuildMetadata, Builder, Custody, ExternalParameters,
        Provenance, RunDetails,
    },
};
use serde_json::json;

use super::{RunFacts, subject};
use crate::{
    egress::{Asked, Reached},
    plan::Plan,
    steps::Done,
};

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
        let needed = plan.closure(&done.sealed.name);
        let of_needed = |one: &&Done| needed.iter().any(|step| step.name() == one.sealed.name);
        let closure: Vec<&Done> = steps.iter().filter(of_needed).collect();
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
                        ("incomplete".to_owned(), json!(incomplete(&closure))),
                    ]),
                    resolved_dependencies: dependencies(facts, packages, &closure),
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

/// What the steps brought in over the network and nobody but they saw: hosts of TLS connections that
/// were not opened. The packages of lock files are among it, each checked by its client; what else was
/// is not known.
fn incomplete(closure: &[&Done]) -> Vec<String> {
    let mut hosts: Vec<String> = reached(closure)
        .flat_map(|reached| {
            let seen = |asked: &&Asked| asked.intercepted || seen_in_plain(reached, asked);
            reached.allowed.iter().filter(move |asked| asked.down > 0 && !seen(asked))
        })
        .map(|asked| format!("{}:{}: {} bytes", asked.host, asked.port, asked.down))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// Whether something came from a host and port in plain HTTP.
fn seen_in_plain(reached: &Reached, asked: &Asked) -> bool {
    let host = match asked.host.contains(':') {
        true => format!("[{}]", asked.host),
        false => asked.host.clone(),
    };
    let prefix = match asked.port {
        80 => format!("http://{host}/"),
        port => format!("http://{host}:{port}/"),
    };
    reached.fetched.iter().any(|file| file.url.starts_with(&prefix))
}

fn reached<'a>(closure: &'a [&Done]) -> impl Iterator<Item = &'a Reached> {
    closure.iter().filter_map(|done| done.watched.as_ref()?.reached.as_ref())
}

/// Commit and tree, then packages, then what was fetched and seen.
fn dependencies(
    facts: &RunFacts,
    packages: &[ResourceDescriptor],
    closure: &[&Done],
) -> Vec<ResourceDescriptor> {
    let commit = facts.commit.as_ref().map(|commit| ResourceDescriptor {
        uri: Some(facts.source.clone()),
        ..ResourceDescriptor::git_commit(commit)
    });
    let tree = facts.tree.as_ref().map(ResourceDescriptor::git_tree);
    let fetched = reached(closure).flat_map(|reached| &reached.fetched);
    let fetched = fetched.map(|file| ResourceDescriptor {
        uri: Some(file.url.clone()),
        digest: DigestSet::from([("sha256".to_owned(), file.sha256.clone())]),
        ..ResourceDescriptor::default()
    });
    commit.into_iter().chain(tree).chain(packages.iter().cloned()).chain(fetched).collect()
}
