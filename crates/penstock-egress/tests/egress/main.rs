//! The proxy as a process of its own, with real sockets on this machine's loopback.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what is not called from a test itself still fails it"
)]

mod control;
mod curl;
mod dns;
mod http;
mod opened;
mod pki;
mod smuggling;
mod socks;
mod support;
mod tls;
mod upstream;
