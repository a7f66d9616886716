//! The connections of a step, from the first byte to the last.

mod context;
mod denial;
mod dial;
mod dns;
mod forward;
mod open;
mod opened;
mod opening;
mod proxy;
mod relay;
mod resolve;
mod socks;
mod stream;
mod tunnel;

use std::{net::SocketAddr, sync::Arc};

pub(crate) use self::{
    context::Context,
    dns::{tcp as dns_tcp, udp as dns_udp},
    stream::{Client, Duplex},
};
use self::{
    denial::{Asked, Greeter},
    opening::Opening,
};
use crate::{Host, Reason, Way, judge::Refusal, wire::ConnectionRole};

/// Serves one connection to its end.
pub(crate) async fn connection<C: Duplex>(
    context: Arc<Context>,
    client: C,
    role: ConnectionRole,
    destination: Option<SocketAddr>,
) {
    let order = context.recorder.order();
    let opening = Opening::new(client, context.limits.handshake());
    match role {
        ConnectionRole::Proxy => proxy::serve(context, opening, order).await,
        ConnectionRole::Socks => socks::serve(context, opening, order).await,
        ConnectionRole::Transparent => {
            let Some(destination) = destination else { return };
            let host = Host::Address(destination.ip().to_canonical());
            let asked = Asked { way: Way::Transparent, host, port: destination.port(), order };
            match context.named(asked) {
                Ok(asked) => tunnel::serve(context, opening, asked, Greeter::Silent).await,
                Err((asked, refusal)) => {
                    context.deny(&asked, refusal);
                    opening.close().await;
                }
            }
        }
    }
}

/// Records that a connection was turned away because there are too many.
pub(crate) fn too_many(context: &Context, way: Way) {
    let order = context.recorder.order();
    context.deny_unnamed(way, order, Refusal::new(Reason::TooManyConnections));
}

/// By which way the clients of a role come.
pub(crate) fn way(role: ConnectionRole) -> Way {
    match role {
        ConnectionRole::Proxy => Way::Proxy,
        ConnectionRole::Socks => Way::Socks,
        ConnectionRole::Transparent => Way::Transparent,
    }
}
