use penstock_statement::{ResourceDescriptor, predicate::Outcome};

use crate::world::{World, id, oid, reason};

#[test]
fn provenance_of_another_digest_says_nothing() {
    let mut world = World::new();
    world.input.provenance[0].statement.subject =
        vec![ResourceDescriptor::sha256("dist/app", &id("other bytes"))];
    let decision =
        world.expect("trusted-provenance", Outcome::Deny, "no provenance of this digest");
    assert_eq!(reason(&decision, "commit-known").outcome, Outcome::Indeterminate);
}

#[test]
fn provenance_is_only_believed_for_this_project_run_step_builder_and_build_type() {
    type Spoil = fn(&mut penstock_statement::predicate::Provenance);
    let cases: [(&str, Spoil); 8] = [
        ("is of project", |p| {
            p.build_definition.external_parameters.project =
                "git+https://example.org/team/app#sub".parse().unwrap();
        }),
        ("belongs to another run", |p| {
            p.run_details.byproducts = vec![ResourceDescriptor::sha256("run", &id("failed run"))];
        }),
        ("points to no single run seal", |p| {
            p.run_details.byproducts.push(ResourceDescriptor::sha256("run", &id("second")));
        }),
        ("unknown build type", |p| {
            p.build_definition.build_type = "https://example.org/other".to_owned();
        }),
        ("none the policy accepts", |p| {
            p.run_details.builder.id = "https://example.org/laptop".to_owned();
        }),
        ("different configurations", |p| {
            p.build_definition.external_parameters.configuration = id("other");
        }),
        ("different runs", |p| {
            p.run_details.metadata.invocation_id = "run-other".to_owned();
        }),
        ("the seal says `build`", |p| {
            p.build_definition.external_parameters.step = "test".to_owned();
        }),
    ];
    for (words, spoil) in cases {
        let mut world = World::new();
        spoil(&mut world.input.provenance[0].statement.predicate);
        world.expect("trusted-provenance", Outcome::Deny, words);
    }
}

#[test]
fn bad_provenance_beside_good_does_not_spoil_it() {
    let mut world = World::new();
    let mut other = world.evidence().provenance();
    other.evidence = id("other provenance");
    other.index = 99;
    other.statement.predicate.run_details.builder.id = "https://example.org/laptop".to_owned();
    world.input.provenance.push(other);
    assert_eq!(world.decide().outcome, Outcome::Allow);
}

#[test]
fn every_output_needs_its_own_provenance() {
    let mut world = World::new();
    let seal = world.input.run.as_mut().unwrap();
    let mut second = seal.statement.predicate.steps[1].outputs[0].clone();
    second.path = "dist/second".parse().unwrap();
    second.digest.insert("sha256".to_owned(), id("second output").to_string());
    seal.statement.subject.push(ResourceDescriptor::sha256("dist/second", &id("second output")));
    seal.statement.predicate.steps[1].outputs.push(second);
    world.expect("trusted-provenance", Outcome::Deny, "`dist/second`: there is no provenance");
}

#[test]
fn only_digests_of_the_release_are_deployed() {
    let mut world = World::new();
    world.input.subjects.push(ResourceDescriptor::sha256("dist/app", &id("smuggled")));
    world.expect("trusted-provenance", Outcome::Deny, "is no output of release");
    world.input.subjects.clear();
    world.expect("trusted-provenance", Outcome::Deny, "no digest was asked for");
}

#[test]
fn provenance_and_seal_must_name_the_same_commit_and_tree() {
    type Spoil = fn(&mut penstock_statement::predicate::BuildDefinition);
    let cases: [(&str, Spoil); 5] = [
        ("names the commit", |d| {
            d.resolved_dependencies[0] = ResourceDescriptor::git_commit(&oid("other"));
        }),
        ("names the tree", |d| {
            d.resolved_dependencies[1] = ResourceDescriptor::git_tree(&oid("other"));
        }),
        ("names no commit", |d| d.resolved_dependencies.clear()),
        ("names the commit", |d| {
            d.resolved_dependencies.push(ResourceDescriptor::git_commit(&oid("other")));
        }),
        ("not for commit", |d| {
            d.external_parameters.source = format!("x@{}", oid("other"));
        }),
    ];
    for (words, spoil) in cases {
        let mut world = World::new();
        spoil(&mut world.input.provenance[0].statement.predicate.build_definition);
        world.expect("commit-known", Outcome::Deny, words);
    }
}
