//! The proxy process through which a confined step reaches the network.
//!
//! A step has no network. What it may reach is said by [`Rule`]s; this process, which runs outside
//! the step and confined itself, reaches it in the step's place. It resolves names, judges the
//! addresses, connects, and looks at as much of what is said as tells where it is going: the TLS
//! server name, the head of a request in plain HTTP. It holds no key of anybody's and decrypts
//! nothing, unless [`EgressSpec::intercept`] asks for it: then it speaks TLS to the step with a
//! certificate of an authority that ends with it, verifies the server itself, and judges every
//! request.
//!
//! A caller starts it with [`Egress::start`], has listeners sent to it ([`wire`]), and takes the
//! [`EgressRecord`] with [`Egress::finish`]. The process itself is [`main`].
//!
//! What it cannot know: what is said within TLS that it does not open. A server that answers for several names (a content
//! delivery network) may be asked for another one within the encryption, by the `Host` line or by an
//! encrypted ClientHello whose outer name is the allowed one. The connection still goes to the
//! addresses of the allowed name.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod address;
mod authority;
mod caller;
mod client_hello;
mod dns;
mod environment;
mod host;
mod intercept;
mod judge;
mod preset;
mod process;
mod record;
mod recorder;
mod request_head;
mod rule;
mod serve;
mod socks;
mod spec;
pub mod wire;
mod wire_spec;

pub use address::AddressClass;
pub use authority::{Authority, AuthorityError};
pub use caller::{Egress, EgressError};
pub use client_hello::{ClientHello, HelloError, MAX_HELLO_BYTES};
pub use dns::{Kind, MAX_QUERY_BYTES, Query, QueryError};
pub use environment::step_environment;
pub use host::{Host, HostError, MAX_NAME_CHARS, Name};
pub use preset::{
    ClientConfig, ConfigFile, Preset, SETTINGS_MARK, Settings, SettingsFile, without_logins,
};
pub use process::{SUBCOMMAND, main};
pub use record::{
    Denial, EgressEvent, EgressRecord, Exchange, HttpExchange, NameRecord, Outcome, Permit, Reason,
    ResolvedBy, Way,
};
pub use request_head::{HeadError, MAX_HEAD_BYTES, PathAndQuery, RequestHead, Target};
pub use rule::{PathError, RequestPath, Rule, RuleError, Scheme};
pub use socks::{SocksError, SocksGreeting, SocksRequest};
pub use spec::{Credential, EgressSpec, Limits, MAX_RULES, SpecError, UpstreamProxy};

/// Where the HTTP proxy listens within the step's network: 127.0.0.1.
pub const PROXY_PORT: u16 = 3128;

/// Where the SOCKS5 proxy listens: 127.0.0.1.
pub const SOCKS_PORT: u16 = 1080;

/// Where names are answered, over UDP and TCP: 127.0.0.1.
pub const DNS_PORT: u16 = 53;
