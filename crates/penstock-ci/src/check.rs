use penstock_check::{Check, File, FileInfo, Findings, Kind, Rule};
use penstock_model::{Location, fact::Fact};

use crate::{RULES, definition::Definition, generated::DETECTORS};

/// All rules about GitHub workflows and composite actions, over one parsed document.
pub(crate) struct CiCheck;

impl Check for CiCheck {
    fn rules(&self) -> &'static [&'static Rule] {
        RULES
    }

    fn wants(&self, file: &FileInfo<'_>) -> bool {
        matches!(file.kind, Kind::GithubWorkflow | Kind::GithubAction)
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        let Some(definition) = Definition::of(file) else { return };
        for (_, detector) in DETECTORS {
            detector(&definition, findings);
        }
        let mut triggers: Vec<String> =
            definition.triggers().map(|(event, _)| event.to_owned()).collect();
        triggers.sort();
        for job in &definition.jobs {
            let region = Some(file.region(&job.node.span()));
            let location = Location { path: file.path().clone(), region, route: job.node.route() };
            let (id, triggers) = (job.id.to_owned(), triggers.clone());
            findings.fact(Fact::CiJob { location, id, triggers });
        }
    }
}
