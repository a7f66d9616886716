//! The second build of a step, in another environment, whose outputs must be the first one's.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, SystemTime},
};

use penstock_sandbox::varied;
use penstock_statement::predicate::StepOutcome;

use super::{Done, Workshop, difference::difference, step::Build};
use crate::{plan::PlannedStep, timeline::Event};

impl Workshop<'_> {
    /// Builds a step again that left outputs. If these are others, it did not succeed; what the
    /// second build left is then kept beside its log.
    pub(super) fn again(
        &self,
        planned: &PlannedStep,
        needs: &BTreeMap<String, Done>,
        first: &Build<'_>,
        done: &mut Done,
    ) {
        let label = format!("{} again", planned.name());
        let directory = first.directory.join("again");
        let store = directory.join("outputs");
        let second = Build { label: &label, directory: &directory, store: &store, varied: true };
        another_second();
        let again = self.build(planned, needs, &second);
        let note = |note: &str| self.timeline.event(&Event::StepNote { step: &label, note });
        done.sealed.secrets.extend(again.sealed.secrets.iter().cloned());
        let fault = match &again.sealed.outcome {
            StepOutcome::Succeeded => done
                .outputs
                .iter()
                .zip(&again.outputs)
                .find(|(one, other)| {
                    (one.digest, one.executable) != (other.digest, other.executable)
                })
                .map(|(one, other)| {
                    note(&format!("compare {}", one.stored.display()));
                    note(&format!("with    {}", other.stored.display()));
                    format!(
                        "`{}` is another one when it is built again: {}",
                        one.path,
                        difference(one, other)
                    )
                }),
            other => Some(format!("the second build of it did not succeed: {other}")),
        };
        match fault {
            Some(reason) => {
                done.sealed.outcome = StepOutcome::BadOutput { reason };
                done.sealed.outputs.clear();
                done.outputs.clear();
            }
            None => {
                let varied: Vec<String> = varied().map(str::to_owned).collect();
                note(&format!("the same outputs with another {}", varied.join(", ")));
                done.sealed.reproduced = varied;
                _ = fs::remove_dir_all(store);
            }
        }
    }
}

/// Waits until the clock shows another second than it did when the first build ended: a time that it
/// wrote down would else be the same one by chance.
fn another_second() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    thread::sleep(Duration::from_secs(now.as_secs() + 1).saturating_sub(now));
}
