//! TLS that is opened: a handshake with the server, one with the step, then requests, each judged.

use std::{io, sync::Arc};

use rustls::AlertDescription;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::{
    Context, Duplex,
    denial::{Asked, http, told},
    dial::{DialError, Dialed, Purpose},
    forward::{self, Judged, Server},
    open::Open,
    opening::{Opening, Silence},
    stream::Prefixed,
    tunnel::alert,
};
use crate::{
    Outcome, Reason, RequestHead, Scheme,
    intercept::{ServerError, rustls_error},
    judge::{Admission, Refusal},
    request_head::{PathAndQuery, Target},
};

/// Serves a client whose ClientHello is for the host that it asked for and that was admitted.
pub(super) async fn serve<C: Duplex>(
    context: Arc<Context>,
    opening: Opening<C>,
    asked: Asked,
    admission: Admission,
    dialed: Option<Dialed>,
) {
    // The server first: in the place of one that proves nothing, nobody is spoken for.
    let server = match server(&context, &asked, admission.private, dialed).await {
        Ok(server) => server,
        Err(DialError::Refused(refusal)) => return alert(&context, opening, &asked, refusal).await,
        Err(error) => {
            Open::new(context.recorder.clone(), &asked, Scheme::Https).end(error.outcome());
            return opening.close().await;
        }
    };
    match client(&context, opening, &asked).await {
        Ok(client) => requests(&context, client, asked, admission.private, server).await,
        Err(Fault::Refused(refusal)) => context.deny(&asked, refusal),
        Err(Fault::Cut) => {
            Open::new(context.recorder.clone(), &asked, Scheme::Https).end(Outcome::Cut);
        }
    }
}

/// A connection to a host that proved to be it.
pub(super) async fn server(
    context: &Context,
    asked: &Asked,
    private: bool,
    dialed: Option<Dialed>,
) -> Result<Server, DialError> {
    let Some(interception) = &context.interception else { return Err(DialError::NoTls) };
    let dialed = match dialed {
        Some(dialed) => dialed,
        None => {
            let (host, port) = (&asked.host, asked.port);
            context.dialer.dial(host, port, private, Purpose::Tunnel).await?
        }
    };
    let Dialed { stream, address, early, .. } = dialed;
    let connecting = interception.connect(&asked.host, Prefixed::new(early, stream));
    match timeout(context.limits.connect(), connecting).await {
        Ok(Ok(stream)) => Ok(Server { stream: Box::new(stream), address, to_proxy: None }),
        Ok(Err(error @ ServerError::Certificate(_))) => Err(DialError::Refused(error.into())),
        Ok(Err(ServerError::NoTls)) | Err(_) => Err(DialError::NoTls),
    }
}

/// Why a client is not served.
enum Fault {
    Refused(Refusal),
    Cut,
}

/// Speaks TLS to the step in the server's place.
async fn client<C: Duplex>(
    context: &Context,
    opening: Opening<C>,
    asked: &Asked,
) -> Result<Opening<TlsStream<Prefixed<C>>>, Fault> {
    let interception = context.interception.as_ref().ok_or(Fault::Cut)?;
    let acceptor = interception.acceptor(&asked.host).map_err(|_| Fault::Cut)?;
    let accepting = acceptor.accept(Prefixed::new(opening.bytes, opening.stream));
    let stream = match timeout(context.limits.handshake(), accepting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if is_distrust(&error) => {
            let detail = "the program accepts no certificate of the run's authority";
            let refusal = Refusal::because(Reason::Pinned, detail);
            return Err(Fault::Refused(match context.judge.closing(&asked.host, asked.port) {
                Some(rule) => refusal.allowing(&rule, false),
                None => refusal,
            }));
        }
        Ok(Err(_)) => return Err(Fault::Cut),
        Err(_) => return Err(Fault::Refused(Refusal::new(Reason::TooSlow))),
    };
    // Two readers of the same bytes; should they ever differ, neither is believed.
    let name = match &asked.host {
        crate::Host::Name(name) => Some(name.as_str()),
        crate::Host::Address(_) => None,
    };
    if stream.get_ref().1.server_name() != name {
        return Err(Fault::Refused(Refusal::new(Reason::MalformedHello)));
    }
    Ok(Opening::new(stream, context.limits.handshake()))
}

/// Whether a client said that it does not believe the certificate (RFC 8446 section 6.2).
fn is_distrust(error: &io::Error) -> bool {
    matches!(
        rustls_error(error),
        Some(rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateExpired
                | AlertDescription::UnsupportedCertificate
        ))
    )
}

/// Serves requests, each of which is read and judged alone, until one side ends that.
async fn requests<C: Duplex>(
    context: &Arc<Context>,
    mut client: Opening<C>,
    mut asked: Asked,
    private: bool,
    server: Server,
) {
    let mut server = Some(server);
    loop {
        let head = match client.read(RequestHead::read_within_tls).await {
            Ok(head) => head,
            Err(Silence::TooSlow) if !client.bytes.is_empty() || server.is_some() => {
                context.deny(&asked, Refusal::new(Reason::TooSlow));
                return client.close().await;
            }
            Err(_) => {
                if server.is_some() {
                    Open::new(context.recorder.clone(), &asked, Scheme::Https).end(Outcome::Cut);
                }
                return client.close().await;
            }
        };
        let judged = head.map_err(Refusal::from).and_then(|head| {
            let path = judge(context, &asked, &head)?;
            Ok((head, path))
        });
        let (head, path) = match judged {
            Ok(judged) => judged,
            Err(refusal) => {
                context.deny(&asked, refusal.clone());
                client.say(&http(403, &told(&refusal))).await;
                return client.close().await;
            }
        };
        let judged = Judged {
            asked: asked.clone(),
            private,
            method: head.method,
            path,
            tls: true,
            // Where a body ends is `hyper`'s to say; what would follow it is not waited for.
            alone: (head.persistent && !head.has_body).then_some(head.length),
            server: server.take(),
        };
        match forward::serve(context, client, judged).await {
            Some(next) => client = next,
            None => return,
        }
        client.renew(context.limits.idle());
        asked.order = context.recorder.order();
    }
}

/// Whether a request may be made of the host that proved to be it.
fn judge(context: &Context, asked: &Asked, head: &RequestHead) -> Result<PathAndQuery, Refusal> {
    let Target::Origin(authority, path) = &head.target else {
        return Err(Refusal::because(
            Reason::MalformedRequest,
            "a server was asked as if it were a proxy",
        ));
    };
    if authority.host != asked.host || authority.port != asked.port {
        return Err(Refusal::because(Reason::OtherHost, authority));
    }
    context.judge.request(&asked.host, asked.port, true, &head.method, &path.path)?;
    Ok(path.clone())
}
