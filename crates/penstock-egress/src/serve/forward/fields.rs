use hyper::{
    Request, Response, Uri, Version,
    body::{Body as _, Incoming},
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use penstock_model::Secret;

use crate::Credential;

/// Fields of one connection, which are not passed on (RFC 9110 section 7.6.1), with those that
/// `hyper` writes itself and those that would start an upgrade.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Fields by which some servers take a request for one of another method: a credential is for reading.
const OTHER_METHOD: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];

/// The request as it is made to the server.
pub(super) fn onward(
    request: Request<Incoming>,
    uri: Uri,
    host: &str,
    credential: Option<&Credential>,
    to_proxy: Option<&Secret>,
) -> Option<Request<Incoming>> {
    let (mut parts, body) = request.into_parts();
    strip(&mut parts.headers);
    parts.uri = uri;
    parts.version = Version::HTTP_11;
    parts.headers.insert(header::HOST, HeaderValue::from_str(host).ok()?);
    parts.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if let Some(credential) = credential {
        for name in OTHER_METHOD {
            parts.headers.remove(name);
        }
        // In place of all that the step itself sent under that name.
        let name = HeaderName::from_bytes(credential.header.as_bytes()).ok()?;
        parts.headers.insert(name, sensitive(&credential.value)?);
    }
    if let Some(secret) = to_proxy {
        parts.headers.insert(header::PROXY_AUTHORIZATION, sensitive(secret)?);
    }
    Some(Request::from_parts(parts, body))
}

fn sensitive(secret: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(secret.expose()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The answer as it is given to the step. The answer to HEAD keeps the length that it tells of.
pub(super) fn back(response: Response<Incoming>, has_body: bool) -> Response<Incoming> {
    let (mut parts, body) = response.into_parts();
    let told = parts.headers.get(header::CONTENT_LENGTH).cloned();
    strip(&mut parts.headers);
    if has_body && let Some(length) = body.size_hint().exact() {
        if parts.status != hyper::StatusCode::NO_CONTENT
            && parts.status != hyper::StatusCode::NOT_MODIFIED
        {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
    } else if let Some(told) = told.filter(|_| !has_body) {
        parts.headers.insert(header::CONTENT_LENGTH, told);
    }
    parts.version = Version::HTTP_11;
    Response::from_parts(parts, body)
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let proxys = headers.keys().filter(|name| name.as_str().starts_with("proxy-"));
    let proxys: Vec<HeaderName> = proxys.cloned().collect();
    for name in HOP_BY_HOP.into_iter().chain(named).chain(proxys) {
        headers.remove(name);
    }
    headers.remove("http2-settings");
}
