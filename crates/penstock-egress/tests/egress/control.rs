use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net::UnixStream,
    },
    process::{Command, Stdio},
};

use penstock_egress::{
    Credential, Egress, EgressError, EgressEvent, EgressSpec, Outcome, Reason, SUBCOMMAND,
    SpecError,
    wire::{ListenerRole, send_listener},
};
use penstock_model::Secret;

use crate::support::{Client, Proxy, Server, exe, hello, spec};

#[test]
fn nothing_happened_is_an_empty_record() {
    let egress = Egress::start(exe(), &EgressSpec::default()).unwrap();
    let record = egress.finish().unwrap();
    assert_eq!(record, penstock_egress::EgressRecord::default());
}

#[test]
fn denials_are_told_as_they_happen_and_once() {
    let proxy = Proxy::start(&EgressSpec::default());
    for _ in 0..3 {
        proxy.ask("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    }
    proxy.ask("CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n");
    let mut hosts = Vec::new();
    // Told before the client was, though perhaps not read yet.
    while hosts.len() < 2 {
        hosts.extend(proxy.egress.events().map(|event| match event {
            EgressEvent::Denied(denial) => denial.host,
            other => panic!("{other:?}"),
        }));
        std::thread::yield_now();
    }
    assert_eq!(hosts, ["a.test", "b.test"]);
    assert_eq!(proxy.egress.events().count(), 0);
    let record = proxy.finish();
    assert_eq!(record.denied.iter().map(|one| one.count).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn what_is_open_at_the_end_is_cut_and_recorded() {
    let server = Server::echo();
    let rules = [format!("allowed.test:{}", server.port)];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test"]));
    let to = format!("allowed.test:{}", server.port);
    let mut client = proxy.client();
    client.say(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes());
    client.head();
    let hello = hello(Some("allowed.test"), 10_000);
    client.say(&hello);
    client.hear(hello.len());
    let exchange = proxy.exchange();
    assert_eq!(client.rest(), b"", "the connection is closed");
    assert_eq!(exchange.outcome, Outcome::Cut);
    assert_eq!(exchange.up, hello.len() as u64);
}

#[test]
fn too_many_connections_are_turned_away() {
    let mut spec = spec(&["allowed.test".to_owned()], &[]);
    spec.limits.connections = 2;
    let proxy = Proxy::start(&spec);
    let (mut first, _second) = (proxy.socks_client(), proxy.socks_client());
    // Both are being served once the first of a later pair is turned away.
    first.say(&[5, 1, 0]);
    assert_eq!(first.hear(2), [5, 0]);
    let mut third = proxy.socks_client();
    assert_eq!(third.rest(), b"");
    assert_eq!(proxy.denial().reason, Reason::TooManyConnections);
}

#[test]
fn a_slow_opening_is_cut() {
    let server = Server::echo();
    let mut spec = spec(&[format!("allowed.test:{}", server.port)], &["allowed.test"]);
    spec.limits.handshake_ms = 1;
    let proxy = Proxy::start(&spec);
    // Never finished; only the proxy can end these.
    let mut client = proxy.client();
    assert!(client.say(b"CONNECT allowed.te").text().starts_with("HTTP/1.1 408 "));
    let mut client = proxy.socks_client();
    assert_eq!(client.say(&[5]).rest(), b"");
    let mut client = proxy.transparent_client("127.0.0.1:443");
    assert_eq!(client.rest(), b"");
    let record = proxy.finish();
    let slow = record.denied.iter().filter(|one| one.reason == Reason::TooSlow);
    assert_eq!(slow.count(), 2, "{:?}", record.denied);
}

#[test]
fn silence_on_both_sides_ends_a_tunnel() {
    let server = Server::echo();
    let mut spec = spec(&[format!("tcp://allowed.test:{}", server.port)], &["allowed.test"]);
    spec.limits.idle_ms = 1;
    let proxy = Proxy::start(&spec);
    let to = format!("allowed.test:{}", server.port);
    let mut client = proxy.client();
    client.say(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes());
    client.head();
    assert_eq!(client.rest(), b"");
    assert_eq!(proxy.exchange().outcome, Outcome::Idle);
}

#[test]
fn it_ends_without_a_record_when_nobody_holds_the_socket() {
    let (mut ours, theirs) = seqpacket();
    let mut child = start(theirs);
    write(&ours, br#"{"spec":{"rules":[]}}"#);
    let handoff = ours.try_clone().unwrap();
    ours = handoff;
    drop(ours);
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!child.wait().unwrap().success());
    assert_eq!(said, "{\"error\":\"every holder of the control socket is gone\"}\n");
}

#[test]
fn packets_that_are_none_end_it() {
    let packets: [&[u8]; 9] = [
        b"finish",
        b"\"start\"",
        br#"{"listener":{"role":"proxy"}}"#,
        br#"{"listener":{"role":"other"}}"#,
        br#"{"connection":{"role":"proxy"}}"#,
        br#"{"spec":{"rules":["allowed.test"]}}"#,
        b"\xff",
        b"[[[[",
        &[b' '; 140 * 1024],
    ];
    for packet in packets {
        let (ours, theirs) = seqpacket();
        let mut child = start(theirs);
        write(&ours, br#"{"spec":{"rules":[]}}"#);
        write(&ours, packet);
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(said.starts_with("{\"error\":\"a packet that is none"), "{said}");
        assert!(!child.wait().unwrap().success());
    }
}

#[test]
fn a_descriptor_that_is_no_listener_ends_it() {
    let egress = Egress::start(exe(), &EgressSpec::default()).unwrap();
    let (one, _other) = UnixStream::pair().unwrap();
    send_listener(egress.handoff().unwrap(), ListenerRole::Proxy, one.as_fd()).unwrap();
    assert!(matches!(egress.finish(), Err(EgressError::Failed(_))));
    let egress = Egress::start(exe(), &EgressSpec::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    send_listener(egress.handoff().unwrap(), ListenerRole::DnsUdp, listener.as_fd()).unwrap();
    assert!(matches!(egress.finish(), Err(EgressError::Failed(_))));
}

#[test]
fn a_broken_specification_is_told_without_its_secrets() {
    let (ours, theirs) = seqpacket();
    let mut child = start(theirs);
    write(&ours, br#"{"spec":{"rules":[],"credentials":[{"prefix":"http://a.test/","header":"authorization","value":["geheim"]}]}}"#);
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("cannot be carried out") && !said.contains("geheim"), "{said}");
    assert!(!child.wait().unwrap().success());
    let mut spec = EgressSpec::default();
    let secret = Secret::new(*b"geheim");
    spec.credentials.push(Credential::new("http://a.test/", "authorization", secret).unwrap());
    let error = Egress::start(exe(), &spec).unwrap_err();
    assert!(matches!(error, EgressError::Spec(SpecError::UnusedCredential { .. })));
}

#[test]
fn it_has_no_environment_and_is_started_by_a_socket_only() {
    let output = Command::new(exe()).arg(SUBCOMMAND).stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("no control socket"));
    let proxy = Proxy::start(&EgressSpec::default());
    // It runs, and is no longer about to.
    proxy.ask("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n");
    let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", proxy.egress.id())).unwrap();
    assert_eq!(read("environ"), b"");
    assert!(read("cmdline").ends_with(b"\0egress\0"));
}

#[test]
fn a_tcp_connection_can_be_handed_over() {
    use penstock_egress::wire::{Connection, ConnectionRole, send_connection};
    let egress = Egress::start(exe(), &EgressSpec::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let connection = Connection { role: ConnectionRole::Proxy, destination: None };
    send_connection(egress.handoff().unwrap(), connection, server.as_fd()).unwrap();
    drop(server);
    let answer = Client::new(client).say(b"CONNECT a.test:443 HTTP/1.1\r\nHost: x\r\n\r\n").text();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(egress.finish().unwrap().denied.len(), 1);
}

fn seqpacket() -> (OwnedFd, OwnedFd) {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
}

fn start(control: OwnedFd) -> std::process::Child {
    let mut command = Command::new(exe());
    command.arg(SUBCOMMAND).stdin(Stdio::from(control)).stdout(Stdio::piped());
    command.spawn().unwrap()
}

fn write(control: &OwnedFd, packet: &[u8]) {
    let mut file = std::fs::File::from(control.try_clone().unwrap());
    file.write_all(packet).unwrap();
}
