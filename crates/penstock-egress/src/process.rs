use std::{
    fs::File,
    io::{self, Read as _, Write},
    os::fd::{AsFd as _, OwnedFd},
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use rustix::net::sockopt;
use serde::{Deserialize, Serialize};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket, UnixStream},
    runtime::{Builder, Runtime},
    sync::{Semaphore, mpsc},
    time::sleep,
};

use crate::{
    EgressEvent, EgressRecord, EgressSpec, Way,
    intercept::Interception,
    recorder::Recorder,
    serve::{self, Client, Context},
    wire::{self, Connection, ConnectionRole, Listener, ListenerRole, Message, Packet},
    wire_spec::FirstPacket,
};

/// The hidden subcommand that is this process.
pub const SUBCOMMAND: &str = "egress";

/// The most threads that resolve names at a time. The system's resolver blocks.
const RESOLVER_THREADS: usize = 8;

/// How many packets may wait to be dealt with; further ones wait in the socket.
const WAITING_PACKETS: usize = 16;

/// The most bytes of the certificates by which servers are believed. A machine's bundle has about a
/// quarter of a million.
const MAX_ROOTS_BYTES: u64 = 8 * 1024 * 1024;

/// How long to wait when no more descriptors are to be had.
const BREATH: Duration = Duration::from_millis(50);

/// A line of the process's standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Line {
    /// The first line, if TLS is opened: the certificate of the run's authority, in PEM.
    Authority(String),
    /// As it happens.
    Event(EgressEvent),
    /// The last line, after "finish".
    Record(EgressRecord),
    /// The last line, if there is no record.
    Error(String),
}

impl Line {
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()
    }
}

