use penstock_egress::Reason;

use crate::support::{Proxy, Server, spec};

/// What the proxy says to bytes that must not reach the server, and why it refuses them. `PORT` in
/// them is the server's.
fn refused(text: &str) -> (String, Reason) {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let rules = [format!("http://allowed.test:{}/open/", server.port)];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test", "other.test"]));
    let answer = proxy.ask(&text.replace("PORT", &server.port.to_string()));
    assert_eq!(server.connections(), 0, "{text}");
    let status = answer.get(9..12).unwrap_or_default().to_owned();
    (status, proxy.denial().reason)
}

/// A request in absolute form with these further lines.
fn with(lines: &str) -> (String, Reason) {
    refused(&format!(
        "POST http://allowed.test:PORT/open/x HTTP/1.1\r\nHost: allowed.test:PORT\r\n{lines}\r\n"
    ))
}

fn status(status: &str, reason: Reason) -> (String, Reason) {
    (status.to_owned(), reason)
}

#[test]
fn two_lengths_are_refused() {
    for lines in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 4\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \tchunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        assert_eq!(with(lines), status("400", Reason::MalformedRequest), "{lines}");
    }
}

#[test]
fn odd_lines_are_refused() {
    for lines in [
        "X: 1\r\n folded: 2\r\n",
        "X: 1\nContent-Length: 4\r\n",
        "X: 1\rY: 2\r\n",
        "X: a\0b\r\n",
        "Host: other.test\r\n",
    ] {
        assert_eq!(with(lines), status("400", Reason::MalformedRequest), "{lines}");
    }
    let bare = "GET http://allowed.test:PORT/open/x HTTP/1.1\nHost: allowed.test:PORT\n\n";
    assert_eq!(refused(bare), status("400", Reason::MalformedRequest));
}

#[test]
fn two_hosts_are_refused() {
    for host in ["other.test:PORT", "allowed.test", "allowed.test:1", "127.0.0.1:PORT"] {
        let text = format!("GET http://allowed.test:PORT/open/x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(refused(&text), status("400", Reason::OtherHost), "{host}");
    }
    for url in
        ["http://allowed.test:PORT@other.test/open/", "http://other.test@allowed.test:PORT/open/"]
    {
        let text = format!("GET {url} HTTP/1.1\r\nHost: allowed.test:PORT\r\n\r\n");
        assert_eq!(refused(&text), status("400", Reason::MalformedRequest), "{url}");
    }
}

#[test]
fn a_switch_of_protocols_is_refused() {
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    assert_eq!(with(websocket), status("400", Reason::Upgrade));
    assert_eq!(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), status("400", Reason::Protocol));
    assert_eq!(refused("\u{4}\u{1}\0\u{50}"), status("400", Reason::Protocol));
    let https = "GET https://allowed.test/open/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n";
    assert_eq!(refused(https), status("403", Reason::Interception));
    let origin = "GET /open/x HTTP/1.1\r\nHost: allowed.test:PORT\r\n\r\n";
    assert_eq!(refused(origin), status("400", Reason::MalformedRequest));
}

#[test]
fn connect_with_a_body_is_refused() {
    for line in ["Content-Length: 4", "Transfer-Encoding: chunked"] {
        let text = format!(
            "CONNECT allowed.test:PORT HTTP/1.1\r\nHost: allowed.test:PORT\r\n{line}\r\n\r\nbody"
        );
        assert_eq!(refused(&text), status("400", Reason::MalformedRequest), "{line}");
    }
    for target in
        ["allowed.test :PORT", "allowed.test:PORT/x", "x@allowed.test:PORT", "allowed.test"]
    {
        let text = format!("CONNECT {target} HTTP/1.1\r\nHost: allowed.test\r\n\r\n");
        let (status, reason) = refused(&text);
        assert_eq!(status, "400", "{target}");
        assert!(matches!(reason, Reason::MalformedRequest | Reason::Host), "{target}: {reason:?}");
    }
}

#[test]
fn paths_that_servers_read_differently_are_refused() {
    for path in [
        "/closed/x",
        "/open/../closed/x",
        "/open/%2e%2e/closed/x",
        "/open/..%2fclosed",
        "/open/%252e%252e/closed",
        "/open//../closed",
        "//open/x",
        "/open/..;/closed",
        "/open/..%5cclosed",
        "/open%00/",
        "/OPEN/x",
        "/openx",
    ] {
        let text = format!(
            "GET http://allowed.test:PORT{path} HTTP/1.1\r\nHost: allowed.test:PORT\r\n\r\n"
        );
        assert_eq!(refused(&text), status("403", Reason::Path), "{path}");
    }
}

#[test]
fn a_second_request_on_a_connection_is_not_served() {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let rules = [format!("http://allowed.test:{}/open/", server.port)];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test"]));
    let request = |path: &str| {
        let authority = format!("allowed.test:{}", server.port);
        format!("GET http://{authority}{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n")
    };
    let answer = proxy.ask(&(request("/open/first") + &request("/closed/second")));
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(!server.heard().contains("second"), "{}", server.heard());
    assert_eq!(proxy.exchange().count, 1);
    // Nor within a body that claims to be short.
    let authority = format!("allowed.test:{}", server.port);
    let rules = [format!("http://{authority}/open/")];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test"]));
    let post = format!(
        "POST http://{authority}/open/first HTTP/1.1\r\nHost: {authority}\r\nContent-Length: 1\r\n\r\nx"
    );
    proxy.ask(&(post + &request("/closed/second")));
    assert!(!server.heard().contains("second"), "{}", server.heard());
    assert_eq!(proxy.exchange().up, 1);
}
