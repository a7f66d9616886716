use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use penstock_model::Secret;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::resolve::Resolver;
use crate::{
    AddressClass, Authority, Host, Name, Outcome, ResolvedBy, UpstreamProxy,
    judge::{Judge, Refusal},
    recorder::Recorder,
};

/// The longest answer of the upstream proxy to CONNECT.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// Opens connections to what was admitted.
pub(super) struct Dialer {
    upstream: Option<UpstreamProxy>,
    resolver: Resolver,
    time: Duration,
    recorder: Arc<Recorder>,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Bytes in both directions.
    Tunnel,
    /// One request in plain HTTP, which an upstream proxy takes as such.
    Request,
}

/// An open connection.
pub(super) struct Dialed {
    pub(super) stream: TcpStream,
    /// For the record.
    pub(super) address: String,
    /// What the other side said while the connection was made.
    pub(super) early: Vec<u8>,
    /// With an upstream proxy and a request: the `Proxy-Authorization` to send, if there is one.
    pub(super) to_proxy: Option<Option<Secret>>,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DialError {
    /// None of the name's addresses may be connected to.
    Refused(Refusal),
    /// The server speaks no TLS, where it is to be opened.
    NoTls,
    /// Nobody answers.
    Unreachable,
    /// The name has no address.
    Unresolved,
}

impl DialError {
    pub(super) fn told(&self) -> &'static str {
        match self {
            Self::Refused(_) => "penstock: denied",
            Self::NoTls => "penstock: the host is allowed but speaks no TLS 1.2 or 1.3",
            Self::Unreachable => "penstock: the host is allowed but cannot be reached",
            Self::Unresolved => "penstock: the host is allowed but its name has no address",
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::NoTls => Outcome::BadAnswer,
            Self::Unresolved => Outcome::Unresolved,
            Self::Refused(_) | Self::Unreachable => Outcome::Unreachable,
        }
    }
}

impl Dialer {
    pub(super) fn new(
        upstream: Option<UpstreamProxy>,
        given: BTreeMap<Name, Vec<IpAddr>>,
        time: Duration,
        recorder: Arc<Recorder>,
    ) -> Self {
        Self { upstream, resolver: Resolver::new(given, time), time, recorder }
    }

    /// Connects to a host that was admitted: to an address that was judged, never to a name.
    pub(super) async fn dial(
        &self,
        host: &Host,
        port: u16,
        private: bool,
        purpose: Purpose,
    ) -> Result<Dialed, DialError> {
        if let Some(upstream) = self.upstream.as_ref().filter(|proxy| !proxy.is_bypassed(host)) {
            return self.through(upstream, host, port, purpose).await;
        }
        let addresses = match host {
            // It was judged when it was admitted.
            Host::Address(address) => vec![*address],
            Host::Name(name) => {
                let (resolver, all) = self.resolver.resolve(name).await;
                let (usable, refused) = Judge::usable(&all, private);
                self.recorder.name(name, Some(resolver), &usable, &refused);
                if all.is_empty() {
                    return Err(DialError::Unresolved);
                }
                if usable.is_empty() {
                    return Err(DialError::Refused(Judge::unusable(host, port, &refused)));
                }
                usable
            }
        };
        let (stream, address) = self.connect(&addresses, port).await?;
        let address = address.to_string();
        Ok(Dialed { stream, address, early: Vec::new(), to_proxy: None })
    }

    async fn connect(
        &self,
        addresses: &[IpAddr],
        port: u16,
    ) -> Result<(TcpStream, SocketAddr), DialError> {
        for address in addresses {
            let address = SocketAddr::new(*address, port);
            if let Ok(Ok(stream)) = timeout(self.time, TcpStream::connect(address)).await {
                // A relay must not wait for more bytes than it was given.
                _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
        }
        Err(DialError::Unreachable)
    }

    /// Through the company's proxy, which itself may be at a private address.
    async fn through(
        &self,
        upstream: &UpstreamProxy,
        host: &Host,
        port: u16,
        purpose: Purpose,
    ) -> Result<Dialed, DialError> {
        let at = &upstream.authority;
        let addresses = match &at.host {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self.resolver.resolve(name).await.1,
        };
        let metadata = |address: &IpAddr| AddressClass::of(*address) == AddressClass::Metadata;
        let addresses: Vec<IpAddr> = addresses.into_iter().filter(|one| !metadata(one)).collect();
        if let Host::Name(name) = host {
            self.recorder.name(name, Some(ResolvedBy::Upstream), &[], &[]);
        }
        let (mut stream, _) = self.connect(&addresses, at.port).await?;
        let address = "upstream".to_owned();
        if purpose == Purpose::Request {
            let to_proxy = Some(upstream.authorization.clone());
            return Ok(Dialed { stream, address, early: Vec::new(), to_proxy });
        }
        let wanted = Authority { host: host.clone(), port };
        let asking = ask(&mut stream, &wanted, upstream.authorization.as_ref());
        match timeout(self.time, asking).await {
            Ok(Ok(early)) => Ok(Dialed { stream, address, early, to_proxy: None }),
            _ => Err(DialError::Unreachable),
        }
    }
}

/// Asks an upstream proxy for a tunnel; what it sent after its answer is the tunnel's.
async fn ask(
    stream: &mut TcpStream,
    wanted: &Authority,
    authorization: Option<&Secret>,
) -> std::io::Result<Vec<u8>> {
    let mut request = format!("CONNECT {wanted} HTTP/1.1\r\nHost: {wanted}\r\n").into_bytes();
    if let Some(secret) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(secret.expose());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    let mut answer = Vec::new();
    let end = loop {
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let room = u64::try_from(MAX_ANSWER_BYTES.saturating_sub(answer.len())).unwrap_or(0);
        if (&mut *stream).take(room).read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
    };
    let accepted = matches!(answer.get(..12), Some(b"HTTP/1.1 200" | b"HTTP/1.0 200"));
    if !accepted {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    Ok(answer.split_off(end))
}
