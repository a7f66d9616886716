//! A server that speaks as much of Vault's API as tests need, and misbehaves on request. Its
//! answers have the shapes of <https://developer.hashicorp.com/vault/api-docs>.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Answers one request: a request's first line, its headers and body in; a whole HTTP answer out.
/// `None` leaves it without an answer for as long as the client stays.
pub(crate) type Answer = Box<dyn Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync>;

/// How a server wraps its connections.
pub(crate) trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

pub(crate) type Wrap = Box<dyn Fn(TcpStream) -> Box<dyn Connection> + Send + Sync>;

/// A server at a port of this machine, for as long as the test lives.
pub(crate) struct Fake {
    pub(crate) port: u16,
    /// The first lines of the requests, in order.
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    pub(crate) fn new(answer: Answer) -> Self {
        Self::wrapped(answer, Box::new(|stream| Box::new(stream)))
    }

    pub(crate) fn wrapped(answer: Answer, wrap: Wrap) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&seen);
        thread::spawn(move || {
            let mut waiting = Vec::new();
            for stream in listener.incoming() {
                let mut stream = wrap(stream.unwrap());
                let Some((first, rest)) = request(&mut *stream) else { continue };
                requests.lock().unwrap().push(first.clone());
                match answer(&first, &rest) {
                    Some(bytes) => {
                        // The client may hang up in the middle of a long one.
                        _ = stream.write_all(&bytes).and_then(|()| stream.flush());
                    }
                    None => waiting.push(stream),
                }
            }
        });
        Self { port, seen }
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn request(stream: &mut dyn Connection) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    let (first, headers) = head.split_once("\r\n")?;
    Some((first.to_owned(), format!("{headers}{}", String::from_utf8(body).unwrap())))
}

/// An answer with that status and body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Option<Vec<u8>> {
    let length = body.len();
    Some(
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}")
            .into_bytes(),
    )
}

pub(crate) const TOKEN: &str = "hvs.token-of-the-login";
pub(crate) const JWT: &str = "header.claims.signature-of-the-forge";

/// What a well-behaved server says: it logs `ci` in with [`JWT`], and has `kv/ci` with fields.
pub(crate) fn well_behaved(first: &str, rest: &str) -> Option<Vec<u8>> {
    let logged_in = rest.to_ascii_lowercase().contains(&format!("x-vault-token: {TOKEN}\r\n"));
    let denied = || answer("403 Forbidden", "", r#"{"errors":["permission denied"]}"#);
    match first {
        "POST /v1/auth/jwt/login HTTP/1.1" => {
            let body = rest.split_once("\r\n\r\n").unwrap().1;
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            if body["role"] != "ci" || body["jwt"] != JWT {
                // Some servers and what stands before them repeat what they were sent.
                return answer("400 Bad Request", "", &format!(r#"{{"errors":["{body}"]}}"#));
            }
            let body = serde_json::json!({ "auth": {
                "client_token": TOKEN, "lease_duration": 1200, "renewable": true, "policies": ["ci"],
            }});
            answer("200 OK", "", &body.to_string())
        }
        "GET /v1/kv/data/ci HTTP/1.1" if logged_in => {
            let body = serde_json::json!({
                "request_id": "1",
                "data": {
                    "data": { "npm": "value-in-the-vault", "number": 12, "list": ["a", "b"] },
                    "metadata": { "version": 3, "destroyed": false },
                },
            });
            answer("200 OK", "", &body.to_string())
        }
        "GET /v1/kv/data/deleted HTTP/1.1" if logged_in => answer(
            "404 Not Found",
            "",
            r#"{"data":{"data":null,"metadata":{"deletion_time":"2026-01-01T00:00:00Z"}}}"#,
        ),
        "POST /v1/auth/token/revoke-self HTTP/1.1" if logged_in => answer("204 No Content", "", ""),
        _ => denied(),
    }
}
