use penstock_egress::{Reason, Way};

use crate::support::{Client, Proxy, Server, brief, hello, spec};

fn request(command: u8, host: &[u8], port: u16) -> Vec<u8> {
    [&[5, command, 0][..], host, &port.to_be_bytes()].concat()
}

fn name(text: &str) -> Vec<u8> {
    [&[3, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
}

/// Greets and asks; the code of the answer.
fn ask(client: &mut Client<std::net::TcpStream>, request: &[u8]) -> u8 {
    client.say(&[5, 1, 0]);
    assert_eq!(client.hear(2), [5, 0]);
    client.say(request);
    let reply = client.hear(10);
    assert_eq!((reply[0], &reply[2..]), (5, &[0, 1, 0, 0, 0, 0, 0, 0][..]));
    reply[1]
}

#[test]
fn names_and_addresses_are_connected_to() {
    let server = Server::echo();
    let port = server.port;
    let rules = [format!("allowed.test:{port}"), format!("tcp://127.0.0.1:{port}")];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test"]));
    let mut client = proxy.socks_client();
    assert_eq!(ask(&mut client, &request(1, &name("Allowed.TEST"), port)), 0);
    let hello = hello(Some("allowed.test"), 10_000);
    client.say(&hello);
    assert_eq!(client.hear(hello.len()), hello);
    client.end().rest();
    let mut client = proxy.socks_client();
    assert_eq!(ask(&mut client, &request(1, &[1, 127, 0, 0, 1], port)), 0);
    assert_eq!(client.say(b"raw").hear(3), b"raw");
    client.end().rest();
    let record = proxy.finish();
    assert_eq!(record.denied, []);
    assert!(record.requests.iter().all(|one| one.way == Way::Socks));
    assert_eq!(record.requests.len(), 2);
}

#[test]
fn everything_else_is_refused() {
    let server = Server::echo();
    let port = server.port;
    let proxy = Proxy::start(&spec(&[format!("allowed.test:{port}")], &["allowed.test"]));
    let mapped = [&[4][..], &[0; 10], &[0xff, 0xff, 127, 0, 0, 1]].concat();
    for (asked, code) in [
        (request(1, &name("other.test"), port), 2),
        (request(1, &[1, 127, 0, 0, 1], port), 2),
        (request(1, &mapped, port), 2),
        (request(1, &name("169.254.169.254"), 80), 2),
        (request(1, &name("0x7f.1"), port), 8),
        (request(1, &name("allowed.test\0.x"), port), 8),
        (request(2, &name("allowed.test"), port), 7),
        (request(3, &name("allowed.test"), port), 7),
        (request(1, &[2, 0], port), 8),
    ] {
        assert_eq!(ask(&mut proxy.socks_client(), &asked), code, "{asked:?}");
    }
    // SOCKS4 and 4a, with which a program would resolve names elsewhere.
    let mut client = proxy.socks_client();
    client.say(b"\x04\x01\x01\xbb\0\0\0\x01\0allowed.test\0");
    assert_eq!(client.rest(), [0, 0x5b, 0, 0, 0, 0, 0, 0]);
    // Only with a password.
    let mut client = proxy.socks_client();
    client.say(&[5, 1, 2]);
    assert_eq!(client.rest(), [5, 0xff]);
    // A tunnel that stands is judged by what is said in it.
    let mut client = proxy.socks_client();
    assert_eq!(ask(&mut client, &request(1, &name("allowed.test"), port)), 0);
    client.say(&hello(Some("other.test"), 10_000));
    assert_eq!(client.rest(), [21, 3, 3, 0, 2, 2, 49]);
    assert_eq!(server.heard(), "");
    let record = proxy.finish();
    assert_eq!(record.requests, []);
    let has = |reason, host: &str| {
        record.denied.iter().any(|one| brief(one).0 == reason && one.host == host)
    };
    assert!(has(Reason::NotAllowed, "other.test") && has(Reason::Metadata, "169.254.169.254"));
    assert!(has(Reason::BarredAddress, "::ffff:127.0.0.1") && has(Reason::Protocol, ""));
    assert!(has(Reason::OtherServerName, "allowed.test") && has(Reason::Host, ""));
}
