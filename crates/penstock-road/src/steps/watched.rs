//! What a step did, as it is recorded: masked, by digest, with what is missing counted.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use penstock_model::Sha256;
use penstock_sandbox::{Attempt, Connection, Denial, Protocol, StepRecord, mask::Forms};
use penstock_statement::{
    ResourceDescriptor,
    predicate::{
        LostEvents, MonitorLog, TracePolicy, TracedConnection, TracedDenial, TracedProcess,
    },
};

use crate::{command::masking::Arguments, egress::Reached};

/// Files over this size are named without a digest: compilers and their libraries, which would cost
/// more to hash than most steps take.
const MOST_HASHED: u64 = 16 << 20;

/// What a step did.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What was in force.
    pub policy: TracePolicy,
    /// What was seen.
    pub log: MonitorLog,
    /// What went through its proxy, if it had one.
    pub reached: Option<Reached>,
}

impl Watched {
    /// From the sandbox's record and the proxy's. Secrets in these forms are masked.
    pub(super) fn new(record: &StepRecord, reached: Option<Reached>, forms: &Arc<Forms>) -> Self {
        let arguments = Arguments::of(Arc::clone(forms));
        let (trace, isolation) = (&record.trace, &record.isolation);
        let process = trace.processes.iter().map(|process| TracedProcess {
            parent: process.parent,
            executable: process.executable.as_deref().map(|path| arguments.text(path)),
            program: arguments.text(&process.program),
            arguments: arguments.mask(&process.arguments),
            cut: process.cut,
        });
        let mut network: Vec<TracedConnection> =
            trace.connections.iter().map(|one| connection(one, &arguments)).collect();
        let mut denied: Vec<TracedDenial> =
            trace.denied.iter().map(|one| denial(one, &arguments)).collect();
        if let Some(reached) = &reached {
            network.extend(reached.allowed.iter().map(|asked| TracedConnection {
                ip: None,
                hostname: Some(arguments.text(&asked.host)),
                port: Some(asked.port),
                protocol: "tcp".to_owned(),
                allowed: asked.trouble.is_none(),
                intercepted: asked.intercepted,
                count: asked.count,
            }));
            denied.extend(reached.denied.iter().map(|refused| TracedDenial {
                kind: refused.reason.clone(),
                what: arguments.text(&format!("{}:{}", refused.host, refused.port)),
                program: None,
                count: refused.count,
            }));
        }
        network.sort();
        denied.sort();
        let lost = LostEvents {
            over_limit: trace.lost.over_limit,
            unreadable: trace.lost.unreadable,
            datagrams: trace.lost.datagrams,
            connections: reached.as_ref().map_or(0, |reached| reached.lost),
        };
        Self {
            policy: TracePolicy {
                rung: isolation.rung,
                landlock_abi: isolation.landlock_abi,
                seccomp_filter: isolation.seccomp_filter,
                degradations: isolation.degradations.clone(),
            },
            log: MonitorLog {
                process: process.collect(),
                network,
                file_access: trace.read.iter().map(|path| file(path, &arguments)).collect(),
                denied,
                lost,
            }
            .bounded(),
            reached,
        }
    }
}

fn connection(connection: &Connection, arguments: &Arguments) -> TracedConnection {
    let protocol = match connection.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Unix => "unix",
        Protocol::Unknown => "unknown",
    };
    let address = connection.destination.parse::<std::net::SocketAddr>();
    TracedConnection {
        ip: Some(match &address {
            Ok(address) => address.ip().to_string(),
            Err(_) => arguments.text(&connection.destination),
        }),
        hostname: None,
        port: address.ok().map(|address| address.port()),
        protocol: protocol.to_owned(),
        // The kernel was asked; whether anybody answered, the proxy's own entries say.
        allowed: connection.protocol == Protocol::Unix,
        intercepted: false,
        count: connection.count,
    }
}

fn denial(denial: &Denial, arguments: &Arguments) -> TracedDenial {
    let (kind, what) = match &denial.attempt {
        Attempt::Call { name, detail: None } => ("call", name.clone()),
        Attempt::Call { name, detail: Some(detail) } => ("call", format!("{name}: {detail}")),
        Attempt::Write { path } => ("write", path.clone()),
        Attempt::Read { path } => ("read", path.clone()),
        Attempt::Credential { path } => (TracedDenial::CREDENTIAL, path.clone()),
        Attempt::Network { destination, .. } => ("network", destination.clone()),
        Attempt::Socket { destination } => ("socket", destination.clone()),
        Attempt::Signal { signal } => ("signal", signal.to_string()),
        Attempt::PutBack { path } => ("put-back", path.clone()),
    };
    TracedDenial {
        kind: kind.to_owned(),
        what: arguments.text(&what),
        program: denial.program.as_deref().map(|program| arguments.text(program)),
        count: denial.count,
    }
}

/// A file that was read, which the step could not change: by its digest as it is now.
fn file(path: &str, arguments: &Arguments) -> ResourceDescriptor {
    let name = arguments.text(path);
    match digest(Path::new(path)) {
        Ok(Some(digest)) => ResourceDescriptor::sha256(name, &digest),
        _ => ResourceDescriptor {
            uri: Some(format!("file://{name}")),
            name: Some(name),
            ..ResourceDescriptor::default()
        },
    }
}

fn digest(path: &Path) -> io::Result<Option<Sha256>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > MOST_HASHED {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MOST_HASHED).read_to_end(&mut bytes)?;
    Ok(Some(Sha256::of(&bytes)))
}
