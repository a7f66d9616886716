use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::Scheme;

/// What went through the proxy during one run and what did not. Sorted; equal ones are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressRecord {
    /// What was let through, one entry for each connection or, in plain HTTP and in TLS that was
    /// opened, request; equal ones together.
    pub requests: Vec<Exchange>,
    /// What was not.
    pub denied: Vec<Denial>,
    /// The names that were resolved or given a synthetic address.
    pub names: BTreeMap<String, NameRecord>,
    /// How many connections and denials found no place above. What they were is not known, so the
    /// lists are complete only where this is 0.
    pub lost: u64,
    /// Bytes from the step to the network, of all that was let through.
    pub up: u64,
    /// Bytes from the network to the step.
    pub down: u64,
}

/// How a program reached the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// As an HTTP proxy.
    Proxy,
    /// As a SOCKS5 proxy.
    Socks,
    /// It connected to the address itself.
    Transparent,
    /// By asking for a name's address.
    Dns,
}

/// Connections, or requests where they are seen, that were let through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The host asked for.
    pub host: String,
    /// And the port.
    pub port: u16,
    /// What had to be spoken; [`Scheme::Https`] where TLS was opened.
    pub scheme: Scheme,
    /// How it reached the proxy.
    pub way: Way,
    /// The request, in plain HTTP or within TLS that was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<HttpExchange>,
    /// Where it was connected to: `address:port`, or `upstream` for the company's proxy. None if no
    /// connection came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The server name of the ClientHello.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Whether an encrypted ClientHello stood beneath it, whose own name cannot be seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted_hello: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
    /// When the first of them began, in the order of all connections of this run, from 0.
    pub first: u64,
    /// Bytes from the step, of all of them; of requests the bodies alone.
    pub up: u64,
    /// Bytes to the step, likewise.
    pub down: u64,
}

/// A request that was seen and its answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpExchange {
    /// The method.
    pub method: String,
    /// The URL; what stood in its query is `…`.
    pub url: String,
    /// Whether the proxy added a credential.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credential: bool,
    /// The status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The SHA-256 of the answer's body as it was transferred, in hexadecimal; only if it was
    /// delivered whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The size of that body in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// How something that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Both sides closed it, or the answer was delivered whole.
    Completed,
    /// It was open when the run ended, or one side broke it off.
    Cut,
    /// Nothing was said for too long.
    Idle,
    /// No connection came about.
    Unreachable,
    /// The name has no address.
    Unresolved,
    /// The server answered what cannot be passed on.
    BadAnswer,
}

/// Something that was not let through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
    /// The host asked for, as text that is safe to show; empty if it never came to that.
    pub host: String,
    /// The port, 0 if none was said.
    pub port: u16,
    /// By which way.
    pub way: Way,
    /// More on the reason, e.g. the other server name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The rule that would allow it; none where no rule can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Permit>,
    /// How many times.
    pub count: u64,
    /// When the first of them came, in the order of all connections of this run, from 0.
    pub first: u64,
}

/// A rule that would allow what was denied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// Its text.
    pub rule: String,
    /// Whether it must say `private`, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// Why something was not let through. The words are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// No rule for this host and port.
    NotAllowed,
    /// A rule for the host and port, but not for this path.
    Path,
    /// Nor for this method.
    Method,
    /// An address of a private network, and the rule does not say `private`.
    PrivateAddress,
    /// An address that no rule may reach.
    BarredAddress,
    /// A cloud's metadata service.
    Metadata,
    /// A host written so that readers differ on which it is.
    Host,
    /// No TLS where a rule wants it.
    NotTls,
    /// A ClientHello that readers could understand differently.
    MalformedHello,
    /// A ClientHello without a server name.
    NoServerName,
    /// A ClientHello with another.
    OtherServerName,
    /// A request that readers could understand differently.
    MalformedRequest,
    /// The server's certificate is not accepted, so that nothing was said to it.
    BadCertificate,
    /// The program does not accept the certificate that it was shown in the server's place.
    Pinned,
    /// A request whose `Host` is another than the one connected to.
    OtherHost,
    /// `https://…` asked of the proxy itself, which would have to speak TLS in the step's place.
    Interception,
    /// A switch to another protocol.
    Upgrade,
    /// HTTP/2, SOCKS4, a SOCKS command other than CONNECT.
    Protocol,
    /// A synthetic address that stands for no name.
    UnknownAddress,
    /// The head of a request, a greeting or a ClientHello did not come in time.
    TooSlow,
    /// Over the number of connections.
    TooManyConnections,
}

/// A name of this run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRecord {
    /// Who resolved it; none if it was only asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<ResolvedBy>,
    /// Its addresses for this run: those that a rule may reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// Addresses it also had, which no rule let be reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<IpAddr>,
}

/// Who turned a name into addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolvedBy {
    /// This machine's resolver.
    System,
    /// The caller.
    Caller,
    /// The company's proxy; to which address is not known.
    Upstream,
}

/// What is told while the step runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EgressEvent {
    /// Something was denied, the first of its kind.
    Denied(Denial),
}
