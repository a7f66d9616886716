use std::collections::BTreeSet;

use penstock_statement::predicate::{MonitorLog, RuntimeTrace, TracedConnection};

/// Places of a step's own, where programs have other names in every run. Only rung 1 shows them all
/// under these names.
const OWN: [&str; 3] = ["/home/", "/tmp/", "/workspace/"];

/// Denials whose objects have lasting names: files and hosts. Calls and signals are part of how
/// programs are written, and files of processes have numbers.
const TRANSIENT: [&str; 3] = ["call", "read", "signal"];

/// What a step did and did not do in an earlier run, in words, sorted: programs of the system that it
/// started, hosts and sockets that it asked for, what it was not let. Nothing where one of the two did
/// not run on rung 1, for then names cannot be compared.
pub(crate) fn novelties(before: &RuntimeTrace, now: &RuntimeTrace) -> Vec<String> {
    if [before, now].iter().any(|trace| trace.monitor.trace_policy.rung != 1) {
        return Vec::new();
    }
    let before = habits(&before.monitor_log);
    habits(&now.monitor_log).difference(&before).cloned().collect()
}

fn habits(log: &MonitorLog) -> BTreeSet<String> {
    let programs = log.process.iter().filter_map(|process| process.executable.as_deref());
    let programs = programs.filter(|path| !OWN.iter().any(|own| path.starts_with(own)));
    let programs = programs.map(|path| format!("runs {path}"));
    let asked = log.network.iter().filter_map(asked).map(|whom| format!("asks for {whom}"));
    let denied = log.denied.iter().filter(|denial| !TRANSIENT.contains(&&*denial.kind));
    let denied = denied.map(|denial| format!("is not let: {} {}", denial.kind, denial.what));
    programs.chain(asked).chain(denied).collect()
}

/// A host by its name, or a socket by its path; an address says nothing that lasts.
fn asked(connection: &TracedConnection) -> Option<String> {
    match (&connection.hostname, &connection.ip, connection.port) {
        (Some(host), _, Some(port)) => Some(format!("{host}:{port}")),
        (None, Some(path), None) if connection.protocol == "unix" => Some(path.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use penstock_statement::predicate::{TracedDenial, TracedProcess};

    use super::*;

    fn program(path: &str) -> TracedProcess {
        TracedProcess {
            parent: None,
            executable: Some(path.to_owned()),
            program: path.to_owned(),
            arguments: Vec::new(),
            cut: false,
        }
    }

    fn connection(host: Option<&str>, ip: Option<&str>, port: Option<u16>) -> TracedConnection {
        TracedConnection {
            ip: ip.map(str::to_owned),
            hostname: host.map(str::to_owned),
            port,
            protocol: if port.is_some() { "tcp" } else { "unix" }.to_owned(),
            allowed: true,
            intercepted: false,
            count: 3,
        }
    }

    fn denial(kind: &str, what: &str) -> TracedDenial {
        TracedDenial { kind: kind.to_owned(), what: what.to_owned(), program: None, count: 1 }
    }

    #[test]
    fn lasting_names_are_habits_and_passing_ones_are_not() {
        let log = MonitorLog {
            process: [
                "/usr/bin/cc",
                "/usr/bin/cc",
                "/workspace/target/debug/build/x-0a1b/build-script-build",
                "/tmp/ccXq3.out",
            ]
            .map(program)
            .to_vec(),
            network: vec![
                connection(Some("registry.example"), None, Some(443)),
                connection(None, Some("198.18.0.7"), Some(443)),
                connection(None, Some("/run/nscd/socket"), None),
            ],
            denied: vec![
                denial("credential", "/home/build/.ssh/id_ed25519"),
                denial("not-allowed", "collector.example:443"),
                denial("read", "/proc/4711/environ"),
                denial("call", "ptrace"),
            ],
            ..MonitorLog::default()
        };
        let habits: Vec<String> = habits(&log).into_iter().collect();
        assert_eq!(
            habits,
            [
                "asks for /run/nscd/socket",
                "asks for registry.example:443",
                "is not let: credential /home/build/.ssh/id_ed25519",
                "is not let: not-allowed collector.example:443",
                "runs /usr/bin/cc",
            ]
        );
    }
}
