use penstock_egress::{Outcome, Reason, Scheme, Way};

use crate::support::{Client, Proxy, Server, brief, hello, spec};

const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 49];

fn proxy(server: &Server) -> Proxy {
    Proxy::start(&spec(&[format!("allowed.test:{}", server.port)], &["allowed.test", "other.test"]))
}

fn connect(server: &Server) -> String {
    let port = server.port;
    format!("CONNECT allowed.test:{port} HTTP/1.1\r\nHost: allowed.test:{port}\r\n\r\n")
}

#[test]
fn the_allowed_name_is_reached() {
    let server = Server::echo();
    let proxy = proxy(&server);
    for fragment in [10_000, 40] {
        let hello = hello(Some("allowed.test"), fragment);
        let mut client = proxy.client();
        client.say(connect(&server).as_bytes());
        assert!(client.head().starts_with("HTTP/1.1 200 "));
        // A byte at a time: what is judged does not depend on how it arrives.
        for byte in &hello {
            client.say(&[*byte]);
        }
        client.say(b"secret");
        assert_eq!(client.hear(hello.len() + 6), [&hello[..], b"secret"].concat());
        client.end();
        assert_eq!(client.rest(), b"");
    }
    let exchange = proxy.exchange();
    let bytes =
        (hello(Some("allowed.test"), 10_000).len() + hello(Some("allowed.test"), 40).len()) as u64;
    assert_eq!(exchange.host, "allowed.test");
    assert_eq!((exchange.scheme, exchange.way), (Scheme::Tls, Way::Proxy));
    assert_eq!(exchange.address, Some(format!("127.0.0.1:{}", server.port)));
    assert_eq!(exchange.server_name.as_deref(), Some("allowed.test"));
    assert_eq!(exchange.outcome, Outcome::Completed);
    assert_eq!((exchange.count, exchange.up, exchange.down), (2, bytes + 12, bytes + 12));
}

#[test]
fn the_hello_may_come_with_the_request() {
    let server = Server::echo();
    let proxy = proxy(&server);
    let good = hello(Some("allowed.test"), 10_000);
    let mut client = proxy.client();
    client.say(&[connect(&server).as_bytes(), &good].concat());
    client.head();
    assert_eq!(client.hear(good.len()), good);
    client.end().rest();
    assert_eq!(proxy.exchange().count, 1);
}

/// What is said in a tunnel that stands, and why that is refused.
fn refused(said: &[u8]) -> (Reason, Option<String>) {
    let server = Server::echo();
    let proxy = proxy(&server);
    let mut client = proxy.client();
    client.say(&[connect(&server).as_bytes(), said].concat());
    assert!(client.head().starts_with("HTTP/1.1 200 "));
    assert_eq!(client.rest(), ALERT, "{said:?}");
    let denial = proxy.denial();
    assert_eq!((denial.host.as_str(), denial.port), ("allowed.test", server.port));
    assert_eq!(server.heard(), "", "nothing of it is passed on");
    (denial.reason, denial.detail)
}

#[test]
fn another_name_in_the_hello_is_refused() {
    let detail = Some("other.test".to_owned());
    assert_eq!(
        refused(&hello(Some("other.test"), 10_000)),
        (Reason::OtherServerName, detail.clone())
    );
    assert_eq!(refused(&hello(Some("other.test"), 30)), (Reason::OtherServerName, detail));
    assert_eq!(refused(&hello(None, 10_000)).0, Reason::NoServerName);
    assert_eq!(refused(&hello(Some("127.0.0.1"), 10_000)).0, Reason::MalformedHello);
    assert_eq!(refused(&hello(Some("allowed.test."), 10_000)).0, Reason::MalformedHello);
}

#[test]
fn other_protocols_on_a_port_for_tls_are_refused() {
    let requests: [&[u8]; 4] = [
        b"GET / HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT other.test:443 HTTP/1.1\r\nHost: other.test\r\n\r\n",
    ];
    for said in requests {
        assert_eq!(refused(said).0, Reason::NotTls);
    }
}

#[test]
fn raw_tcp_needs_its_own_rule() {
    let server = Server::echo();
    let proxy =
        Proxy::start(&spec(&[format!("tcp://allowed.test:{}", server.port)], &["allowed.test"]));
    let mut client = proxy.client();
    client.say(connect(&server).as_bytes());
    client.head();
    client.say(b"SSH-2.0-x\r\n");
    assert_eq!(client.hear(11), b"SSH-2.0-x\r\n");
    client.end().rest();
    let exchange = proxy.exchange();
    assert_eq!((exchange.scheme, exchange.up, exchange.down), (Scheme::Tcp, 11, 11));
}

