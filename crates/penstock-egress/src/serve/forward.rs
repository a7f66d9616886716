mod body;
mod fields;

use std::{
    convert::Infallible,
    future::{Future as _, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
};

use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    client, server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use penstock_model::Secret;
use tokio::time::{Instant, sleep};

use self::body::{Answer, Uploaded};
use super::{
    Context, Duplex,
    denial::{Asked, told},
    dial::{DialError, Dialed, Purpose},
    open::Open,
    opened,
    opening::Opening,
    stream::Prefixed,
};
use crate::{
    Authority, HttpExchange, Outcome, Reason, Scheme, judge::Refusal, request_head::PathAndQuery,
};

/// The most bytes of a URL that are recorded.
const MAX_URL_BYTES: usize = 1024;

/// Bytes read from a server at a time: few system calls, but what was read is still near when it is
/// hashed, and the allocator does not give it back to the system each time.
const READ_BYTES: usize = 64 * 1024;

/// A request that was judged.
pub(super) struct Judged {
    pub(super) asked: Asked,
    /// Whether private addresses may be connected to.
    pub(super) private: bool,
    pub(super) method: String,
    pub(super) path: PathAndQuery,
    /// Whether it was made within TLS.
    pub(super) tls: bool,
    /// How many bytes it takes, where another may follow it.
    pub(super) alone: Option<usize>,
    /// The server, where it is connected to already.
    pub(super) server: Option<Server>,
}

impl Judged {
    /// A request in plain HTTP.
    pub(super) fn plain(asked: Asked, private: bool, method: String, path: PathAndQuery) -> Self {
        Self { asked, private, method, path, tls: false, alone: None, server: None }
    }
}

/// An open connection to a server.
pub(super) struct Server {
    pub(super) stream: Box<dyn Duplex>,
    /// For the record.
    pub(super) address: String,
    /// With an upstream proxy that takes the request: the `Proxy-Authorization` to send, if there is
    /// one.
    pub(super) to_proxy: Option<Option<Secret>>,
}

impl Server {
    async fn plain(context: &Context, asked: &Asked, private: bool) -> Result<Self, DialError> {
        let (host, port) = (&asked.host, asked.port);
        let dialed = context.dialer.dial(host, port, private, Purpose::Request).await?;
        let Dialed { stream, address, to_proxy, .. } = dialed;
        Ok(Self { stream: Box::new(stream), address, to_proxy })
    }
}

/// One request that was judged, on its way.
struct Forward {
    context: Arc<Context>,
    judged: Judged,
    activity: Arc<AtomicU64>,
}

/// Passes on one request that was judged, and its answer. `hyper` reads it again and writes it anew;
/// it is given that request alone, or the connection ends after it, so that nothing unjudged can
/// follow. Gives the connection back where another request may be made on it.
pub(super) async fn serve<C: Duplex>(
    context: &Arc<Context>,
    mut opening: Opening<C>,
    judged: Judged,
) -> Option<Opening<C>> {
    let idle = context.limits.idle();
    let activity = Arc::new(AtomicU64::new(0));
    let alone = judged.alone;
    let forward = Forward { context: context.clone(), judged, activity: activity.clone() };
    // Taken by the one request there is.
    let forward = Arc::new(Mutex::new(Some(forward)));
    let service = service_fn(move |request| {
        let forward = forward.lock().map(|mut forward| forward.take()).ok().flatten();
        async move {
            Ok::<_, Infallible>(match forward {
                Some(forward) => forward.pass(request).await,
                None => {
                    answer(StatusCode::BAD_REQUEST, "penstock: one request for each connection")
                }
            })
        }
    });
    let said = match alone {
        Some(length) => opening.bytes.drain(..length.min(opening.bytes.len())).collect(),
        None => std::mem::take(&mut opening.bytes),
    };
    let stream = match alone {
        Some(_) => Prefixed::alone(said, &mut opening.stream),
        None => Prefixed::new(said, &mut opening.stream),
    };
    let mut builder = server::conn::http1::Builder::new();
    builder.keep_alive(alone.is_some()).half_close(true).header_read_timeout(None);
    let served = {
        let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut alarm = pin!(sleep(idle));
        let mut seen = 0;
        poll_fn(|cx| {
            if let Poll::Ready(served) = serving.as_mut().poll(cx) {
                return Poll::Ready(served.is_ok());
            }
            while alarm.as_mut().poll(cx).is_ready() {
                let now = activity.load(Ordering::Relaxed);
                if now == seen {
                    return Poll::Ready(false);
                }
                seen = now;
                alarm.as_mut().reset(Instant::now() + idle);
            }
            Poll::Pending
        })
        .await
    };
    (served && alone.is_some()).then_some(opening)
}

impl Forward {
    async fn pass(self, request: Request<Incoming>) -> Response<Answer> {
        let Self { context, judged, activity } = self;
        let Judged { asked, private, method, path, tls, server, .. } = judged;
        let target = match &path.query {
            Some(query) => format!("{}?{query}", path.path),
            None => path.path.clone(),
        };
        // Two readers of the same bytes; should they ever differ, neither is believed.
        let read = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let same = read == target || (path.path == "/" && read == format!("/{target}"));
        if request.method().as_str() != method || !same {
            let refusal = Refusal::new(Reason::MalformedRequest);
            let response = answer(StatusCode::BAD_REQUEST, &told(&refusal));
            context.deny(&asked, refusal);
            return response;
        }
        let authority = Authority { host: asked.host.clone(), port: asked.port };
        let shown_host = match (tls, asked.port) {
            (false, 80) | (true, 443) => asked.host.to_string(),
            _ => authority.to_string(),
        };
        let credential =
            context.judge.credential(&asked.host, asked.port, tls, &method, &path.path);
        let scheme = if tls { Scheme::Https } else { Scheme::Http };
        let mut open = Open::new(context.recorder.clone(), &asked, scheme);
        open.change(|exchange| {
            exchange.request = Some(HttpExchange {
                method: method.clone(),
                url: shown_url(tls, &shown_host, &path),
                credential: credential.is_some(),
                status: None,
                sha256: None,
                size: None,
            });
        });
        let server = match server {
            Some(server) => Ok(server),
            None if tls => opened::server(&context, &asked, private, None).await,
            None => Server::plain(&context, &asked, private).await,
        };
        let Server { stream, address, to_proxy } = match server {
            Ok(server) => server,
            Err(DialError::Refused(refusal)) => {
                open.forget();
                let response = answer(StatusCode::FORBIDDEN, &told(&refusal));
                context.deny(&asked, refusal);
                return response;
            }
            Err(error) => {
                open.end(error.outcome());
                return answer(StatusCode::BAD_GATEWAY, error.told());
            }
        };
        open.change(|exchange| exchange.address = Some(address));
        let uri = match &to_proxy {
            Some(_) => format!("http://{authority}{target}"),
            None => target,
        };
        let authorization = to_proxy.flatten();
        let built = uri.parse::<Uri>().ok().and_then(|uri| {
            fields::onward(request, uri, &shown_host, credential, authorization.as_ref())
        });
        let Some(request) = built else {
            open.forget();
            let refusal = Refusal::new(Reason::MalformedRequest);
            let response = answer(StatusCode::BAD_REQUEST, &told(&refusal));
            context.deny(&asked, refusal);
            return response;
        };
        let up = Arc::new(AtomicU64::new(0));
        let request = request.map(|body| Uploaded::new(body, up.clone(), activity.clone()));
        let Some((response, connection)) = send(TokioIo::new(stream), request).await else {
            open.end(Outcome::BadAnswer);
            return answer(
                StatusCode::BAD_GATEWAY,
                "penstock: the server gave no answer in HTTP/1",
            );
        };
        // A switch of protocols was not asked for.
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            open.end(Outcome::BadAnswer);
            return answer(StatusCode::BAD_GATEWAY, "penstock: the server switched protocols");
        }
        let status = response.status().as_u16();
        open.change(|exchange| {
            if let Some(request) = &mut exchange.request {
                request.status = Some(status);
            }
        });
        let hashed = method != Method::HEAD.as_str();
        let response = fields::back(response, hashed);
        response.map(|body| Answer::passed(body, hashed, open, up, activity, connection))
    }
}