/// Why the process ends without a record.
#[derive(Debug, thiserror::Error)]
enum ProcessError {
    #[error("standard input is no control socket; `penstock egress` is started by penstock alone")]
    Control,
    #[error("every holder of the control socket is gone")]
    Abandoned,
    #[error("a packet that is none of the protocol, or with another number of descriptors")]
    Packet,
    #[error("the specification cannot be carried out: {0}")]
    Spec(String),
    #[error("{0}")]
    System(#[from] io::Error),
}

/// The proxy process: takes its specification, listeners and connections from standard input, tells
/// what it denies on standard output, and at the end what there was. The caller confines it before.
pub fn main() -> ExitCode {
    let out = || Box::new(io::stdout());
    match run(out()) {
        Ok(record) => match Line::Record(record).write(&mut *out()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => {
            _ = Line::Error(error.to_string()).write(&mut *out());
            ExitCode::FAILURE
        }
    }
}

fn run(events: Box<dyn Write + Send>) -> Result<EgressRecord, ProcessError> {
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(RESOLVER_THREADS)
        .build()?;
    let recorder = Arc::new(Recorder::new(events));
    let served = runtime.block_on(serve_until_finished(&recorder));
    end(runtime);
    served.map(|()| recorder.finish())
}

/// Drops every task, and with it every connection, each of which enters the record as it is. A
/// resolver that still waits for an answer is not waited for.
fn end(runtime: Runtime) {
    runtime.shutdown_background();
}

async fn serve_until_finished(recorder: &Arc<Recorder>) -> Result<(), ProcessError> {
    let mut packets = packets()?;
    let first = receive(&mut packets).await?;
    let spec = specification(first)?;
    let interception = interception(&spec)?;
    if let Some(interception) = &interception {
        recorder.tell(&Line::Authority(interception.certificate()))?;
    }
    let places = Arc::new(Semaphore::new(spec.limits.connections));
    let context = Arc::new(Context::new(spec, interception, recorder.clone()));
    loop {
        let Packet { bytes, descriptors } = receive(&mut packets).await?;
        let message: Message = serde_json::from_slice(&bytes).map_err(|_| ProcessError::Packet)?;
        let mut descriptors = descriptors.into_iter();
        match (message, descriptors.next(), descriptors.next()) {
            (Message::Finish, None, None) => return Ok(()),
            (Message::Listener(Listener { role }), Some(socket), None) => {
                listen(&context, &places, role, socket)?;
            }
            (Message::Connection(Connection { role, destination }), Some(socket), None) => {
                let needed = role == ConnectionRole::Transparent;
                if destination.is_some() != needed {
                    return Err(ProcessError::Packet);
                }
                let client = client(socket)?;
                begin(&context, &places, client, role, destination);
            }
            _ => return Err(ProcessError::Packet),
        }
    }
}

/// Reads the control socket on a thread of its own: blocking, since nothing else is to be done there.
fn packets() -> Result<mpsc::Receiver<io::Result<Packet>>, ProcessError> {
    let control = io::stdin().as_fd().try_clone_to_owned()?;
    if sockopt::socket_type(&control).ok() != Some(rustix::net::SocketType::SEQPACKET) {
        return Err(ProcessError::Control);
    }
    let (sender, receiver) = mpsc::channel(WAITING_PACKETS);
    thread::Builder::new().name("control".to_owned()).spawn(move || {
        loop {
            let packet = match wire::receive(&control) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                packet => packet,
            };
            let last = !matches!(&packet, Ok(packet) if !packet.bytes.is_empty());
            if sender.blocking_send(packet).is_err() || last {
                return;
            }
        }
    })?;
    Ok(receiver)
}

async fn receive(packets: &mut mpsc::Receiver<io::Result<Packet>>) -> Result<Packet, ProcessError> {
    match packets.recv().await {
        Some(Ok(packet)) if packet.bytes.is_empty() => Err(ProcessError::Abandoned),
        Some(Ok(packet)) => Ok(packet),
        Some(Err(error)) if error.kind() == io::ErrorKind::InvalidData => Err(ProcessError::Packet),
        Some(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => {
            Err(ProcessError::Abandoned)
        }
        Some(Err(error)) => Err(error.into()),
        None => Err(ProcessError::Abandoned),
    }
}

/// The specification, with the file of roots that comes with one by which TLS is opened.
fn specification(packet: Packet) -> Result<EgressSpec, ProcessError> {
    // The text of serde's error could repeat a value, and the value could be a secret.
    let FirstPacket::Spec(form) = serde_json::from_slice(&packet.bytes)
        .map_err(|error| ProcessError::Spec(format!("at byte {}", error.column())))?;
    let mut spec =
        EgressSpec::try_from(form).map_err(|error| ProcessError::Spec(error.to_string()))?;
    let mut descriptors = packet.descriptors.into_iter();
    match (spec.intercept, descriptors.next(), descriptors.next()) {
        (false, None, None) => {}
        (true, Some(file), None) => {
            File::from(file).take(MAX_ROOTS_BYTES).read_to_end(&mut spec.roots)?;
        }
        _ => return Err(ProcessError::Packet),
    }
    Ok(spec)
}

/// What opens TLS, if that is to be.
fn interception(spec: &EgressSpec) -> Result<Option<Interception>, ProcessError> {
    if !spec.intercept {
        return Ok(None);
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let interception = Interception::new(&spec.rules, &spec.roots, now);
    interception.map(Some).map_err(|error| ProcessError::Spec(error.to_string()))
}

/// A stream socket, TCP or Unix, that is connected.
fn client(socket: OwnedFd) -> Result<Client, ProcessError> {
    use rustix::net::{AddressFamily, SocketType};
    let stream = sockopt::socket_type(&socket).ok() == Some(SocketType::STREAM);
    let listens = sockopt::socket_acceptconn(&socket).unwrap_or(true);
    if !stream || listens {
        return Err(ProcessError::Packet);
    }
    match sockopt::socket_domain(&socket).ok() {
        Some(AddressFamily::INET | AddressFamily::INET6) => {
            let stream = std::net::TcpStream::from(socket);
            stream.set_nonblocking(true)?;
            Ok(Client::Tcp(TcpStream::from_std(stream)?))
        }
        Some(AddressFamily::UNIX) => {
            let stream = std::os::unix::net::UnixStream::from(socket);
            stream.set_nonblocking(true)?;
            Ok(Client::Unix(UnixStream::from_std(stream)?))
        }
        _ => Err(ProcessError::Packet),
    }
}

fn listen(
    context: &Arc<Context>,
    places: &Arc<Semaphore>,
    role: ListenerRole,
    socket: OwnedFd,
) -> Result<(), ProcessError> {
    use rustix::net::SocketType;
    let kind = sockopt::socket_type(&socket).ok();
    if role == ListenerRole::DnsUdp {
        if kind != Some(SocketType::DGRAM) {
            return Err(ProcessError::Packet);
        }
        let socket = std::net::UdpSocket::from(socket);
        socket.set_nonblocking(true)?;
        tokio::spawn(serve::dns_udp(context.clone(), UdpSocket::from_std(socket)?));
        return Ok(());
    }
    if kind != Some(SocketType::STREAM) || !sockopt::socket_acceptconn(&socket).unwrap_or(false) {
        return Err(ProcessError::Packet);
    }
    let listener = std::net::TcpListener::from(socket);
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    tokio::spawn(accept(context.clone(), places.clone(), role, listener));
    Ok(())
}

async fn accept(
    context: Arc<Context>,
    places: Arc<Semaphore>,
    role: ListenerRole,
    listener: TcpListener,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, or the client is gone already.
            sleep(BREATH).await;
            continue;
        };
        _ = stream.set_nodelay(true);
        let local = stream.local_addr().ok();
        let stream = Client::Tcp(stream);
        match role {
            ListenerRole::Proxy => begin(&context, &places, stream, ConnectionRole::Proxy, None),
            ListenerRole::Socks => begin(&context, &places, stream, ConnectionRole::Socks, None),
            ListenerRole::Transparent => {
                begin(&context, &places, stream, ConnectionRole::Transparent, local);
            }
            ListenerRole::DnsTcp | ListenerRole::DnsUdp => {
                let Ok(place) = places.clone().try_acquire_owned() else {
                    serve::too_many(&context, Way::Dns);
                    continue;
                };
                let context = context.clone();
                tokio::spawn(async move {
                    serve::dns_tcp(context, stream).await;
                    drop(place);
                });
            }
        }
    }
}

fn begin(
    context: &Arc<Context>,
    places: &Arc<Semaphore>,
    client: Client,
    role: ConnectionRole,
    destination: Option<std::net::SocketAddr>,
) {
    let Ok(place) = places.clone().try_acquire_owned() else {
        serve::too_many(context, serve::way(role));
        return;
    };
    let context = context.clone();
    tokio::spawn(async move {
        serve::connection(context, client, role, destination).await;
        drop(place);
    });
}