#[test]
fn a_program_without_a_proxy_is_judged_by_where_it_goes() {
    let server = Server::echo();
    let port = server.port;
    let rules = [format!("allowed.test:{port}"), format!("127.0.0.1:{port}")];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test"]));
    // To an address with a rule: no server name, as RFC 6066 has it.
    let nameless = hello(None, 10_000);
    let mut client = proxy.transparent_client(&format!("127.0.0.1:{port}"));
    client.say(&nameless);
    assert_eq!(client.hear(nameless.len()), nameless);
    client.end().rest();
    // With a server name that a rule allows, but to an address that is not its.
    let mut client = proxy.transparent_client(&format!("127.0.0.1:{port}"));
    client.say(&hello(Some("allowed.test"), 10_000));
    assert_eq!(client.rest(), ALERT);
    // To addresses without a rule, in whichever form.
    for to in ["1.2.3.4:443", "[::ffff:1.2.3.4]:443", "[2606:4700::1]:443", "169.254.169.254:80"] {
        let mut client = proxy.transparent_client(to);
        client.say(&hello(Some("allowed.test"), 10_000));
        assert_eq!(client.rest(), b"");
    }
    // The destination of what a listener accepts is where it was accepted.
    let listener = proxy.transparent;
    let to_listener = std::net::TcpStream::connect(("127.9.8.7", listener)).unwrap();
    assert_eq!(Client::new(to_listener).rest(), b"");
    // To a synthetic address that was never given out.
    let mut client = proxy.transparent_client("198.18.0.77:443");
    assert_eq!(client.rest(), b"");
    assert_eq!(server.connections(), 2, "one for each that got as far as a hello");
    let record = proxy.finish();
    let denied: Vec<_> = record.denied.iter().map(brief).collect();
    let expected = [
        (Reason::NotAllowed, "1.2.3.4", 443),
        (Reason::NotAllowed, "127.9.8.7", listener),
        (Reason::NotAllowed, "2606:4700::1", 443),
        (Reason::Metadata, "169.254.169.254", 80),
        (Reason::OtherServerName, "127.0.0.1", port),
        (Reason::UnknownAddress, "198.18.0.77", 443),
    ];
    assert_eq!(denied, expected);
    assert_eq!(record.denied[0].count, 2);
    assert_eq!(record.denied[3].allow, None);
}

#[test]
fn a_name_that_leads_to_this_machine_is_refused() {
    let server = Server::echo();
    let mut spec = spec(&[], &["rebound.test", "mixed.test"]);
    spec.rules.push(format!("rebound.test:{}", server.port).parse().unwrap());
    let proxy = Proxy::start(&spec);
    let port = server.port;
    let answer = proxy.ask(&format!("CONNECT rebound.test:{port} HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(server.connections(), 0);
    let record = proxy.finish();
    let denial = &record.denied[0];
    assert_eq!(brief(denial), (Reason::PrivateAddress, "rebound.test", port));
    let permit = denial.allow.as_ref().unwrap();
    assert_eq!((permit.rule.as_str(), permit.private), (&*format!("rebound.test:{port}"), true));
    let name = &record.names["rebound.test"];
    assert!(name.addresses.is_empty());
    assert_eq!(name.refused, [std::net::IpAddr::from([127, 0, 0, 1])]);
}

#[test]
fn every_notation_of_this_machine_is_refused() {
    let server = Server::echo();
    let port = server.port;
    let proxy = proxy(&server);
    let hosts = [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::1%25lo]",
        "%31%32%37.0.0.1",
        "allowed.test@127.0.0.1",
        "allowed.test.127.0.0.1",
        "127.0.0.1.",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "0.0.0.0",
        "metadata.google.internal",
    ];
    for host in hosts {
        let answer = proxy.ask(&format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let status = answer.get(..13).unwrap_or_default();
        assert!(matches!(status, "HTTP/1.1 403 " | "HTTP/1.1 400 "), "{host}: {answer}");
    }
    assert_eq!(server.connections(), 0);
    let record = proxy.finish();
    assert_eq!(record.requests, []);
    assert_eq!(record.denied.iter().map(|denial| denial.count).sum::<u64>(), hosts.len() as u64);
}
