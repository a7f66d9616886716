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
/// were not opened, and what found no place in the record. The packages of lock files are among it, each checked by its client; what else was
/// is not known.
fn incomplete(closure: &[&Done]) -> Vec<String> {
    let mut hosts: Vec<String> = reached(closure)
        .flat_map(|reached| {
            let unseen = |asked: &&Asked| asked.down > 0 && !seen(reached, asked);
            reached.allowed.iter().filter(unseen)
        })
        .map(|asked| format!("{}:{}: {} bytes", asked.host, asked.port, asked.down))
        .collect();
    let lost: u64 = reached(closure).map(|reached| reached.lost).sum();
    if lost > 0 {
        hosts.push(format!("{lost} connections or requests that are not recorded"));
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

/// Whether what came from a host and port was seen: within TLS that was opened, or in plain HTTP.
fn seen(reached: &Reached, asked: &Asked) -> bool {
    if asked.intercepted {
        return true;
    }
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

/// Commit and tree, then packages, then root file systems, then what was fetched and seen.
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
    let mut roots: Vec<ResourceDescriptor> = Vec::new();
    for root in closure.iter().filter_map(|done| done.root.as_ref()) {
        if !roots.contains(root) {
            roots.push(root.clone());
        }
    }
    let packages = packages.iter().cloned();
    commit.into_iter().chain(tree).chain(packages).chain(roots).chain(fetched).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::FetchedFile;

    fn asked(host: &str, port: u16, intercepted: bool) -> Asked {
        let host = host.to_owned();
        Asked { host, port, count: 1, logins: 0, up: 0, down: 5, intercepted, trouble: None }
    }

    #[test]
    fn what_nobody_saw_is_told_from_what_was_seen() {
        let file = |url: &str| FetchedFile { url: url.to_owned(), sha256: String::new(), size: 5 };
        let reached = Reached {
            fetched: vec![
                file("http://mirror.example:8080/a"),
                file("http://plain.example/a"),
                file("http://[2001:db8::1]/a"),
            ],
            ..Reached::default()
        };
        for (host, port, opened, expected) in [
            ("mirror.example", 8080, false, true),
            ("mirror.example", 443, false, false),
            ("mirror.example", 443, true, true),
            ("plain.example", 80, false, true),
            ("2001:db8::1", 80, false, true),
            // Whose name only begins like one that was seen.
            ("plain.exam", 80, false, false),
            ("plain.example.org", 80, false, false),
        ] {
            assert_eq!(seen(&reached, &asked(host, port, opened)), expected, "{host}:{port}");
        }
    }
}
