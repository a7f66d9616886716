//! Which step runs when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc,
    thread,
};

use super::{Done, not_started};
use crate::plan::{Plan, PlannedStep};

/// Runs `work` for every step, each after the steps it needs, at most `jobs` at a time. The result
/// is in the plan's order, whatever order the steps ended in.
pub(super) fn run(
    plan: &Plan,
    jobs: usize,
    work: &(dyn Fn(&PlannedStep, &BTreeMap<String, Done>) -> Done + Sync),
) -> Vec<Done> {
    let mut waiting: Vec<&PlannedStep> = plan.steps.iter().collect();
    let mut done: BTreeMap<String, Done> = BTreeMap::new();
    let mut running: BTreeSet<String> = BTreeSet::new();
    let mut failed: Option<String> = None;
    thread::scope(|scope| {
        let (sender, ended) = mpsc::channel::<(String, Done)>();
        loop {
            while failed.is_none()
                && running.len() < jobs.max(1)
                && let Some(at) = waiting.iter().position(|step| is_ready(step, &done))
            {
                let step = waiting.remove(at);
                running.insert(step.name().to_owned());
                let needs: BTreeMap<String, Done> = done
                    .iter()
                    .filter(|(name, _)| step.parameters.needs.contains(name))
                    .map(|(name, done)| (name.clone(), done.clone()))
                    .collect();
                let sender = sender.clone();
                scope.spawn(move || {
                    let result = work(step, &needs);
                    // The receiver outlives every step.
                    _ = sender.send((step.name().to_owned(), result));
                });
            }
            if running.is_empty() {
                break;
            }
            let Ok((name, result)) = ended.recv() else { break };
            running.remove(&name);
            if !result.succeeded() && failed.is_none() {
                failed = Some(name.clone());
            }
            done.insert(name, result);
        }
    });
    let because = failed.map_or_else(
        || "a step it needs is not in the plan".to_owned(),
        |name| format!("step `{name}` did not succeed"),
    );
    plan.steps
        .iter()
        .map(|step| {
            done.remove(step.name())
                .unwrap_or_else(|| not_started(step.name(), step.definition(), because.clone()))
        })
        .collect()
}

fn is_ready(step: &PlannedStep, done: &BTreeMap<String, Done>) -> bool {
    step.parameters.needs.iter().all(|need| done.get(need).is_some_and(Done::succeeded))
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, Mutex};

    use penstock_statement::predicate::StepOutcome;

    use super::*;
    use crate::plan::tests::step;

    fn succeeded(step: &PlannedStep) -> Done {
        let mut done = not_started(step.name(), step.definition(), String::new());
        done.sealed.outcome = StepOutcome::Succeeded;
        done
    }

    fn plan() -> Plan {
        Plan { steps: vec![step("a", &[]), step("b", &["a"]), step("c", &["a"])], partial: false }
    }

    #[test]
    fn a_step_runs_after_what_it_needs_and_sees_only_that() {
        let order = Mutex::new(Vec::new());
        let result = run(&plan(), 1, &|step, needs| {
            let seen: Vec<String> = needs.keys().cloned().collect();
            order.lock().unwrap().push((step.name().to_owned(), seen));
            succeeded(step)
        });
        let a = || vec!["a".to_owned()];
        assert_eq!(
            order.into_inner().unwrap(),
            [("a".to_owned(), vec![]), ("b".to_owned(), a()), ("c".to_owned(), a())]
        );
        assert_eq!(
            result.iter().map(|d| d.sealed.name.as_str()).collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
    }

    /// `b` and `c` wait for each other: were they not run at the same time, this would not end.
    #[test]
    fn independent_steps_run_at_the_same_time() {
        let meeting = Barrier::new(2);
        let result = run(&plan(), 2, &|step, _| {
            if step.name() != "a" {
                meeting.wait();
            }
            succeeded(step)
        });
        assert!(result.iter().all(Done::succeeded));
    }

    #[test]
    fn after_a_failure_nothing_new_is_started() {
        let result = run(&plan(), 2, &|step, _| {
            let mut done = succeeded(step);
            done.sealed.outcome = StepOutcome::Failed { status: 1 };
            done
        });
        let reason = |at: usize| match &result[at].sealed.outcome {
            StepOutcome::NotStarted { reason } => reason.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!(reason(1), "step `a` did not succeed");
        assert_eq!(reason(2), "step `a` did not succeed");
    }
}
