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
                let sbom = scope
                    .sboms_of(seal)
                    .into_iter()
                    .find(|sbom| sbom.index < shipped.evidence.index);
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
