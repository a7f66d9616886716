use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;

use super::{
    Context, Duplex,
    denial::{Asked, Greeter, TLS_ALERT, http, told},
    dial::{DialError, Dialed, Purpose},
    forward::{self, Judged},
    open::Open,
    opened,
    opening::{Opening, Silence},
    relay::relay,
};
use crate::{
    ClientHello, Outcome, Reason, RequestHead, Scheme,
    judge::{Admission, Refusal},
    request_head::Target,
};

/// Serves a client that wants bytes passed to a host and port, by whichever way it said so.
pub(super) async fn serve<C: Duplex>(
    context: Arc<Context>,
    mut opening: Opening<C>,
    asked: Asked,
    greeter: Greeter,
) {
    let admission = match context.judge.admit(&asked.host, asked.port) {
        Ok(admission) => admission,
        Err(refusal) => {
            // Recorded before it is told: whoever has the answer may end the run.
            context.deny(&asked, refusal.clone());
            return greeter.refuse(opening, &refusal).await;
        }
    };
    // Where plain HTTP may be spoken, where to go is not certain before a request stands.
    let mut dialed = None;
    if !admission.http || admission.tcp {
        match context.dialer.dial(&asked.host, asked.port, admission.private, Purpose::Tunnel).await
        {
            Ok(connection) => dialed = Some(connection),
            Err(error) => {
                return unreached(&context, opening, &asked, admission, greeter, error).await;
            }
        }
        opening.renew(context.limits.handshake());
    }
    if greeter.accept(&mut opening.stream).await.is_err() {
        return;
    }
    if admission.tcp {
        let open = Open::new(context.recorder.clone(), &asked, Scheme::Tcp);
        return pass(&context, opening, &asked, admission, dialed, open).await;
    }
    // Whatever came behind the request for the tunnel is the beginning of what is said in it.
    if opening.bytes.is_empty()
        && let Err(silence) = opening.more().await
    {
        return unsaid(&context, opening, &asked, admission, silence).await;
    }
    let letter = opening.bytes.first().is_some_and(u8::is_ascii_uppercase);
    if admission.http && (letter || !admission.tls) {
        return request(context, opening, asked, admission).await;
    }
    match opening.read(ClientHello::read).await {
        Ok(Ok(hello)) => match hello.is_for(&asked.host) {
            Ok(()) if admission.opened => {
                opened::serve(context, opening, asked, admission, dialed).await;
            }
            Ok(()) => {
                let mut open = Open::new(context.recorder.clone(), &asked, Scheme::Tls);
                open.change(|exchange| {
                    exchange.server_name = hello.server_name.map(|name| name.to_string());
                    exchange.encrypted_hello = hello.encrypted;
                });
                pass(&context, opening, &asked, admission, dialed, open).await;
            }
            Err(error) => {
                let other = hello.server_name.map(|name| name.to_string());
                let mut refusal = Refusal::from(error);
                refusal.detail = other.or(refusal.detail);
                alert(&context, opening, &asked, refusal).await;
            }
        },
        Ok(Err(error)) => alert(&context, opening, &asked, error.into()).await,
        Err(silence) => unsaid(&context, opening, &asked, admission, silence).await,
    }
}

pub(super) async fn alert<C: Duplex>(
    context: &Context,
    mut opening: Opening<C>,
    asked: &Asked,
    refusal: Refusal,
) {
    context.deny(asked, refusal);
    opening.say(&TLS_ALERT).await;
    opening.close().await;
}

/// A client that was let in and then said too little to be judged.
async fn unsaid<C: Duplex>(
    context: &Context,
    opening: Opening<C>,
    asked: &Asked,
    admission: Admission,
    silence: Silence,
) {
    match silence {
        Silence::TooSlow => context.deny(asked, Refusal::new(Reason::TooSlow)),
        Silence::Closed => {
            Open::new(context.recorder.clone(), asked, scheme(admission)).end(Outcome::Cut);
        }
    }
    opening.close().await;
}

/// What is recorded of a connection that said nothing.
fn scheme(admission: Admission) -> Scheme {
    match admission {
        Admission { tcp: true, .. } => Scheme::Tcp,
        Admission { opened: true, .. } => Scheme::Https,
        Admission { tls: true, .. } => Scheme::Tls,
        _ => Scheme::Http,
    }
}

async fn unreached<C: Duplex>(
    context: &Context,
    opening: Opening<C>,
    asked: &Asked,
    admission: Admission,
    greeter: Greeter,
    error: DialError,
) {
    if let DialError::Refused(refusal) = error {
        context.deny(asked, refusal.clone());
        return greeter.refuse(opening, &refusal).await;
    }
    Open::new(context.recorder.clone(), asked, scheme(admission)).end(error.outcome());
    greeter.fail(opening, &error).await;
}

/// Passes bytes, beginning with those already said, until both sides have ended.
async fn pass<C: Duplex>(
    context: &Context,
    mut opening: Opening<C>,
    asked: &Asked,
    admission: Admission,
    dialed: Option<Dialed>,
    mut open: Open,
) {
    let dialed = match dialed {
        Some(dialed) => Ok(dialed),
        None => {
            let (host, port) = (&asked.host, asked.port);
            context.dialer.dial(host, port, admission.private, Purpose::Tunnel).await
        }
    };
    let Dialed { mut stream, address, early, .. } = match dialed {
        Ok(dialed) => dialed,
        Err(error) => {
            open.forget();
            return unreached(context, opening, asked, admission, Greeter::Silent, error).await;
        }
    };
    open.change(|exchange| exchange.address = Some(address));
    let count = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(0);
    if stream.write_all(&opening.bytes).await.is_err()
        || opening.stream.write_all(&early).await.is_err()
    {
        return open.end(Outcome::Cut);
    }
    open.change(|exchange| {
        exchange.up += count(&opening.bytes);
        exchange.down += count(&early);
    });
    drop((std::mem::take(&mut opening.bytes), early));
    let idle = context.limits.idle();
    let outcome = relay(&mut opening.stream, &mut stream, &mut open, idle).await;
    open.end(outcome);
}

/// A request in plain HTTP, made to the server itself for all the client knows.
async fn request<C: Duplex>(
    context: Arc<Context>,
    mut opening: Opening<C>,
    asked: Asked,
    admission: Admission,
) {
    let head = match opening.read(RequestHead::read).await {
        Ok(head) => head,
        Err(silence) => return unsaid(&context, opening, &asked, admission, silence).await,
    };
    let judged = head.map_err(Refusal::from).and_then(|head| {
        let (authority, path) = match &head.target {
            Target::Origin(authority, path) | Target::Absolute(authority, path) => {
                (authority, path)
            }
            // A proxy behind the proxy.
            Target::Connect(_) | Target::Https(_) => {
                return Err(Refusal::new(Reason::MalformedRequest));
            }
        };
        if authority.host != asked.host || authority.port != asked.port {
            return Err(Refusal::because(Reason::OtherHost, authority));
        }
        context.judge.request(&asked.host, asked.port, false, &head.method, &path.path)?;
        Ok((head.method.clone(), path.clone()))
    });
    match judged {
        Ok((method, path)) => {
            let judged = Judged::plain(asked, admission.private, method, path);
            forward::serve(&context, opening, judged).await;
        }
        Err(refusal) => {
            context.deny(&asked, refusal.clone());
            opening.say(&http(403, &told(&refusal))).await;
            opening.close().await;
        }
    }
}
