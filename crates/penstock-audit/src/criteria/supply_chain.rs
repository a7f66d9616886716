use penstock_model::Role;
use penstock_statement::{ResourceDescriptor, predicate::CYCLONEDX};

use super::Criterion;
use crate::scope::Told;

pub(super) const CONTENTS_RECORDED: Criterion = Criterion {
    id: "contents-recorded",
    area: 4,
    maturity: 2,
    title: "every deployed release has an SBOM that came before it",
    controls: &["SR-4", "SR-3"],
    judge: |scope| {
        scope.every(
            "deployments",
            |_| true,
            |shipped| {
                let Some(seal) = shipped.seal else { return Told::unknown("its run seal") };
                let about = |subject: &ResourceDescriptor| {
                    seal.statement.subject.iter().any(|s| s.same_digest(subject))
                };
                let sbom = scope.input.sboms.iter().find(|sbom| {
                    sbom.role == Role::Build
                        && sbom.statement.predicate_type == CYCLONEDX
                        && sbom.index < shipped.evidence.index
                        && sbom.statement.subject.iter().any(about)
                });
                match sbom {
                    Some(sbom) => Told::yes("recorded").by(sbom),
                    None => Told::no("it has no SBOM").by(seal),
                }
            },
        )
    },
};

pub(super) const ADVISORIES_MATCHED: Criterion = Criterion {
    id: "advisories-matched",
    area: 4,
    maturity: 3,
    title: "every dependency was matched against advisories",
    controls: &["RA-5", "SR-3"],
    judge: |_| Told::unknown("dependency advisories, which this version does not match"),
};
