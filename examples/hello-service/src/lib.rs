//! A service that says hello.

pub mod http;

use std::io::{self, Read, Write};

use http::{Error, Request, Response};

/// What each path answers.
pub fn answer(request: &Request) -> Response {
    let body = match &*request.path {
        "/" => "hello, world\n",
        "/healthz" => "ok\n",
        _ => return Response::text(404, "not found\n"),
    };
    match &*request.method {
        "GET" | "HEAD" => Response::text(200, body),
        _ => Response { allow: Some("GET, HEAD"), ..Response::text(405, "method not allowed\n") },
    }
}

/// Serves one connection: a TCP stream, or anything else that can be read and written.
pub fn serve(mut stream: impl Read + Write) -> io::Result<()> {
    let (response, with_body) = match Request::read(&mut stream) {
        Ok(request) => (answer(&request), request.method != "HEAD"),
        Err(Error::Bad(status)) => (Response::bad(status), true),
        Err(Error::Io(error)) => return Err(error),
    };
    response.write(stream, with_body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &str, path: &str) -> u16 {
        answer(&Request { method: method.to_owned(), path: path.to_owned() }).status
    }

    #[test]
    fn hello() {
        let request = Request { method: "GET".to_owned(), path: "/".to_owned() };
        assert_eq!(answer(&request), Response::text(200, "hello, world\n"));
    }

    #[test]
    fn healthy() {
        assert_eq!(status("GET", "/healthz"), 200);
        assert_eq!(status("HEAD", "/healthz"), 200);
    }

    #[test]
    fn nothing_else() {
        assert_eq!(status("GET", "/healthz/"), 404);
        assert_eq!(status("GET", "/../etc/passwd"), 404);
        assert_eq!(status("POST", "/"), 405);
        assert_eq!(status("DELETE", "/gone"), 404);
    }
}
