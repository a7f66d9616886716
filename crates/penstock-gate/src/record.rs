use std::borrow::Borrow;

use penstock_statement::{
    Verified,
    predicate::{MonitoredProcess, RuntimeTrace, SealedStep, SealedTrace},
};

/// What is wrong with the record of a step that ran, if anything: it has gaps, or is not among
/// `traces`, or is not the one that the seal of run `invocation` was made with.
pub fn record_fault<T: Borrow<Verified<RuntimeTrace>>>(
    invocation: &str,
    step: &SealedStep,
    traces: impl IntoIterator<Item = T>,
) -> Option<String> {
    let name = &step.name;
    let Some(sealed) = &step.trace else {
        return Some(format!("nothing recorded what step `{name}` did"));
    };
    let lost = sealed.lost.total();
    if lost > 0 {
        return Some(format!("the record of step `{name}` lacks {lost} events"));
    }
    let mut traces = traces.into_iter();
    let Some(trace) = traces.find(|trace| trace.borrow().evidence == sealed.statement) else {
        return Some(format!(
            "the record {} of step `{name}` is missing",
            sealed.statement.short()
        ));
    };
    let trace = trace.borrow();
    let (id, trace) = (trace.evidence, trace.predicate());
    let rung = step.isolation.as_ref().map(|isolation| isolation.rung);
    let same = trace.monitored_process.event == MonitoredProcess::event_of(invocation, name)
        && rung == Some(trace.monitor.trace_policy.rung)
        && *sealed == SealedTrace::of(id, &trace.monitor_log);
    (!same).then(|| format!("the record of step `{name}` is not what the seal says it is"))
}
