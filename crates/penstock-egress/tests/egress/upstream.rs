use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use penstock_egress::{Outcome, Reason, ResolvedBy, UpstreamProxy};

use crate::support::{Proxy, Server, hello, spec};

/// A company's proxy that leads every tunnel to one server; the heads it was asked with.
pub(crate) fn company(to: u16, status: &'static str) -> (u16, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads: Arc<Mutex<String>> = Arc::default();
    let kept = heads.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut client = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(client.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            kept.lock().unwrap().push_str(&head);
            if !head.starts_with("CONNECT") {
                client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
                continue;
            }
            write!(client, "HTTP/1.1 {status}\r\nX: y\r\n\r\n").unwrap();
            let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            let (mut from, mut back) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || {
                _ = std::io::copy(&mut from, &mut server);
                _ = server.shutdown(std::net::Shutdown::Write);
            });
            thread::spawn(move || {
                _ = std::io::copy(&mut back, &mut client);
                _ = client.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    (port, heads)
}

#[test]
fn everything_goes_through_the_companys_proxy() {
    let server = Server::echo();
    let (port, heads) = company(server.port, "200 OK");
    let mut spec = spec(&["far.test".to_owned(), "http://far.test".to_owned()], &[]);
    let url = format!("http://me:geheim@127.0.0.1:{port}");
    spec.upstream = Some(UpstreamProxy::parse(&url, "").unwrap());
    let proxy = Proxy::start(&spec);
    let mut client = proxy.client();
    client.say(b"CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\n");
    assert!(client.head().starts_with("HTTP/1.1 200 "));
    let hello = hello(Some("far.test"), 10_000);
    client.say(&hello);
    assert_eq!(client.hear(hello.len()), hello);
    client.end().rest();
    let answer = proxy.ask(
        "GET http://far.test/x HTTP/1.1\r\nHost: far.test\r\nProxy-Authorization: own\r\n\r\n",
    );
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    // What the proxy denies does not get as far.
    for target in ["10.0.0.1:443", "other.test:443", "169.254.169.254:80"] {
        let answer = proxy.ask(&format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
    let heads = heads.lock().unwrap().clone();
    assert!(heads.contains("CONNECT far.test:443 HTTP/1.1\r\n"), "{heads}");
    assert!(heads.contains("GET http://far.test:80/x HTTP/1.1\r\n"), "{heads}");
    assert_eq!(heads.matches("HTTP/1.1\r\n").count(), 2, "{heads}");
    // "me:geheim" in base 64, in both.
    assert_eq!(heads.to_lowercase().matches("bwu6z2vozwlt").count(), 2, "{heads}");
    assert!(!heads.contains("own"), "{heads}");
    let record = proxy.finish();
    assert!(record.requests.iter().all(|one| one.address.as_deref() == Some("upstream")));
    assert_eq!(record.requests.len(), 2);
    assert_eq!(record.names["far.test"].resolver, Some(ResolvedBy::Upstream));
    assert_eq!(record.denied.len(), 3);
    assert!(record.denied.iter().any(|one| one.reason == Reason::Metadata));
    let shown = format!("{record:?}").to_lowercase();
    assert!(!shown.contains("geheim") && !shown.contains("bwu6z2vozwlt"));
}

#[test]
fn a_companys_no_is_no_connection_and_exceptions_go_straight() {
    let server = Server::echo();
    let (port, heads) = company(server.port, "407 Proxy Authentication Required");
    let near = server.port;
    let mut spec = spec(&["far.test".to_owned(), format!("near.test:{near}")], &["near.test"]);
    let url = format!("http://127.0.0.1:{port}");
    spec.upstream = Some(UpstreamProxy::parse(&url, "near.test").unwrap());
    let proxy = Proxy::start(&spec);
    let answer = proxy.ask("CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    let mut client = proxy.client();
    client.say(format!("CONNECT near.test:{near} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
    assert!(client.head().starts_with("HTTP/1.1 200 "));
    client.say(&hello(Some("near.test"), 10_000)).end().rest();
    assert_eq!(heads.lock().unwrap().matches("CONNECT").count(), 1);
    let record = proxy.finish();
    assert_eq!(record.denied, []);
    let outcomes: Vec<_> =
        record.requests.iter().map(|one| (one.host.as_str(), one.outcome)).collect();
    assert_eq!(outcomes, [("far.test", Outcome::Unreachable), ("near.test", Outcome::Completed)]);
}
