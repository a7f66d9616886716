//! Root file systems that steps run in instead of the machine's.

use std::collections::BTreeMap;

use penstock_model::Sha256;
use penstock_rootfs::{Form, Store, Stored};
use penstock_sandbox::{Place, StepSpec};
use penstock_statement::ResourceDescriptor;
use serde_json::json;

use crate::{home::Home, plan::Plan, plan::PlannedStep};

/// The media type of an image's manifest: OCI image specification, "Media Types".
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of a tar, compressed or not.
const TAR: &str = "application/x-tar";

/// The roots of one run's steps: compared with what was unpacked when the run began, and kept by whoever
/// holds this. Why one cannot be had is told by the step that names it.
#[derive(Debug, Default)]
pub struct Roots {
    held: BTreeMap<Sha256, Result<Stored, String>>,
}

impl Roots {
    /// Those that the steps of a plan name. All of each is read once.
    pub fn of(plan: &Plan, home: &Home) -> Self {
        let store = Store::at(home.roots());
        let wanted = plan.steps.iter().filter_map(|step| step.parameters.root);
        let mut held = BTreeMap::new();
        for digest in wanted {
            held.entry(digest)
                .or_insert_with(|| store.get(&digest).map_err(|error| error.to_string()));
        }
        Self { held }
    }

    /// The root that a step names; `None` if it names none.
    ///
    /// # Errors
    /// It is not there, or not as it was: the step must not be started.
    pub(crate) fn of_step(&self, step: &PlannedStep) -> Result<Option<&Stored>, String> {
        let Some(digest) = &step.parameters.root else { return Ok(None) };
        match self.held.get(digest) {
            Some(Ok(stored)) => Ok(Some(stored)),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(format!("root `sha256:{digest}` was not looked for")),
        }
    }
}

/// Gives a step its root, and the variables of the image that nobody else has set.
pub(crate) fn give(root: &Stored, spec: &mut StepSpec) {
    spec.root = Some(Place(root.tree.clone()));
    for (name, value) in &root.record.environment {
        spec.env.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// A root as a dependency: its own digest, and that of the tree it became here, which is the same
/// wherever it is unpacked.
pub(crate) fn described(root: &Stored) -> ResourceDescriptor {
    let record = &root.record;
    let media_type = match record.form {
        Form::OciImage => MANIFEST,
        Form::Tar => TAR,
    };
    let mut annotations =
        BTreeMap::from([("tree".to_owned(), json!(format!("sha256:{}", record.tree)))]);
    if let Some(platform) = &record.platform {
        annotations.insert("platform".to_owned(), json!(platform));
    }
    ResourceDescriptor {
        media_type: Some(media_type.to_owned()),
        annotations,
        ..ResourceDescriptor::sha256(&record.name, &record.digest)
    }
}
