use penstock_statement::{
    ResourceDescriptor, Statement,
    predicate::{BUILD_TYPE, MONITOR, Monitor, MonitoredProcess, RuntimeTrace, TraceMetadata},
};

use super::{RunFacts, builder_id, release_subjects};
use crate::steps::Done;

/// The `runtime-trace` statement of a step, about the whole release; `None` if it never ran.
pub fn runtime_trace(
    facts: &RunFacts,
    steps: &[Done],
    done: &Done,
) -> Option<Statement<RuntimeTrace>> {
    let watched = done.watched.as_ref()?;
    let outputs = steps.iter().flat_map(|done| done.sealed.outputs.iter().cloned());
    Some(Statement::new(
        release_subjects(facts, outputs),
        RuntimeTrace {
            monitor: Monitor {
                kind: MONITOR.to_owned(),
                config_source: ResourceDescriptor::sha256("penstock.toml", &facts.configuration),
                trace_policy: watched.policy.clone(),
            },
            monitored_process: MonitoredProcess {
                host_id: builder_id(facts.custody).to_owned(),
                kind: BUILD_TYPE.to_owned(),
                event: MonitoredProcess::event_of(&facts.invocation, &done.sealed.name),
            },
            monitor_log: watched.log.clone(),
            metadata: TraceMetadata {
                build_started_on: facts.started_on,
                build_finished_on: facts.finished_on,
            },
        },
    ))
}