/// What ends with its last reference: the connection to the server.
struct Connection(tokio::task::JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send(
    stream: TokioIo<Box<dyn Duplex>>,
    request: Request<Uploaded>,
) -> Option<(Response<Incoming>, Connection)> {
    let mut builder = client::conn::http1::Builder::new();
    builder.max_headers(100).read_buf_exact_size(Some(READ_BYTES));
    let (mut sender, connection) = builder.handshake(stream).await.ok()?;
    let connection = Connection(tokio::spawn(async move {
        // An error shows in the answer's body, too.
        _ = connection.await;
    }));
    let response = sender.send_request(request).await.ok()?;
    Some((response, connection))
}

fn answer(status: StatusCode, text: &str) -> Response<Answer> {
    let mut response = Response::new(Answer::text(Bytes::from(format!("{text}\n"))));
    *response.status_mut() = status;
    response
}

/// The URL without what its query says.
fn shown_url(tls: bool, host: &str, path: &PathAndQuery) -> String {
    let scheme = if tls { "https" } else { "http" };
    let mut url = format!("{scheme}://{host}{}", path.path);
    if url.len() > MAX_URL_BYTES {
        // All of it is ASCII: the head's reader saw to that.
        url.truncate(MAX_URL_BYTES);
        url.push('…');
    }
    if path.query.is_some() {
        url.push_str("?…");
    }
    url
}
